#include "server_fixture.h"

#include "support/cmocka.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_ANSWER_BYTES 65536

/* Turns that are enough for anything that needs no time to pass. */
#define SETTLE_TURNS 20

/* Against hanging only: an answer that comes at all comes within a few. */
#define MAX_TURNS 2000

void respond(struct request *req, const char *body)
{
    request_respond(req, &(struct response){
                             .status = 200,
                             .content_type = SLICE("text/plain"),
                             .body = slice_str(body),
                         });
}

static void note_end(struct fixture *f, char letter)
{
    size_t len = strlen(f->ended);

    assert_true(len + 1 < sizeof(f->ended));
    f->ended[len] = letter;
}

static void end_first(void *ctx)
{
    note_end(ctx, '1');
}

static void end_second(void *ctx)
{
    note_end(ctx, '2');
}

static void end_third(void *ctx)
{
    note_end(ctx, '3');
}

void fixture_keep(struct request *req)
{
    struct fixture *f = req->app;

    assert_true(request_defer(req, end_first, f));
    assert_true(request_defer(req, end_second, f));
    assert_true(request_defer(req, end_third, f));
    assert_true(f->kept_count < MAX_KEPT);
    f->kept[f->kept_count++] = req;
}

void fixture_handle(struct request *req)
{
    if (slice_starts_with(req->path, SLICE("/keep")))
        fixture_keep(req);
    else
        request_respond(req, &(struct response){.status = 200, .body = req->path});
}

static int64_t fixture_mono_us(void *ctx)
{
    return ((struct fixture *)ctx)->now_ms * 1000;
}

static int64_t fixture_unix_ms(void *ctx)
{
    return 784111777000 + ((struct fixture *)ctx)->now_ms;
}

static void dispatch(struct request *req)
{
    ((struct fixture *)req->app)->handler(req);
}

static const struct route routes[] = {
    {SLICE_INIT("/"), dispatch, HTTP_GET | HTTP_HEAD | HTTP_POST, true, 0},
};

static const struct router router = {.routes = routes, .count = 1};

static void on_drained(void *ctx)
{
    ((struct fixture *)ctx)->drained++;
}

static int listen_loopback(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static struct fixture *create(void)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->now_ms = 1000000;
    f->handler = fixture_handle;
    f->clock = (struct clock){fixture_mono_us, fixture_unix_ms, f};
    timers_init(&f->timers, &f->clock);
    assert_int_equal(uv_loop_init(&f->loop), 0);
    f->server = http_server_create(&(struct http_server_options){
        .loop = &f->loop,
        .timers = &f->timers,
        .clock = &f->clock,
        .limits = http_default_limits,
        .trusted_proxies = &f->trusted,
        .router = &router,
        .app = f,
        .on_drained = on_drained,
        .ctx = f,
    });
    assert_non_null(f->server);
    assert_int_equal(http_server_listen(f->server, listen_loopback(&f->port)), ERR_OK);
    return f;
}

int fixture_set_up(void **state)
{
    (void)signal(SIGPIPE, SIG_IGN);
    *state = create();
    return 0;
}

int fixture_tear_down(void **state)
{
    struct fixture *f = *state;

    http_server_close(f->server);
    fixture_settle(f);
    assert_int_equal(f->timers.count, 0);
    assert_int_equal(uv_loop_close(&f->loop), 0);
    timers_fini(&f->timers);
    free(f);
    return 0;
}

void fixture_turn(struct fixture *f)
{
    (void)uv_run(&f->loop, UV_RUN_NOWAIT);
    timers_run(&f->timers);
}

void fixture_settle(struct fixture *f)
{
    for (int i = 0; i < SETTLE_TURNS; i++)
        fixture_turn(f);
}

void fixture_pass(struct fixture *f, int64_t ms)
{
    f->now_ms += ms;
    fixture_settle(f);
}

const struct http_stats *fixture_stats(struct fixture *f)
{
    http_server_get_stats(f->server, &f->stats);
    return &f->stats;
}

int client_open(const struct fixture *f)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)f->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

int client_with_a_kept_request(struct fixture *f)
{
    size_t before = f->kept_count;
    int fd = client_open(f);

    client_send(fd, GET("/keep"));
    for (int i = 0; i < MAX_TURNS && f->kept_count == before; i++)
        fixture_turn(f);
    assert_int_equal(f->kept_count, before + 1);
    return fd;
}

void client_send(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

void client_reset(int fd)
{
    struct linger linger = {.l_onoff = 1};

    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
    (void)close(fd);
}

/* 1 when a byte is there, 0 at the end, -1 for nothing; waits a little for the kernel. */
static int peek(int fd)
{
    struct pollfd pollfd = {.fd = fd, .events = POLLIN};
    char c;

    if (poll(&pollfd, 1, 1) <= 0)
        return -1;
    return recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 1 ? 1 : 0;
}

size_t client_receive(struct fixture *f, int fd, char *out, size_t len)
{
    size_t received = 0;

    for (int i = 0; i < MAX_TURNS && received < len; i++) {
        int there = peek(fd);

        if (there == 0)
            break;
        if (there == 1)
            received += (size_t)recv(fd, out + received, len - received, MSG_DONTWAIT);
        else
            fixture_turn(f);
    }
    return received;
}

void client_expect(struct fixture *f, int fd, const char *start, const char *field,
                   const char *body)
{
    static char head[MAX_ANSWER_BYTES];
    static char received_body[MAX_ANSWER_BYTES];
    size_t len = 0;

    while (len < 4 || memcmp(head + len - 4, "\r\n\r\n", 4) != 0) {
        assert_int_equal(client_receive(f, fd, head + len, 1), 1);
        len++;
    }
    head[len] = '\0';
    assert_memory_equal(head, start, strlen(start));
    assert_true(!field || strstr(head, field));
    assert_int_equal(client_receive(f, fd, received_body, strlen(body)), strlen(body));
    assert_memory_equal(received_body, body, strlen(body));
}

void client_expect_end(struct fixture *f, int fd)
{
    char c;

    for (int i = 0; i < MAX_TURNS && peek(fd) < 0; i++)
        fixture_turn(f);
    assert_int_equal(peek(fd), 0);
    assert_int_not_equal(recv(fd, &c, 1, MSG_DONTWAIT), 1);
    (void)close(fd);
    fixture_settle(f);
}

void client_expect_nothing(struct fixture *f, int fd)
{
    fixture_settle(f);
    assert_int_equal(peek(fd), -1);
}
