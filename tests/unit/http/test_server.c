/* Life cycles of requests, connections and the server itself, by name. */
#include "support/cmocka.h"

#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server_fixture.h"

#define GET(target_)  "GET " target_ " HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK            "HTTP/1.1 200 OK\r\n"
#define CLOSE         "\r\nConnection: close\r\n"
#define MAX_PENDING   8
#define ARENA_CEILING (64 << 10)

/* Requests that the handler has not answered, and the order in which deferred functions ran. */
static struct {
    struct request *req[MAX_PENDING];
    size_t count;
    char ended[32];
    struct fixture *fixture;
} world;

static void respond(struct request *req, const char *body)
{
    request_respond(req, &(struct response){
                             .status = 200,
                             .content_type = SLICE("text/plain"),
                             .body = slice_str(body),
                         });
}

static void note_end(void *ctx)
{
    strcat(world.ended, ctx);
}

static char first[] = "1", second[] = "2", third[] = "3";

/* Keeps the request for later. */
static void on_keep(struct request *req)
{
    assert_true(request_defer(req, note_end, first));
    assert_true(request_defer(req, note_end, second));
    assert_true(request_defer(req, note_end, third));
    world.req[world.count++] = req;
}

static void on_path(struct request *req)
{
    request_respond(req, &(struct response){.status = 200, .body = req->path});
}

/* "/keep…" waits, the rest is answered with its path at once. */
static void on_either(struct request *req)
{
    if (slice_starts_with(req->path, SLICE("/keep")))
        on_keep(req);
    else
        on_path(req);
}

static int set_up(void **state)
{
    memset(&world, 0, sizeof(world));
    *state = world.fixture = fixture_create(on_either);
    return 0;
}

static int tear_down(void **state)
{
    fixture_destroy(*state);
    return 0;
}

static int client_with_a_kept_request(struct fixture *f)
{
    size_t before = world.count;
    int fd = client_open(f);

    client_send(fd, GET("/keep"));
    for (int i = 0; i < 1000 && world.count == before; i++)
        fixture_turn(f);
    assert_int_equal(world.count, before + 1);
    return fd;
}

static void answer_late(void **state)
{
    struct fixture *f = *state;
    int fd = client_with_a_kept_request(f);

    assert_int_equal(fixture_stats(f)->active, 1);
    client_expect_nothing(f, fd);
    respond(world.req[0], "late");
    assert_string_equal(world.ended, "321");
    assert_int_equal(fixture_stats(f)->active, 0);
    client_expect(f, fd, OK, NULL, "late");
    client_send(fd, GET("/next"));
    client_expect(f, fd, OK, NULL, "/next");
    (void)close(fd);
}

static void leave_early(void **state)
{
    struct fixture *f = *state;
    int fd = client_with_a_kept_request(f);

    client_reset(fd);
    fixture_settle(f);
    assert_string_equal(world.ended, "321");
    assert_int_equal(fixture_stats(f)->active, 0);
    assert_int_equal(fixture_stats(f)->open, 0);
}

static void leave_before_the_body_is_whole(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f);

    client_send(fd, "POST /keep HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
    fixture_settle(f);
    client_reset(fd);
    fixture_settle(f);
    assert_int_equal(world.count, 0);
    assert_int_equal(fixture_stats(f)->requests, 0);
    assert_int_equal(fixture_stats(f)->open, 0);
}

static void answer_late_to_a_client_that_ended_its_side(void **state)
{
    struct fixture *f = *state;
    int fd = client_with_a_kept_request(f);

    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    fixture_settle(f);
    assert_string_equal(world.ended, "");
    respond(world.req[0], "late");
    client_expect(f, fd, OK, CLOSE, "late");
    client_expect_end(f, fd);
}

static void answer_late_to_a_client_that_has_gone(void **state)
{
    struct fixture *f = *state;
    int fd = client_with_a_kept_request(f);

    (void)close(fd); /* looks like a half-close from here, until something is sent */
    fixture_settle(f);
    respond(world.req[0], "late");
    fixture_settle(f);
    assert_string_equal(world.ended, "321");
    assert_int_equal(fixture_stats(f)->open, 0);
}

