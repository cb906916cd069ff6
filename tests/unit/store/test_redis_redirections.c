/* The cluster store between two peers that send it to and fro, or ask it to wait. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "calls.h"
#include "calls_rollups.h"
#include "redis_peer.h"
#include "support/cmocka.h"

#define TIMEOUT_MS 400

struct fixture {
    struct test_loop loop;
    struct redis_peer a;
    struct redis_peer b;
    struct store *store;
    char moved[64]; /* "-MOVED …" to b */
    char ask[64];   /* "-ASK …" to b */
    char map_a[96]; /* a has all slots */
    char map_b[96]; /* b has all slots */
};

static const char old_epoch[] = "$43\r\ncluster_state:ok\r\ncluster_current_epoch:1\r\n\r\n";
static const char new_epoch[] = "$43\r\ncluster_state:ok\r\ncluster_current_epoch:2\r\n\r\n";

static void put_map(char out[static 96], const struct redis_peer *owner)
{
    (void)snprintf(out, 96,
                   "*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:%u\r\n$2\r\nid\r\n",
                   owner->port);
}

/* From now on the peers answer this, besides what they say about the cluster: a has all slots. */
static void answers(struct fixture *f, struct redis_peer *peer,
                    const struct redis_peer_answer *special, size_t count)
{
    struct redis_peer_answer all[REDIS_PEER_MAX_ANSWERS] = {
        {"CLUSTER SLOTS", f->map_a, 0},
        {"CLUSTER INFO", old_epoch, 0},
    };

    for (size_t i = 0; i < count; i++)
        all[2 + i] = special[i];
    redis_peer_answers(peer, all, 2 + count);
}

static void wait_connected(struct fixture *f)
{
    int64_t until_ms = clock_mono_ms(&f->loop.clock) + 20000;
    struct store_stats stats = {0};

    while (stats.connected == 0) {
        assert_true(clock_mono_ms(&f->loop.clock) < until_ms);
        test_loop_turn(&f->loop);
        store_get_stats(f->store, &stats);
    }
}

/* It knows of a alone. */
static void open_store(struct fixture *f, const char *query)
{
    struct store_env env = {.loop = &f->loop.uv,
                            .timers = &f->loop.timers,
                            .clock = &f->loop.clock,
                            .timeout_ms = TIMEOUT_MS};
    char url[96];

    store_close(f->store);
    (void)snprintf(url, sizeof(url), "redis+cluster://127.0.0.1:%u%s", f->a.port, query);
    answers(f, &f->a, NULL, 0);
    answers(f, &f->b, NULL, 0);
    assert_int_equal(store_open(url, &env, &f->store, NULL), ERR_OK);
    wait_connected(f);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    *state = f;
    random_init();
    (void)signal(SIGPIPE, SIG_IGN);
    test_loop_init(&f->loop);
    redis_peer_start(&f->a, &f->loop);
    redis_peer_start(&f->b, &f->loop);
    (void)snprintf(f->moved, sizeof(f->moved), "-MOVED 7 127.0.0.1:%u\r\n", f->b.port);
    (void)snprintf(f->ask, sizeof(f->ask), "-ASK 7 127.0.0.1:%u\r\n", f->b.port);
    put_map(f->map_a, &f->a);
    put_map(f->map_b, &f->b);
    open_store(f, "");
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    store_close(f->store);
    redis_peer_stop(&f->a);
    redis_peer_stop(&f->b);
    test_loop_fini(&f->loop);
    free(f);
    return 0;
}

/* One commit in shard 9 that wants one total. */
static struct outcome commit(struct fixture *f)
{
    struct addition addition = {.counter = {SLICE("a"), DIMENSION_TOTAL, SLICE("")}, .delta = 1};
    struct commit *c = commit_create();
    struct outcome outcome;

