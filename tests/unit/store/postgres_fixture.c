#include "postgres_fixture.h"

#include <signal.h>
#include <stdlib.h>

#include "base/random.h"
#include "support/cmocka.h"

#define PATIENCE_MS 20000

struct postgres_server postgres_fixture_server;

static const struct counter site_total = {SLICE_INIT("default"), DIMENSION_TOTAL, SLICE_INIT("")};

int postgres_fixture_start(void **state)
{
    (void)state;
    random_init();
    (void)signal(SIGPIPE, SIG_IGN);
    postgres_server_start(&postgres_fixture_server, NULL);
    return 0;
}

int postgres_fixture_end(void **state)
{
    (void)state;
    postgres_server_remove(&postgres_fixture_server);
    return 0;
}

int postgres_fixture_set_up(void **state)
{
    struct postgres_fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    *state = f;
    f->server = &postgres_fixture_server;
    postgres_server_clear(f->server);
    test_loop_init(&f->loop);
    random_bytes(f->writer.bytes, sizeof(f->writer.bytes));
    f->next_number = 1;
    f->store = postgres_fixture_open(f, NULL, 10000);
    postgres_fixture_wait(f, f->store, true);
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    return 0;
}

int postgres_fixture_tear_down(void **state)
{
    struct postgres_fixture *f = *state;

    store_close(f->store);
    test_loop_fini(&f->loop);
    free(f);
    return 0;
}

struct store *postgres_fixture_open(struct postgres_fixture *f, const char *url, int64_t timeout_ms)
{
    struct store_env env = {.loop = &f->loop.uv,
                            .timers = &f->loop.timers,
                            .clock = &f->loop.clock,
                            .timeout_ms = timeout_ms};
    struct store *store = NULL;

    assert_int_equal(store_open(url ? url : f->server->url, &env, &store, NULL), ERR_OK);
    return store;
}

void postgres_fixture_wait(struct postgres_fixture *f, const struct store *store, bool connected)
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

struct commit *postgres_fixture_commit(struct postgres_fixture *f)
{
    struct commit *commit = commit_create();

    assert_non_null(commit);
    commit->writer = f->writer;
    commit->number = f->next_number;
    commit->version = random_nonzero_u64();
    return commit;
}

void postgres_fixture_add(struct commit *commit, const char *path, int64_t delta)
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

void postgres_fixture_put(struct commit *commit, const char *key)
{
    struct record_write write = {slice_str(key), SLICE("1"), RECORD_ABSENT, 3600};

    assert_int_equal(commit_write(commit, &write), ERR_OK);
}

struct outcome postgres_fixture_send(struct postgres_fixture *f, struct commit *commit)
{
    struct outcome outcome = call_commit(&f->loop, f->store, commit);

    if (outcome.status == COMMIT_DONE || outcome.status == COMMIT_CONFLICT)
        f->next_number = commit->number + 1;
    return outcome;
}

enum commit_status postgres_fixture_submit(struct postgres_fixture *f, struct commit *commit)
{
    struct outcome outcome = postgres_fixture_send(f, commit);
    enum commit_status status = outcome.status;

    outcome_fini(&outcome);
    commit_unref(commit);
    return status;
}
