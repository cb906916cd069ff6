#include "count/batch.h"

#include <stdlib.h>

#include "base/log.h"
#include "count/hit_batch.h"

/* Of the log, while the store is down. */
#define LOG_PAUSE_MS 1000

enum batcher_state {
    BATCHER_IDLE,
    BATCHER_READING,    /* ids of the batch in flight */
    BATCHER_COMMITTING, /* its commit may have been sent */
};

struct batcher {
    struct store *store;
    struct timers *timers;
    const struct clock *clock;
    struct writer *writer;
    int64_t hit_ms;
    enum batcher_state state;
    struct hit_batch *in_flight; /* NULL when idle */
    struct hit_batch *first;     /* waiting, the oldest first */
    struct hit_batch *newest;    /* the last of them, which takes new hits */
    struct hit_batch *spare;     /* kept, so that a steady load allocates nothing */
    struct store_op *read;       /* in flight */
    struct timer deadline;       /* kept; of the oldest hit, or an earlier one */
    int64_t commit_began_us;
    uint64_t not_logged; /* hits that were not counted since the last line about them */
    int64_t next_log_ms;
    struct batcher_stats stats;
};

/* ---- batches -------------------------------------------------------------------------------- */

static struct hit_batch *take_batch(struct batcher *batcher)
{
    struct hit_batch *batch = batcher->spare ? batcher->spare : hit_batch_create(batcher);

    batcher->spare = NULL;
    return batch;
}

/* Nobody refers to its hits any more. */
static void give_back_batch(struct batcher *batcher, struct hit_batch *batch)
{
    if (batcher->spare) {
        hit_batch_destroy(batch);
        return;
    }
    hit_batch_clear(batch);
    batcher->spare = batch;
}

static void push_batch(struct batcher *batcher, struct hit_batch *batch)
{
    if (batcher->newest)
        batcher->newest->next = batch;
    else
        batcher->first = batch;
    batcher->newest = batch;
}

static struct hit_batch *pop_batch(struct batcher *batcher)
{
    struct hit_batch *batch = batcher->first;

    batcher->first = batch->next;
    if (!batcher->first)
        batcher->newest = NULL;
    batch->next = NULL;
    return batch;
}

/* The batch that takes the next hit, among those that wait or not yet; NULL without memory. */
static struct hit_batch *open_batch(struct batcher *batcher)
{
    struct hit_batch *newest = batcher->newest;

    return newest && newest->hit_count < BATCH_MAX_HITS ? newest : take_batch(batcher);
}

/* ---- telling -------------------------------------------------------------------------------- */

/* What is called here may add hits. */
static void tell(struct hit *hit, const struct hit_answer *answer)
{
    struct batcher *batcher = hit->batch->owner;

    if (hit->is_told)
        return;
    hit->is_told = true;
    hit->batch->untold_count--;
    if (hit->batch != batcher->in_flight)
        batcher->stats.waiting--;
    if (answer->err == ERR_UNAVAILABLE)
        batcher->stats.unavailable++;
    if (answer->err == ERR_UNKNOWN)
        batcher->stats.unknown++;
    if (hit->done)
        hit->done(hit->ctx, answer);
}

static void tell_all(struct hit_batch *batch, enum err err)
{
    const struct hit_answer answer = {.err = err};

    for (struct hit *hit = batch->untold; hit; hit = hit_next(hit))
        tell(hit, &answer);
}

static void tell_counts(struct hit_batch *batch, const int64_t *totals)
{
    for (struct hit *hit = batch->untold; hit; hit = hit_next(hit)) {
        struct hit_answer answer;

        if (hit->is_told)
            continue;
        answer = (struct hit_answer){
            .count = plan_page_count(&hit->planned, totals),
            .site_count = plan_site_count(&hit->planned, totals),
            .duplicate = hit->planned.is_duplicate,
        };
        tell(hit, &answer);
    }
}

/* ---- deadlines ------------------------------------------------------------------------------ */

