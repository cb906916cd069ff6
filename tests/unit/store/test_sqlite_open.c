/* Files that can and cannot be a store, and what is said about them. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sqlite_fixture.h"
#include "store/sqlite_schema.h"
#include "support/cmocka.h"

/* What a check says about a store that cannot be used. */
static void assert_unusable(struct fixture *f, const char *reason)
{
    struct store_health health = call_check(&f->loop, f->store);

    assert_false(health.reachable);
    assert_false(health.sufficient);
    if (!strstr(health.reason, reason))
        fail_msg("\"%s\" does not say \"%s\"", health.reason, reason);
}

static mode_t mode_of(const char *path, const char *suffix)
{
    char full[128];
    struct stat st;

    (void)snprintf(full, sizeof(full), "%s%s", path, suffix);
    assert_int_equal(stat(full, &st), 0);
    return st.st_mode & 0777;
}

/* Opens `url` in place of the fixture's own. */
static void open_other(struct fixture *f, const char *url)
{
    (void)snprintf(f->url, sizeof(f->url), "%s", url);
    fixture_reopen(f);
}

static void remove_in(const char *folder, const char *name)
{
    char full[160];

    (void)snprintf(full, sizeof(full), "%s/%s", folder, name);
    assert_int_equal(unlink(full), 0);
}

static void write_file(const struct fixture *f, const char *text)
{
    FILE *file = fopen(f->path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_opening_does_nothing_before_the_first_operation(void **state)
{
    struct fixture *f = *state;
    struct store_stats stats;

    assert_int_equal(access(f->path, F_OK), -1);
    store_get_stats(f->store, &stats);
    assert_int_equal(stats.connected, 0);
    fixture_register(f);
    store_get_stats(f->store, &stats);
    assert_int_equal(stats.connected, 1);
    assert_int_equal(stats.reconnects, 0);
}

static void test_new_files_are_for_their_owner_alone(void **state)
{
    struct fixture *f = *state;

    fixture_register(f);
    assert_int_equal(mode_of(f->path, ""), 0600);
    assert_int_equal(mode_of(f->path, "-wal"), 0600);
    assert_int_equal(mode_of(f->path, "-shm"), 0600);
    assert_int_equal(mode_of(f->path, ".lock"), 0600);
}

static void test_a_new_file_says_whose_it_is(void **state)
{
    struct fixture *f = *state;

    fixture_register(f);
    assert_int_equal(fixture_ask(f, "PRAGMA application_id"), 0x466f6f74);
    assert_int_equal(fixture_ask(f, "PRAGMA user_version"), SQLITE_SCHEMA_VERSION);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM pragma_journal_mode"
                                    " WHERE journal_mode = 'wal'"),
                     1);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM pragma_table_list"
                                    " WHERE strict AND wr AND schema = 'main'"),
                     5);
}

static void test_a_symbolic_link_shares_the_lock_of_the_file(void **state)
{
    struct fixture *f = *state;
    char link[128];
    char url[144];
    char beside[144];

    fixture_register(f);
    (void)snprintf(link, sizeof(link), "%s/link.db", f->folder.path);
    (void)snprintf(url, sizeof(url), "sqlite:%s", link);
    (void)snprintf(beside, sizeof(beside), "%s.lock", link);
    assert_int_equal(symlink(f->path, link), 0);
    open_other(f, url);
    assert_int_equal(fixture_count(f, 1, 1), COMMIT_DONE);
    assert_int_equal(access(beside, F_OK), -1);
}

static void test_a_folder_that_is_missing_is_told_until_it_is_there(void **state)
{
    struct fixture *f = *state;
    char folder[128];
    char url[160];
    char own[112];
    enum err err;

    (void)snprintf(own, sizeof(own), "%s", f->url);
    (void)snprintf(folder, sizeof(folder), "%s/later", f->folder.path);
    (void)snprintf(url, sizeof(url), "sqlite:%s/footfall.db", folder);
    open_other(f, url);
    assert_unusable(f, "its folder does not exist");
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_UNAVAILABLE);
    assert_int_equal(mkdir(folder, 0700), 0);
    do {
        err = call_register(&f->loop, f->store, &f->writer,
                            0); /* refused until the back-off is over */
    } while (err == ERR_UNAVAILABLE);
    assert_int_equal(err, ERR_OK);
    assert_int_equal(fixture_count(f, 1, 1), COMMIT_DONE);
    open_other(f, own); /* leaves only the database and its lock */
    remove_in(folder, "footfall.db");
    remove_in(folder, "footfall.db.lock");
    assert_int_equal(rmdir(folder), 0);
}

static void test_a_folder_is_no_database(void **state)
{
    struct fixture *f = *state;

    open_other(f, "sqlite:/tmp");
    assert_unusable(f, "it is not a file");
}

