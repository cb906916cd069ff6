#include "sqlite_fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "support/cmocka.h"

static const struct counter site_total = {SLICE_INIT("default"), DIMENSION_TOTAL, SLICE_INIT("")};

int fixture_set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    random_init();
    temp_folder_make(&f->folder);
    (void)snprintf(f->path, sizeof(f->path), "%s/footfall.db", f->folder.path);
    (void)snprintf(f->url, sizeof(f->url), "sqlite:%s", f->path);
    test_loop_init(&f->loop);
    f->env = (struct store_env){.loop = &f->loop.uv,
                                .timers = &f->loop.timers,
                                .clock = &f->loop.clock,
                                .timeout_ms = 10000};
    assert_int_equal(store_open(f->url, &f->env, &f->store, NULL), ERR_OK);
    random_bytes(f->writer.bytes, sizeof(f->writer.bytes));
    *state = f;
    return 0;
}

int fixture_tear_down(void **state)
{
    struct fixture *f = *state;

    store_close(f->store);
    test_loop_fini(&f->loop);
    temp_folder_remove(&f->folder);
    free(f);
    return 0;
}

void fixture_reopen(struct fixture *f)
{
    store_close(f->store);
    test_loop_fini(&f->loop);
    test_loop_init(&f->loop);
    assert_int_equal(store_open(f->url, &f->env, &f->store, NULL), ERR_OK);
}

void fixture_register(struct fixture *f)
{
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
}

struct commit *fixture_commit(const struct fixture *f, uint64_t number)
{
    struct commit *commit = commit_create();

    assert_non_null(commit);
    commit->writer = f->writer;
    commit->number = number;
    commit->version = random_nonzero_u64();
    return commit;
}

void commit_add_views(struct commit *commit, struct counter counter, int64_t views)
{
    assert_int_equal(commit_add(commit, &(struct addition){.counter = counter, .delta = views}),
                     ERR_OK);
    commit->totals_wanted = commit->addition_count;
}

void commit_put(struct commit *commit, struct slice key, struct slice value, uint32_t ttl_s)
{
    struct record_write write = {key, value, RECORD_ABSENT, ttl_s};

    assert_int_equal(commit_write(commit, &write), ERR_OK);
}

enum commit_status fixture_submit(struct fixture *f, struct commit *commit, char *detail)
{
    struct outcome outcome = call_commit(&f->loop, f->store, commit);
    enum commit_status status = outcome.status;

    if (detail)
        (void)snprintf(detail, sizeof(outcome.detail), "%s", outcome.detail);
    outcome_fini(&outcome);
    commit_unref(commit);
    return status;
}

enum commit_status fixture_count(struct fixture *f, uint64_t number, int64_t views)
{
    struct commit *commit = fixture_commit(f, number);

    commit_add_views(commit, site_total, views);
    return fixture_submit(f, commit, NULL);
}

int64_t fixture_total(struct fixture *f)
{
    return call_total(&f->loop, f->store, &site_total);
}

int64_t fixture_ask(const struct fixture *f, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    int64_t answer;

    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

void fixture_execute(const struct fixture *f, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}
