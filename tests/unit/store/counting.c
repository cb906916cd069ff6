#include "counting.h"

#include "support/cmocka.h"

static void on_told(void *ctx, const struct commit_result *result)
{
    struct counting *c = ctx;

    c->is_told = true;
    if (result->status != COMMIT_DONE) {
        assert_int_equal(result->status, COMMIT_REFUSED);
        assert_non_null(result->detail);
        c->refused++;
        return;
    }
    assert_true(result->totals[0] > c->highest);
    c->highest = result->totals[0];
    c->done++;
}

void counting_start(struct counting *c, struct test_loop *loop, struct store *store,
                    int64_t timeout_ms)
{
    struct store_env env = {.loop = &loop->uv,
                            .timers = &loop->timers,
                            .clock = &loop->clock,
                            .timeout_ms = timeout_ms};

    *c = (struct counting){.loop = loop};
    c->writer = writer_create(store, 0, &env);
    assert_non_null(c->writer);
}

void counting_begin(struct counting *c)
{
    const struct addition additions[] = {
        {.counter = {SLICE("default"), DIMENSION_TOTAL, SLICE("")}, .delta = 1},
        {.counter = {SLICE("default"), DIMENSION_PAGE, SLICE("/")}, .delta = 1}};
    struct commit *commit = commit_create();

    assert_non_null(commit);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(commit_add(commit, &additions[i]), ERR_OK);
    commit->totals_wanted = commit->addition_count;
    c->is_told = false;
    writer_commit(c->writer, commit, on_told, c);
    commit_unref(commit);
}

void counting_hit(struct counting *c)
{
    counting_begin(c);
    assert_true(test_loop_wait(c->loop, &c->is_told));
}
