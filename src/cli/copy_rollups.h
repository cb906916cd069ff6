/**
 * What a copy knows of the rollups of its destination, so that each is given what it lacks, and
 * that once, however often a scan tells it and whatever an interrupted copy has done before.
 *
 * It is known of each rollup that is there that it is, and with which metrics, by two numbers. Only
 * one that is there with other metrics than it is to have is read: rare, the source was counted on
 * between two attempts. Some 32 to 64 bytes of memory for each rollup.
 */
#ifndef FOOTFALL_CLI_COPY_ROLLUPS_H
#define FOOTFALL_CLI_COPY_ROLLUPS_H

#include "cli/db_session.h"
#include "cli/number_set.h"

struct copy_rollups {
    struct number_set there;  /* rollups that the destination holds */
    struct number_set states; /* the same with their metrics, or with those that they had once */
};

void copy_rollups_init(struct copy_rollups *known);
void copy_rollups_fini(struct copy_rollups *known);

/** The destination holds it, with these metrics. ERR_NO_MEMORY */
enum err copy_rollups_note(struct copy_rollups *known,
                           const struct scanned_rollup *held) MUST_CHECK;

/**
 * What is to be added to the rollup in the destination, so that it is as `wanted`; from now on it
 * is known to be so.
 *
 * @param out  its texts are those of `wanted`; metrics of 0: nothing is to be added
 * @return     ERR_UNAVAILABLE; ERR_NO_MEMORY; ERR_INVALID: it holds more than it is to have
 */
enum err copy_rollups_difference(struct copy_rollups *known, struct db_session *session,
                                 struct store *to, const struct scanned_rollup *wanted,
                                 struct rollup_addition *out) MUST_CHECK;

#endif