static void test_a_file_of_something_else_is_left_alone(void **state)
{
    struct fixture *f = *state;
    const char *text = "This is a letter to my aunt, and it is longer than a hundred bytes, since "
                       "SQLite takes a shorter file for an empty database that was cut short.";
    struct stat st;

    write_file(f, text);
    assert_unusable(f, "it is not a database");
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_size, strlen(text));
}

static void test_the_database_of_another_program_is_left_alone(void **state)
{
    struct fixture *f = *state;

    fixture_execute(f, "CREATE TABLE aunt (letter TEXT)");
    assert_unusable(f, "another program");
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM sqlite_schema"), 1);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM pragma_journal_mode"
                                    " WHERE journal_mode = 'delete'"),
                     1);
}

static void test_a_newer_schema_is_left_alone(void **state)
{
    struct fixture *f = *state;

    fixture_register(f);
    fixture_execute(f, "PRAGMA user_version = 3");
    fixture_reopen(f);
    assert_unusable(f, "newer Footfall");
}

static void test_nothing_is_confirmed_into_a_file_that_was_removed_or_replaced(void **state)
{
    struct fixture *f = *state;
    char saved[128];

    (void)snprintf(saved, sizeof(saved), "%s.saved", f->path);
    fixture_register(f);
    assert_int_equal(fixture_count(f, 1, 1), COMMIT_DONE);
    fixture_reopen(f); /* all of it is in the one file now */
    assert_int_equal(fixture_count(f, 2, 1), COMMIT_DONE);
    assert_int_equal(rename(f->path, saved), 0);
    assert_int_equal(fixture_count(f, 3, 1), COMMIT_NO_WRITER);
    assert_int_equal(fixture_total(f), 0);
}

static void test_a_file_without_permission_is_told(void **state)
{
    struct fixture *f = *state;
    bool is_root = geteuid() == 0;

    fixture_register(f);
    fixture_reopen(f);
    if (is_root)
        assert_int_equal(chmod(f->folder.path, 0755), 0);
    assert_int_equal(chmod(f->path, 0444), 0);
    /* Root may write everything, so be somebody else for a while. */
    if (is_root)
        assert_int_equal(seteuid(65534), 0);
    assert_false(call_check(&f->loop, f->store).sufficient);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
}

/* ---- checks --------------------------------------------------------------------------------- */

static bool has_finding(const struct store_health *health, const char *problem)
{
    for (size_t i = 0; i < health->finding_count; i++) {
        if (strstr(health->findings[i].problem, problem))
            return true;
    }
    return false;
}

static void test_a_sound_file_is_strict_and_without_findings(void **state)
{
    struct fixture *f = *state;
    struct store_health health = call_check(&f->loop, f->store);

    assert_true(health.reachable);
    assert_true(health.sufficient);
    if (health.durability == DURABILITY_STRICT) /* else $TMPDIR is in memory */
        assert_false(has_finding(&health, "in memory"));
    assert_false(has_finding(&health, "can read it"));
}

static void test_a_file_that_everybody_can_read_is_a_finding(void **state)
{
    struct fixture *f = *state;
    struct store_health health;

    fixture_register(f);
    assert_int_equal(chmod(f->path, 0644), 0);
    health = call_check(&f->loop, f->store);
    assert_true(health.sufficient);
    assert_true(has_finding(&health, "can read it"));
}

static void test_a_file_in_memory_is_lossy(void **state)
{
    struct fixture *f = *state;
    struct store_health health;
    char url[112];
    int len = snprintf(url, sizeof(url), "sqlite:/dev/shm/footfall-test-%d.db", (int)getpid());

    open_other(f, url);
    health = call_check(&f->loop, f->store);
    assert_true(health.sufficient);
    assert_int_equal(health.durability, DURABILITY_LOSSY);
    assert_true(has_finding(&health, "in memory"));
    (void)snprintf(f->url, sizeof(f->url), "sqlite:%s", f->path);
    fixture_reopen(f);
    assert_int_equal(unlink(url + strlen("sqlite:")), 0);
    (void)snprintf(url + len, sizeof(url) - (size_t)len, ".lock");
    assert_int_equal(unlink(url + strlen("sqlite:")), 0);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_opening_does_nothing_before_the_first_operation),
        CASE(test_new_files_are_for_their_owner_alone),
        CASE(test_a_new_file_says_whose_it_is),
        CASE(test_a_symbolic_link_shares_the_lock_of_the_file),
        CASE(test_a_folder_that_is_missing_is_told_until_it_is_there),
        CASE(test_a_folder_is_no_database),
        CASE(test_a_file_of_something_else_is_left_alone),
        CASE(test_the_database_of_another_program_is_left_alone),
        CASE(test_a_newer_schema_is_left_alone),
        CASE(test_nothing_is_confirmed_into_a_file_that_was_removed_or_replaced),
        CASE(test_a_file_without_permission_is_told),
        CASE(test_a_sound_file_is_strict_and_without_findings),
        CASE(test_a_file_that_everybody_can_read_is_a_finding),
        CASE(test_a_file_in_memory_is_lossy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
