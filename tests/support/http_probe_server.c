/* A small server on the http layer alone, for probes from raw sockets and for measuring.
 *
 *     http_probe_server [port=0 | unix=PATH | fd=N] [proxy=1] [trusted=SET] [LIMIT=NUMBER ...]
 *
 * Prints "listening PORT" when it accepts; SIGTERM drains it, and it exits when drained. LIMIT is a
 * member of struct http_limits. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/random.h"
#include "base/strbuf.h"
#include "http/server.h"
#include "process/loop.h"
#include "process/system_clock.h"

#define MAX_BIG_BYTES (8 << 20)

/* A request that is answered later. */
struct waiting {
    struct request *req;
    struct timer timer; /* of /slow */
    struct waiting *next;
    struct waiting **link; /* what points to this one, in the list of /late */
};

struct probe {
    struct loop loop;
    uv_signal_t term;
    struct http_server *server;
    struct waiting *late; /* answered in the next turn of the loop, as a batch would */
    struct timer late_timer;
    uint64_t hidden; /* requests to /hidden: what a smuggler wants */
    uint64_t gone;   /* requests to /never that ended without an answer */
    char *big;
};

static struct probe probe;

static void respond(struct request *req, struct slice body)
{
    request_respond(req, &(struct response){
                             .status = 200,
                             .content_type = SLICE("text/plain; charset=utf-8"),
                             .body = body,
                         });
}

static void on_root(struct request *req)
{
    respond(req, SLICE("hello\n"));
}

static void on_hidden(struct request *req)
{
    probe.hidden++;
    respond(req, SLICE("hidden\n"));
}

static void on_echo(struct request *req)
{
    respond(req, req->body);
}

static void on_path(struct request *req)
{
    respond(req, req->path);
}

static void on_host(struct request *req)
{
    respond(req, req->fields[FIELD_HOST]);
}

static void on_client(struct request *req)
{
    char text[INET6_ADDRSTRLEN] = "unix";

    if (!req->client.is_unix)
        (void)inet_ntop(AF_INET6, req->client.bytes, text, sizeof(text));
    respond(req, slice_str(text));
}

static int64_t number_in_query(const struct request *req)
{
    int64_t number = 0;

    for (size_t i = 0; i < req->query.len; i++) {
        char c = req->query.ptr[i];

        if (c >= '0' && c <= '9' && number < MAX_BIG_BYTES)
            number = number * 10 + (c - '0');
    }
    return number < MAX_BIG_BYTES ? number : MAX_BIG_BYTES;
}

static void on_big(struct request *req)
{
    respond(req, slice_of(probe.big, (size_t)number_in_query(req)));
}

static void on_stats(struct request *req)
{
    struct http_stats stats;
    char text[256];
    int len;

    http_server_get_stats(probe.server, &stats);
    len =
        snprintf(text, sizeof(text),
                 "{\"requests\":%llu,\"rejected\":%llu,\"timeouts\":%llu,\"accepted\":%llu,"
                 "\"open\":%zu,\"active\":%zu,\"hidden\":%llu,\"gone\":%llu}\n",
                 (unsigned long long)stats.requests, (unsigned long long)stats.rejected,
                 (unsigned long long)stats.timeouts, (unsigned long long)stats.accepted, stats.open,
                 stats.active, (unsigned long long)probe.hidden, (unsigned long long)probe.gone);
    respond(req, slice_of(text, (size_t)len));
}

static struct waiting *wait_for(struct request *req, void (*abandon)(void *ctx))
{
    struct waiting *waiting = request_alloc(req, sizeof(*waiting));

    if (!waiting)
        abort();
    *waiting = (struct waiting){.req = req};
    if (!request_defer(req, abandon, waiting))
        abort();
    return waiting;
}

static void leave_late(void *ctx)
{
    struct waiting *waiting = ctx;

    *waiting->link = waiting->next;
    if (waiting->next)
        waiting->next->link = waiting->link;
}

static void answer_late(void *ctx)
{
    (void)ctx;
    while (probe.late)
        respond(probe.late->req, SLICE("hello\n"));
}

static void on_late(struct request *req)
{
    struct waiting *waiting = wait_for(req, leave_late);

    waiting->next = probe.late;
    waiting->link = &probe.late;
    if (waiting->next)
        waiting->next->link = &waiting->next;
    probe.late = waiting;
    if (!timer_is_active(&probe.late_timer) &&
        timer_start(&probe.loop.timers, &probe.late_timer, 0, answer_late, NULL) != ERR_OK)
        abort();
}

static void leave_slow(void *ctx)
{
    struct waiting *waiting = ctx;

    timer_stop(&probe.loop.timers, &waiting->timer);
}

static void answer_slow(void *ctx)
{
    struct waiting *waiting = ctx;

    respond(waiting->req, SLICE("slow\n"));
}

static void on_slow(struct request *req)
{
    struct waiting *waiting = wait_for(req, leave_slow);
    int64_t at_ms = timers_now_ms(&probe.loop.timers) + number_in_query(req);

    if (timer_start(&probe.loop.timers, &waiting->timer, at_ms, answer_slow, waiting) != ERR_OK)
        abort();
}

