/* Commits on a real Redis: the script, and what strangers on the same server do. */
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "redis_fixture.h"
#include "store/redis_script.h"
#include "support/cmocka.h"

static const struct counter site_total = {SLICE_INIT("default"), DIMENSION_TOTAL, SLICE_INIT("")};

/* Sends one hit on "/"; its number on the site, or -1 with the status in *status. */
static int64_t hit(struct redis_fixture *f, enum commit_status *status)
{
    struct commit *commit = redis_fixture_commit(f);
    struct outcome outcome;
    int64_t total;

    redis_fixture_add(commit, "/", 1);
    outcome = redis_fixture_send(f, commit);
    *status = outcome.status;
    total = outcome.status == COMMIT_DONE ? outcome.totals[0] : -1;
    outcome_fini(&outcome);
    commit_unref(commit);
    return total;
}

static void assert_hit(struct redis_fixture *f, int64_t total)
{
    enum commit_status status;

    assert_int_equal(hit(f, &status), total);
    assert_int_equal(status, COMMIT_DONE);
}

static void test_the_script_is_known_by_the_hash_that_the_build_computed(void **state)
{
    struct redis_fixture *f = *state;
    struct slice script = redis_commit_script();
    char sha[64];

    redis_server_text(&f->server, sha, sizeof(sha), "SCRIPT LOAD %b", script.ptr, script.len);
    assert_int_equal(strlen(sha), redis_commit_script_sha().len);
    assert_memory_equal(sha, redis_commit_script_sha().ptr, redis_commit_script_sha().len);
}

static void test_a_flushed_script_cache_goes_unnoticed(void **state)
{
    struct redis_fixture *f = *state;

    for (int64_t i = 1; i <= 20; i++) {
        redis_server_do(&f->server, "SCRIPT FLUSH");
        assert_hit(f, i);
        assert_hit(f, ++i);
    }
}

static void test_the_total_is_a_plain_number_under_the_key_that_is_documented(void **state)
{
    struct redis_fixture *f = *state;

    assert_hit(f, 1);
    assert_hit(f, 2);
    assert_int_equal(redis_server_int(&f->server, "GET footfall:total:default"), 2);
    assert_int_equal(redis_server_int(&f->server, "HGET footfall:page:default /"), 2);
}

static void test_a_program_that_increments_the_total_counts_in_the_same_number(void **state)
{
    struct redis_fixture *f = *state;
    int64_t expected = 0;

    store_close(f->store);
    f->store = redis_fixture_open(f, NULL, 10000, "visitorCounter");
    redis_fixture_wait(f, f->store, true);
    redis_server_do(&f->server, "SET visitorCounter 41");
    expected = 41;
    for (int i = 0; i < 200; i++) {
        assert_int_equal(redis_server_int(&f->server, "INCR visitorCounter"), ++expected);
        assert_hit(f, ++expected);
    }
    assert_int_equal(call_total(&f->loop, f->store, &site_total), expected);
    assert_int_equal(redis_server_int(&f->server, "EXISTS footfall:total:default"), 0);
}

static void test_the_total_key_is_only_for_the_default_site(void **state)
{
    struct redis_fixture *f = *state;
    struct commit *commit = redis_fixture_commit(f);
    struct addition other = {.counter = {SLICE("other"), DIMENSION_TOTAL, SLICE("")}, .delta = 5};
    struct outcome outcome;

    store_close(f->store);
    f->store = redis_fixture_open(f, NULL, 10000, "visitorCounter");
    redis_fixture_wait(f, f->store, true);
    assert_int_equal(commit_add(commit, &other), ERR_OK);
    outcome = redis_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_DONE);
    assert_int_equal(redis_server_int(&f->server, "GET footfall:total:other"), 5);
    assert_int_equal(redis_server_int(&f->server, "EXISTS visitorCounter"), 0);
    outcome_fini(&outcome);
    commit_unref(commit);
}

