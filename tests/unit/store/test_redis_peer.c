/* A peer that is not Redis, or a broken one: it answers what the test wants, when the test wants.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "calls.h"
#include "store/redis_reply.h"
#include "store/redis_script.h"
#include "support/cmocka.h"
#include "support/temp_folder.h"
#include "support/test_loop.h"

#define MAX_CLIENTS 64

/* What the peer does with a command, by its name. */
struct answer {
    const char *command;
    const char *bytes; /* NULL: no answer; "": closes the connection */
};

/* A sound server without any data; tests override single answers. */
static const struct answer sound[] = {
    {"SELECT", "+OK\r\n"},      {"EVAL", "+OK\r\n"},        {"INFO", "$0\r\n\r\n"},
    {"CONFIG", "*0\r\n"},       {"REGISTER", "+OK\r\n"},    {"MGET", "*1\r\n$-1\r\n"},
    {"HMGET", "*1\r\n$-1\r\n"}, {"EVALSHA", "$1\r\nD\r\n"},
};

struct client {
    uv_pipe_t pipe;
    struct peer *peer;
    struct redis_reader reader; /* commands have the form of replies */
    char buffer[65536];
};

struct peer {
    struct temp_folder folder;
    struct test_loop loop;
    uv_pipe_t listener;
    struct client *clients[MAX_CLIENTS];
    size_t client_count; /* so many came */
    const struct answer *special;
    size_t special_count;
    struct store *store;
};

static void on_client_closed(uv_handle_t *handle)
{
    struct client *client = handle->data;

    redis_reader_fini(&client->reader);
    free(client);
}

static void close_client(struct client *client)
{
    if (!uv_is_closing((uv_handle_t *)&client->pipe))
        uv_close((uv_handle_t *)&client->pipe, on_client_closed);
}

static const char *find(const struct answer *answers, size_t count, struct slice command,
                        bool *found)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_eq(command, slice_str(answers[i].command))) {
            *found = true;
            return answers[i].bytes;
        }
    }
    return NULL;
}

static void answer(struct client *client, struct slice command)
{
    struct peer *peer = client->peer;
    bool found = false;
    const char *bytes = find(peer->special, peer->special_count, command, &found);
    uv_buf_t buf;

    if (!found)
        bytes = find(sound, sizeof(sound) / sizeof(sound[0]), command, &found);
    assert_true(found);
    if (!bytes)
        return;
    if (bytes[0] == '\0') {
        close_client(client);
        return;
    }
    buf.len = strlen(bytes);
    memcpy(&buf.base, &bytes, sizeof(buf.base)); /* writing leaves the bytes alone */
    /* The store may have given this connection up already. */
    if (uv_try_write((uv_stream_t *)&client->pipe, &buf, 1) != (int)buf.len)
        close_client(client);
}

/* Its first word; of the scripts that are sent whole, those that register have a name of their own.
 */
static struct slice name_of(const struct redis_value *command)
{
    bool is_register =
        command->count > 1 && slice_eq(command->elements[1].text, redis_register_script());

    return is_register ? SLICE("REGISTER") : command->elements[0].text;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct client *client = handle->data;

    (void)suggested;
    *buf = uv_buf_init(client->buffer, sizeof(client->buffer));
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct client *client = stream->data;
    const struct redis_value *command;

    if (count < 0) {
        close_client(client);
        return;
    }
    assert_true(redis_reader_feed(&client->reader, slice_of(buf->base, (size_t)count)));
    while (!uv_is_closing((uv_handle_t *)stream) &&
           redis_reader_next(&client->reader, &command) == REDIS_READ_REPLY)
        answer(client, name_of(command));
}

static void on_client(uv_stream_t *listener, int status)
{
    struct peer *peer = listener->data;
    struct client *client = calloc(1, sizeof(*client));

    assert_int_equal(status, 0);
    assert_non_null(client);
    client->peer = peer;
    assert_int_equal(redis_reader_init(&client->reader), ERR_OK);
    uv_pipe_init(&peer->loop.uv, &client->pipe, 0);
    client->pipe.data = client;
    assert_int_equal(uv_accept(listener, (uv_stream_t *)&client->pipe), 0);
    uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read);
    peer->client_count++;
}

static int set_up(void **state)
{
    struct peer *peer = calloc(1, sizeof(*peer));
    struct store_env env = {.timeout_ms = 300};
    char path[80];
    char url[100];

    assert_non_null(peer);
    *state = peer;
    random_init();
    (void)signal(SIGPIPE, SIG_IGN);
    temp_folder_make(&peer->folder);
    test_loop_init(&peer->loop);
    (void)snprintf(path, sizeof(path), "%s/peer", peer->folder.path);
    (void)snprintf(url, sizeof(url), "unix:%s", path);
    uv_pipe_init(&peer->loop.uv, &peer->listener, 0);
    peer->listener.data = peer;
    assert_int_equal(uv_pipe_bind(&peer->listener, path), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&peer->listener, 16, on_client), 0);
    env.loop = &peer->loop.uv;
    env.timers = &peer->loop.timers;
    env.clock = &peer->loop.clock;
    assert_int_equal(store_open(url, &env, &peer->store, NULL), ERR_OK);
    return 0;
}