    assert_non_null(c);
    c->number = 5;
    c->version = 1;
    c->shard = 9;
    assert_int_equal(commit_add(c, &addition), ERR_OK);
    c->totals_wanted = 1;
    outcome = call_commit(&f->loop, f->store, c);
    commit_unref(c);
    return outcome;
}

static void expect_commit(struct fixture *f, enum commit_status status, const char *words)
{
    struct outcome outcome = commit(f);
    struct store_stats stats;

    store_get_stats(f->store, &stats);
    if (outcome.status != status || !strstr(outcome.detail, words))
        fail_msg("%s: %s", commit_status_name(outcome.status), outcome.detail);
    assert_int_equal(stats.timeouts, 0);
    outcome_fini(&outcome);
}

static const struct redis_peer_answer done = {"EVALSHA", "$4\r\nD 17\r\n", 0};

static void test_a_slot_that_moved_is_followed_and_remembered(void **state)
{
    struct fixture *f = *state;
    const struct redis_peer_answer moved[] = {{"EVALSHA", f->moved, 0}};
    const struct redis_peer_answer owns[] = {
        {"CLUSTER SLOTS", f->map_b, 0}, {"CLUSTER INFO", new_epoch, 0}, done};

    answers(f, &f->a, moved, 1);
    redis_peer_answers(&f->b, owns, 3);
    expect_commit(f, COMMIT_DONE, "");
    assert_int_equal(redis_peer_count(&f->a, "EVALSHA"), 1);
    assert_int_equal(redis_peer_count(&f->b, "EVALSHA"), 1);
    assert_int_equal(redis_peer_count(&f->b, "ASKING"), redis_peer_count(&f->b, "CLUSTER") / 2);
    expect_commit(f, COMMIT_DONE, "");
    assert_int_equal(redis_peer_count(&f->a, "EVALSHA"), 1);
    assert_int_equal(redis_peer_count(&f->b, "EVALSHA"), 2);
}

static void test_a_node_that_was_cut_off_is_not_believed(void **state)
{
    struct fixture *f = *state;
    const struct redis_peer_answer moved[] = {{"EVALSHA", f->moved, 0}};
    const struct redis_peer_answer owns[] = {
        {"CLUSTER SLOTS", f->map_b, 0}, {"CLUSTER INFO", new_epoch, 0}, done};

    answers(f, &f->a, moved, 1);
    redis_peer_answers(&f->b, owns, 3);
    expect_commit(f, COMMIT_DONE, "");
    /* a says again that all is its own. */
    (void)call_check(&f->loop, f->store);
    (void)call_check(&f->loop, f->store);
    expect_commit(f, COMMIT_DONE, "");
    assert_int_equal(redis_peer_count(&f->a, "EVALSHA"), 1);
}

static void test_a_slot_on_the_move_is_asked_for_this_once(void **state)
{
    struct fixture *f = *state;
    const struct redis_peer_answer ask[] = {{"EVALSHA", f->ask, 0}};
    size_t asked;

    answers(f, &f->a, ask, 1);
    answers(f, &f->b, &done, 1);
    expect_commit(f, COMMIT_DONE, "");
    asked = redis_peer_count(&f->b, "ASKING");
    expect_commit(f, COMMIT_DONE, "");
    assert_int_equal(redis_peer_count(&f->b, "ASKING"), asked + 1);
    assert_non_null(strstr(f->b.log, "ASKING EVALSHA "));
    assert_true(redis_peer_count(&f->a, "EVALSHA") >= 2); /* the slot is still a's */
    assert_int_equal(redis_peer_count(&f->b, "EVALSHA"), 2);
}

