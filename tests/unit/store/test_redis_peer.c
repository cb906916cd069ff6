/* The store on a peer that is not Redis, or a broken one. */
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "calls.h"
#include "redis_peer.h"
#include "support/cmocka.h"

struct fixture {
    struct test_loop loop;
    struct redis_peer peer;
    struct store *store;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct store_env env = {.timeout_ms = 300};
    char url[64];

    assert_non_null(f);
    *state = f;
    random_init();
    (void)signal(SIGPIPE, SIG_IGN);
    test_loop_init(&f->loop);
    redis_peer_start(&f->peer, &f->loop);
    (void)snprintf(url, sizeof(url), "redis://127.0.0.1:%u", f->peer.port);
    env.loop = &f->loop.uv;
    env.timers = &f->loop.timers;
    env.clock = &f->loop.clock;
    assert_int_equal(store_open(url, &env, &f->store, NULL), ERR_OK);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    store_close(f->store);
    redis_peer_stop(&f->peer);
    test_loop_fini(&f->loop);
    free(f);
    return 0;
}

static void wait_connected(struct fixture *f)
{
    struct store_stats stats = {0};

    while (stats.connected == 0) {
        test_loop_turn(&f->loop);
        store_get_stats(f->store, &stats);
    }
}

/* One commit that wants one total; the status it ends with. */
static enum commit_status commit(struct fixture *f, int64_t *total)
{
    struct addition addition = {.counter = {SLICE("a"), DIMENSION_TOTAL, SLICE("")}, .delta = 1};
    struct commit *c = commit_create();
    struct outcome outcome;
    enum commit_status status;

    assert_non_null(c);
    c->number = 5;
    c->version = 1;
    assert_int_equal(commit_add(c, &addition), ERR_OK);
    c->totals_wanted = 1;
    outcome = call_commit(&f->loop, f->store, c);
    status = outcome.status;
    *total = outcome.totals ? outcome.totals[0] : -1;
    outcome_fini(&outcome);
    commit_unref(c);
    return status;
}

static void test_each_answer_to_a_commit_has_its_meaning(void **state)
{
    static const struct {
        const char *bytes;
        enum commit_status status;
        bool reconnects; /* what does not fit costs the connection */
    } cases[] = {
        {"$4\r\nD 17\r\n", COMMIT_DONE, false},
        {"$1\r\nN\r\n", COMMIT_NO_WRITER, false},
        {"$17\r\nL0000000000000003\r\n", COMMIT_BEHIND, false},
        {"$17\r\nL0000000000000009\r\n", COMMIT_AHEAD, false},
        {"$6\r\nRa key\r\n", COMMIT_REFUSED, false},
        {"*0\r\n", COMMIT_CONFLICT, false},
        {"-LOADING Redis is loading\r\n", COMMIT_REFUSED, false},
        {"-ERR who knows\r\n", COMMIT_UNKNOWN, true},
        {"-NOPROTO what\r\n", COMMIT_UNKNOWN, true},
        {"$1\r\nD\r\n", COMMIT_UNKNOWN, true},
        {"$6\r\nD 1 17\r\n", COMMIT_UNKNOWN, true},
        {"$4\r\nD 1x\r\n", COMMIT_UNKNOWN, true},
        {"$21\r\nD 9223372036854775808\r\n", COMMIT_UNKNOWN, true},
        {"$3\r\nD17\r\n", COMMIT_UNKNOWN, true},
        {"$3\r\nNo!\r\n", COMMIT_UNKNOWN, true},
        {"$2\r\nL3\r\n", COMMIT_UNKNOWN, true},
        {"$17\r\nL000000000000000X\r\n", COMMIT_UNKNOWN, true},
        {"$0\r\n\r\n", COMMIT_UNKNOWN, true},
        {"$1\r\nX\r\n", COMMIT_UNKNOWN, true},
        {"$-1\r\n", COMMIT_UNKNOWN, true},
        {":17\r\n", COMMIT_UNKNOWN, true},
        {"+OK\r\n", COMMIT_UNKNOWN, true},
        {"*1\r\n$-1\r\n", COMMIT_UNKNOWN, true},
        {"*1\r\n:1\r\n", COMMIT_UNKNOWN, true},
        {"HTTP/1.1 400 Bad Request\r\n", COMMIT_UNKNOWN, true},
        {"*1\r\n*0\r\n", COMMIT_UNKNOWN, true},
        {"", COMMIT_UNKNOWN, true},                     /* the connection is closed */
        {NULL, COMMIT_UNKNOWN, true},                   /* silence, up to the deadline */
        {"$4\r\nD 17\r\n+more\r\n", COMMIT_DONE, true}, /* and an answer to nothing */
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct redis_peer_answer special = {"EVALSHA", cases[i].bytes, 0};
        size_t clients;
        int64_t total;

        wait_connected(f);
        clients = f->peer.client_count;
        redis_peer_answers(&f->peer, &special, 1);
        if (commit(f, &total) != cases[i].status)
            fail_msg("%s", cases[i].bytes);
        assert_int_equal(total, cases[i].status == COMMIT_DONE ? 17 : -1);
        if (cases[i].reconnects) {
            while (f->peer.client_count == clients)
                test_loop_turn(&f->loop);
        }
        wait_connected(f);
        assert_int_equal(f->peer.client_count, clients + cases[i].reconnects);
    }
}

