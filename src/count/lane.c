#include "count/lane.h"

#include <stdlib.h>

#include "base/log.h"
#include "count/hit_batch.h"
#include "count/settings_key.h"

/* Of the log, while the store is down. */
#define LOG_PAUSE_MS 1000

enum lane_state {
    LANE_IDLE,
    LANE_READING,    /* what the batch in flight has to know */
    LANE_COMMITTING, /* its commit may have been sent */
};

struct lane {
    struct lane_common *common;
    unsigned shard;
    char settings_text[SETTINGS_KEY_BYTES];
    struct slice settings_key;
    struct writer *writer;
    enum lane_state state;
    struct hit_batch *in_flight; /* NULL when idle */
    struct hit_batch *first;     /* waiting, the oldest first */
    struct hit_batch *newest;    /* the last of them, which takes new hits */
    struct store_op *read;       /* in flight */
    struct timer deadline;       /* kept; of the oldest hit, or an earlier one */
    int64_t commit_began_us;
};

/* ---- batches -------------------------------------------------------------------------------- */

static struct hit_batch *take_batch(struct lane *lane)
{
    struct hit_batch *batch = lane->common->spare ? lane->common->spare : hit_batch_create();

    lane->common->spare = NULL;
    if (batch) {
        batch->owner = lane;
        batch->plan.settings_key = lane->settings_key;
    }
    return batch;
}

/* Nobody refers to its hits any more. */
static void give_back_batch(struct lane *lane, struct hit_batch *batch)
{
    if (lane->common->spare) {
        hit_batch_destroy(batch);
        return;
    }
    hit_batch_clear(batch);
    lane->common->spare = batch;
}

static void push_batch(struct lane *lane, struct hit_batch *batch)
{
    if (lane->newest)
        lane->newest->next = batch;
    else
        lane->first = batch;
    lane->newest = batch;
}

static struct hit_batch *pop_batch(struct lane *lane)
{
    struct hit_batch *batch = lane->first;

    lane->first = batch->next;
    if (!lane->first)
        lane->newest = NULL;
    batch->next = NULL;
    return batch;
}

/* The batch that takes the next hit, among those that wait or not yet; NULL without memory. */
static struct hit_batch *open_batch(struct lane *lane)
{
    struct hit_batch *newest = lane->newest;

    return newest && newest->hit_count < BATCH_MAX_HITS && !plan_is_full(&newest->plan)
               ? newest
               : take_batch(lane);
}

/* ---- telling -------------------------------------------------------------------------------- */

/* What is called here may add hits. */
static void tell(struct hit *hit, const struct hit_answer *answer)
{
    struct lane *lane = hit->batch->owner;

    if (hit->is_told)
        return;
    hit->is_told = true;
    hit->batch->untold_count--;
    if (hit->batch != lane->in_flight)
        lane->common->stats.waiting--;
    if (answer->err == ERR_UNAVAILABLE)
        lane->common->stats.unavailable++;
    if (answer->err == ERR_UNKNOWN)
        lane->common->stats.unknown++;
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
            .is_bot = hit->planned.is_bot,
        };
        tell(hit, &answer);
    }
}

/* ---- deadlines ------------------------------------------------------------------------------ */

/* Tells the hits of `batch` that are due; a hit that was not sent yet is not counted then. */
static void expire(struct hit_batch *batch, bool is_sent)
{
    const struct hit_answer answer = {.err = is_sent ? ERR_UNKNOWN : ERR_UNAVAILABLE};
    int64_t now_ms = timers_now_ms(batch->owner->common->env.timers);

    while (batch->untold && (batch->untold->is_told || batch->untold->deadline_ms <= now_ms)) {
        struct hit *hit = batch->untold;

        batch->untold = hit_next(hit);
        if (!hit->is_told && !is_sent)
            hit->planned.is_dropped = true;
        tell(hit, &answer);
    }
}

