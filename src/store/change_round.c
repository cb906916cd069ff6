/* A round of a shard: some changes that share no record, from the read to the end of their commit.
 *
 * What is called here for others (plans, `done`) may start and cancel changes. Those of the round
 * stay in it meanwhile: whoever cancels them only detaches them. */
#include "base/hashmap.h"
#include "base/random.h"
#include "store/change_part.h"

/* The most of one round. */
#define ROUND_MAX_CHANGES 64
#define ROUND_MAX_KEYS    1024

/* So many keys of waiting changes are looked at for a round, and not many more. */
#define ROUND_MAX_LOOK 4096

/* After so many conflicts in a row changes go one by one: many together meet one more easily. */
#define CONFLICTS_ALONE 2

/* The longest pause after a conflict, at first and at most. */
#define PAUSE_MS           5
#define PAUSE_MAX_DOUBLING 6
#define PAUSE_MAX_MS       200

/* ---- the end -------------------------------------------------------------------------------- */

static int64_t now_ms(const struct change_shard *shard)
{
    return timers_now_ms(shard->changer->env.timers);
}

/* Nothing is in the round any more. */
static void finish_round(struct change_shard *shard)
{
    commit_unref(shard->commit);
    shard->commit = NULL;
    shard->round_keys = 0;
    shard->state = CHANGE_IDLE;
    if (shard->waiting.first)
        timer_move(shard->changer->env.timers, &shard->wake, now_ms(shard));
}

/* Not idle before all are told: what they start then waits for the next turn. */
static void end_all(struct change_shard *shard, enum err err)
{
    struct change *change;

    shard->state = CHANGE_PLANNING;
    while ((change = change_list_take(&shard->round)))
        change_end(change, err);
    finish_round(shard);
}

/* ---- the commit ----------------------------------------------------------------------------- */

/* So that processes that met do not meet again. */
static void pause_round(struct change_shard *shard)
{
    unsigned doublings =
        shard->conflicts < PAUSE_MAX_DOUBLING ? shard->conflicts : PAUSE_MAX_DOUBLING;
    uint64_t max_ms = (uint64_t)PAUSE_MS << doublings;
    uint64_t pause_ms;

    if (max_ms > PAUSE_MAX_MS)
        max_ms = PAUSE_MAX_MS;
    pause_ms = random_nonzero_u64() % (max_ms + 1);
    shard->state = CHANGE_PAUSED;
    timer_move(shard->changer->env.timers, &shard->wake, now_ms(shard) + (int64_t)pause_ms);
}

/* None of them was done. They go before those that wait, in their old order. */
static void on_conflict(struct change_shard *shard)
{
    struct change *change;

    shard->state = CHANGE_PLANNING;
    shard->conflicts++;
    while ((change = shard->round.last)) {
        change_list_remove(&shard->round, change);
        change->tries++;
        if (change->is_detached || change->tries == CHANGE_MAX_TRIES) {
            change_end(change, ERR_BUSY);
        } else {
            change->is_waiting = true;
            change_list_add_first(&shard->waiting, change);
        }
    }
    finish_round(shard);
    pause_round(shard);
}

static void on_committed(void *ctx, const struct commit_result *result)
{
    struct change_shard *shard = ctx;

    if (result->status == COMMIT_CONFLICT) {
        on_conflict(shard);
        return;
    }
    if (result->status == COMMIT_DONE)
        shard->conflicts = 0;
    end_all(shard, result->status == COMMIT_DONE ? ERR_OK : ERR_UNAVAILABLE);
}

static void send_commit(struct change_shard *shard)
{
    shard->commit->shard = shard->shard;
    shard->state = CHANGE_COMMITTING;
    writer_commit(shard->writer, shard->commit, on_committed, shard);
}

/* ---- the plans ------------------------------------------------------------------------------ */

/* Those that write something stay in the round, the others have ended. */
static void plan_all(struct change_shard *shard, const struct record *records)
{
    struct change_writes writes;
    struct change *next;

    change_writes_init(&writes);
    for (struct change *change = shard->round.first; change; change = next) {
        bool has_written = false;
        enum err err = ERR_OK;

        next = change->next;
        if (!change->is_detached)
            err = change_writes_plan(&writes, change, records, shard->commit, &has_written);
        records += change->key_count;
        if (has_written)
            continue;
        change_list_remove(&shard->round, change);
        change_end(change, err);
    }
    change_writes_fini(&writes);
}

static void on_read(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct change_shard *shard = ctx;

    shard->read = NULL;
    shard->state = CHANGE_PLANNING;
    if (err == ERR_OK && count != shard->round_keys)
        err = ERR_UNAVAILABLE;
    if (err == ERR_OK) {
        shard->commit = commit_create();
        err = shard->commit ? ERR_OK : ERR_NO_MEMORY;
    }
    if (err != ERR_OK) {
        end_all(shard, err);
        return;
    }
    plan_all(shard, records);
    if (shard->round.first)
        send_commit(shard);
    else
        finish_round(shard);
}

/* ---- the beginning -------------------------------------------------------------------------- */

static bool overlaps(const struct hashmap *seen, const struct change *change)
{
    for (size_t i = 0; i < change->key_count; i++) {
        if (hashmap_get(seen, change->keys[i]))
            return true;
    }
    return false;
}

/* There is room. */
static void note_keys(struct hashmap *seen, struct change *change)
{
    for (size_t i = 0; i < change->key_count; i++)
        *hashmap_put(seen, change->keys[i]) = change;
}

/* The oldest one in any case; others when they share no record with an older one, even with one
 * that has to wait: so those that share a record are done in their order. Without memory for
 * telling them apart the oldest go alone. */
static void take_changes(struct change_shard *shard)
{
    size_t left = shard->conflicts >= CONFLICTS_ALONE ? 1 : ROUND_MAX_CHANGES;
    struct hashmap seen;
    struct change *next;

    hashmap_init(&seen);
    for (struct change *change = shard->waiting.first; change && left > 0; change = next) {
        next = change->next;
        if (hashmap_reserve(&seen, change->key_count) != ERR_OK)
            left = shard->round.first ? 0 : 1;
        if (left > 0 && shard->round_keys + change->key_count <= ROUND_MAX_KEYS &&
            !overlaps(&seen, change)) {
            change_list_remove(&shard->waiting, change);
            change->is_waiting = false;
            change_list_add(&shard->round, change);
            shard->round_keys += change->key_count;
            left--;
        }
        if (left > 0)
            note_keys(&seen, change);
        if (seen.count >= ROUND_MAX_LOOK)
            break;
    }
    hashmap_fini(&seen);
}

static void read_records(struct change_shard *shard)
{
    struct slice keys[ROUND_MAX_KEYS];
    size_t count = 0;

    for (const struct change *change = shard->round.first; change; change = change->next) {
        memcpy(&keys[count], change->keys, change->key_count * sizeof(keys[0]));
        count += change->key_count;
    }
    shard->state = CHANGE_READING;
    shard->read = store_read(shard->changer->store, shard->shard, keys, count, on_read, shard);
    if (!shard->read)
        end_all(shard, ERR_UNAVAILABLE);
}

void change_round_begin(void *ctx)
{
    struct change_shard *shard = ctx;

    shard->state = CHANGE_IDLE;
    take_changes(shard);
    if (shard->round.first)
        read_records(shard);
}