static int tear_down(void **state)
{
    struct peer *peer = *state;

    store_close(peer->store);
    uv_close((uv_handle_t *)&peer->listener, NULL);
    test_loop_fini(&peer->loop);
    temp_folder_remove(&peer->folder);
    free(peer);
    return 0;
}

static void wait_connected(struct peer *peer)
{
    struct store_stats stats = {0};

    while (stats.connected == 0) {
        test_loop_turn(&peer->loop);
        store_get_stats(peer->store, &stats);
    }
}

/* One commit that wants one total; the status it ends with. */
static enum commit_status commit(struct peer *peer, int64_t *total)
{
    struct addition addition = {{SLICE("a"), DIMENSION_TOTAL, SLICE("")}, 1};
    struct commit *c = commit_create();
    struct outcome outcome;
    enum commit_status status;

    assert_non_null(c);
    c->number = 5;
    c->version = 1;
    assert_int_equal(commit_add(c, &addition), ERR_OK);
    c->totals_wanted = 1;
    outcome = call_commit(&peer->loop, peer->store, c);
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
    struct peer *peer = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct answer special = {"EVALSHA", cases[i].bytes};
        size_t clients;
        int64_t total;

        wait_connected(peer);
        clients = peer->client_count;
        peer->special = &special;
        peer->special_count = 1;
        if (commit(peer, &total) != cases[i].status)
            fail_msg("%s", cases[i].bytes);
        assert_int_equal(total, cases[i].status == COMMIT_DONE ? 17 : -1);
        if (cases[i].reconnects) {
            while (peer->client_count == clients)
                test_loop_turn(&peer->loop);
        }
        wait_connected(peer);
        assert_int_equal(peer->client_count, clients + cases[i].reconnects);
    }
}

static void test_a_script_that_stays_unknown_is_not_sent_for_ever(void **state)
{
    static const struct answer special[] = {{"EVALSHA", "-NOSCRIPT No matching script\r\n"},
                                            {"EVAL", "-NOSCRIPT No matching script\r\n"}};
    struct peer *peer = *state;
    struct store_stats stats;
    int64_t total;

    wait_connected(peer);
    peer->special = special;
    peer->special_count = 2;
    assert_int_equal(commit(peer, &total), COMMIT_UNKNOWN);
    store_get_stats(peer->store, &stats);
    assert_int_equal(stats.timeouts, 0);
}

static void test_answers_to_the_other_calls_that_do_not_fit_are_errors(void **state)
{
    static const struct {
        struct answer special;
        enum err registered;
    } cases[] = {
        {{"REGISTER", "+OK\r\n"}, ERR_OK},
        {{"REGISTER", "$-1\r\n"}, ERR_OK},
        {{"REGISTER", ":1\r\n"}, ERR_UNKNOWN},
        {{"REGISTER", "-OOM full\r\n"}, ERR_UNAVAILABLE},
        {{"REGISTER", "-ERR what\r\n"}, ERR_UNKNOWN},
        {{"REGISTER", ""}, ERR_UNKNOWN},
    };
    static const struct writer_id writer;
    struct peer *peer = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wait_connected(peer);
        peer->special = &cases[i].special;
        peer->special_count = 1;
        assert_int_equal(call_register(&peer->loop, peer->store, &writer, 0), cases[i].registered);
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
    struct peer *peer = *state;

    for (size_t i = 0; i < 2 * sizeof(answers) / sizeof(answers[0]); i++) {
        const struct answer special = {i % 2 ? "HMGET" : "MGET", answers[i / 2]};
        bool is_told = false;

        wait_connected(peer);
        peer->special = &special;
        peer->special_count = 1;
        if (i % 2 == 0) {
            assert_non_null(store_read(peer->store, 0, &key, 1, expect_unavailable, &is_told));
            assert_true(test_loop_wait(&peer->loop, &is_told));
            wait_connected(peer);
            is_told = false;
        }
        assert_non_null(store_totals(peer->store, 0, counters, 2, expect_no_totals, &is_told));
        assert_true(test_loop_wait(&peer->loop, &is_told));
    }
}

static void test_a_greeting_that_is_refused_or_nonsense_is_tried_again(void **state)
{
    static const char *const answers[] = {"-NOAUTH Authentication required.\r\n", ":1\r\n",
                                          "hello\r\n", "", NULL};
    struct peer *peer = *state;
    int64_t total;

    wait_connected(peer);
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        const struct answer special[] = {{"SELECT", answers[i]}, {"EVALSHA", ""}};
        size_t clients = peer->client_count;

        peer->special = special;
        peer->special_count = 2;
        assert_int_equal(commit(peer, &total), COMMIT_UNKNOWN);
        while (peer->client_count < clients + 3)
            test_loop_turn(&peer->loop);
        assert_int_equal(commit(peer, &total), COMMIT_REFUSED);
        peer->special_count = 0;
        wait_connected(peer);
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
        WITH_PEER(test_a_greeting_that_is_refused_or_nonsense_is_tried_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
