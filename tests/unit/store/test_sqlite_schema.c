/* Databases of earlier versions: they are brought to this one when they are opened. */
#include <stdio.h>
#include <time.h>

#include "calls_rollups.h"
#include "sqlite_fixture.h"
#include "store/schema.h"
#include "store/sqlite_schema.h"
#include "support/cmocka.h"

/* As version 1 made them. */
static const char version_1_sql[] =
    "PRAGMA journal_mode = WAL;"
    "CREATE TABLE record (key BLOB NOT NULL PRIMARY KEY, version INTEGER NOT NULL,"
    "  expires_unix_ms INTEGER NOT NULL, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX record_expiry ON record (expires_unix_ms);"
    "CREATE TABLE counter (site TEXT NOT NULL, dimension INTEGER NOT NULL, value TEXT NOT NULL,"
    "  views INTEGER NOT NULL, PRIMARY KEY (site, dimension, value)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE writer (id BLOB NOT NULL PRIMARY KEY, number INTEGER NOT NULL,"
    "  seen_unix_ms INTEGER NOT NULL, result BLOB) STRICT, WITHOUT ROWID;"
    "PRAGMA application_id = 0x466f6f74;"
    "PRAGMA user_version = 1;";

/* A total of 41, a record that expires in the far future, and the writer of the fixture at 7. */
static void make_version_1(struct fixture *f)
{
    char sql[300];
    char writer[2 * sizeof(f->writer.bytes) + 1];

    for (size_t i = 0; i < sizeof(f->writer.bytes); i++)
        (void)snprintf(writer + 2 * i, 3, "%02x", f->writer.bytes[i]);
    fixture_execute(f, version_1_sql);
    fixture_execute(f, "INSERT INTO counter VALUES ('default', 0, '', 41);"
                       "INSERT INTO record VALUES (CAST('hit/default/1' AS BLOB), 5,"
                       " 99999999999999, CAST('v' AS BLOB))");
    (void)snprintf(sql, sizeof(sql), "INSERT INTO writer VALUES (x'%s', 7, %lld, x'')", writer,
                   (long long)time(NULL) * 1000);
    fixture_execute(f, sql);
}

static void assert_nothing_was_lost(struct fixture *f)
{
    char value[8];
    size_t len;

    assert_int_equal(fixture_total(f), 41);
    assert_int_equal(
        call_read(&f->loop, f->store, SLICE("hit/default/1"), value, sizeof(value), &len), 5);
    assert_int_equal(len, 1);
    assert_int_equal(fixture_count(f, 9, 1), COMMIT_BEHIND);
    assert_int_equal(fixture_count(f, 8, 1), COMMIT_DONE);
    assert_int_equal(fixture_total(f), 42);
}

static void test_version_1_is_brought_to_this_one_when_it_is_opened(void **state)
{
    struct fixture *f = *state;
    struct contents found;
    struct commit *commit;
    struct rollup_addition addition = {
        .rollup = {.site = SLICE("default"), .bucket = 20000, .dimension = DIMENSION_TOTAL},
        .delta = {.views = 1},
        .text = SLICE(""),
        .title = SLICE(""),
    };

    make_version_1(f);
    assert_nothing_was_lost(f);
    assert_int_equal(fixture_ask(f, "PRAGMA user_version"), SQLITE_SCHEMA_VERSION);
    assert_int_equal(fixture_ask(f, "PRAGMA application_id"), 0x466f6f74);
    commit = fixture_commit(f, 9);
    assert_int_equal(commit_roll_up(commit, &addition), ERR_OK);
    assert_int_equal(fixture_submit(f, commit, NULL), COMMIT_DONE);
    contents_read(&found, &f->loop, f->store);
    assert_int_equal(found.items.count, 3);
    contents_fini(&found);
    assert_true(call_check(&f->loop, f->store).sufficient);
}

static void test_version_1_is_told_and_migrated_by_command(void **state)
{
    struct fixture *f = *state;
    struct schema_state schema;

    make_version_1(f);
    assert_int_equal(store_schema_read(f->url, &schema, NULL), ERR_OK);
    assert_int_equal(schema.version, 1);
    assert_int_equal(schema.wanted, SQLITE_SCHEMA_VERSION);
    assert_int_equal(fixture_ask(f, "PRAGMA user_version"), 1);
    assert_int_equal(store_schema_migrate(f->url, NULL), ERR_OK);
    assert_int_equal(store_schema_read(f->url, &schema, NULL), ERR_OK);
    assert_int_equal(schema.version, SQLITE_SCHEMA_VERSION);
    assert_int_equal(store_schema_migrate(f->url, NULL), ERR_OK); /* again: nothing to do */
    assert_nothing_was_lost(f);
}

/* A table of that name is in the way: what was made before it is undone. */
static void test_a_migration_that_fails_changes_nothing(void **state)
{
    struct fixture *f = *state;

    make_version_1(f);
    fixture_execute(f, "CREATE TABLE rollup (mine INTEGER)");
    assert_int_equal(store_schema_migrate(f->url, NULL), ERR_UNAVAILABLE);
    assert_int_equal(fixture_ask(f, "PRAGMA user_version"), 1);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM sqlite_schema WHERE name = 'list'"), 0);
    fixture_execute(f, "DROP TABLE rollup");
    assert_int_equal(store_schema_migrate(f->url, NULL), ERR_OK);
    assert_nothing_was_lost(f);
}

static void test_a_version_below_zero_is_none_of_ours(void **state)
{
    struct fixture *f = *state;

    make_version_1(f);
    fixture_execute(f, "PRAGMA user_version = -5");
    assert_int_equal(store_schema_migrate(f->url, NULL), ERR_UNAVAILABLE);
    assert_int_equal(fixture_ask(f, "PRAGMA user_version"), -5);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_version_1_is_brought_to_this_one_when_it_is_opened),
        CASE(test_version_1_is_told_and_migrated_by_command),
        CASE(test_a_migration_that_fails_changes_nothing),
        CASE(test_a_version_below_zero_is_none_of_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
