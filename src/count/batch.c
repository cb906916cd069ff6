#include "count/batch.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"
#include "count/plan.h"

/* A batch of 64 hits on short paths fits into one chunk; one of 4,096 with the longest paths, ids
 * and a few conflicts stays below the ceiling. */
#define BATCH_CHUNK_BYTES 32768
#define BATCH_MAX_BYTES   ((size_t)128 << 20)

struct batch;

struct hit {
    struct planned_hit planned; /* first, so that one is the other */
    struct batch *batch;
    int64_t deadline_ms;
    bool is_told;
    hit_done_fn *done; /* NULL when abandoned */
    void *ctx;
};

struct batch {
    struct batcher *batcher;
    struct arena arena;
    struct plan plan;
    struct hit *untold; /* the oldest hit that may not have been told yet */
    size_t hit_count;
    size_t untold_count;
    struct commit *commit; /* NULL until planned */
    struct batch *next;    /* younger */
};

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
    struct batch *in_flight; /* NULL when idle */
    struct batch *first;     /* waiting, the oldest first */
    struct batch *newest;    /* the last of them, which takes new hits */
    struct batch *spare;     /* kept, so that a steady load allocates nothing */
    struct store_op *read;   /* in flight */
    struct timer deadline;   /* of the oldest hit */
    int64_t commit_began_us;
    struct batcher_stats stats;
};

/* ---- batches -------------------------------------------------------------------------------- */

static void batch_destroy(struct batch *batch)
{
    if (!batch)
        return;
    commit_unref(batch->commit);
    plan_fini(&batch->plan);
    arena_fini(&batch->arena);
    free(batch);
}

static struct batch *batch_create(struct batcher *batcher)
{
    struct batch *batch = batcher->spare;

    batcher->spare = NULL;
    if (batch)
        return batch;
    batch = calloc(1, sizeof(*batch));
    if (!batch)
        return NULL;
    batch->batcher = batcher;
    arena_init(&batch->arena, BATCH_CHUNK_BYTES, BATCH_MAX_BYTES);
    plan_init(&batch->plan, &batch->arena);
    return batch;
}

/* Nobody refers to its hits any more. */
static void batch_recycle(struct batch *batch)
{
    struct batcher *batcher = batch->batcher;

    if (batcher->spare) {
        batch_destroy(batch);
        return;
    }
    commit_unref(batch->commit);
    batch->commit = NULL;
    plan_clear(&batch->plan);
    arena_reset(&batch->arena);
    batch->untold = NULL;
    batch->hit_count = 0;
    batch->untold_count = 0;
    batch->next = NULL;
    batcher->spare = batch;
}

static void push_batch(struct batcher *batcher, struct batch *batch)
{
    if (batcher->newest)
        batcher->newest->next = batch;
    else
        batcher->first = batch;
    batcher->newest = batch;
}

static struct batch *pop_batch(struct batcher *batcher)
{
    struct batch *batch = batcher->first;

    batcher->first = batch->next;
    if (!batcher->first)
        batcher->newest = NULL;
    batch->next = NULL;
    return batch;
}

/* The batch that takes the next hit; NULL without memory. */
static struct batch *open_batch(struct batcher *batcher)
{
    struct batch *batch = batcher->newest;

    if (batch && batch->hit_count < BATCH_MAX_HITS)
        return batch;
    batch = batch_create(batcher);
    if (batch)
        push_batch(batcher, batch);
    return batch;
}

/* ---- telling -------------------------------------------------------------------------------- */

static struct hit *next_hit(const struct hit *hit)
{
    return (struct hit *)hit->planned.next;
}

static void tell(struct hit *hit, const struct hit_answer *answer)
{
    if (hit->is_told)
        return;
    hit->is_told = true;
    hit->batch->untold_count--;
    if (answer->err == ERR_UNAVAILABLE)
        hit->batch->batcher->stats.unavailable++;
    if (answer->err == ERR_UNKNOWN)
        hit->batch->batcher->stats.unknown++;
    if (hit->done)
        hit->done(hit->ctx, answer);
}

static void tell_all(struct batch *batch, enum err err)
{
    const struct hit_answer answer = {.err = err};

    for (struct hit *hit = batch->untold; hit; hit = next_hit(hit))
        tell(hit, &answer);
}

