#include "redis_fixture.h"

#include <signal.h>
#include <stdlib.h>

#include "base/random.h"
#include "support/cmocka.h"

#define PATIENCE_MS 20000

static const struct counter site_total = {SLICE_INIT("default"), DIMENSION_TOTAL, SLICE_INIT("")};

struct redis_fixture *redis_fixture_create(const char *const *args)
{
    struct redis_fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    random_init();
    (void)signal(SIGPIPE, SIG_IGN);
    redis_server_start(&f->server, args);
    test_loop_init(&f->loop);
    random_bytes(f->writer.bytes, sizeof(f->writer.bytes));
    f->next_number = 1;
    return f;
}

int redis_fixture_set_up(void **state)
{
    static const char *const debug[] = {"--enable-debug-command", "local", NULL};
    struct redis_fixture *f = redis_fixture_create(debug);

    *state = f;
    f->store = redis_fixture_open(f, NULL, 10000, NULL);
    redis_fixture_wait(f, f->store, true);
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    return 0;
}

int redis_fixture_tear_down(void **state)
{
    struct redis_fixture *f = *state;

    store_close(f->store);
    test_loop_fini(&f->loop);
    redis_server_remove(&f->server);
    free(f);
    return 0;
}

struct store *redis_fixture_open(struct redis_fixture *f, const char *url, int64_t timeout_ms,
                                 const char *total_key)
{
    struct store_env env = {.loop = &f->loop.uv,
                            .timers = &f->loop.timers,
                            .clock = &f->loop.clock,
                            .timeout_ms = timeout_ms,
                            .redis_total_key = total_key};
    struct store *store = NULL;

    assert_int_equal(store_open(url ? url : f->server.url, &env, &store, NULL), ERR_OK);
    return store;
}

void redis_fixture_wait(struct redis_fixture *f, const struct store *store, bool connected)
{
    int64_t until_ms = clock_mono_ms(&f->loop.clock) + PATIENCE_MS;
    struct store_stats stats;

    for (;;) {
        store_get_stats(store, &stats);
        if ((stats.connected == 1) == connected)
            return;
        assert_true(clock_mono_ms(&f->loop.clock) < until_ms);
        test_loop_turn(&f->loop);
    }
}

void redis_fixture_wait_usable(struct redis_fixture *f, struct store *store)
{
    int64_t until_ms = clock_mono_ms(&f->loop.clock) + PATIENCE_MS;

    while (call_register(&f->loop, store, &f->writer, 0) != ERR_OK)
        assert_true(clock_mono_ms(&f->loop.clock) < until_ms);
}

struct commit *redis_fixture_commit(struct redis_fixture *f)
{
    struct commit *commit = commit_create();

    assert_non_null(commit);
    commit->writer = f->writer;
    commit->number = f->next_number;
    commit->version = random_nonzero_u64();
    return commit;
}

void redis_fixture_add(struct commit *commit, const char *path, int64_t delta)
{
    struct addition page = {.counter = {SLICE("default"), DIMENSION_PAGE, slice_str(path)},
                            .delta = delta};
    struct addition total = {.counter = site_total, .delta = delta};

    if (commit->addition_count == 0)
        assert_int_equal(commit_add(commit, &total), ERR_OK);
    else
        commit->additions[0].delta += delta;
    assert_int_equal(commit_add(commit, &page), ERR_OK);
    commit->totals_wanted = commit->addition_count;
}

struct outcome redis_fixture_send(struct redis_fixture *f, struct commit *commit)
{
    struct outcome outcome = call_commit(&f->loop, f->store, commit);

    if (outcome.status == COMMIT_DONE || outcome.status == COMMIT_CONFLICT)
        f->next_number = commit->number + 1;
    return outcome;
}

void redis_fixture_refused(struct redis_fixture *f, struct commit *commit, const char *key)
{
    char before[64];
    char after[64];
    struct outcome outcome;

    redis_server_text(&f->server, before, sizeof(before), "DEBUG DIGEST");
    outcome = redis_fixture_send(f, commit);
    redis_server_text(&f->server, after, sizeof(after), "DEBUG DIGEST");
    assert_int_equal(outcome.status, COMMIT_REFUSED);
    if (!strstr(outcome.detail, key))
        fail_msg("%s", outcome.detail);
    assert_string_equal(before, after);
    outcome_fini(&outcome);
    commit_unref(commit);
}
