/* How a server ends: closed at once, or drained. */
#include "server_fixture.h"

#include "support/cmocka.h"

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
    assert_string_equal(f->ended, "321");
    client_expect_end(f, idle);
    client_expect_end(f, waiting);
    client_expect_end(f, sending);
    assert_int_equal(client_open(f), -1);
}

static void on_close_server(struct request *req)
{
    struct fixture *f = req->app;

    fixture_keep(req);
    http_server_close(f->server);
    f->server = NULL;
    assert_string_equal(f->ended, "321");
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
    struct fixture *f = ctx;

    http_server_close(f->server);
    f->server = NULL;
}

static void on_close_later(struct request *req)
{
    assert_true(request_defer(req, close_server_in_deferred, req->app));
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
    respond(f->kept[0], "late");
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
    struct fixture *f = req->app;

    http_server_drain(f->server);
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
    assert_string_equal(f->ended, "321");
    assert_int_equal(f->drained, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(close_with_work_in_flight),
        SERVER_TEST(close_from_within_a_handler),
        SERVER_TEST(close_from_within_a_deferred_function),
        SERVER_TEST(drain_without_connections),
        SERVER_TEST(drain_with_work_in_flight),
        SERVER_TEST(drain_answers_what_the_kernel_holds_already),
        SERVER_TEST(drain_gives_a_fresh_connection_a_second),
        SERVER_TEST(drain_from_within_a_handler),
        SERVER_TEST(close_while_draining),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