static void tell_counts(struct batch *batch, const int64_t *totals)
{
    for (struct hit *hit = batch->untold; hit; hit = next_hit(hit)) {
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

static void on_deadline(void *ctx);

/* The batch whose hits are the oldest. */
static struct batch *oldest_batch(const struct batcher *batcher)
{
    return batcher->in_flight ? batcher->in_flight : batcher->first;
}

static void watch_deadline(struct batcher *batcher, int64_t at_ms)
{
    /* Without memory for the timer hits are answered late, but they are answered. */
    if (timer_start(batcher->timers, &batcher->deadline, at_ms, on_deadline, batcher) != ERR_OK)
        log_warn("out of memory: hits may be answered late");
}

/* Tells the hits of `batch` that are due; a hit that was not sent yet is not counted then. */
static void expire(struct batch *batch, bool is_sent)
{
    const struct hit_answer answer = {.err = is_sent ? ERR_UNKNOWN : ERR_UNAVAILABLE};
    int64_t now_ms = timers_now_ms(batch->batcher->timers);

    while (batch->untold && (batch->untold->is_told || batch->untold->deadline_ms <= now_ms)) {
        struct hit *hit = batch->untold;

        batch->untold = next_hit(hit);
        if (!hit->is_told && !is_sent)
            hit->planned.is_dropped = true;
        tell(hit, &answer);
    }
}

static void on_deadline(void *ctx)
{
    struct batcher *batcher = ctx;
    struct batch *oldest;

    if (batcher->in_flight)
        expire(batcher->in_flight, batcher->state == BATCHER_COMMITTING);
    while (batcher->first) {
        size_t before = batcher->first->untold_count;

        expire(batcher->first, false);
        batcher->stats.waiting -= before - batcher->first->untold_count;
        if (batcher->first->untold)
            break;
        batch_recycle(pop_batch(batcher));
    }
    oldest = oldest_batch(batcher);
    if (oldest && !oldest->untold)
        oldest = batcher->first;
    if (oldest && oldest->untold)
        watch_deadline(batcher, oldest->untold->deadline_ms);
}

/* ---- the batch in flight -------------------------------------------------------------------- */

static void histogram_add(struct histogram *h, uint64_t value)
{
    size_t bucket = 0;

    while (bucket + 1 < BATCH_HISTOGRAM_BUCKETS && value > (UINT64_C(1) << bucket))
        bucket++;
    h->buckets[bucket]++;
    h->count++;
    h->sum += value;
}

static void finish_flight(struct batcher *batcher)
{
    struct batch *batch = batcher->in_flight;

    batcher->state = BATCHER_IDLE;
    batcher->in_flight = NULL;
    batch_recycle(batch);
}

/* Nothing of the batch was applied. */
static void give_up(struct batcher *batcher, enum err err, const char *why)
{
    if (batcher->in_flight->untold_count > 0)
        log_warn("hits not counted", LOG_INT("hits", batcher->in_flight->untold_count),
                 LOG_STR("why", why));
    tell_all(batcher->in_flight, err);
    finish_flight(batcher);
}

static void send_plan(struct batcher *batcher);

static void on_conflict(struct batcher *batcher, const struct commit_result *result)
{
    struct batch *batch = batcher->in_flight;

    if (plan_learn(&batch->plan, result->records, batch->commit->write_count) == ERR_OK)
        send_plan(batcher);
    else
        give_up(batcher, ERR_UNAVAILABLE, "out of memory");
}

static void on_done(struct batcher *batcher, const struct commit_result *result)
{
    struct batch *batch = batcher->in_flight;

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
    struct batch *batch = batcher->in_flight;
    enum err err = ERR_NO_MEMORY;

    commit_unref(batch->commit);
    batch->commit = commit_create();
    if (batch->commit)
        err = plan_commit(&batch->plan, batch->commit);
    if (err != ERR_OK) {
        give_up(batcher, ERR_UNAVAILABLE, "out of memory");
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
    struct batch *batch = batcher->in_flight;
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

void batcher_turn(struct batcher *batcher)
{
    if (batcher->in_flight || !batcher->first)
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

static struct slice put_text(char **end, struct slice text)
{
    struct slice copy = slice_of(*end, text.len);

    if (text.len > 0)
        memcpy(*end, text.ptr, text.len);
    *end += text.len;
    return copy;
}

/* A copy of the hit in the arena of `batch`, its texts behind it; NULL without memory. */
static struct hit *copy_hit(struct batch *batch, const struct hit_input *input)
{
    size_t text_bytes = input->site.len + input->path.len + input->id.len;
    struct hit *hit = arena_alloc(&batch->arena, sizeof(*hit) + text_bytes);
    char *end;

    if (!hit)
        return NULL;
    *hit = (struct hit){.batch = batch};
    end = (char *)(hit + 1);
    hit->planned.input.site = put_text(&end, input->site);
    hit->planned.input.path = put_text(&end, input->path);
    hit->planned.input.id = put_text(&end, input->id);
    return hit;
}

struct hit *batcher_add(struct batcher *batcher, const struct hit_input *input, hit_done_fn *done,
                        void *ctx)
{
    struct batch *batch = batcher->stats.waiting < BATCH_MAX_WAITING ? open_batch(batcher) : NULL;
    struct hit *hit = batch ? copy_hit(batch, input) : NULL;

    if (!hit || plan_hit(&batch->plan, &hit->planned) != ERR_OK) {
        batcher->stats.rejected++;
        return NULL;
    }
    hit->done = done;
    hit->ctx = ctx;
    hit->deadline_ms = timers_now_ms(batcher->timers) + batcher->hit_ms;
    if (!batch->untold)
        batch->untold = hit;
    batch->hit_count++;
    batch->untold_count++;
    batcher->stats.waiting++;
    if (!timer_is_active(&batcher->deadline))
        watch_deadline(batcher, hit->deadline_ms);
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
    if (!batcher->writer) {
        free(batcher);
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
    batch_destroy(batcher->in_flight);
    while (batcher->first)
        batch_destroy(pop_batch(batcher));
    batch_destroy(batcher->spare);
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
