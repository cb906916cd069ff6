/* A real http_server on a loopback socket, on a clock that the test moves, and clients of it. */
#ifndef FOOTFALL_TESTS_SERVER_FIXTURE_H
#define FOOTFALL_TESTS_SERVER_FIXTURE_H

#include <uv.h>

#include "http/server.h"

#define OK           "HTTP/1.1 200 OK\r\n"
#define CLOSE        "\r\nConnection: close\r\n"
#define GET(target_) "GET " target_ " HTTP/1.1\r\nHost: a\r\n\r\n"
#define MAX_KEPT     8

struct fixture {
    uv_loop_t loop;
    struct timers timers;
    struct clock clock;
    int64_t now_ms; /* what `clock` says */
    struct address_set trusted;
    struct http_server *server; /* NULL when the test has closed it */
    int port;
    int drained;         /* how often on_drained was called */
    handler_fn *handler; /* of all paths; fixture_handle() at first. It finds us in req->app */
    struct request *kept[MAX_KEPT]; /* what fixture_keep() got, answered or not */
    size_t kept_count;
    char ended[32];          /* a digit for each deferred function that ran, in their order */
    struct http_stats stats; /* as of the last fixture_stats() */
};

/* For cmocka: *state is the fixture. The end closes the server, if it is still open, and checks
 * that nothing is left behind on the loop. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

#define SERVER_TEST(name_) cmocka_unit_test_setup_teardown(name_, fixture_set_up, fixture_tear_down)

/* A handler: keeps the request for later, with three deferred functions, which add "1", "2" and "3"
 * to `ended`. */
void fixture_keep(struct request *req);

/* A handler: keeps what is below "/keep", answers the rest with its path. */
void fixture_handle(struct request *req);

/* Answers 200. */
void respond(struct request *req, const char *body);

/* One turn of the loop and of the timers, without waiting. */
void fixture_turn(struct fixture *f);

/* A good number of turns: enough for all that can happen now to happen. */
void fixture_settle(struct fixture *f);

/* Moves the clock, then settles. */
void fixture_pass(struct fixture *f, int64_t ms);

const struct http_stats *fixture_stats(struct fixture *f);

/* A connection; -1 when it is refused. */
int client_open(const struct fixture *f);

/* A connection whose request has come to fixture_keep(). */
int client_with_a_kept_request(struct fixture *f);

void client_send(int fd, const char *text);

/* Ends it with a RST. */
void client_reset(int fd);

/* Turns the loop until `len` bytes are there or the connection ends; returns how many came. */
size_t client_receive(struct fixture *f, int fd, char *out, size_t len);

/* Receives one answer and checks its first line's beginning, that `field` (NULL: any) is among its
 * fields, and its body. */
void client_expect(struct fixture *f, int fd, const char *start, const char *field,
                   const char *body);

/* Nothing comes but the end of the connection. */
void client_expect_end(struct fixture *f, int fd);

/* Nothing comes, and the connection stays. */
void client_expect_nothing(struct fixture *f, int fd);

#endif
