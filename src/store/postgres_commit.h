/**
 * A commit as the parameters of its statement, and the answer as a result. No I/O.
 */
#ifndef FOOTFALL_STORE_POSTGRES_COMMIT_H
#define FOOTFALL_STORE_POSTGRES_COMMIT_H

#include "base/arena.h"
#include "store/commit.h"
#include "store/postgres_params.h"
#include "store/postgres_reply.h"

/** The order in which a commit is sent: that of the keys, so that all processes lock in one order.
 */
struct postgres_plan {
    uint32_t *additions; /* place -> index of commit->additions */
    uint32_t *writes;    /* place -> index of commit->writes */
    bool has_caps;
    bool is_capped; /* to be sent in the capped form, for which the caller may set it */
};

/** `arena` holds the plan. ERR_NO_MEMORY. */
enum err postgres_commit_plan(struct postgres_plan *plan, const struct commit *commit,
                              struct arena *arena) MUST_CHECK;

/** The statement for `commit`, and its parameters in place of those in `params`. */
enum postgres_statement postgres_commit_encode(struct postgres_params *params,
                                               const struct commit *commit,
                                               const struct postgres_plan *plan);

/** The parameter of POSTGRES_RECORDS_GET that reads what the commit wants to write. */
void postgres_commit_encode_keys(struct postgres_params *params, const struct commit *commit);

/**
 * Reads the row with which the statement of a commit answered.
 *
 * @param result  DONE or CONFLICT; what it points to is in `arena` and in `reply`
 * @return        ERR_INVALID: no answer to that commit; ERR_NO_MEMORY
 */
enum err postgres_commit_decode(struct commit_result *result, const struct commit *commit,
                                const struct postgres_plan *plan, const PGresult *reply,
                                struct arena *arena) MUST_CHECK;

/**
 * Reads the answer of POSTGRES_WRITER_GET.
 *
 * @param result  as above; BEHIND also for the number before this one. CONFLICT is without records
 */
enum err postgres_writer_decode(struct commit_result *result, const struct commit *commit,
                                const struct postgres_plan *plan, const PGresult *reply,
                                struct arena *arena) MUST_CHECK;

#endif
