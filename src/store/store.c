#include "store/store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/driver.h"

/* Keys and counters of one read, with the driver's results: 8,192 of the longest. */
#define OP_ARENA_CHUNK 4096
#define OP_ARENA_MAX   ((size_t)256 << 20)

static const char *const durability_names[] = {
    [DURABILITY_STRICT] = "strict",
    [DURABILITY_RELAXED] = "relaxed",
    [DURABILITY_LOSSY] = "lossy",
    [DURABILITY_NONE] = "none",
};

const char *durability_name(enum durability durability)
{
    return durability_names[durability];
}

void store_close(struct store *store)
{
    if (!store)
        return;
    store->closing = true;
    for (struct store_op *op = store->in_flight; op; op = op->next_in_flight)
        op->abandoned = true;
    store->driver->close(store);
}

const char *store_kind(const struct store *store)
{
    return store->driver->kind;
}

const char *store_fault(const struct store *store)
{
    return store->fault;
}

unsigned store_shard_count(const struct store *store)
{
    return store->driver->shards > 0 ? store->driver->shards : 1;
}

/* FNV-1a (Fowler, Noll, Vo; draft-eastlake-fnv): where things are in a store hangs on it, so it
 * stays as it is. */
unsigned store_shard_of(const struct store *store, struct slice owner)
{
    uint32_t hash = UINT32_C(2166136261);

    for (size_t i = 0; i < owner.len; i++)
        hash = (hash ^ (unsigned char)owner.ptr[i]) * UINT32_C(16777619);
    return hash % store_shard_count(store);
}

void store_get_stats(const struct store *store, struct store_stats *out)
{
    *out = store->stats;
}

/* ---- the life of an operation --------------------------------------------------------------- */

static void op_free(struct store_op *op)
{
    struct store *store = op->store;

    if (op->is_telling) {
        op->is_finished = true;
        return;
    }
    timer_stop(store->env.timers, &op->deadline);
    if (op->prev_in_flight)
        op->prev_in_flight->next_in_flight = op->next_in_flight;
    else
        store->in_flight = op->next_in_flight;
    if (op->next_in_flight)
        op->next_in_flight->prev_in_flight = op->prev_in_flight;
    store->stats.in_flight--;
    commit_unref(op->commit);
    arena_fini(&op->arena);
    free(op);
}

/* Tells the caller of an op that failed in a way every kind can be told. */
static void tell_failure(const struct store_op *op, enum err err, enum commit_status status,
                         const char *detail)
{
    struct store_health health = {.sufficient = false};
    struct commit_result result = {.status = status, .detail = detail};

    switch (op->kind) {
    case OP_REGISTER:
    case OP_SWEEP:
        op->fn.done(op->ctx, err);
        return;
    case OP_COMMIT:
        op->fn.commit(op->ctx, &result);
        return;
    case OP_READ:
    case OP_LIST:
        op->fn.read(op->ctx, err, NULL, 0);
        return;
    case OP_ROLLUPS:
        op->fn.rollups(op->ctx, err, NULL, 0);
        return;
    case OP_NAMES:
        op->fn.names(op->ctx, err, NULL, 0);
        return;
    case OP_PURGE:
        op->fn.purge(op->ctx, err, false);
        return;
    case OP_TOTALS:
        op->fn.totals(op->ctx, err, NULL, 0);
        return;
    case OP_SCAN:
        op->fn.scan(op->ctx, err, NULL);
        return;
    case OP_CHECK:
        (void)snprintf(health.reason, sizeof(health.reason), "%s", detail);
        op->fn.check(op->ctx, &health);
        return;
    }
}

static void tell_unknown(const struct store_op *op, const char *detail)
{
    tell_failure(op, op->kind == OP_REGISTER ? ERR_UNKNOWN : ERR_UNAVAILABLE, COMMIT_UNKNOWN,
                 detail);
}

/* What the caller does when it is told may lead the driver to finish this very op, as when a
 * further operation finds the connection broken: it is not told again then, and freed only here. */
