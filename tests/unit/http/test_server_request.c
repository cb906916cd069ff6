/* The life of a request: answered at once, late, by another, or left. */
#include "server_fixture.h"

#include "support/cmocka.h"

#include <sys/socket.h>
#include <unistd.h>

#define ARENA_CEILING (64 << 10)

static void answer_late(void **state)
{
    struct fixture *f = *state;
    int fd = client_with_a_kept_request(f);

    assert_int_equal(fixture_stats(f)->active, 1);
    client_expect_nothing(f, fd);
    respond(f->kept[0], "late");
    assert_string_equal(f->ended, "321");
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
    assert_string_equal(f->ended, "321");
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
    assert_int_equal(f->kept_count, 0);
    assert_int_equal(fixture_stats(f)->requests, 0);
    assert_int_equal(fixture_stats(f)->open, 0);
}

static void answer_late_to_a_client_that_ended_its_side(void **state)
{
    struct fixture *f = *state;
    int fd = client_with_a_kept_request(f);

    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    fixture_settle(f);
    assert_string_equal(f->ended, "");
    respond(f->kept[0], "late");
    client_expect(f, fd, OK, CLOSE, "late");
    client_expect_end(f, fd);
}

static void answer_late_to_a_client_that_has_gone(void **state)
{
    struct fixture *f = *state;
    int fd = client_with_a_kept_request(f);

    (void)close(fd); /* looks like a half-close from here, until something is sent */
    fixture_settle(f);
    respond(f->kept[0], "late");
    fixture_settle(f);
    assert_string_equal(f->ended, "321");
    assert_int_equal(fixture_stats(f)->open, 0);
}

static void late_answers_let_the_next_request_in_one_by_one(void **state)
{
    struct fixture *f = *state;
    int fd = client_with_a_kept_request(f);

    client_send(fd, GET("/keep2") GET("/path"));
    respond(f->kept[0], "one");
    client_expect(f, fd, OK, NULL, "one");
    fixture_settle(f);
    assert_int_equal(f->kept_count, 2); /* and the third is not even parsed */
    assert_int_equal(fixture_stats(f)->requests, 2);
    respond(f->kept[1], "two");
    client_expect(f, fd, OK, NULL, "two");
    client_expect(f, fd, OK, NULL, "/path");
    assert_string_equal(f->ended, "321321");
    (void)close(fd);
}

static void never_called(void *ctx)
{
    (void)ctx;
    fail();
}

static void on_exhaust(struct request *req)
{
    size_t allocated = 0;

    while (request_alloc(req, 1024))
        allocated += 1024;
    assert_int_equal(allocated, ARENA_CEILING);
    assert_null(request_alloc(req, 1));
    assert_null(request_dup(req, SLICE("x")).ptr);
    assert_false(request_defer(req, never_called, NULL));
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
    (void)close(fd);
}

static void on_answer_another(struct request *req)
{
    struct fixture *f = req->app;

    if (slice_eq(req->path, SLICE("/other")))
        respond(f->kept[0], "answered by another");
    fixture_handle(req);
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
    fixture_keep(req);
}

static void copy_of_a_slice_lives_as_long_as_the_request(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f);
    int noise = client_open(f);

    f->handler = on_dup;
    client_send(fd, GET("/a%20path"));
    fixture_settle(f);
    f->handler = fixture_handle;
    client_send(noise, GET("/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
    client_expect(f, noise, OK, NULL, "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    request_respond(f->kept[0], &(struct response){.status = 200, .body = kept_path});
    client_expect(f, fd, OK, NULL, "/a path");
    (void)close(fd);
    (void)close(noise);
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

static void on_tell_the_scheme(struct request *req)
{
    respond(req, req->is_secure ? "https" : "plain");
}

static void a_trusted_proxy_tells_the_scheme(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f);
    const char *by_https = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\n\r\n";

    f->handler = on_tell_the_scheme;
    client_send(fd, by_https);
    client_expect(f, fd, OK, NULL, "plain");
    assert_int_equal(address_set_parse(SLICE("127.0.0.0/8"), &f->trusted, NULL), ERR_OK);
    client_send(fd, by_https);
    client_expect(f, fd, OK, NULL, "https");
    client_send(fd, GET("/"));
    client_expect(f, fd, OK, NULL, "plain");
    (void)close(fd);
}

static void numbers_are_counted(void **state)
{
    struct fixture *f = *state;
    int fd = client_with_a_kept_request(f);

    respond(f->kept[0], "late");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(answer_late),
        SERVER_TEST(leave_early),
        SERVER_TEST(leave_before_the_body_is_whole),
        SERVER_TEST(answer_late_to_a_client_that_ended_its_side),
        SERVER_TEST(answer_late_to_a_client_that_has_gone),
        SERVER_TEST(late_answers_let_the_next_request_in_one_by_one),
        SERVER_TEST(arena_ceiling_ends_no_more_than_the_request),
        SERVER_TEST(answer_one_connection_while_another_is_at_work),
        SERVER_TEST(copy_of_a_slice_lives_as_long_as_the_request),
        SERVER_TEST(answers_to_a_pipeline_leave_together),
        SERVER_TEST(a_trusted_proxy_tells_the_scheme),
        SERVER_TEST(numbers_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
