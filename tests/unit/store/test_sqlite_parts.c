/* The parts of the SQLite store that stand alone: its urls, its table of errors, its lock. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/sqlite.h"
#include "store/sqlite_error.h"
#include "store/sqlite_lock.h"
#include "support/cmocka.h"
#include "support/temp_folder.h"

/* ---- urls ----------------------------------------------------------------------------------- */

static void test_urls_name_a_file_and_nothing_else(void **state)
{
    static const struct {
        const char *url;
        const char *complaint; /* NULL: it is right */
    } cases[] = {
        {"sqlite:footfall.db", NULL},
        {"sqlite:data/footfall.db", NULL},
        {"sqlite:/srv/footfall.db", NULL},
        {"sqlite:///srv/footfall.db", NULL},
        {"sqlite:file:footfall.db", NULL},
        {"sqlite:", "names no file"},
        {"sqlite://", "third slash"},
        {"sqlite://footfall.db", "third slash"},
        {"sqlite:////footfall.db", "third slash"},
        {"sqlite:///", "names a folder"},
        {"sqlite:data/", "names a folder"},
        {"sqlite::memory:", "memory:"},
        {"sqlite:footfall.db?mode=ro", "no parameters"},
        {"sqlite:footfall.db?require=strict", "no parameters"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err_info info = {""};
        enum err err = sqlite_url_check(cases[i].url, &info);

        assert_int_equal(err, cases[i].complaint ? ERR_CONFIG : ERR_OK);
        if (cases[i].complaint) {
            assert_non_null(strstr(info.text, cases[i].complaint));
            assert_non_null(strstr(info.text, "sqlite:footfall.db"));
        }
    }
}

static void test_a_path_that_is_too_long_is_wrong(void **state)
{
    char url[1024] = "sqlite:";

    (void)state;
    memset(url + strlen(url), 'x', 600);
    assert_int_equal(sqlite_url_check(url, NULL), ERR_CONFIG);
}

/* ---- errors --------------------------------------------------------------------------------- */

static void test_errors_are_refused_unknown_or_a_bug(void **state)
{
    static const struct {
        int code;
        enum sqlite_fate fate;
        bool reopen;
    } cases[] = {
        {SQLITE_OK, SQLITE_FATE_DONE, false},
        {SQLITE_DONE, SQLITE_FATE_DONE, false},
        {SQLITE_BUSY, SQLITE_FATE_REFUSED, false},
        {SQLITE_BUSY_RECOVERY, SQLITE_FATE_REFUSED, false},
        {SQLITE_NOMEM, SQLITE_FATE_REFUSED, false},
        {SQLITE_IOERR_NOMEM, SQLITE_FATE_REFUSED, false},
        {SQLITE_FULL, SQLITE_FATE_REFUSED, false},
        {SQLITE_READONLY_DBMOVED, SQLITE_FATE_REFUSED, true},
        {SQLITE_CANTOPEN, SQLITE_FATE_REFUSED, true},
        {SQLITE_CONSTRAINT_FUNCTION, SQLITE_FATE_REFUSED, false},
        {SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_FATE_BUG, true},
        {SQLITE_MISUSE, SQLITE_FATE_BUG, true},
        {SQLITE_ERROR, SQLITE_FATE_BUG, true},
        {SQLITE_IOERR, SQLITE_FATE_UNKNOWN, true},
        {SQLITE_IOERR_FSYNC, SQLITE_FATE_UNKNOWN, true},
        {SQLITE_CORRUPT, SQLITE_FATE_UNKNOWN, true},
        {SQLITE_CORRUPT_INDEX, SQLITE_FATE_UNKNOWN, true},
        {255, SQLITE_FATE_UNKNOWN, true}, /* of some later SQLite */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sqlite_verdict verdict = sqlite_error_verdict(cases[i].code);

        assert_int_equal(verdict.fate, cases[i].fate);
        assert_int_equal(verdict.reopen, cases[i].reopen);
    }
}

/* ---- the lock ------------------------------------------------------------------------------- */

static struct temp_folder folder;
static char path[96];

static int set_up(void **state)
{
    (void)state;
    temp_folder_make(&folder);
    (void)snprintf(path, sizeof(path), "%s/footfall.db.lock", folder.path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_folder_remove(&folder);
    return 0;
}

static struct sqlite_lock open_lock(void)
{
    struct sqlite_lock lock;

    assert_true(sqlite_lock_open(&lock, path, 0600));
    return lock;
}

/* Whether another process would get it now. */
static bool is_free_for_others(void)
{
    pid_t pid = fork();
    int status;

    assert_true(pid >= 0);
    if (pid == 0) {
        struct sqlite_lock lock;

        _exit(sqlite_lock_open(&lock, path, 0600) && sqlite_lock_try(&lock) ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status == 0;
}

static void test_the_lock_keeps_other_processes_out(void **state)
{
    struct sqlite_lock lock = open_lock();

    (void)state;
    assert_true(sqlite_lock_take(&lock));
    assert_false(is_free_for_others());
    sqlite_lock_release(&lock);
    assert_true(is_free_for_others());
    sqlite_lock_close(&lock);
}

static void test_two_descriptors_of_one_process_exclude_one_another(void **state)
{
    struct sqlite_lock first = open_lock();
    struct sqlite_lock second = open_lock();

    (void)state;
    assert_true(sqlite_lock_take(&first));
    assert_false(sqlite_lock_try(&second));
    /* The failed attempt left the gate open. */
    sqlite_lock_release(&first);
    assert_true(sqlite_lock_try(&second));
    sqlite_lock_close(&second);
    assert_true(sqlite_lock_try(&first));
    sqlite_lock_close(&first);
}

static void test_who_joins_knows_whether_it_is_the_first(void **state)
{
    struct sqlite_lock first = open_lock();
    struct sqlite_lock second = open_lock();
    bool is_first;

    (void)state;
    assert_true(sqlite_lock_join(&first, &is_first));
    assert_true(is_first);
    assert_true(sqlite_lock_join(&second, &is_first));
    assert_false(is_first);
    assert_false(sqlite_lock_join_alone(&first));
    sqlite_lock_leave(&first);
    assert_false(sqlite_lock_join_alone(&first));
    sqlite_lock_close(&second);
    assert_true(sqlite_lock_join_alone(&first));
    second = open_lock();
    assert_false(sqlite_lock_join(&second, &is_first));
    sqlite_lock_close(&first);
    assert_true(sqlite_lock_join(&second, &is_first));
    assert_true(is_first);
    sqlite_lock_close(&second);
}

static void test_kill_9_releases_the_lock(void **state)
{
    struct sqlite_lock lock = open_lock();
    int ends[2];
    char byte;
    pid_t pid;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct sqlite_lock own;

        if (!sqlite_lock_open(&own, path, 0600) || !sqlite_lock_take(&own) ||
            write(ends[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_false(sqlite_lock_try(&lock));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_true(sqlite_lock_take(&lock)); /* waits for the death of the child, not for ever */
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    sqlite_lock_close(&lock);
    close(ends[0]);
    close(ends[1]);
}

static void test_a_lock_file_that_cannot_be_opened_is_told(void **state)
{
    struct sqlite_lock lock;

    (void)state;
    assert_false(sqlite_lock_open(&lock, "/nowhere/footfall.db.lock", 0600));
    assert_int_equal(errno, ENOENT);
    sqlite_lock_close(&lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls_name_a_file_and_nothing_else),
        cmocka_unit_test(test_a_path_that_is_too_long_is_wrong),
        cmocka_unit_test(test_errors_are_refused_unknown_or_a_bug),
        cmocka_unit_test_setup_teardown(test_the_lock_keeps_other_processes_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_two_descriptors_of_one_process_exclude_one_another,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_who_joins_knows_whether_it_is_the_first, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_kill_9_releases_the_lock, set_up, tear_down),
        cmocka_unit_test(test_a_lock_file_that_cannot_be_opened_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