static void on_deadline(void *ctx)
{
    struct store_op *op = ctx;
    struct store *store = op->store;
    bool is_awaited = !op->abandoned;

    store->stats.timeouts++;
    op->abandoned = true;
    op->is_telling = true;
    if (is_awaited)
        tell_unknown(op, "the store did not answer in time");
    op->is_telling = false;
    if (op->is_finished)
        op_free(op);
    else if (store->driver->on_timeout)
        store->driver->on_timeout(store, op);
}

static struct store_op *op_create(struct store *store, unsigned shard, enum store_op_kind kind,
                                  void *ctx)
{
    struct store_op *op;

    assert(shard < store_shard_count(store));
    if (store->stats.in_flight >= STORE_MAX_IN_FLIGHT)
        return NULL;
    op = calloc(1, sizeof(*op));
    if (!op)
        return NULL;
    if (timer_start(store->env.timers, &op->deadline,
                    timers_now_ms(store->env.timers) + store->env.timeout_ms, on_deadline,
                    op) != ERR_OK) {
        free(op);
        return NULL;
    }
    op->store = store;
    op->shard = shard;
    op->kind = kind;
    op->ctx = ctx;
    arena_init(&op->arena, OP_ARENA_CHUNK, OP_ARENA_MAX);
    op->next_in_flight = store->in_flight;
    if (store->in_flight)
        store->in_flight->prev_in_flight = op;
    store->in_flight = op;
    store->stats.in_flight++;
    store->stats.operations++;
    return op;
}

static struct store_op *op_start(struct store_op *op)
{
    op->store->driver->start(op->store, op);
    return op;
}

void store_op_cancel(struct store_op *op)
{
    if (op)
        op->abandoned = true;
}

void op_finish_done(struct store_op *op, enum err err)
{
    assert(op->kind == OP_REGISTER || op->kind == OP_SWEEP);
    if (!op->abandoned)
        op->fn.done(op->ctx, err);
    op_free(op);
}

void op_finish_commit(struct store_op *op, const struct commit_result *result)
{
    assert(op->kind == OP_COMMIT);
    if (!op->abandoned)
        op->fn.commit(op->ctx, result);
    op_free(op);
}

void op_finish_records(struct store_op *op, enum err err, const struct record *records)
{
    assert(op->kind == OP_READ);
    if (!op->abandoned)
        op->fn.read(op->ctx, err, records, err == ERR_OK ? op->count : 0);
    op_free(op);
}

void op_finish_totals(struct store_op *op, enum err err, const int64_t *totals)
{
    assert(op->kind == OP_TOTALS);
    if (!op->abandoned)
        op->fn.totals(op->ctx, err, totals, err == ERR_OK ? op->count : 0);
    op_free(op);
}

void op_finish_list(struct store_op *op, enum err err, const struct record *records, size_t count)
{
    assert(op->kind == OP_LIST && count <= op->count);
    if (!op->abandoned)
        op->fn.read(op->ctx, err, records, err == ERR_OK ? count : 0);
    op_free(op);
}

void op_finish_rollups(struct store_op *op, enum err err, const struct rollup_sum *sums,
                       size_t count)
{
    assert(op->kind == OP_ROLLUPS);
    if (!op->abandoned)
        op->fn.rollups(op->ctx, err, sums, err == ERR_OK ? count : 0);
    op_free(op);
}

void op_finish_names(struct store_op *op, enum err err, const struct name *names)
{
    assert(op->kind == OP_NAMES);
    if (!op->abandoned)
        op->fn.names(op->ctx, err, names, err == ERR_OK ? op->count : 0);
    op_free(op);
}

void op_finish_purge(struct store_op *op, enum err err, bool is_done)
{
    assert(op->kind == OP_PURGE);
    if (!op->abandoned)
        op->fn.purge(op->ctx, err, is_done);
    op_free(op);
}

void op_finish_scan(struct store_op *op, enum err err, const struct scan_step *step)
{
    assert(op->kind == OP_SCAN);
    if (!op->abandoned)
        op->fn.scan(op->ctx, err, err == ERR_OK ? step : NULL);
    op_free(op);
}