static void late_answers_let_the_next_request_in_one_by_one(void **state)
{
    struct fixture *f = *state;
    int fd = client_with_a_kept_request(f);

    client_send(fd, GET("/keep2") GET("/path"));
    respond(world.req[0], "one");
    client_expect(f, fd, OK, NULL, "one");
    fixture_settle(f);
    assert_int_equal(world.count, 2); /* and the third is not even parsed */
    assert_int_equal(fixture_stats(f)->requests, 2);
    respond(world.req[1], "two");
    client_expect(f, fd, OK, NULL, "two");
    client_expect(f, fd, OK, NULL, "/path");
    assert_string_equal(world.ended, "321321");
    (void)close(fd);
}

static void close_with_work_in_flight(void **state)
{
    struct fixture *f = *state;
    int idle = client_open(f);
    int waiting = client_with_a_kept_request(f);
    int sending = client_open(f);

    client_send(sending, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
    fixture_settle(f);
    http_server_close(f->server);
    f->server = NULL;
    assert_string_equal(world.ended, "321");
    client_expect_end(f, idle);
    client_expect_end(f, waiting);
    client_expect_end(f, sending);
    assert_int_equal(client_open(f), -1);
}

static void on_close_server(struct request *req)
{
    assert_true(request_defer(req, note_end, first));
    http_server_close(world.fixture->server);
    world.fixture->server = NULL;
    assert_string_equal(world.ended, "1");
}

static void close_from_within_a_handler(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f);

    f->handler = on_close_server;
    client_send(fd, GET("/") GET("/"));
    client_expect_end(f, fd);
}

static void close_server_in_deferred(void *ctx)
{
    (void)ctx;
    http_server_close(world.fixture->server);
    world.fixture->server = NULL;
}

static void on_close_later(struct request *req)
{
    assert_true(request_defer(req, close_server_in_deferred, NULL));
    respond(req, "last words");
}

static void close_from_within_a_deferred_function(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f);

    f->handler = on_close_later;
    client_send(fd, GET("/"));
    client_expect_end(f, fd); /* closed before what was gathered left: "at once" */
}

static void drain_without_connections(void **state)
{
    struct fixture *f = *state;

    http_server_drain(f->server);
    assert_int_equal(f->drained, 0); /* never inside the call */
    fixture_settle(f);
    assert_int_equal(f->drained, 1);
    assert_int_equal(client_open(f), -1);
}

static void drain_with_work_in_flight(void **state)
{
    struct fixture *f = *state;
    int idle = client_open(f);
    int waiting = client_with_a_kept_request(f);

    client_send(idle, GET("/"));
    client_expect(f, idle, OK, NULL, "/");
    http_server_drain(f->server);
    client_expect_end(f, idle);
    assert_int_equal(f->drained, 0);
    respond(world.req[0], "late");
    client_expect(f, waiting, OK, CLOSE, "late");
    client_expect_end(f, waiting);
    assert_int_equal(f->drained, 1);
}

static void drain_answers_what_the_kernel_holds_already(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f);

    client_send(fd, GET("/one"));
    client_expect(f, fd, OK, NULL, "/one");
    client_send(fd, GET("/two") GET("/three"));
    http_server_drain(f->server);
    timers_run(&f->timers); /* before the loop reads it the usual way */
    client_expect(f, fd, OK, CLOSE, "/two");
    client_expect_end(f, fd);
    assert_int_equal(f->drained, 1);
}

static void drain_gives_a_fresh_connection_a_second(void **state)
{
    struct fixture *f = *state;
    int quick = client_open(f);
    int silent = client_open(f);

    fixture_settle(f);
    assert_int_equal(fixture_stats(f)->open, 2);
    http_server_drain(f->server);
    fixture_settle(f);
    fixture_pass(f, 999);
    client_send(quick, GET("/first"));
    client_expect(f, quick, OK, CLOSE, "/first");
    client_expect_nothing(f, silent);
    fixture_pass(f, 1);
    client_expect_end(f, silent);
    client_expect_end(f, quick);
    assert_int_equal(f->drained, 1);
}

static void on_drain_server(struct request *req)
{
    http_server_drain(world.fixture->server);
    respond(req, "draining");
}

static void drain_from_within_a_handler(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f);

    f->handler = on_drain_server;
    client_send(fd, GET("/"));
    client_expect(f, fd, OK, CLOSE, "draining");
    client_expect_end(f, fd);
    assert_int_equal(f->drained, 1);
}