/* Tells the hits of `batch` that are due; a hit that was not sent yet is not counted then. */
static void expire(struct hit_batch *batch, bool is_sent)
{
    const struct hit_answer answer = {.err = is_sent ? ERR_UNKNOWN : ERR_UNAVAILABLE};
    int64_t now_ms = timers_now_ms(batch->owner->timers);

    while (batch->untold && (batch->untold->is_told || batch->untold->deadline_ms <= now_ms)) {
        struct hit *hit = batch->untold;

        batch->untold = hit_next(hit);
        if (!hit->is_told && !is_sent)
            hit->planned.is_dropped = true;
        tell(hit, &answer);
    }
}

/* The moment at which the oldest hit that was not told yet is due. */
static int64_t next_deadline_ms(const struct batcher *batcher)
{
    const struct hit_batch *oldest = batcher->in_flight;

    if (!oldest || !oldest->untold)
        oldest = batcher->first;
    return oldest && oldest->untold ? oldest->untold->deadline_ms : TIMER_NEVER;
}

static void on_deadline(void *ctx)
{
    struct batcher *batcher = ctx;

    if (batcher->in_flight)
        expire(batcher->in_flight, batcher->state == BATCHER_COMMITTING);
    while (batcher->first) {
        expire(batcher->first, false);
        if (batcher->first->untold)
            break;
        give_back_batch(batcher, pop_batch(batcher));
    }
    timer_move(batcher->timers, &batcher->deadline, next_deadline_ms(batcher));
}

/* ---- the batch in flight -------------------------------------------------------------------- */

static void finish_flight(struct batcher *batcher)
{
    struct hit_batch *batch = batcher->in_flight;

    batcher->state = BATCHER_IDLE;
    batcher->in_flight = NULL;
    give_back_batch(batcher, batch);
}

/* While the store is down every turn of the loop loses a batch: a line a second says enough. */
static void log_not_counted(struct batcher *batcher, size_t hits, const char *why)
{
    int64_t now_ms = timers_now_ms(batcher->timers);

    batcher->not_logged += hits;
    if (batcher->not_logged == 0 || now_ms < batcher->next_log_ms)
        return;
    log_warn("hits not counted", LOG_INT("hits", batcher->not_logged), LOG_STR("why", why));
    batcher->not_logged = 0;
    batcher->next_log_ms = now_ms + LOG_PAUSE_MS;
}

/* Nothing of the batch was applied. */
static void give_up(struct batcher *batcher, enum err err, const char *why)
{
    log_not_counted(batcher, batcher->in_flight->untold_count, why);
    tell_all(batcher->in_flight, err);
    finish_flight(batcher);
}

static void send_plan(struct batcher *batcher);

static void on_conflict(struct batcher *batcher, const struct commit_result *result)
{
    struct hit_batch *batch = batcher->in_flight;

    if (plan_learn(&batch->plan, result->records, batch->commit->write_count) == ERR_OK)
        send_plan(batcher);
    else
        give_up(batcher, ERR_UNAVAILABLE, "out of memory");
}

static void on_done(struct batcher *batcher, const struct commit_result *result)
{
    struct hit_batch *batch = batcher->in_flight;

    batcher->stats.hits += batch->plan.counted;
    batcher->stats.duplicates += batch->plan.duplicates;
    batcher->stats.batches++;
    histogram_add(&batcher->stats.batch_hits, batch->plan.counted + batch->plan.duplicates);
    histogram_add(&batcher->stats.commit_us,
                  (uint64_t)(clock_mono_us(batcher->clock) - batcher->commit_began_us));
    tell_counts(batch, result->totals);
    finish_flight(batcher);
}

static void on_resolved(void *ctx, const struct commit_result *result)
{
    struct batcher *batcher = ctx;

    if (result->status == COMMIT_CONFLICT)
        on_conflict(batcher, result);
    else if (result->status == COMMIT_DONE)
        on_done(batcher, result);
    else
        give_up(batcher, ERR_UNAVAILABLE, result->detail);
}

/* Plans the batch with what is known and hands its commit to the writer. */
static void send_plan(struct batcher *batcher)
{
    struct hit_batch *batch = batcher->in_flight;
    enum err err = ERR_NO_MEMORY;

    commit_unref(batch->commit);
    batch->commit = commit_create();
    if (batch->commit)
        err = plan_commit(&batch->plan, batch->commit);
    if (err != ERR_OK) {
        give_up(batcher, ERR_UNAVAILABLE, "out of memory");
        return;
    }
    if (batch->commit->addition_count == 0) { /* all its hits were told that they do not count */
        finish_flight(batcher);
        return;
    }
    batcher->state = BATCHER_COMMITTING;
    writer_commit(batcher->writer, batch->commit, on_resolved, batcher);
}