void op_finish_check(struct store_op *op, const struct store_health *health)
{
    assert(op->kind == OP_CHECK);
    if (!op->abandoned)
        op->fn.check(op->ctx, health);
    op_free(op);
}

void op_finish_refused(struct store_op *op, const char *detail)
{
    if (!op->abandoned)
        tell_failure(op, ERR_UNAVAILABLE, COMMIT_REFUSED, detail);
    op_free(op);
}

void op_finish_nothing(struct store_op *op)
{
    switch (op->kind) {
    case OP_READ:
        op_finish_records(op, ERR_OK, NULL);
        return;
    case OP_TOTALS:
        op_finish_totals(op, ERR_OK, NULL);
        return;
    case OP_ROLLUPS:
        op_finish_rollups(op, ERR_OK, NULL, 0);
        return;
    case OP_NAMES:
        op_finish_names(op, ERR_OK, NULL);
        return;
    case OP_SCAN:
        op_finish_scan(op, ERR_INVALID, NULL);
        return;
    case OP_SWEEP:
        op_finish_done(op, ERR_OK);
        return;
    case OP_REGISTER:
    case OP_COMMIT:
    case OP_LIST:
    case OP_PURGE:
    case OP_CHECK:
        break;
    }
    assert(false); /* these always ask for something */
}

void op_finish_unknown(struct store_op *op, const char *detail)
{
    if (!op->abandoned)
        tell_unknown(op, detail);
    op_free(op);
}

/* ---- the calls ------------------------------------------------------------------------------ */

struct store_op *store_register(struct store *store, unsigned shard, const struct writer_id *writer,
                                uint64_t number, store_done_fn *done, void *ctx)
{
    struct store_op *op = op_create(store, shard, OP_REGISTER, ctx);

    if (!op)
        return NULL;
    op->fn.done = done;
    op->writer = *writer;
    op->number = number;
    return op_start(op);
}

struct store_op *store_commit(struct store *store, struct commit *commit, store_commit_fn *done,
                              void *ctx)
{
    struct store_op *op;

    assert(commit->number > 0);
    assert(commit->version != RECORD_ABSENT && commit->version != RECORD_ANY);
    assert(commit->totals_wanted <= commit->addition_count);
    op = op_create(store, commit->shard, OP_COMMIT, ctx);
    if (!op)
        return NULL;
    op->fn.commit = done;
    op->commit = commit_ref(commit);
    return op_start(op);
}

static bool copy_keys(struct store_op *op, const struct slice *keys, size_t count)
{
    op->keys = arena_alloc(&op->arena, (count + 1) * sizeof(*op->keys));
    op->count = count;
    for (size_t i = 0; op->keys && i < count; i++) {
        op->keys[i] = arena_dup(&op->arena, keys[i]);
        if (!op->keys[i].ptr)
            return false;
    }
    return op->keys != NULL;
}

struct store_op *store_read(struct store *store, unsigned shard, const struct slice *keys,
                            size_t count, store_read_fn *done, void *ctx)
{
    struct store_op *op;

    assert(count <= STORE_MAX_READ);
    op = op_create(store, shard, OP_READ, ctx);
    if (!op)
        return NULL;
    op->fn.read = done;
    if (!copy_keys(op, keys, count)) {
        op_free(op);
        return NULL;
    }
    return op_start(op);
}

static bool copy_counters(struct store_op *op, const struct counter *counters, size_t count)
{
    op->counters = arena_alloc(&op->arena, (count + 1) * sizeof(*op->counters));
    op->count = count;
    for (size_t i = 0; op->counters && i < count; i++) {
        op->counters[i] = counters[i];
        op->counters[i].site = arena_dup(&op->arena, counters[i].site);
        op->counters[i].value = arena_dup(&op->arena, counters[i].value);
        if (!op->counters[i].site.ptr || !op->counters[i].value.ptr)
            return false;
    }
    return op->counters != NULL;
}

struct store_op *store_totals(struct store *store, unsigned shard, const struct counter *counters,
                              size_t count, store_totals_fn *done, void *ctx)
{
    struct store_op *op;

    assert(count <= STORE_MAX_READ);
    op = op_create(store, shard, OP_TOTALS, ctx);
    if (!op)
        return NULL;
    op->fn.totals = done;
    if (!copy_counters(op, counters, count)) {
        op_free(op);
        return NULL;
    }
    return op_start(op);
}