static void close_while_draining(void **state)
{
    struct fixture *f = *state;
    int fd = client_with_a_kept_request(f);

    http_server_drain(f->server);
    fixture_settle(f);
    http_server_close(f->server);
    f->server = NULL;
    client_expect_end(f, fd);
    assert_string_equal(world.ended, "321");
    assert_int_equal(f->drained, 0);
}

static void on_exhaust(struct request *req)
{
    size_t allocated = 0;

    while (request_alloc(req, 1024))
        allocated += 1024;
    assert_int_equal(allocated, ARENA_CEILING);
    assert_null(request_alloc(req, 1));
    assert_null(request_dup(req, SLICE("x")).ptr);
    assert_false(request_defer(req, note_end, first));
    respond(req, "no memory");
}

static void arena_ceiling_ends_no_more_than_the_request(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f);

    f->handler = on_exhaust;
    client_send(fd, GET("/") GET("/"));
    client_expect(f, fd, OK, NULL, "no memory");
    client_expect(f, fd, OK, NULL, "no memory"); /* the memory is there again for the next */
    assert_string_equal(world.ended, "");
    (void)close(fd);
}

static void on_answer_another(struct request *req)
{
    if (slice_eq(req->path, SLICE("/other")))
        respond(world.req[0], "answered by another");
    on_either(req);
}

static void answer_one_connection_while_another_is_at_work(void **state)
{
    struct fixture *f = *state;
    int waiting = client_with_a_kept_request(f);
    int fd = client_open(f);

    f->handler = on_answer_another;
    client_send(fd, GET("/one") GET("/other") GET("/three"));
    client_expect(f, waiting, OK, NULL, "answered by another");
    client_expect(f, fd, OK, NULL, "/one");
    client_expect(f, fd, OK, NULL, "/other");
    client_expect(f, fd, OK, NULL, "/three");
    (void)close(waiting);
    (void)close(fd);
}

static struct slice kept_path;

static void on_dup(struct request *req)
{
    kept_path = request_dup(req, req->path);
    on_keep(req);
}

static void copy_of_a_slice_lives_as_long_as_the_request(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f);
    int noise = client_open(f);

    f->handler = on_dup;
    client_send(fd, GET("/a%20path"));
    fixture_settle(f);
    f->handler = on_path;
    client_send(noise, GET("/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
    client_expect(f, noise, OK, NULL, "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    request_respond(world.req[0], &(struct response){.status = 200, .body = kept_path});
    client_expect(f, fd, OK, NULL, "/a path");
    (void)close(fd);
    (void)close(noise);
}

static void silence_ends_a_connection_after_a_minute(void **state)
{
    struct fixture *f = *state;
    int fresh = client_open(f);
    int kept = client_open(f);

    fixture_settle(f);
    fixture_pass(f, 30000);
    client_send(kept, GET("/"));
    client_expect(f, kept, OK, NULL, "/");
    fixture_pass(f, 29999);
    client_expect_nothing(f, fresh);
    fixture_pass(f, 1);
    client_expect_end(f, fresh);
    fixture_pass(f, 29999);
    client_expect_nothing(f, kept);
    fixture_pass(f, 1);
    client_expect_end(f, kept);
    assert_int_equal(fixture_stats(f)->timeouts, 2);
}

static void head_has_ten_seconds_however_often_a_byte_comes(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f);

    client_send(fd, "G");
    fixture_settle(f);
    for (int i = 0; i < 9; i++) {
        fixture_pass(f, 1000);
        client_send(fd, "E");
    }
    client_expect_nothing(f, fd);
    fixture_pass(f, 1000);
    client_expect(f, fd, "HTTP/1.1 408 ", CLOSE, "The head comes too slowly.");
    client_expect_end(f, fd);
    assert_int_equal(fixture_stats(f)->timeouts, 1);
    assert_int_equal(fixture_stats(f)->rejected, 1);
    assert_int_equal(fixture_stats(f)->status[4], 1);
}

static void body_may_be_slow_but_not_slower_than_the_rate(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f);
    char half_a_second[251];

    memset(half_a_second, 'x', 250);
    half_a_second[250] = '\0';
    client_send(fd, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n");
    fixture_settle(f);
    fixture_pass(f, 4999); /* the grace */
    for (int i = 0; i < 10; i++) {
        client_send(fd, half_a_second);
        fixture_pass(f, 500);
    }
    client_expect_nothing(f, fd);
    fixture_pass(f, 1);
    client_expect(f, fd, "HTTP/1.1 408 ", CLOSE, "The body comes too slowly.");
    client_expect_end(f, fd);
}

static void waiting_for_the_handler_is_not_limited_here(void **state)
{
    struct fixture *f = *state;
    int fd = client_with_a_kept_request(f);

    for (int i = 0; i < 10; i++)
        fixture_pass(f, 60000);
    client_expect_nothing(f, fd);
    respond(world.req[0], "at last");
    client_expect(f, fd, OK, NULL, "at last");
    fixture_pass(f, 60000);
    client_expect_end(f, fd);
}

static void linger_ends_when_the_client_never_does(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f);

    client_send(fd, "nonsense\r\n");
    client_expect(f, fd, "HTTP/1.1 400 ", CLOSE, "The request line is malformed.");
    fixture_settle(f);
    assert_int_equal(fixture_stats(f)->open, 1); /* still there to swallow what comes */
    client_send(fd, "more of it");
    fixture_pass(f, 999);
    assert_int_equal(fixture_stats(f)->open, 1);
    fixture_pass(f, 1);
    assert_int_equal(fixture_stats(f)->open, 0);
    client_expect_end(f, fd);
}

