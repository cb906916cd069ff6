/* How the tables come about, and who may use them. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "postgres_fixture.h"
#include "store/postgres_schema.h"
#include "store/schema.h"
#include "support/cmocka.h"

/* Without a store: the tables are the test's. */
static int set_up_empty(void **state)
{
    int failed = postgres_fixture_set_up(state);
    struct postgres_fixture *f = *state;

    store_close(f->store);
    f->store = NULL;
    postgres_server_drop_all(f->server);
    return failed;
}

static int tear_down_empty(void **state)
{
    struct postgres_fixture *f = *state;

    postgres_server_drop_all(f->server);
    return postgres_fixture_tear_down(state);
}

/* ---- whoever comes first -------------------------------------------------------------------- */

/* What one process does: it connects and registers a writer. */
static void run_process(struct postgres_fixture *parent)
{
    struct postgres_fixture f = {.server = parent->server};

    test_loop_init(&f.loop);
    random_bytes(f.writer.bytes, sizeof(f.writer.bytes));
    f.store = postgres_fixture_open(&f, NULL, 10000);
    postgres_fixture_wait(&f, f.store, true);
    _exit(call_register(&f.loop, f.store, &f.writer, 0) == ERR_OK ? 0 : 1);
}

static void test_four_processes_at_once_make_the_tables_once(void **state)
{
    enum { PROCESSES = 4, ROUNDS = 5 };

    struct postgres_fixture *f = *state;

    for (int round = 0; round < ROUNDS; round++) {
        pid_t pids[PROCESSES];

        postgres_server_drop_all(f->server);
        for (int i = 0; i < PROCESSES; i++) {
            pids[i] = fork();
            assert_true(pids[i] >= 0);
            if (pids[i] == 0)
                run_process(f);
        }
        for (int i = 0; i < PROCESSES; i++) {
            int status;

            assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
            assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        }
        assert_int_equal(postgres_server_int(f->server, "SELECT sum(version) FROM footfall_schema"),
                         1 + 2);
        assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_writer"),
                         PROCESSES);
    }
}

/* ---- another version ------------------------------------------------------------------------ */

static void wait_for_fault(struct postgres_fixture *f, bool wanted)
{
    while ((store_fault(f->store)[0] != '\0') != wanted)
        test_loop_turn(&f->loop);
}

/* The connection of the commits may still be on its way to find out. */
static void wait_for_refusal(struct postgres_fixture *f, struct commit *commit, const char *detail)
{
    struct outcome outcome;

    do {
        outcome = postgres_fixture_send(f, commit);
        assert_int_equal(outcome.status, COMMIT_REFUSED);
    } while (!strstr(outcome.detail, detail));
}

static void test_another_schema_is_a_fault_that_says_what_to_do_until_it_is_mended(void **state)
{
    static const struct {
        const char *make;
        const char *mend;
        const char *advice;
    } cases[] = {
        {"INSERT INTO footfall_schema VALUES (3)", "DELETE FROM footfall_schema WHERE version = 3",
         "newer Footfall"},
        {"DELETE FROM footfall_schema WHERE version = 2", "INSERT INTO footfall_schema VALUES (2)",
         "footfall db migrate"},
    };
    struct postgres_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct commit *commit = postgres_fixture_commit(f);

        postgres_server_do(f->server, "%s", cases[i].make);
        store_close(f->store);
        f->store = postgres_fixture_open(f, NULL, 10000);
        wait_for_fault(f, true);
        assert_non_null(strstr(store_fault(f->store), cases[i].advice));
        postgres_fixture_add(commit, "/", 1);
        wait_for_refusal(f, commit, cases[i].advice);
        postgres_server_do(f->server, "%s", cases[i].mend);
        wait_for_fault(f, false);
        postgres_fixture_wait(f, f->store, true);
        assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
    }
}

/* ---- the commands --------------------------------------------------------------------------- */

static PGconn *connect_to_server(struct postgres_fixture *f)
{
    PGconn *pg = PQconnectdb(f->server->url);

    assert_int_equal(PQstatus(pg), CONNECTION_OK);
    return pg;
}