static void test_a_script_that_stays_unknown_is_not_sent_for_ever(void **state)
{
    static const struct redis_peer_answer special[] = {
        {"EVALSHA", "-NOSCRIPT No matching script\r\n", 0},
        {"EVAL", "-NOSCRIPT No matching script\r\n", 0}};
    struct fixture *f = *state;
    struct store_stats stats;
    int64_t total;

    wait_connected(f);
    redis_peer_answers(&f->peer, special, 2);
    assert_int_equal(commit(f, &total), COMMIT_UNKNOWN);
    store_get_stats(f->store, &stats);
    assert_int_equal(stats.timeouts, 0);
}

static void test_answers_to_the_other_calls_that_do_not_fit_are_errors(void **state)
{
    static const struct {
        struct redis_peer_answer special;
        enum err registered;
    } cases[] = {
        {{"REGISTER", "+OK\r\n", 0}, ERR_OK},
        {{"REGISTER", "$-1\r\n", 0}, ERR_OK},
        {{"REGISTER", ":1\r\n", 0}, ERR_UNKNOWN},
        {{"REGISTER", "-OOM full\r\n", 0}, ERR_UNAVAILABLE},
        {{"REGISTER", "-ERR what\r\n", 0}, ERR_UNKNOWN},
        {{"REGISTER", "", 0}, ERR_UNKNOWN},
    };
    static const struct writer_id writer;
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wait_connected(f);
        redis_peer_answers(&f->peer, &cases[i].special, 1);
        assert_int_equal(call_register(&f->loop, f->store, &writer, 0), cases[i].registered);
    }
}

static void expect_unavailable(void *ctx, enum err err, const struct record *records, size_t count)
{
    bool *is_told = ctx;

    assert_int_equal(err, ERR_UNAVAILABLE);
    assert_null(records);
    assert_int_equal(count, 0);
    *is_told = true;
}

static void expect_no_totals(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    bool *is_told = ctx;

    assert_int_equal(err, ERR_UNAVAILABLE);
    assert_null(totals);
    assert_int_equal(count, 0);
    *is_told = true;
}

static void test_reads_with_answers_that_do_not_fit_are_unavailable(void **state)
{
    static const char *const answers[] = {
        "*0\r\n", "*2\r\n$-1\r\n$-1\r\n", "*1\r\n:1\r\n", "$1\r\nx\r\n", "-ERR no\r\n", "", NULL,
    };
    static const struct counter counters[] = {
        {SLICE_INIT("a"), DIMENSION_TOTAL, SLICE_INIT("")},
        {SLICE_INIT("a"), DIMENSION_PAGE, SLICE_INIT("/")},
    };
    const struct slice key = SLICE_INIT("r");
    struct fixture *f = *state;

    for (size_t i = 0; i < 2 * sizeof(answers) / sizeof(answers[0]); i++) {
        const struct redis_peer_answer special = {i % 2 ? "HMGET" : "MGET", answers[i / 2], 0};
        bool is_told = false;

        wait_connected(f);
        redis_peer_answers(&f->peer, &special, 1);
        if (i % 2 == 0) {
            assert_non_null(store_read(f->store, 0, &key, 1, expect_unavailable, &is_told));
            assert_true(test_loop_wait(&f->loop, &is_told));
            wait_connected(f);
            is_told = false;
        }
        assert_non_null(store_totals(f->store, 0, counters, 2, expect_no_totals, &is_told));
        assert_true(test_loop_wait(&f->loop, &is_told));
    }
}

static void on_sums(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    (void)sums;
    (void)count;
    *(enum err *)ctx = err;
}

static void on_names(void *ctx, enum err err, const struct name *names, size_t count)
{
    (void)names;
    (void)count;
    *(enum err *)ctx = err;
}

static void on_records(void *ctx, enum err err, const struct record *records, size_t count)
{
    (void)records;
    (void)count;
    *(enum err *)ctx = err;
}

static void on_purged(void *ctx, enum err err, bool is_done)
{
    (void)is_done;
    *(enum err *)ctx = err;
}