static void test_keys_that_strangers_made_refuse_the_whole_commit(void **state)
{
    static const struct {
        const char *make[4];
        const char *key;
    } cases[] = {
        {{"LPUSH", "footfall:total:default", "x"}, "footfall:total:default"},
        {{"SET", "footfall:total:default", "x"}, "footfall:total:default"},
        {{"SET", "footfall:total:default", "1.5"}, "footfall:total:default"},
        {{"SET", "footfall:total:default", "007"}, "footfall:total:default"},
        {{"SET", "footfall:total:default", "1e3"}, "footfall:total:default"},
        {{"SET", "footfall:total:default", ""}, "footfall:total:default"},
        {{"SET", "footfall:total:default", "9223372036854775807"}, "footfall:total:default"},
        {{"SET", "footfall:total:default", "9223372036854775808"}, "footfall:total:default"},
        {{"SET", "footfall:total:default", "99999999999999999999999"}, "footfall:total:default"},
        {{"SET", "footfall:page:default", "5"}, "footfall:page:default"},
        {{"LPUSH", "footfall:page:default", "5"}, "footfall:page:default"},
        {{"HSET", "footfall:page:default", "/", "x"}, "footfall:page:default"},
        {{"HSET", "footfall:page:default", "/", "1.5"}, "footfall:page:default"},
        {{"HSET", "footfall:page:default", "/", "9223372036854775807"}, "footfall:page:default"},
        {{"HSET", "footfall:page:default", "/", "999999999999999999999"}, "footfall:page:default"},
        {{"LPUSH", "footfall:record:r", "x"}, "footfall:record:r"},
        {{"SET", "footfall:record:r", "short"}, "footfall:record:r"},
        {{"SET", "footfall:record:r", ""}, "footfall:record:r"},
    };
    struct redis_fixture *f = *state;
    struct record_write write = {SLICE("r"), SLICE("value"), RECORD_ABSENT, 60};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct commit *commit = redis_fixture_commit(f);
        const char *const *make = cases[i].make;

        if (make[3])
            redis_server_do(&f->server, "%s %s %s %s", make[0], make[1], make[2], make[3]);
        else
            redis_server_do(&f->server, "%s %s %s", make[0], make[1], make[2]);
        redis_fixture_add(commit, "/", 1);
        redis_fixture_add(commit, "/other", 1);
        assert_int_equal(commit_write(commit, &write), ERR_OK);
        redis_fixture_refused(f, commit, cases[i].key);
        redis_server_do(&f->server, "DEL %s", cases[i].key);
        assert_hit(f, 1);
        redis_server_do(&f->server, "DEL footfall:page:default footfall:total:default");
    }
}

/* A conflict is told even when a counter would have refused: it uses up the number. */
static void test_a_conflict_goes_before_a_refusal(void **state)
{
    struct redis_fixture *f = *state;
    struct record_write write = {SLICE("r"), SLICE("value"), 7, 60};
    struct commit *commit = redis_fixture_commit(f);
    struct outcome outcome;

    redis_server_do(&f->server, "SET footfall:total:default x");
    redis_fixture_add(commit, "/", 1);
    assert_int_equal(commit_write(commit, &write), ERR_OK);
    outcome = redis_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_CONFLICT);
    outcome_fini(&outcome);
    commit_unref(commit);
}

static void add_many_pages(struct commit *commit, int count, int64_t delta)
{
    char path[32];

    for (int i = 0; i < count; i++) {
        (void)snprintf(path, sizeof(path), "/page/%d", i);
        redis_fixture_add(commit, path, delta);
    }
}