/* The moment at which the oldest hit that was not told yet is due. */
static int64_t next_deadline_ms(const struct lane *lane)
{
    const struct hit_batch *oldest = lane->in_flight;

    if (!oldest || !oldest->untold)
        oldest = lane->first;
    return oldest && oldest->untold ? oldest->untold->deadline_ms : TIMER_NEVER;
}

static void on_deadline(void *ctx)
{
    struct lane *lane = ctx;

    if (lane->in_flight)
        expire(lane->in_flight, lane->state == LANE_COMMITTING);
    while (lane->first) {
        expire(lane->first, false);
        if (lane->first->untold)
            break;
        give_back_batch(lane, pop_batch(lane));
    }
    timer_move(lane->common->env.timers, &lane->deadline, next_deadline_ms(lane));
}

/* ---- the batch in flight -------------------------------------------------------------------- */

static void finish_flight(struct lane *lane)
{
    struct hit_batch *batch = lane->in_flight;

    lane->state = LANE_IDLE;
    lane->in_flight = NULL;
    give_back_batch(lane, batch);
}

/* While the store is down every turn of the loop loses a batch: a line a second says enough. */
static void log_not_counted(struct lane *lane, size_t hits, const char *why)
{
    int64_t now_ms = timers_now_ms(lane->common->env.timers);

    lane->common->not_logged += hits;
    if (lane->common->not_logged == 0 || now_ms < lane->common->next_log_ms)
        return;
    log_warn("hits not counted", LOG_INT("hits", lane->common->not_logged), LOG_STR("why", why));
    lane->common->not_logged = 0;
    lane->common->next_log_ms = now_ms + LOG_PAUSE_MS;
}

/* Nothing of the batch was applied. */
static void give_up(struct lane *lane, enum err err, const char *why)
{
    log_not_counted(lane, lane->in_flight->untold_count, why);
    tell_all(lane->in_flight, err);
    finish_flight(lane);
}

static void send_plan(struct lane *lane);

static void on_conflict(struct lane *lane, const struct commit_result *result)
{
    struct hit_batch *batch = lane->in_flight;

    if (plan_learn(&batch->plan, result->records, batch->commit->write_count) == ERR_OK)
        send_plan(lane);
    else
        give_up(lane, ERR_UNAVAILABLE, "out of memory");
}

static void on_done(struct lane *lane, const struct commit_result *result)
{
    struct hit_batch *batch = lane->in_flight;

    lane->common->stats.hits += batch->plan.counted;
    lane->common->stats.duplicates += batch->plan.duplicates;
    lane->common->stats.bots += batch->plan.bots;
    lane->common->stats.batches++;
    histogram_add(&lane->common->stats.batch_hits, batch->plan.counted + batch->plan.duplicates);
    histogram_add(&lane->common->stats.commit_us,
                  (uint64_t)(clock_mono_us(lane->common->env.clock) - lane->commit_began_us));
    tell_counts(batch, result->totals);
    finish_flight(lane);
}

static void on_resolved(void *ctx, const struct commit_result *result)
{
    struct lane *lane = ctx;

    if (result->status == COMMIT_CONFLICT)
        on_conflict(lane, result);
    else if (result->status == COMMIT_DONE)
        on_done(lane, result);
    else
        give_up(lane, ERR_UNAVAILABLE, result->detail);
}

/* Plans the batch with what is known and hands its commit to the writer. */
static void send_plan(struct lane *lane)
{
    struct hit_batch *batch = lane->in_flight;
    enum err err = ERR_NO_MEMORY;

    commit_unref(batch->commit);
    batch->commit = commit_create();
    if (batch->commit)
        err = plan_commit(&batch->plan, batch->commit);
    if (err != ERR_OK) {
        give_up(lane, ERR_UNAVAILABLE, "out of memory");
        return;
    }
    if (batch->commit->addition_count == 0) { /* all its hits were told that they do not count */
        finish_flight(lane);
        return;
    }
    lane->state = LANE_COMMITTING;
    writer_commit(lane->writer, batch->commit, on_resolved, lane);
}