#define ASKED ERR_COUNT_ /* and not answered yet */

static void ask_rollups(struct fixture *f, enum err *err)
{
    static const int32_t bucket = 1;
    const struct rollup_query query = {.site = SLICE("a"),
                                       .dimension = DIMENSION_PAGE,
                                       .buckets = &bucket,
                                       .bucket_count = 1,
                                       .group = ROLLUP_BY_VALUE};

    assert_non_null(store_rollups(f->store, 0, &query, on_sums, err));
}

static void ask_one_row(struct fixture *f, enum err *err)
{
    static const int32_t bucket = 1;
    const struct rollup_query query = {
        .site = SLICE("a"), .value = 7, .buckets = &bucket, .bucket_count = 1};

    assert_non_null(store_rollups(f->store, 0, &query, on_sums, err));
}

static void ask_names(struct fixture *f, enum err *err)
{
    const uint64_t id = 7;

    assert_non_null(store_names(f->store, 0, SLICE("a"), &id, 1, on_names, err));
}

static void ask_list(struct fixture *f, enum err *err)
{
    assert_non_null(store_list(f->store, 0, SLICE("site/"), SLICE(""), 2, on_records, err));
}

static void ask_purge(struct fixture *f, enum err *err)
{
    assert_non_null(store_purge(f->store, 0, SLICE("a"), 0, 7, on_purged, err));
}

static enum err answer_to(struct fixture *f, void (*ask)(struct fixture *, enum err *),
                          const struct redis_peer_answer *answers, size_t count)
{
    enum err err = ASKED;

    wait_connected(f);
    redis_peer_answers(&f->peer, answers, count);
    ask(f, &err);
    while (err == ASKED)
        test_loop_turn(&f->loop);
    return err;
}