/* Above 3,000 pages a commit has several groups of one hash. */
static void test_commits_of_any_size_move_every_page(void **state)
{
    static const int sizes[] = {1, 2999, 3000, 3001, 6001, 16383};
    struct redis_fixture *f = *state;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (int64_t delta = 1; delta <= 1000; delta += 999) {
            struct commit *commit = redis_fixture_commit(f);
            struct outcome first;
            struct outcome again;

            redis_server_do(&f->server, "DEL footfall:page:default footfall:total:default");
            add_many_pages(commit, sizes[i], delta);
            first = redis_fixture_send(f, commit);
            again = redis_fixture_send(f, commit);
            assert_int_equal(first.status, COMMIT_DONE);
            assert_true(outcome_eq(&first, &again));
            assert_true(first.totals[0] == sizes[i] * delta);
            assert_true(first.totals[sizes[i]] == delta);
            assert_int_equal(redis_server_int(&f->server, "HLEN footfall:page:default"), sizes[i]);
            outcome_fini(&first);
            outcome_fini(&again);
            commit_unref(commit);
        }
    }
}

/* What is added as a byte, as a text, and to a number that Lua cannot hold. */
static void test_a_cap_holds_in_every_group_of_a_hash(void **state)
{
    static const struct {
        int64_t delta;
        const char *held;
    } cases[] = {{1, "7"}, {1000, "7"}, {1, "9007199254740993"}};

    enum { COUNT = 7000, CAP = 5000 };
    struct redis_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct commit *commit = redis_fixture_commit(f);
        struct outcome first;
        struct outcome again;

        redis_server_do(&f->server, "DEL footfall:page:default footfall:total:default");
        redis_server_do(&f->server, "HSET footfall:page:default /page/6000 %s", cases[i].held);
        add_many_pages(commit, COUNT, cases[i].delta);
        for (size_t a = 1; a < commit->addition_count; a++)
            commit->additions[a].cap = CAP;
        first = redis_fixture_send(f, commit);
        again = redis_fixture_send(f, commit);
        assert_int_equal(first.status, COMMIT_DONE);
        assert_true(outcome_eq(&first, &again));
        for (int64_t n = 1; n <= COUNT; n++) {
            if (n == 6001)
                assert_true(first.totals[n] == strtoll(cases[i].held, NULL, 10) + cases[i].delta);
            else
                assert_true(first.totals[n] == (n < CAP ? cases[i].delta : COUNTER_NOT_MADE));
        }
        assert_int_equal(redis_server_int(&f->server, "HLEN footfall:page:default"), CAP);
        outcome_fini(&first);
        outcome_fini(&again);
        commit_unref(commit);
    }
}

/* More records than one MGET of the script reads. */
static void test_a_commit_of_the_most_records_is_applied_and_conflicts(void **state)
{
    struct redis_fixture *f = *state;
    struct commit *commit = redis_fixture_commit(f);
    struct outcome outcome;
    char key[32];

    for (int i = 0; i < COMMIT_MAX_WRITES; i++) {
        struct record_write write = {.value = SLICE("v"), .ttl_s = 60};

        write.key = slice_of(key, (size_t)snprintf(key, sizeof(key), "r/%d", i));
        assert_int_equal(commit_write(commit, &write), ERR_OK);
    }
    for (int i = 0; i < 3; i++) {
        struct addition total = {.counter = {SLICE(""), DIMENSION_TOTAL, SLICE("")},
                                 .delta = i + 1};

        total.counter.site = slice_of(key, (size_t)snprintf(key, sizeof(key), "site%d", i));
        assert_int_equal(commit_add(commit, &total), ERR_OK);
    }
    commit->totals_wanted = 2;
    outcome = redis_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_DONE);
    assert_int_equal(outcome.totals[1], 2);
    outcome_fini(&outcome);
    assert_int_equal(redis_server_int(&f->server, "DBSIZE"), COMMIT_MAX_WRITES + 3 + 1);
    assert_int_equal(redis_server_int(&f->server, "GET footfall:total:site2"), 3);
    commit->number = f->next_number;
    outcome = redis_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_CONFLICT);
    assert_int_equal(outcome.count, COMMIT_MAX_WRITES);
    assert_true(outcome.records[COMMIT_MAX_WRITES - 1].version == commit->version);
    outcome_fini(&outcome);
    commit_unref(commit);
}

