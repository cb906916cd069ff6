/**
 * Changes of records that depend on what is there: read, decide, write on top of what was read, and
 * begin anew when somebody else was faster.
 *
 *     waiting -> reading -> plan() -> committing -> done
 *        ^                               |
 *        +--- a pause, by chance --------+  conflict
 *
 * A process has one commit in flight for each shard. Changes that wait meanwhile go together in the
 * next one, unless they share a record: so a hundred logins at the same moment are a few commits.
 * When a commit of several is a conflict, none of them is done, and all are planned again.
 *
 * Only what is written is checked: a record that a plan read and did not write may have changed
 * until the commit, by another process. A plan that must not be done without it writes it too, as
 * it was.
 */
#ifndef FOOTFALL_STORE_CHANGE_H
#define FOOTFALL_STORE_CHANGE_H

#include "store/store.h"
#include "store/writer.h"

/** The records of one change. */
#define CHANGE_MAX_KEYS 128

/** Changes of one process that are not done yet; beyond that change_start() returns NULL. */
#define CHANGE_MAX_WAITING 1024

/** A change that meets a conflict so often in a row is given up: ERR_BUSY. */
#define CHANGE_MAX_TRIES 20

struct changer;
struct change;
struct change_writes;

/**
 * Decides what the records are to become, by change_write() and change_delete(); nothing written:
 * nothing is committed. May be called again with other records, so it must depend on nothing else
 * that it changes itself.
 *
 * @param now  the records in the order of the keys; absent and expired ones have RECORD_ABSENT
 * @return     anything but ERR_OK ends the change with that, and nothing is written
 */
typedef enum err change_plan_fn(void *ctx, const struct record *now, size_t count,
                                struct change_writes *out);

/* Of several calls for one record the last one counts. An error that a call returns ends the change
 * with it, also when the plan does not pass it on. */

/**
 * Writes the record of the key with this index.
 *
 * @param value  copied; not the slice that is nothing
 * @param ttl_s  as in struct record_write
 * @return       ERR_INVALID: no such key, or over a limit of record.h; ERR_NO_MEMORY
 */
enum err change_write(struct change_writes *out, size_t index, struct slice value,
                      uint32_t ttl_s) MUST_CHECK;

/** Deletes it; for one that is not there nothing is written. ERR_INVALID: no such key. */
enum err change_delete(struct change_writes *out, size_t index) MUST_CHECK;

/**
 * @param err  ERR_OK: done, once; what the plan returned; ERR_UNAVAILABLE: certainly not done;
 *             ERR_UNKNOWN: the deadline passed, it may be done or not; ERR_BUSY: others were
 *             faster, each time; ERR_NO_MEMORY. Here, and in plans, changes may be started and
 *             canceled, but the changer not destroyed.
 */
typedef void change_done_fn(void *ctx, enum err err);

/** @param store  borrowed, outlives it; NULL is returned without memory */
struct changer *changer_create(struct store *store, const struct store_env *env);

/** Nobody is told any more; what is in flight may be done or not. NULL is fine. */
void changer_destroy(struct changer *changer);

/** True when nothing is being changed, and nothing that was is in doubt: the process may end. */
bool changer_is_idle(const struct changer *changer);

/**
 * Begins a change. `done` is called once, never inside this call, within twice the `timeout_ms` of
 * the store's environment; the change is gone then.
 *
 * @param shard  where all the keys belong
 * @param keys   1 … CHANGE_MAX_KEYS of 1 … RECORD_MAX_KEY bytes, none twice; copied
 * @return       for change_cancel(); NULL: no memory, or too many wait
 */
struct change *change_start(struct changer *changer, unsigned shard, const struct slice *keys,
                            size_t count, change_plan_fn *plan, change_done_fn *done, void *ctx);

/** Neither the plan nor `done` is called any more; it may be done all the same. NULL is fine. */
void change_cancel(struct change *change);

#endif