struct store_op *store_list(struct store *store, unsigned shard, struct slice prefix,
                            struct slice after, size_t limit, store_read_fn *done, void *ctx)
{
    struct store_op *op;

    assert(record_is_listed(prefix) && limit > 0 && limit <= STORE_MAX_LIST);
    op = op_create(store, shard, OP_LIST, ctx);
    if (!op)
        return NULL;
    op->fn.read = done;
    op->prefix = arena_dup(&op->arena, prefix);
    op->after = arena_dup(&op->arena, after);
    op->count = limit;
    if (!op->prefix.ptr || !op->after.ptr) {
        op_free(op);
        return NULL;
    }
    return op_start(op);
}

/* A copy of `count` things in the arena of `op`; NULL without memory. */
static void *copy_items(struct store_op *op, const void *items, size_t count, size_t item_bytes)
{
    void *copy = arena_alloc(&op->arena, (count + 1) * item_bytes);

    if (copy && count > 0)
        memcpy(copy, items, count * item_bytes);
    return copy;
}

struct store_op *store_rollups(struct store *store, unsigned shard,
                               const struct rollup_query *query, store_rollups_fn *done, void *ctx)
{
    struct store_op *op;

    assert(query->bucket_count <= ROLLUP_MAX_BUCKETS);
    op = op_create(store, shard, OP_ROLLUPS, ctx);
    if (!op)
        return NULL;
    op->fn.rollups = done;
    op->query = *query;
    op->query.site = arena_dup(&op->arena, query->site);
    op->query.buckets =
        copy_items(op, query->buckets, query->bucket_count, sizeof(*query->buckets));
    if (!op->query.site.ptr || !op->query.buckets) {
        op_free(op);
        return NULL;
    }
    return op_start(op);
}

struct store_op *store_names(struct store *store, unsigned shard, struct slice site,
                             const uint64_t *ids, size_t count, store_names_fn *done, void *ctx)
{
    struct store_op *op;

    assert(count <= STORE_MAX_READ);
    op = op_create(store, shard, OP_NAMES, ctx);
    if (!op)
        return NULL;
    op->fn.names = done;
    op->site = arena_dup(&op->arena, site);
    op->ids = copy_items(op, ids, count, sizeof(*ids));
    op->count = count;
    if (!op->site.ptr || !op->ids) {
        op_free(op);
        return NULL;
    }
    return op_start(op);
}

struct store_op *store_purge(struct store *store, unsigned shard, struct slice site, int32_t first,
                             int32_t last, store_purge_fn *done, void *ctx)
{
    struct store_op *op = op_create(store, shard, OP_PURGE, ctx);

    if (!op)
        return NULL;
    op->fn.purge = done;
    op->site = arena_dup(&op->arena, site);
    op->first_bucket = first;
    op->last_bucket = last;
    if (!op->site.ptr) {
        op_free(op);
        return NULL;
    }
    return op_start(op);
}

struct store_op *store_scan(struct store *store, unsigned shard, struct slice cursor,
                            store_scan_fn *done, void *ctx)
{
    struct store_op *op = op_create(store, shard, OP_SCAN, ctx);

    if (!op)
        return NULL;
    op->fn.scan = done;
    op->cursor = arena_dup(&op->arena, cursor);
    if (!op->cursor.ptr) {
        op_free(op);
        return NULL;
    }
    return op_start(op);
}

struct store_op *store_sweep(struct store *store, store_done_fn *done, void *ctx)
{
    struct store_op *op = op_create(store, 0, OP_SWEEP, ctx);

    if (!op)
        return NULL;
    op->fn.done = done;
    return op_start(op);
}

struct store_op *store_check(struct store *store, store_check_fn *done, void *ctx)
{
    struct store_op *op = op_create(store, 0, OP_CHECK, ctx);

    if (!op)
        return NULL;
    op->fn.check = done;
    return op_start(op);
}