static void test_records_and_writers_expire_by_themselves(void **state)
{
    struct redis_fixture *f = *state;
    struct record_write write = {SLICE("r"), SLICE("value"), RECORD_ABSENT, 1000};
    struct commit *commit = redis_fixture_commit(f);
    struct outcome outcome;
    char key[64];

    redis_server_text(&f->server, key, sizeof(key), "RANDOMKEY"); /* the writer's: the only one */
    redis_server_do(&f->server, "EXPIRE %s 100", key);
    assert_int_equal(commit_write(commit, &write), ERR_OK);
    outcome = redis_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_DONE);
    assert_in_range(redis_server_int(&f->server, "TTL footfall:record:r"), 990, 1000);
    assert_in_range(redis_server_int(&f->server, "TTL %s", key), STORE_WRITER_TTL_S - 10,
                    STORE_WRITER_TTL_S);
    outcome_fini(&outcome);
    commit_unref(commit);
}

static void test_databases_are_apart(void **state)
{
    struct redis_fixture *f = *state;
    char url[200];

    assert_hit(f, 1);
    store_close(f->store);
    (void)snprintf(url, sizeof(url), "%s?db=5", f->server.url);
    f->store = redis_fixture_open(f, url, 10000, NULL);
    redis_fixture_wait(f, f->store, true);
    f->next_number = 1;
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    assert_hit(f, 1);
    redis_server_do(&f->server, "SELECT 5");
    assert_int_equal(redis_server_int(&f->server, "GET footfall:total:default"), 1);
}

/* Ten sites in turn: counters of one hash are not neighbours. */
static void test_counters_of_many_sites_come_back_in_their_order(void **state)
{
    struct redis_fixture *f = *state;
    struct commit *commit = redis_fixture_commit(f);
    struct outcome outcome;
    char site[10][4];
    char path[32];

    for (size_t i = 0; i < 400; i++) {
        struct addition a = {.delta = (int64_t)i + 1};
        size_t s = i % 10;

        a.counter.site = slice_of(site[s], (size_t)snprintf(site[s], 4, "s%zu", s));
        a.counter.dimension = i / 10 == 3 ? DIMENSION_TOTAL : DIMENSION_PAGE;
        a.counter.value = slice_of(path, i / 10 == 3 ? 0 : (size_t)snprintf(path, 32, "/%zu", i));
        assert_int_equal(commit_add(commit, &a), ERR_OK);
    }
    commit->totals_wanted = 333;
    outcome = redis_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_DONE);
    assert_int_equal(outcome.count, 333);
    for (size_t i = 0; i < 333; i++)
        assert_int_equal(outcome.totals[i], i + 1);
    assert_int_equal(call_total(&f->loop, f->store, &commit->additions[399].counter), 400);
    assert_int_equal(call_total(&f->loop, f->store, &commit->additions[35].counter), 36);
    outcome_fini(&outcome);
    commit_unref(commit);
}

#define ON_SERVER(test_)                                                                           \
    cmocka_unit_test_setup_teardown(test_, redis_fixture_set_up, redis_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SERVER(test_the_script_is_known_by_the_hash_that_the_build_computed),
        ON_SERVER(test_a_flushed_script_cache_goes_unnoticed),
        ON_SERVER(test_the_total_is_a_plain_number_under_the_key_that_is_documented),
        ON_SERVER(test_a_program_that_increments_the_total_counts_in_the_same_number),
        ON_SERVER(test_the_total_key_is_only_for_the_default_site),
        ON_SERVER(test_keys_that_strangers_made_refuse_the_whole_commit),
        ON_SERVER(test_a_conflict_goes_before_a_refusal),
        ON_SERVER(test_commits_of_any_size_move_every_page),
        ON_SERVER(test_a_cap_holds_in_every_group_of_a_hash),
        ON_SERVER(test_a_commit_of_the_most_records_is_applied_and_conflicts),
        ON_SERVER(test_records_and_writers_expire_by_themselves),
        ON_SERVER(test_databases_are_apart),
        ON_SERVER(test_counters_of_many_sites_come_back_in_their_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