/* Hits that were made under other settings than those that are: they begin anew. */
static void drop_stale(struct hit_batch *batch)
{
    const struct hit_answer answer = {.err = ERR_STALE};

    for (struct hit *hit = batch->untold; hit; hit = hit_next(hit)) {
        if (hit->is_told || !plan_is_stale(&batch->plan, &hit->planned))
            continue;
        hit->planned.is_dropped = true;
        tell(hit, &answer);
    }
}

static void on_read(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct lane *lane = ctx;

    lane->read = NULL;
    if (err == ERR_OK)
        err = plan_learn(&lane->in_flight->plan, records, count);
    if (err != ERR_OK) {
        give_up(lane, ERR_UNAVAILABLE, "the store cannot be read");
        return;
    }
    drop_stale(lane->in_flight);
    send_plan(lane);
}

static void read_records(struct lane *lane)
{
    struct hit_batch *batch = lane->in_flight;
    size_t count = plan_key_count(&batch->plan);
    struct slice *keys = arena_alloc(&batch->arena, count * sizeof(*keys));

    lane->state = LANE_READING;
    if (keys) {
        plan_keys(&batch->plan, keys);
        lane->read = store_read(lane->common->store, lane->shard, keys, count, on_read, lane);
    }
    if (!lane->read)
        give_up(lane, ERR_UNAVAILABLE, "too many operations in flight");
}

bool lane_is_ready(const struct lane *lane)
{
    return !lane->in_flight && lane->first;
}

void lane_turn(struct lane *lane)
{
    if (!lane_is_ready(lane))
        return;
    lane->in_flight = pop_batch(lane);
    lane->common->stats.waiting -= lane->in_flight->untold_count;
    lane->commit_began_us = clock_mono_us(lane->common->env.clock);
    if (plan_key_count(&lane->in_flight->plan) > 0)
        read_records(lane);
    else
        send_plan(lane);
}

/* ---- hits ----------------------------------------------------------------------------------- */

struct hit *lane_add(struct lane *lane, const struct hit_input *input,
                     const struct hit_facts *facts, hit_done_fn *done, void *ctx)
{
    struct hit_batch *batch =
        lane->common->stats.waiting < BATCH_MAX_WAITING ? open_batch(lane) : NULL;
    struct hit *hit = batch ? hit_batch_add(batch, input, facts) : NULL;

    if (!hit) {
        lane->common->stats.rejected++;
        if (batch && batch->hit_count == 0)
            give_back_batch(lane, batch);
        return NULL;
    }
    if (batch != lane->newest)
        push_batch(lane, batch);
    hit->done = done;
    hit->ctx = ctx;
    hit->deadline_ms = timers_now_ms(lane->common->env.timers) + lane->common->hit_ms;
    lane->common->stats.waiting++;
    if (lane->deadline.at_ms == TIMER_NEVER)
        timer_move(lane->common->env.timers, &lane->deadline, hit->deadline_ms);
    return hit;
}

/* ---- the lane ------------------------------------------------------------------------------- */

struct lane *lane_create(struct lane_common *common, unsigned shard)
{
    struct lane *lane = calloc(1, sizeof(*lane));

    if (!lane)
        return NULL;
    lane->common = common;
    lane->shard = shard;
    lane->settings_key = settings_key(common->store, shard, lane->settings_text);
    lane->writer = writer_create(common->store, shard, &common->env);
    if (!lane->writer ||
        timer_keep(common->env.timers, &lane->deadline, on_deadline, lane) != ERR_OK) {
        lane_destroy(lane);
        return NULL;
    }
    return lane;
}

void lane_destroy(struct lane *lane)
{
    if (!lane)
        return;
    store_op_cancel(lane->read);
    writer_destroy(lane->writer);
    timer_stop(lane->common->env.timers, &lane->deadline);
    hit_batch_destroy(lane->in_flight);
    while (lane->first)
        hit_batch_destroy(pop_batch(lane));
    free(lane);
}

bool lane_is_idle(const struct lane *lane)
{
    return !lane->in_flight && !lane->first && writer_is_settled(lane->writer);
}

const struct writer *lane_writer(const struct lane *lane)
{
    return lane->writer;
}
