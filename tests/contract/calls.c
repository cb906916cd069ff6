#include "calls.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/cmocka.h"

struct wait {
    volatile bool is_done;
    const struct commit *commit;
    struct outcome outcome;
    enum err err;
    int64_t total;
    uint64_t version;
    char *value;
    size_t size;
    size_t len;
    struct store_health health;
};

static unsigned the_shard;

void calls_use_shard(unsigned shard)
{
    the_shard = shard;
}

static unsigned shard_in(const struct store *store)
{
    return store_shard_count(store) > 1 ? the_shard : 0;
}

void outcome_fini(struct outcome *outcome)
{
    for (size_t i = 0; outcome->values && i < outcome->count; i++)
        free(outcome->values[i]);
    free(outcome->values);
    free(outcome->records);
    free(outcome->totals);
    *outcome = (struct outcome){0};
}

bool outcome_eq(const struct outcome *a, const struct outcome *b)
{
    if (a->status != b->status || a->last_number != b->last_number || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->totals && a->totals[i] != b->totals[i])
            return false;
        if (a->records && (a->records[i].version != b->records[i].version ||
                           !slice_eq(a->records[i].value, b->records[i].value)))
            return false;
    }
    return true;
}

static char *copy_bytes(struct slice bytes)
{
    char *copy = malloc(bytes.len + 1);

    assert_non_null(copy);
    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    return copy;
}

static void copy_totals(struct outcome *out, const struct commit_result *result, size_t count)
{
    out->count = count;
    out->totals = calloc(count + 1, sizeof(*out->totals));
    assert_non_null(out->totals);
    for (size_t i = 0; i < count; i++)
        out->totals[i] = result->totals[i];
}

static void copy_records(struct outcome *out, const struct commit_result *result, size_t count)
{
    out->count = count;
    out->records = calloc(count + 1, sizeof(*out->records));
    out->values = calloc(count + 1, sizeof(char *));
    assert_non_null(out->records);
    assert_non_null(out->values);
    for (size_t i = 0; i < count; i++) {
        struct slice value = result->records[i].value;

        out->values[i] = copy_bytes(value);
        out->records[i].version = result->records[i].version;
        out->records[i].value = slice_of(out->values[i], value.len);
    }
}

static void on_commit(void *ctx, const struct commit_result *result)
{
    struct wait *wait = ctx;
    struct outcome *out = &wait->outcome;

    assert_false(wait->is_done);
    wait->is_done = true;
    out->status = result->status;
    if (result->status == COMMIT_BEHIND || result->status == COMMIT_AHEAD)
        out->last_number = result->last_number;
    if (result->status == COMMIT_DONE)
        copy_totals(out, result, wait->commit->totals_wanted);
    if (result->status == COMMIT_CONFLICT)
        copy_records(out, result, wait->commit->write_count);
    if (result->detail)
        (void)snprintf(out->detail, sizeof(out->detail), "%s", result->detail);
}

struct outcome call_commit(struct test_loop *loop, struct store *store, struct commit *commit)
{
    struct wait wait = {.commit = commit};

    assert_non_null(store_commit(store, commit, on_commit, &wait));
    assert_false(wait.is_done);
    assert_true(test_loop_wait(loop, &wait.is_done));
    return wait.outcome;
}

static void on_done(void *ctx, enum err err)
{
    struct wait *wait = ctx;

    assert_false(wait->is_done);
    wait->is_done = true;
    wait->err = err;
}

enum err call_register(struct test_loop *loop, struct store *store, const struct writer_id *id,
                       uint64_t number)
{
    struct wait wait = {0};

    assert_non_null(store_register(store, shard_in(store), id, number, on_done, &wait));
    assert_true(test_loop_wait(loop, &wait.is_done));
    return wait.err;
}

enum err call_sweep(struct test_loop *loop, struct store *store)
{
    struct wait wait = {0};

    assert_non_null(store_sweep(store, on_done, &wait));
    assert_true(test_loop_wait(loop, &wait.is_done));
    return wait.err;
}

static void on_totals(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct wait *wait = ctx;

    assert_false(wait->is_done);
    wait->is_done = true;
    assert_int_equal(err, ERR_OK);
    assert_int_equal(count, 1);
    wait->total = totals[0];
}

int64_t call_total(struct test_loop *loop, struct store *store, const struct counter *counter)
{
    struct wait wait = {0};

    assert_non_null(store_totals(store, shard_in(store), counter, 1, on_totals, &wait));
    assert_true(test_loop_wait(loop, &wait.is_done));
    return wait.total;
}

static void on_read(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct wait *wait = ctx;

    assert_false(wait->is_done);
    wait->is_done = true;
    assert_int_equal(err, ERR_OK);
    assert_int_equal(count, 1);
    wait->version = records[0].version;
    wait->len = records[0].value.len;
    assert_true(wait->len <= wait->size);
    if (wait->len > 0)
        memcpy(wait->value, records[0].value.ptr, wait->len);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): on_read() writes to `value` */
uint64_t call_read(struct test_loop *loop, struct store *store, struct slice key, char *value,
                   size_t size, size_t *len)
{
    struct wait wait = {.value = value, .size = size};

    assert_non_null(store_read(store, shard_in(store), &key, 1, on_read, &wait));
    assert_true(test_loop_wait(loop, &wait.is_done));
    *len = wait.len;
    return wait.version;
}

static void on_check(void *ctx, const struct store_health *health)
{
    struct wait *wait = ctx;

    wait->is_done = true;
    wait->health = *health;
}

struct store_health call_check(struct test_loop *loop, struct store *store)
{
    struct wait wait = {0};

    assert_non_null(store_check(store, on_check, &wait));
    assert_true(test_loop_wait(loop, &wait.is_done));
    return wait.health;
}
