#include "calls_rollups.h"

#include <stdio.h>

#include "calls.h"
#include "support/cmocka.h"

struct wait {
    volatile bool is_done;
    bool is_purged;
    size_t count;
    char *out;
    size_t size;
};

static struct rollup_sum the_sums[CALL_MAX_SUMS];

static void on_rollups(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct wait *wait = ctx;

    assert_false(wait->is_done);
    wait->is_done = true;
    assert_int_equal(err, ERR_OK);
    assert_in_range(count, 0, CALL_MAX_SUMS);
    for (size_t i = 0; i < count; i++) {
        the_sums[i] = sums[i];
        assert_true(i == 0 || sums[i - 1].id < sums[i].id);
    }
    wait->count = count;
}

const struct rollup_sum *call_rollups(struct test_loop *loop, struct store *store,
                                      const struct rollup_query *query, size_t *count)
{
    struct wait wait = {.is_done = false};

    assert_non_null(store_rollups(store, calls_shard_in(store), query, on_rollups, &wait));
    assert_true(test_loop_wait(loop, &wait.is_done));
    *count = wait.count;
    return the_sums;
}

static void on_unavailable(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct wait *wait = ctx;

    (void)sums;
    assert_int_equal(err, ERR_UNAVAILABLE);
    assert_int_equal(count, 0);
    wait->is_done = true;
}

void call_rollups_unavailable(struct test_loop *loop, struct store *store,
                              const struct rollup_query *query)
{
    struct wait wait = {.is_done = false};

    assert_non_null(store_rollups(store, calls_shard_in(store), query, on_unavailable, &wait));
    assert_true(test_loop_wait(loop, &wait.is_done));
}

static void on_names(void *ctx, enum err err, const struct name *names, size_t count)
{
    struct wait *wait = ctx;

    assert_false(wait->is_done);
    wait->is_done = true;
    assert_int_equal(err, ERR_OK);
    assert_int_equal(count, 1);
    if (names[0].text.ptr)
        (void)snprintf(wait->out, wait->size, "%.*s|%.*s", SLICE_ARG(names[0].text),
                       SLICE_ARG(names[0].title));
    else
        (void)snprintf(wait->out, wait->size, "-");
}

void call_name(struct test_loop *loop, struct store *store, struct slice site, uint64_t id,
               /* NOLINTNEXTLINE(readability-non-const-parameter): on_names() writes to `out` */
               char *out, size_t size)
{
    struct wait wait = {.out = out, .size = size};

    assert_non_null(store_names(store, calls_shard_in(store), site, &id, 1, on_names, &wait));
    assert_true(test_loop_wait(loop, &wait.is_done));
}

static void on_purge(void *ctx, enum err err, bool is_done)
{
    struct wait *wait = ctx;

    assert_false(wait->is_done);
    wait->is_done = true;
    assert_int_equal(err, ERR_OK);
    wait->is_purged = is_done;
}

void call_purge(struct test_loop *loop, struct store *store, struct slice site, int32_t first,
                int32_t last)
{
    struct wait wait = {.is_purged = false};

    for (int i = 0; i < 10000 && !wait.is_purged; i++) {
        wait.is_done = false;
        assert_non_null(
            store_purge(store, calls_shard_in(store), site, first, last, on_purge, &wait));
        assert_true(test_loop_wait(loop, &wait.is_done));
    }
    assert_true(wait.is_purged);
}

static void on_list(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct wait *wait = ctx;
    size_t len = 0;

    assert_false(wait->is_done);
    wait->is_done = true;
    assert_int_equal(err, ERR_OK);
    wait->out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        assert_true(records[i].version != RECORD_ABSENT && records[i].value.len > 0);
        len +=
            (size_t)snprintf(wait->out + len, wait->size - len, "%.*s ", SLICE_ARG(records[i].key));
        assert_true(len < wait->size);
    }
}

void call_list(struct test_loop *loop, struct store *store, struct slice prefix, struct slice after,
               /* NOLINTNEXTLINE(readability-non-const-parameter): on_list() writes to `out` */
               size_t limit, char *out, size_t size)
{
    struct wait wait = {.out = out, .size = size};

    assert_non_null(store_list(store, calls_shard_in(store), prefix, after, limit, on_list, &wait));
    assert_true(test_loop_wait(loop, &wait.is_done));
}