static void on_totals(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    bool *is_told = ctx;

    assert_int_equal(err, ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(totals[0], 3);
    assert_int_equal(totals[1], 4);
    *is_told = true;
}

static void test_the_other_calls_follow_too(void **state)
{
    static const struct counter counters[] = {
        {SLICE_INIT("a"), DIMENSION_TOTAL, SLICE_INIT("")},
        {SLICE_INIT("a"), DIMENSION_PAGE, SLICE_INIT("/")},
    };
    static const struct writer_id writer;
    struct fixture *f = *state;
    const char *const ways[] = {f->ask, f->moved};

    for (size_t i = 0; i < 2; i++) {
        const struct redis_peer_answer away[] = {
            {"REGISTER", ways[i], 0}, {"MGET", ways[i], 0}, {"HMGET", ways[i], 0}};
        const struct redis_peer_answer here[] = {{"MGET", "*1\r\n$1\r\n3\r\n", 0},
                                                 {"HMGET", "*1\r\n$1\r\n4\r\n", 0}};
        const struct redis_peer_answer record[] = {{"MGET", "*1\r\n$9\r\nversion1x\r\n", 0}};
        bool is_told = false;
        char value[16];
        size_t len;

        open_store(f, "");
        answers(f, &f->a, away, 3);
        answers(f, &f->b, here, 2);
        calls_use_shard(9);
        assert_int_equal(call_register(&f->loop, f->store, &writer, 0), ERR_OK);
        assert_non_null(store_totals(f->store, 9, counters, 2, on_totals, &is_told));
        assert_true(test_loop_wait(&f->loop, &is_told));
        answers(f, &f->b, record, 1);
        assert_int_not_equal(call_read(&f->loop, f->store, SLICE("r"), value, sizeof(value), &len),
                             RECORD_ABSENT);
        assert_int_equal(len, 1);
        calls_use_shard(0);
    }
}

static void test_what_passes_is_waited_for(void **state)
{
    static const char *const errors[] = {
        "-TRYAGAIN Multiple keys request during rehashing of slot\r\n",
        "-CLUSTERDOWN The cluster is down\r\n",
        "-LOADING Redis is loading the dataset in memory\r\n",
        "-READONLY You can't write against a read only replica.\r\n",
        "-MASTERDOWN Link with MASTER is down\r\n",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        const struct redis_peer_answer passing[] = {{"EVALSHA", errors[i], 3}};

        answers(f, &f->a, passing, 1);
        expect_commit(f, COMMIT_UNKNOWN, "does not fit"); /* what a says when it is over */
        assert_int_equal(redis_peer_count(&f->a, "EVALSHA"), 4);
        wait_connected(f);
    }
}

static void test_what_does_not_pass_in_time_is_refused_before_it_is_unknown(void **state)
{
    struct fixture *f = *state;
    const struct redis_peer_answer passing[] = {{"EVALSHA", "-TRYAGAIN later\r\n", 0}};

    answers(f, &f->a, passing, 1);
    expect_commit(f, COMMIT_REFUSED, "TRYAGAIN");
    assert_in_range(redis_peer_count(&f->a, "EVALSHA"), 3, TIMEOUT_MS / 10);
}

static void test_what_will_not_pass_is_refused_at_once(void **state)
{
    static const struct {
        const char *error;
        enum commit_status status;
    } cases[] = {
        {"-OOM command not allowed\r\n", COMMIT_REFUSED},
        {"-NOPERM no permissions\r\n", COMMIT_REFUSED},
        {"-CROSSSLOT Keys in request don't hash to the same slot\r\n", COMMIT_REFUSED},
        {"-MOVED nonsense\r\n", COMMIT_REFUSED}, /* not at once: nobody knows what is meant */
        {"-ERR who knows\r\n", COMMIT_UNKNOWN},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct redis_peer_answer special[] = {{"EVALSHA", cases[i].error, 0}};

        answers(f, &f->a, special, 1);
        expect_commit(f, cases[i].status, "Redis: ");
        if (i != 3)
            assert_int_equal(redis_peer_count(&f->a, "EVALSHA"), 1);
        wait_connected(f);
    }
}

static void test_nodes_that_send_it_to_and_fro_do_not_keep_it_busy(void **state)
{
    struct fixture *f = *state;
    char back[64];
    const struct redis_peer_answer to_b[] = {{"EVALSHA", f->moved, 0}};
    const struct redis_peer_answer to_a[] = {{"EVALSHA", back, 0}};

    (void)snprintf(back, sizeof(back), "-MOVED 7 127.0.0.1:%u\r\n", f->a.port);
    answers(f, &f->a, to_b, 1);
    answers(f, &f->b, to_a, 1);
    expect_commit(f, COMMIT_REFUSED, "MOVED");
    assert_in_range(redis_peer_count(&f->a, "EVALSHA") + redis_peer_count(&f->b, "EVALSHA"), 3,
                    5 * TIMEOUT_MS / 20);
}

static void test_a_slot_that_moved_to_nobody_is_refused(void **state)
{
    struct fixture *f = *state;
    const struct redis_peer_answer moved[] = {{"EVALSHA", "-MOVED 7 127.0.0.1:1\r\n", 0}};

    answers(f, &f->a, moved, 1);
    expect_commit(f, COMMIT_REFUSED, "");
}

static void test_a_script_is_sent_along_where_it_is_not_known(void **state)
{
    struct fixture *f = *state;
    const struct redis_peer_answer moved[] = {{"EVALSHA", f->moved, 0}};
    const struct redis_peer_answer unknown[] = {
        {"CLUSTER SLOTS", f->map_b, 0},
        {"CLUSTER INFO", new_epoch, 0},
        {"EVALSHA", "-NOSCRIPT No matching script\r\n", 0},
        {"EVAL", "$4\r\nD 17\r\n", 0},
    };

    answers(f, &f->a, moved, 1);
    redis_peer_answers(&f->b, unknown, 4);
    expect_commit(f, COMMIT_DONE, "");
    assert_int_equal(redis_peer_count(&f->b, "EVALSHA"), 1);
}

static void test_a_lost_reply_is_unknown_and_a_lost_read_is_read_again(void **state)
{
    struct fixture *f = *state;
    const struct redis_peer_answer lost[] = {{"EVALSHA", "", 1}};
    const struct redis_peer_answer lost_read[] = {{"MGET", "", 1}};
    char value[16];
    size_t len;

    answers(f, &f->a, lost, 1);
    expect_commit(f, COMMIT_UNKNOWN, "ended");
    wait_connected(f);
    answers(f, &f->a, lost_read, 1);
    assert_int_equal(call_read(&f->loop, f->store, SLICE("r"), value, sizeof(value), &len),
                     RECORD_ABSENT);
    assert_int_equal(redis_peer_count(&f->a, "MGET"), 2);
}

/* Four views in a row of two lists; the second has gone to b when it is read. */
static void test_a_query_that_meets_a_slot_on_the_move_begins_anew(void **state)
{
    static const char rows[] = "*2\r\n$8\r\nabcdefgh\r\n$5\r\n\2\1\1\1\1\r\n";
    static const int32_t buckets[] = {1, 2};
    const struct rollup_query query = {.site = SLICE("a"),
                                       .dimension = DIMENSION_PAGE,
                                       .buckets = buckets,
                                       .bucket_count = 2,
                                       .group = ROLLUP_BY_VALUE};
    struct fixture *f = *state;
    const struct redis_peer_answer from[] = {
        {"EXISTS", ":2\r\n", 0}, {"HLEN", ":1\r\n", 0}, {"HGETALL", f->ask, 0}};
    const struct redis_peer_answer to[] = {{"EXISTS", "-TRYAGAIN\r\n", 1},
                                           {"EXISTS", ":2\r\n", 0},
                                           {"HLEN", ":1\r\n", 0},
                                           {"HGETALL", rows, 0}};
    const struct rollup_sum *sums;
    size_t count;

    answers(f, &f->a, from, 3);
    answers(f, &f->b, to, 4);
    calls_use_shard(9);
    sums = call_rollups(&f->loop, f->store, &query, &count);
    calls_use_shard(0);
    assert_int_equal(count, 1);
    assert_int_equal(sums[0].metrics.views, 4);
}

static void test_fewer_replicas_than_asked_for_leave_a_commit_unknown(void **state)
{
    static const struct {
        const char *waited;
        const char *reply;
        enum commit_status status;
    } cases[] = {
        {":2\r\n", "$4\r\nD 17\r\n", COMMIT_DONE},
        {":1\r\n", "$4\r\nD 17\r\n", COMMIT_UNKNOWN},
        {":0\r\n", "$4\r\nD 17\r\n", COMMIT_UNKNOWN},
        {":0\r\n", "*0\r\n", COMMIT_UNKNOWN},
        {":2\r\n", "*0\r\n", COMMIT_CONFLICT},
        {"-ERR WAIT cannot be used\r\n", "$4\r\nD 17\r\n", COMMIT_UNKNOWN},
        {"+OK\r\n", "$4\r\nD 17\r\n", COMMIT_UNKNOWN},
        {":0\r\n", "$1\r\nN\r\n", COMMIT_NO_WRITER}, /* nothing that could be lost */
        {":0\r\n", "$17\r\nL0000000000000003\r\n", COMMIT_BEHIND},
        {":0\r\n", "$6\r\nRa key\r\n", COMMIT_REFUSED},
        {":0\r\n", "-OOM full\r\n", COMMIT_REFUSED},
        {"", "$4\r\nD 17\r\n", COMMIT_UNKNOWN},
    };

    static const char replicas[] = "$115\r\nrole:master\r\nconnected_slaves:2\r\n"
                                   "slave0:ip=a,state=online,offset=7,lag=0\r\nslave1:ip=b,state="
                                   "online,offset=7,lag=1\r\n\r\n";
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct redis_peer_answer special[] = {{"INFO replication", replicas, 0},
                                              {"EVALSHA", cases[i].reply, 0},
                                              {"WAIT", cases[i].waited, 0}};
        struct store_env env = {.loop = &f->loop.uv,
                                .timers = &f->loop.timers,
                                .clock = &f->loop.clock,
                                .timeout_ms = TIMEOUT_MS};
        struct outcome outcome;
        char url[96];

        store_close(f->store);
        (void)snprintf(url, sizeof(url), "redis+cluster://127.0.0.1:%u?wait=2", f->a.port);
        answers(f, &f->a, special, 2);
        assert_int_equal(store_open(url, &env, &f->store, NULL), ERR_OK);
        wait_connected(f);
        answers(f, &f->a, special, 3);
        outcome = commit(f);
        if (outcome.status != cases[i].status)
            fail_msg("%zu: %s: %s", i, commit_status_name(outcome.status), outcome.detail);
        outcome_fini(&outcome);
        assert_non_null(strstr(f->a.log, "EVALSHA WAIT "));
    }
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_slot_that_moved_is_followed_and_remembered),
        CASE(test_a_node_that_was_cut_off_is_not_believed),
        CASE(test_a_slot_on_the_move_is_asked_for_this_once),
        CASE(test_the_other_calls_follow_too),
        CASE(test_what_passes_is_waited_for),
        CASE(test_what_does_not_pass_in_time_is_refused_before_it_is_unknown),
        CASE(test_what_will_not_pass_is_refused_at_once),
        CASE(test_nodes_that_send_it_to_and_fro_do_not_keep_it_busy),
        CASE(test_a_slot_that_moved_to_nobody_is_refused),
        CASE(test_a_script_is_sent_along_where_it_is_not_known),
        CASE(test_a_lost_reply_is_unknown_and_a_lost_read_is_read_again),
        CASE(test_a_query_that_meets_a_slot_on_the_move_begins_anew),
        CASE(test_fewer_replicas_than_asked_for_leave_a_commit_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
