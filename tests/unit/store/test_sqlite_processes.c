/* Several processes on one SQLite file: nobody starves, and kill -9 loses and doubles nothing. */
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "calls.h"
#include "support/cmocka.h"
#include "support/temp_folder.h"

#define PROCESSES 4
#define KILLS     50

static struct temp_folder folder;
static char path[96];
static char url[112];

struct child {
    pid_t pid;
    FILE *out; /* what it writes */
};

static int set_up(void **state)
{
    (void)state;
    temp_folder_make(&folder);
    (void)snprintf(path, sizeof(path), "%s/footfall.db", folder.path);
    (void)snprintf(url, sizeof(url), "sqlite:%s", path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_folder_remove(&folder);
    return 0;
}

/* Starts a committer (tests/support/sqlite_committer.c); `tell` may be NULL. */
static struct child start(char *seconds, char *pages, char *tell)
{
    static char program[] = SQLITE_COMMITTER;
    char *arguments[] = {program, url, seconds, pages, tell, NULL};
    struct child child;
    posix_spawn_file_actions_t actions;
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO), 0);
    assert_int_equal(posix_spawn(&child.pid, program, &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    child.out = fdopen(ends[0], "r");
    assert_non_null(child.out);
    return child;
}

/* How it ended, as waitpid() says. */
static int finish(struct child *child)
{
    int status = -1;

    (void)fclose(child->out);
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    return status;
}

/* The one number that `sql` asks for, past the store. */
static int64_t ask(const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    int64_t answer;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

static void assert_sound(void)
{
    assert_int_equal(ask("SELECT count(*) FROM pragma_integrity_check"
                         " WHERE integrity_check <> 'ok'"),
                     0);
    /* Every commit of every writer added 1 to the total and to each page. */
    assert_int_equal(ask("SELECT sum(number) FROM writer"),
                     ask("SELECT views FROM counter WHERE dimension = 0"));
    assert_int_equal(ask("SELECT count(*) FROM counter WHERE views <>"
                         " (SELECT sum(number) FROM writer)"),
                     0);
}

/* ---- fairness ------------------------------------------------------------------------------- */

struct share {
    int64_t commits;
    int64_t longest_us;
    int64_t cpu_us;
};

static struct share read_share(struct child *child)
{
    struct share share = {0};
    char line[128];

    while (fgets(line, sizeof(line), child->out)) {
        if (sscanf(line, "done %" SCNd64 " %" SCNd64 " %" SCNd64, &share.commits, &share.longest_us,
                   &share.cpu_us) == 3)
            break;
    }
    return share;
}

static void test_of_four_processes_at_once_nobody_starves(void **state)
{
    struct child children[PROCESSES];
    int64_t least = INT64_MAX;
    int64_t most = 0;
    int64_t sum = 0;
    int64_t longest_us = 0;

    (void)state;
    for (int i = 0; i < PROCESSES; i++)
        children[i] = start("3", "10", NULL);
    for (int i = 0; i < PROCESSES; i++) {
        struct share share = read_share(&children[i]);

        assert_int_equal(finish(&children[i]), 0);
        printf("%" PRId64 " commits, longest wait %.1f ms, %.0f us of CPU a commit\n",
               share.commits, (double)share.longest_us / 1e3,
               (double)share.cpu_us / (double)share.commits);
        sum += share.commits;
        least = share.commits < least ? share.commits : least;
        most = share.commits > most ? share.commits : most;
        longest_us = share.longest_us > longest_us ? share.longest_us : longest_us;
    }
    printf("%" PRId64 " commits in all, most to least %.2f, longest wait %.1f ms\n", sum,
           (double)most / (double)least, (double)longest_us / 1e3);
    assert_int_equal(ask("SELECT views FROM counter WHERE dimension = 0"), sum);
    assert_sound();
    assert_true(most <= 3 * least);
    /* A turn takes some milliseconds on a slow disk; a process that starves waits for seconds. */
    assert_true(longest_us < 2000000);
}

/* ---- kill -9 -------------------------------------------------------------------------------- */

/* Reads lines until the committer has confirmed `count` commits; its identity goes to `writer`. */
static uint64_t await_commits(struct child *child, uint64_t count, struct writer_id *writer)
{
    uint64_t confirmed = 0;
    char line[128];

    while (confirmed < count && fgets(line, sizeof(line), child->out)) {
        if (strncmp(line, "writer ", 7) != 0) {
            confirmed = strtoull(line, NULL, 10);
            continue;
        }
        for (size_t i = 0; i < sizeof(writer->bytes); i++)
            assert_int_equal(sscanf(line + 7 + 2 * i, "%2hhx", &writer->bytes[i]), 1);
    }
    return confirmed;
}

/* What it had confirmed before it died, but we had not read. */
static uint64_t drain(struct child *child, uint64_t confirmed)
{
    char line[128];

    while (fgets(line, sizeof(line), child->out)) {
        if (strchr(line, '\n'))
            confirmed = strtoull(line, NULL, 10);
    }
    return confirmed;
}

static uint64_t stored_number(const struct writer_id *writer)
{
    char sql[128];
    int len = snprintf(sql, sizeof(sql), "SELECT number FROM writer WHERE id = x'");

    for (size_t i = 0; i < sizeof(writer->bytes); i++)
        len += snprintf(sql + len, sizeof(sql) - (size_t)len, "%02x", writer->bytes[i]);
    (void)snprintf(sql + len, sizeof(sql) - (size_t)len, "'");
    return (uint64_t)ask(sql);
}

/* The dead writer's last commit, sent again through a new store, gets the result it had. */
static void assert_replay_gives(const struct writer_id *writer, uint64_t number, int64_t total)
{
    const struct addition addition = {.counter = {SLICE("default"), DIMENSION_TOTAL, SLICE("")},
                                      .delta = 1};
    struct store_env env = {.timeout_ms = 10000};
    struct commit *commit = commit_create();
    struct store *store = NULL;
    struct test_loop loop;
    struct outcome outcome;

    assert_non_null(commit);
    test_loop_init(&loop);
    env.loop = &loop.uv;
    env.timers = &loop.timers;
    env.clock = &loop.clock;
    assert_int_equal(store_open(url, &env, &store, NULL), ERR_OK);
    commit->writer = *writer;
    commit->number = number;
    commit->version = 1;
    assert_int_equal(commit_add(commit, &addition), ERR_OK);
    assert_int_equal(commit_add(commit, &addition), ERR_OK);
    commit->totals_wanted = 2; /* as the committer with one page asks for */
    outcome = call_commit(&loop, store, commit);
    assert_int_equal(outcome.status, COMMIT_DONE);
    assert_int_equal(outcome.totals[0], total);
    outcome_fini(&outcome);
    commit_unref(commit);
    store_close(store);
    test_loop_fini(&loop);
}

static void test_kill_9_in_the_midst_of_commits_loses_and_doubles_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < KILLS; i++) {
        struct child child = start("60", "1", "tell");
        struct writer_id writer = {{0}};
        uint64_t confirmed = await_commits(&child, 1 + random_nonzero_u64() % 40, &writer);
        uint64_t stored;

        assert_int_not_equal(confirmed, 0);
        assert_int_equal(kill(child.pid, SIGKILL), 0);
        confirmed = drain(&child, confirmed);
        assert_true(WIFSIGNALED(finish(&child)));
        stored = stored_number(&writer);
        assert_in_range(stored, confirmed, confirmed + 1);
        assert_sound();
        assert_replay_gives(&writer, stored, ask("SELECT sum(number) FROM writer"));
        assert_sound();
    }
}

static void test_kill_9_of_all_processes_at_once_leaves_a_sound_file(void **state)
{
    struct child children[PROCESSES];
    struct writer_id writers[PROCESSES];
    uint64_t confirmed[PROCESSES];

    (void)state;
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < PROCESSES; i++)
            children[i] = start("60", "10", "tell");
        for (int i = 0; i < PROCESSES; i++)
            confirmed[i] = await_commits(&children[i], 20, &writers[i]);
        for (int i = 0; i < PROCESSES; i++)
            assert_int_equal(kill(children[i].pid, SIGKILL), 0);
        for (int i = 0; i < PROCESSES; i++) {
            confirmed[i] = drain(&children[i], confirmed[i]);
            assert_true(WIFSIGNALED(finish(&children[i])));
            assert_in_range(stored_number(&writers[i]), confirmed[i], confirmed[i] + 1);
        }
        assert_sound();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_of_four_processes_at_once_nobody_starves, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_kill_9_in_the_midst_of_commits_loses_and_doubles_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_kill_9_of_all_processes_at_once_leaves_a_sound_file,
                                        set_up, tear_down),
    };

    random_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