static void on_read(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct batcher *batcher = ctx;

    batcher->read = NULL;
    if (err == ERR_OK)
        err = plan_learn(&batcher->in_flight->plan, records, count);
    if (err == ERR_OK)
        send_plan(batcher);
    else
        give_up(batcher, ERR_UNAVAILABLE, "the store cannot be read");
}

static void read_ids(struct batcher *batcher)
{
    struct hit_batch *batch = batcher->in_flight;
    size_t count = batch->plan.id_count;
    struct slice *keys = arena_alloc(&batch->arena, count * sizeof(*keys));

    batcher->state = BATCHER_READING;
    if (keys) {
        plan_keys(&batch->plan, keys);
        batcher->read = store_read(batcher->store, keys, count, on_read, batcher);
    }
    if (!batcher->read)
        give_up(batcher, ERR_UNAVAILABLE, "too many operations in flight");
}

bool batcher_is_ready(const struct batcher *batcher)
{
    return !batcher->in_flight && batcher->first;
}

void batcher_turn(struct batcher *batcher)
{
    if (!batcher_is_ready(batcher))
        return;
    batcher->in_flight = pop_batch(batcher);
    batcher->stats.waiting -= batcher->in_flight->untold_count;
    batcher->commit_began_us = clock_mono_us(batcher->clock);
    if (batcher->in_flight->plan.id_count > 0)
        read_ids(batcher);
    else
        send_plan(batcher);
}

/* ---- hits ----------------------------------------------------------------------------------- */

struct hit *batcher_add(struct batcher *batcher, const struct hit_input *input, hit_done_fn *done,
                        void *ctx)
{
    struct hit_batch *batch =
        batcher->stats.waiting < BATCH_MAX_WAITING ? open_batch(batcher) : NULL;
    struct hit *hit = batch ? hit_batch_add(batch, input) : NULL;

    if (!hit) {
        batcher->stats.rejected++;
        if (batch && batch->hit_count == 0)
            give_back_batch(batcher, batch);
        return NULL;
    }
    if (batch != batcher->newest)
        push_batch(batcher, batch);
    hit->done = done;
    hit->ctx = ctx;
    hit->deadline_ms = timers_now_ms(batcher->timers) + batcher->hit_ms;
    batcher->stats.waiting++;
    if (batcher->deadline.at_ms == TIMER_NEVER)
        timer_move(batcher->timers, &batcher->deadline, hit->deadline_ms);
    return hit;
}

void hit_abandon(struct hit *hit)
{
    hit->done = NULL;
}

/* ---- the batcher ---------------------------------------------------------------------------- */

struct batcher *batcher_create(struct store *store, const struct store_env *env, int64_t hit_ms)
{
    struct batcher *batcher = calloc(1, sizeof(*batcher));

    if (!batcher)
        return NULL;
    batcher->store = store;
    batcher->timers = env->timers;
    batcher->clock = env->clock;
    batcher->hit_ms = hit_ms;
    batcher->writer = writer_create(store, env);
    if (!batcher->writer ||
        timer_keep(env->timers, &batcher->deadline, on_deadline, batcher) != ERR_OK) {
        batcher_destroy(batcher);
        return NULL;
    }
    return batcher;
}

void batcher_destroy(struct batcher *batcher)
{
    if (!batcher)
        return;
    store_op_cancel(batcher->read);
    writer_destroy(batcher->writer);
    timer_stop(batcher->timers, &batcher->deadline);
    hit_batch_destroy(batcher->in_flight);
    while (batcher->first)
        hit_batch_destroy(pop_batch(batcher));
    hit_batch_destroy(batcher->spare);
    free(batcher);
}

bool batcher_is_idle(const struct batcher *batcher)
{
    return !batcher->in_flight && !batcher->first;
}

void batcher_get_stats(const struct batcher *batcher, struct batcher_stats *out)
{
    *out = batcher->stats;
    writer_get_stats(batcher->writer, &out->writer);
}