static void test_each_step_of_the_longer_calls_is_looked_at(void **state)
{
    static const struct {
        void (*ask)(struct fixture *f, enum err *err);
        struct redis_peer_answer answers[2];
        enum err err;
    } cases[] = {
        {ask_rollups, {{"HLEN", ":0\r\n", 0}}, ERR_OK},
        {ask_rollups, {{"HLEN", ":-1\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_rollups, {{"HLEN", "$1\r\nx\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_rollups, {{"HLEN", "-WRONGTYPE what\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_rollups, {{"HLEN", ":1\r\n", 0}, {"HGETALL", "*0\r\n", 0}}, ERR_OK},
        {ask_rollups,
         {{"HLEN", ":1\r\n", 0}, {"HGETALL", "*2\r\n$8\r\nabcdefgh\r\n$5\r\n12345\r\n", 0}},
         ERR_OK},
        {ask_rollups,
         {{"HLEN", ":1\r\n", 0}, {"HGETALL", "*2\r\n$7\r\nabcdefg\r\n$5\r\n12345\r\n", 0}},
         ERR_UNAVAILABLE},
        {ask_rollups,
         {{"HLEN", ":1\r\n", 0}, {"HGETALL", "*2\r\n$8\r\nabcdefgh\r\n$4\r\n1234\r\n", 0}},
         ERR_UNAVAILABLE},
        {ask_rollups, {{"HLEN", ":1\r\n", 0}, {"HGETALL", "*1\r\n:1\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_rollups,
         {{"HLEN", ":1\r\n", 0}, {"HGETALL", "*2\r\n:1\r\n:1\r\n", 0}},
         ERR_UNAVAILABLE},
        {ask_rollups, {{"HLEN", ":1\r\n", 0}, {"HGETALL", ":1\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_rollups, {{"HLEN", ":1\r\n", 0}, {"HGETALL", "", 0}}, ERR_UNAVAILABLE},
        {ask_rollups, {{"HLEN", ":9999\r\n", 0}, {"HSCAN", "*2\r\n$1\r\n0\r\n*0\r\n", 0}}, ERR_OK},
        {ask_rollups, {{"HLEN", ":9999\r\n", 0}, {"HSCAN", "*0\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_rollups,
         {{"HLEN", ":9999\r\n", 0}, {"HSCAN", "*2\r\n$1\r\n0\r\n:1\r\n", 0}},
         ERR_UNAVAILABLE},
        {ask_rollups,
         {{"HLEN", ":9999\r\n", 0}, {"HSCAN", "*2\r\n$0\r\n\r\n*0\r\n", 0}},
         ERR_UNAVAILABLE},
        {ask_rollups,
         {{"HLEN", ":9999\r\n", 0},
          {"HSCAN", "*2\r\n$24\r\n123456789012345678901234\r\n*0\r\n", 0}},
         ERR_UNAVAILABLE},
        {ask_one_row, {{"HMGET", "*1\r\n$-1\r\n", 0}}, ERR_OK},
        {ask_one_row, {{"HMGET", "*1\r\n$5\r\n12345\r\n", 0}}, ERR_OK},
        {ask_one_row, {{"HMGET", "*1\r\n$4\r\n1234\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_one_row, {{"HMGET", "*1\r\n:1\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_one_row, {{"HMGET", "*2\r\n$-1\r\n$-1\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_names, {{"HMGET", "*1\r\n$1\r\nx\r\n", 0}}, ERR_OK},
        {ask_names, {{"HMGET", "*0\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_names, {{"HMGET", "*1\r\n:1\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_list, {{"ZRANGE", "*0\r\n", 0}}, ERR_OK},
        {ask_list, {{"ZRANGE", ":1\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_list, {{"ZRANGE", "*1\r\n:1\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_list, {{"ZRANGE", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_list, {{"ZRANGE", "*1\r\n$1\r\na\r\n", 0}}, ERR_OK},
        {ask_list, {{"ZRANGE", "*1\r\n$1\r\na\r\n", 0}, {"MGET", "*0\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_purge, {{"ZRANGE", "*0\r\n", 0}}, ERR_OK},
        {ask_purge, {{"ZRANGE", ":1\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_purge, {{"ZRANGE", "*1\r\n:1\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_purge, {{"ZRANGE", "*1\r\n$1\r\na\r\n", 0}, {"EVAL", "+OK\r\n", 0}}, ERR_OK},
        {ask_purge, {{"ZRANGE", "*1\r\n$1\r\na\r\n", 0}, {"EVAL", ":1\r\n", 0}}, ERR_UNAVAILABLE},
        {ask_purge,
         {{"ZRANGE", "*1\r\n$1\r\na\r\n", 0}, {"EVAL", "-ERR what\r\n", 0}},
         ERR_UNAVAILABLE},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum err err =
            answer_to(f, cases[i].ask, cases[i].answers, cases[i].answers[1].command ? 2 : 1);

        if (err != cases[i].err)
            fail_msg("case %zu: %s", i, err_name(err));
    }
}

/* Its deadline passes while Redis is at work for it: that is no reason to give up the connection,
 * on which others wait too. A server that has not answered at all is silent. */
static void test_a_query_that_takes_too_long_does_not_cost_the_connection(void **state)
{
    const struct redis_peer_answer slow[] = {{"HLEN", ":1\r\n", 0}, {"HGETALL", NULL, 0}};
    const struct redis_peer_answer silent = {"HLEN", NULL, 0};
    struct fixture *f = *state;
    size_t clients;

    wait_connected(f);
    clients = f->peer.client_count;
    assert_int_equal(answer_to(f, ask_rollups, slow, 2), ERR_UNAVAILABLE);
    for (int i = 0; i < 100; i++)
        test_loop_turn(&f->loop);
    assert_int_equal(f->peer.client_count, clients);
    assert_int_equal(answer_to(f, ask_rollups, &silent, 1), ERR_UNAVAILABLE);
    while (f->peer.client_count == clients)
        test_loop_turn(&f->loop);
}

static void test_a_greeting_that_is_refused_or_nonsense_is_tried_again(void **state)
{
    static const char *const answers[] = {"-NOAUTH Authentication required.\r\n", ":1\r\n",
                                          "hello\r\n", "", NULL};
    struct fixture *f = *state;
    int64_t total;

    wait_connected(f);
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        const struct redis_peer_answer special[] = {{"SELECT", answers[i], 0}, {"EVALSHA", "", 0}};
        size_t clients = f->peer.client_count;

        redis_peer_answers(&f->peer, special, 2);
        assert_int_equal(commit(f, &total), COMMIT_UNKNOWN);
        while (f->peer.client_count < clients + 3)
            test_loop_turn(&f->loop);
        assert_int_equal(commit(f, &total), COMMIT_REFUSED);
        redis_peer_answers(&f->peer, NULL, 0);
        wait_connected(f);
    }
}

#define WITH_PEER(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PEER(test_each_answer_to_a_commit_has_its_meaning),
        WITH_PEER(test_a_script_that_stays_unknown_is_not_sent_for_ever),
        WITH_PEER(test_answers_to_the_other_calls_that_do_not_fit_are_errors),
        WITH_PEER(test_reads_with_answers_that_do_not_fit_are_unavailable),
        WITH_PEER(test_each_step_of_the_longer_calls_is_looked_at),
        WITH_PEER(test_a_query_that_takes_too_long_does_not_cost_the_connection),
        WITH_PEER(test_a_greeting_that_is_refused_or_nonsense_is_tried_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
