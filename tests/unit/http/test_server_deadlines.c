/* What a connection may take how long, on a clock that the test moves. */
#include "server_fixture.h"

#include "support/cmocka.h"

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
    respond(f->kept[0], "at last");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(silence_ends_a_connection_after_a_minute),
        SERVER_TEST(head_has_ten_seconds_however_often_a_byte_comes),
        SERVER_TEST(body_may_be_slow_but_not_slower_than_the_rate),
        SERVER_TEST(waiting_for_the_handler_is_not_limited_here),
        SERVER_TEST(linger_ends_when_the_client_never_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