static void test_migrating_goes_step_by_step_in_one_transaction(void **state)
{
    const struct postgres_migration migrations[] = {
        postgres_migrations[0],
        {"ALTER TABLE footfall_counter ADD COLUMN more bigint;"},
        {"ALTER TABLE footfall_counter ADD COLUMN still bigint; SELECT 1 / 0;"},
    };
    struct postgres_fixture *f = *state;
    PGconn *pg = connect_to_server(f);
    struct err_info info;
    int version = -1;

    assert_int_equal(postgres_schema_read(pg, &version, NULL), ERR_OK);
    assert_int_equal(version, 0);
    assert_int_equal(postgres_schema_migrate(pg, migrations, 1, NULL), ERR_OK);
    assert_int_equal(postgres_schema_migrate(pg, migrations, 1, NULL), ERR_OK);
    assert_int_equal(postgres_schema_migrate(pg, migrations, 2, NULL), ERR_OK);
    assert_int_equal(postgres_schema_read(pg, &version, NULL), ERR_OK);
    assert_int_equal(version, 2);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(more) FROM footfall_counter"), 0);

    assert_int_equal(postgres_schema_migrate(pg, migrations, 3, &info), ERR_UNAVAILABLE);
    assert_non_null(strstr(info.text, "division by zero"));
    assert_int_equal(postgres_schema_read(pg, &version, NULL), ERR_OK);
    assert_int_equal(version, 2);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM pg_attribute"
                                                    " WHERE attname = 'still'"),
                     0);

    assert_int_equal(postgres_schema_migrate(pg, migrations, 1, &info), ERR_CONFIG);
    assert_non_null(strstr(info.text, "newer Footfall"));
    postgres_server_drop_all(f->server);
    assert_int_equal(postgres_schema_migrate(pg, migrations, 2, NULL), ERR_OK);
    assert_int_equal(postgres_schema_read(pg, &version, NULL), ERR_OK);
    assert_int_equal(version, 2);
    PQfinish(pg);
}

/* What an earlier Footfall left: a writer with its number, a counter, a record. */
static void make_version_1(struct postgres_fixture *f)
{
    PGconn *pg = connect_to_server(f);
    char id[2 * sizeof(f->writer.bytes) + 1];

    for (size_t i = 0; i < sizeof(f->writer.bytes); i++)
        (void)snprintf(id + 2 * i, 3, "%02x", f->writer.bytes[i]);
    assert_int_equal(postgres_schema_migrate(pg, postgres_migrations, 1, NULL), ERR_OK);
    PQfinish(pg);
    postgres_server_do(f->server, "INSERT INTO footfall_writer VALUES ('\\x%s', 6, now(), '{41}')",
                       id);
    postgres_server_do(f->server, "INSERT INTO footfall_counter VALUES ('default', 0, '', 41), "
                                  "('default', 1, '/', 41); INSERT INTO footfall_record VALUES "
                                  "('hit/default/1', 77, now() + interval '1 hour', 'x')");
    f->next_number = 7;
}

static void test_a_store_of_version_1_goes_on_with_all_that_it_holds(void **state)
{
    struct postgres_fixture *f = *state;
    const struct rollup_addition addition = {
        .rollup = {.site = SLICE("default"), .bucket = 1, .dimension = DIMENSION_TOTAL},
        .delta = {.views = 1},
        .text = SLICE(""),
        .title = SLICE(""),
    };
    struct schema_state schema;
    struct commit *commit;
    struct outcome outcome;
    char value[8];
    size_t len;

    make_version_1(f);
    assert_int_equal(store_schema_migrate(f->server->url, NULL), ERR_OK);
    assert_int_equal(store_schema_read(f->server->url, &schema, NULL), ERR_OK);
    assert_int_equal(schema.version, 2);
    f->store = postgres_fixture_open(f, NULL, 10000);
    postgres_fixture_wait(f, f->store, true);
    assert_int_equal(
        call_read(&f->loop, f->store, SLICE("hit/default/1"), value, sizeof(value), &len), 77);
    commit = postgres_fixture_commit(f);
    postgres_fixture_add(commit, "/", 1);
    assert_int_equal(commit_roll_up(commit, &addition), ERR_OK);
    outcome = postgres_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_DONE);
    assert_int_equal(outcome.totals[0], 42);
    outcome_fini(&outcome);
    commit_unref(commit);
    assert_int_equal(postgres_server_int(f->server, "SELECT sum(views) FROM footfall_rollup"), 1);
    assert_int_equal(
        postgres_server_int(f->server, "SELECT sum(counters) FROM footfall_counter_list"), 2);
}

static void test_the_commands_read_and_migrate_by_url(void **state)
{
    struct postgres_fixture *f = *state;
    struct schema_state schema;
    struct err_info info;

    assert_int_equal(store_schema_read(f->server->url, &schema, NULL), ERR_OK);
    assert_true(schema.has_schema);
    assert_int_equal(schema.version, 0);
    assert_int_equal(schema.wanted, POSTGRES_SCHEMA_VERSION);
    assert_int_equal(store_schema_migrate(f->server->tcp_url, NULL), ERR_OK);
    assert_int_equal(store_schema_read(f->server->url, &schema, NULL), ERR_OK);
    assert_int_equal(schema.version, POSTGRES_SCHEMA_VERSION);

    assert_int_equal(store_schema_read("postgres://a:hunter2@127.0.0.1:1/x", &schema, &info),
                     ERR_UNAVAILABLE);
    assert_non_null(strstr(info.text, "refused"));
    assert_null(strstr(info.text, "hunter2"));
    assert_int_equal(store_schema_migrate("postgres://a@127.0.0.1:1/x", &info), ERR_UNAVAILABLE);
    assert_int_equal(store_schema_read("postgres://a?sslmode=x", &schema, &info), ERR_CONFIG);
    assert_int_equal(store_schema_migrate("postgres://a?sslmode=x", &info), ERR_CONFIG);
}