static void leave_never(void *ctx)
{
    (void)ctx;
    probe.gone++;
}

static void on_never(struct request *req)
{
    (void)wait_for(req, leave_never);
}

#define READ (HTTP_GET | HTTP_HEAD)

static const struct route routes[] = {
    {SLICE_INIT("/"), on_root, READ | HTTP_POST, false, 0},
    {SLICE_INIT("/late"), on_late, READ, false, 0},
    {SLICE_INIT("/echo"), on_echo, HTTP_POST | HTTP_PUT | HTTP_PATCH | HTTP_DELETE | HTTP_GET,
     false, 0},
    {SLICE_INIT("/path"), on_path, READ, true, 0},
    {SLICE_INIT("/slow"), on_slow, READ, false, 0},
    {SLICE_INIT("/never"), on_never, READ, false, 0},
    {SLICE_INIT("/hidden"), on_hidden, READ | HTTP_POST, false, 0},
    {SLICE_INIT("/host"), on_host, READ, false, 0},
    {SLICE_INIT("/client"), on_client, READ, false, 0},
    {SLICE_INIT("/big"), on_big, READ, false, 0},
    {SLICE_INIT("/stats"), on_stats, HTTP_GET, false, 0},
};

static const struct router router = {.routes = routes, .count = sizeof(routes) / sizeof(routes[0])};

static void on_drained(void *ctx)
{
    (void)ctx;
    http_server_close(probe.server);
    uv_close((uv_handle_t *)&probe.term, NULL);
}

static void on_term(uv_signal_t *handle, int number)
{
    (void)handle;
    (void)number;
    http_server_drain(probe.server);
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int listen_tcp(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 4096) != 0)
        fail("listen");
    (void)getsockname(fd, (struct sockaddr *)&address, &len);
    printf("listening %d\n", ntohs(address.sin_port));
    return fd;
}

static int listen_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 4096) != 0)
        fail("listen");
    printf("listening %s\n", path);
    return fd;
}

struct limit_name {
    const char *name;
    size_t *size;
    int64_t *ms;
};

static void set_limit(struct http_limits *limits, const char *name, const char *value)
{
    const struct limit_name names[] = {
        {"head_bytes", &limits->head_bytes, NULL},
        {"body_bytes", &limits->body_bytes, NULL},
        {"connections", &limits->connections, NULL},
        {"head_ms", NULL, &limits->head_ms},
        {"body_grace_ms", NULL, &limits->body_grace_ms},
        {"body_rate", NULL, &limits->body_rate},
        {"idle_ms", NULL, &limits->idle_ms},
        {"write_ms", NULL, &limits->write_ms},
    };
    long long number = strtoll(value, NULL, 10);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i].name, name) != 0)
            continue;
        if (names[i].size)
            *names[i].size = (size_t)number;
        else
            *names[i].ms = number;
        return;
    }
    (void)fprintf(stderr, "no limit is called %s\n", name);
    exit(2);
}

static struct address_set trusted;

/* One "name=value"; returns a listening descriptor when it asks for one, else -1. */
static int take_argument(struct http_server_options *options, char *argument)
{
    char *value = strchr(argument, '=');

    if (!value)
        exit(2);
    *value++ = '\0';
    if (strcmp(argument, "port") == 0)
        return listen_tcp((int)strtol(value, NULL, 10));
    if (strcmp(argument, "unix") == 0)
        return listen_unix(value);
    if (strcmp(argument, "fd") == 0)
        return (int)strtol(value, NULL, 10);
    if (strcmp(argument, "proxy") == 0)
        options->proxy_protocol = true;
    else if (strcmp(argument, "trusted") != 0)
        set_limit(&options->limits, argument, value);
    else if (address_set_parse(slice_str(value), &trusted, NULL) != ERR_OK)
        exit(2);
    return -1;
}

int main(int argc, char **argv)
{
    struct http_server_options options = {
        .loop = &probe.loop.uv,
        .timers = &probe.loop.timers,
        .clock = &system_clock,
        .limits = http_default_limits,
        .trusted_proxies = &trusted,
        .router = &router,
        .on_drained = on_drained,
    };
    int fd = -1;

    (void)signal(SIGPIPE, SIG_IGN);
    random_init();
    if (address_set_parse(SLICE("127.0.0.0/8, ::1, unix"), &trusted, NULL) != ERR_OK)
        return 2;
    for (int i = 1; i < argc; i++) {
        int opened = take_argument(&options, argv[i]);

        fd = opened >= 0 ? opened : fd;
    }
    probe.big = calloc(1, MAX_BIG_BYTES);
    if (loop_init(&probe.loop, NULL, NULL) != ERR_OK)
        fail("loop");
    probe.server = http_server_create(&options);
    if (!probe.big || !probe.server || http_server_listen(probe.server, fd) != ERR_OK)
        fail("listen");
    (void)uv_signal_init(&probe.loop.uv, &probe.term);
    (void)uv_signal_start(&probe.term, on_term, SIGTERM);
    (void)fflush(stdout);
    loop_run(&probe.loop); /* until drained */
    loop_fini(&probe.loop);
    free(probe.big);
    return 0;
}
