/**
 * What the kinds of operations differ in: for redis_op.c, which sends and receives for all of them,
 * and for the files of the kinds.
 *
 *     plan        once
 *     begin       whenever the operation is sent from its beginning
 *     encode      the commands of a step      <---+
 *     take        each reply                      |
 *     finish      the operation, or redis_op_next_step()
 *
 * An operation that comes to nothing in a step is begun anew elsewhere, or ends.
 */
#ifndef FOOTFALL_STORE_REDIS_KIND_H
#define FOOTFALL_STORE_REDIS_KIND_H

#include "store/redis_op.h"

struct redis_kind {
    /** Prepares it, in its arena. ERR_NO_MEMORY. NULL: there is nothing to prepare. */
    enum err (*plan)(struct redis_op *r);

    /** Forgets what earlier steps found. NULL: there are none. */
    void (*begin)(struct redis_op *r);

    /** Appends the commands of the step, ASKING before each; how many they are without that. */
    size_t (*encode)(struct redis_op *r, struct strbuf *out);

    /**
     * Takes the reply to command number r->step of the step, no error reply. It is not called any
     * more in the step after it failed.
     *
     * @return  ERR_INVALID: it does not fit, and the connection is given up; ERR_UNAVAILABLE:
     *          refused with r->detail; other errors end the operation by `finish`
     */
    enum err (*take)(struct redis_op *r, const struct redis_value *reply);

    /** After the last reply of a step, which is still valid. */
    void (*finish)(struct redis_op *r, enum err err);

    /** Frees what is not in the arena, before the operation ends other than by `finish`. NULL:
     * there is nothing. */
    void (*drop)(struct redis_op *r);

    /** Instead of `take` and `finish`, of what changes something: see redis_reply_fn. */
    bool (*take_change)(struct redis_op *r, const struct redis_value *reply);
    bool changes; /* its loss leaves a doubt */
};

extern const struct redis_kind redis_register_kind; /* redis_change.c */
extern const struct redis_kind redis_commit_kind;
extern const struct redis_kind redis_read_kind; /* redis_reads.c */
extern const struct redis_kind redis_totals_kind;
extern const struct redis_kind redis_scan_kind;
extern const struct redis_kind redis_list_kind;    /* redis_list.c */
extern const struct redis_kind redis_rollups_kind; /* redis_rollups.c */
extern const struct redis_kind redis_names_kind;   /* redis_names.c */
extern const struct redis_kind redis_purge_kind;   /* redis_purge.c */

/** Appends ASKING, when it is to go before each command. */
void redis_op_put_asking(const struct redis_op *r, struct strbuf *out);

/** Sends the next step, to where the last one went. From `finish` only. */
void redis_op_next_step(struct redis_op *r);

/** Ends with an error reply; false: the connection has to be given up too. */
bool redis_op_fail(struct redis_op *r, struct slice error) MUST_CHECK;

#define REDIS_DOES_NOT_FIT "Redis gave an answer that does not fit"

#endif