/* ---- rights --------------------------------------------------------------------------------- */

static struct store_health wait_for_health(struct postgres_fixture *f, bool sufficient,
                                           const char *reason)
{
    struct store_health health;

    do {
        test_loop_turn(&f->loop);
        health = call_check(&f->loop, f->store);
    } while (health.sufficient != sufficient || !strstr(health.reason, reason));
    return health;
}

static void test_rights_that_are_missing_are_told_and_found_when_they_are_given(void **state)
{
    struct postgres_fixture *f = *state;
    struct store_health health;
    char url[300];

    postgres_server_do(f->server, "CREATE ROLE poor LOGIN");
    (void)snprintf(url, sizeof(url), "postgres://poor@localhost:%u/postgres", f->server->port);

    /* There are no tables, and it may not make them (PostgreSQL 15 and later). */
    f->store = postgres_fixture_open(f, url, 10000);
    (void)wait_for_health(f, false, "permission denied for schema public");

    /* There are, and it may not use them. (The migration would wait for the store, which has the
     * lock while it tries, and which cannot go on while this waits.) */
    store_close(f->store);
    assert_int_equal(store_schema_migrate(f->server->url, NULL), ERR_OK);
    f->store = postgres_fixture_open(f, url, 10000);
    (void)wait_for_health(f, false, "permission denied for table footfall_schema");
    postgres_server_do(f->server, "GRANT SELECT ON footfall_schema TO poor");
    health = wait_for_health(f, false, "lacks rights");
    assert_true(health.reachable);
    assert_non_null(strstr(health.reason, "footfall_counter DELETE, footfall_counter INSERT"));
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_UNAVAILABLE);
    postgres_server_do(f->server,
                       "GRANT SELECT, INSERT, UPDATE, DELETE ON footfall_counter,"
                       " footfall_counter_list, footfall_list, footfall_name, footfall_record,"
                       " footfall_rollup, footfall_writer TO poor");
    (void)wait_for_health(f, true, "");
    postgres_fixture_wait(f, f->store, true);
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    postgres_server_drop_all(f->server);
    postgres_server_do(f->server, "DROP ROLE poor");
}

static void test_tables_that_a_crash_empties_are_found(void **state)
{
    struct postgres_fixture *f = *state;
    struct store_health health;

    assert_int_equal(store_schema_migrate(f->server->url, NULL), ERR_OK);
    postgres_server_do(f->server, "ALTER TABLE footfall_writer SET UNLOGGED");
    f->store = postgres_fixture_open(f, NULL, 10000);
    postgres_fixture_wait(f, f->store, true);
    health = call_check(&f->loop, f->store);
    assert_int_equal(health.durability, DURABILITY_LOSSY);
    assert_non_null(strstr(health.findings[0].problem, "footfall_writer"));
}

static void test_a_database_that_lacks_characters_is_not_used(void **state)
{
    struct postgres_fixture *f = *state;
    struct store_health health;
    char url[300];

    postgres_server_do(f->server, "CREATE DATABASE old ENCODING 'LATIN1' TEMPLATE template0");
    (void)snprintf(url, sizeof(url), "postgres://footfall@localhost:%u/old", f->server->port);
    f->store = postgres_fixture_open(f, url, 10000);
    health = wait_for_health(f, false, "LATIN1");
    assert_non_null(strstr(health.findings[0].remedy, "createdb"));
}

#define ON_SERVER(test_)                                                                           \
    cmocka_unit_test_setup_teardown(test_, postgres_fixture_set_up, postgres_fixture_tear_down)
#define ON_NOTHING(test_) cmocka_unit_test_setup_teardown(test_, set_up_empty, tear_down_empty)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_NOTHING(test_four_processes_at_once_make_the_tables_once),
        ON_SERVER(test_another_schema_is_a_fault_that_says_what_to_do_until_it_is_mended),
        ON_NOTHING(test_migrating_goes_step_by_step_in_one_transaction),
        ON_NOTHING(test_a_store_of_version_1_goes_on_with_all_that_it_holds),
        ON_NOTHING(test_the_commands_read_and_migrate_by_url),
        ON_NOTHING(test_rights_that_are_missing_are_told_and_found_when_they_are_given),
        ON_NOTHING(test_tables_that_a_crash_empties_are_found),
        ON_NOTHING(test_a_database_that_lacks_characters_is_not_used),
    };

    return cmocka_run_group_tests(tests, postgres_fixture_start, postgres_fixture_end);
}