static void answers_to_a_pipeline_leave_together(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f);
    char received[1024];
    ssize_t len = -1;

    client_send(fd, GET("/one") GET("/two") GET("/three"));
    for (int i = 0; i < 1000 && len < 0; i++) {
        fixture_turn(f);
        len = recv(fd, received, sizeof(received) - 1, MSG_DONTWAIT);
    }
    assert_true(len > 0);
    received[len] = '\0';
    assert_non_null(strstr(received, "/three"));
    (void)close(fd);
}

static void numbers_are_counted(void **state)
{
    struct fixture *f = *state;
    int fd = client_with_a_kept_request(f);

    respond(world.req[0], "late");
    client_expect(f, fd, OK, NULL, "late");
    client_send(fd, GET("/a") "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n");
    client_expect(f, fd, OK, NULL, "/a");
    client_expect(f, fd, "HTTP/1.1 405 ", "\r\nAllow: GET, HEAD, POST\r\n",
                  "This address does not take this method.");
    assert_int_equal(fixture_stats(f)->accepted, 1);
    assert_int_equal(fixture_stats(f)->requests, 3);
    assert_int_equal(fixture_stats(f)->rejected, 0);
    assert_int_equal(fixture_stats(f)->status[2], 2);
    assert_int_equal(fixture_stats(f)->status[4], 1);
    (void)close(fd);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(answer_late),
        TEST(leave_early),
        TEST(leave_before_the_body_is_whole),
        TEST(answer_late_to_a_client_that_ended_its_side),
        TEST(answer_late_to_a_client_that_has_gone),
        TEST(late_answers_let_the_next_request_in_one_by_one),
        TEST(close_with_work_in_flight),
        TEST(close_from_within_a_handler),
        TEST(close_from_within_a_deferred_function),
        TEST(drain_without_connections),
        TEST(drain_with_work_in_flight),
        TEST(drain_answers_what_the_kernel_holds_already),
        TEST(drain_gives_a_fresh_connection_a_second),
        TEST(drain_from_within_a_handler),
        TEST(close_while_draining),
        TEST(arena_ceiling_ends_no_more_than_the_request),
        TEST(answer_one_connection_while_another_is_at_work),
        TEST(copy_of_a_slice_lives_as_long_as_the_request),
        TEST(silence_ends_a_connection_after_a_minute),
        TEST(head_has_ten_seconds_however_often_a_byte_comes),
        TEST(body_may_be_slow_but_not_slower_than_the_rate),
        TEST(waiting_for_the_handler_is_not_limited_here),
        TEST(linger_ends_when_the_client_never_does),
        TEST(answers_to_a_pipeline_leave_together),
        TEST(numbers_are_counted),
    };

    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
