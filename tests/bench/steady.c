/**
 * A load of constant rate: requests leave on a fixed schedule, however late the answers are.
 *
 *   steady PORT PATH RATE SECONDS CONNECTIONS
 *
 * A latency runs from the time a request was due, not from when a free connection was found for it,
 * so a server that stands still for 10 ms is charged for all that should have been sent meanwhile.
 * (wrk sends the next request when the last was answered, and so waits with the server.)
 *
 * Prints one line of JSON; times in microseconds. Exits with 1 when a connection fails. It spins on
 * its CPU rather than sleep, since the gaps between requests are shorter than a timer is exact.
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

/* Of a browser, since a program's are not counted as a visitor's. */
#define AGENT           "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"

#define MAX_CONNECTIONS 1024
#define MAX_RATE        1000000 /* requests a second */
#define MAX_SECONDS     60
#define NS_PER_S        1000000000LL
/* No turn of our loop takes half a millisecond unless another program has our CPU. */
#define PAUSE_NS (NS_PER_S / 2000)

/* From when the last request was due: what is still open after it is lost. */
#define PATIENCE_NS (2 * NS_PER_S)

struct connection {
    int fd;
    int64_t due_ns;    /* of the request under way */
    char answer[4096]; /* what has come of its answer */
    size_t length;
};

struct load {
    struct connection connections[MAX_CONNECTIONS];
    struct connection *idle[MAX_CONNECTIONS]; /* a stack */
    unsigned idle_count;
    unsigned connection_count;
    int poll;
    char request[512];
    size_t request_length;
    int64_t start_ns;
    int64_t gap_ns_x1024; /* between two requests; in 1/1024 ns, so that a high rate is exact */
    uint32_t *latency_us; /* of each answer 2xx */
    size_t planned;
    size_t sent;
    size_t answered;
    size_t refused;    /* answers that are no 2xx */
    int64_t paused_ns; /* of which we did not run: lateness that is not the server's */
};

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * NS_PER_S + t.tv_nsec;
}

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static int64_t due_ns(const struct load *l, size_t n)
{
    return l->start_ns + (int64_t)n * l->gap_ns_x1024 / 1024;
}

static void connection_open(struct load *l, struct connection *c, uint16_t port)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event interest = {.events = EPOLLIN, .data.ptr = c};
    const int on = 1;

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
        fail("connect");
    if (setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        epoll_ctl(l->poll, EPOLL_CTL_ADD, c->fd, &interest) != 0) {
        fail("connection");
    }
    l->idle[l->idle_count++] = c;
}

static void send_one(struct load *l, struct connection *c)
{
    c->due_ns = due_ns(l, l->sent++);
    c->length = 0;
    if (write(c->fd, l->request, l->request_length) != (ssize_t)l->request_length)
        fail("write");
}

/** Sends what is due, as far as connections are idle; the rest keeps its due time and waits. */
static void send_due(struct load *l)
{
    int64_t now = now_ns();

    while (l->idle_count > 0 && l->sent < l->planned && due_ns(l, l->sent) <= now)
        send_one(l, l->idle[--l->idle_count]);
}

/** True when the answer's head and the body of its Content-Length are there. */
static bool answer_is_whole(const char *answer, size_t length)
{
    const char *end = strstr(answer, "\r\n\r\n");
    const char *field = strcasestr(answer, "\r\ncontent-length:");

    if (end == NULL)
        return false;
    if (field == NULL || field > end) {
        fprintf(stderr, "an answer without Content-Length\n");
        exit(EXIT_FAILURE);
    }
    return length >= (size_t)(end + 4 - answer) + strtoul(strchr(field + 2, ':') + 1, NULL, 10);
}

static void on_answer(struct load *l, struct connection *c)
{
    ssize_t n = read(c->fd, c->answer + c->length, sizeof(c->answer) - 1 - c->length);

    if (n <= 0)
        fail("read");
    c->length += (size_t)n;
    c->answer[c->length] = '\0';
    if (!answer_is_whole(c->answer, c->length))
        return;
    if (strncmp(c->answer, "HTTP/1.1 2", 10) == 0)
        l->latency_us[l->answered++] = (uint32_t)((now_ns() - c->due_ns) / 1000);
    else
        l->refused++;
    l->idle[l->idle_count++] = c;
}

static void run(struct load *l)
{
    struct epoll_event events[MAX_CONNECTIONS];
    int64_t end_ns = due_ns(l, l->planned) + PATIENCE_NS;
    int64_t before_ns = l->start_ns;

    while (l->answered + l->refused < l->planned && before_ns < end_ns) {
        int n = epoll_wait(l->poll, events, MAX_CONNECTIONS, 0);
        int64_t turn_ns = now_ns() - before_ns;

        l->paused_ns += turn_ns > PAUSE_NS ? turn_ns : 0;
        before_ns += turn_ns;

        for (int i = 0; i < n; i++)
            on_answer(l, events[i].data.ptr);
        send_due(l);
    }
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static uint32_t percentile(const struct load *l, double share)
{
    return l->answered == 0 ? 0 : l->latency_us[(size_t)(share * (double)(l->answered - 1))];
}

static void report(struct load *l)
{
    qsort(l->latency_us, l->answered, sizeof(l->latency_us[0]), compare);
    printf("{\"planned\": %zu, \"answers\": %zu, \"refused\": %zu, \"p50_us\": %u, \"p99_us\": %u, "
           "\"max_us\": %u, \"paused_us\": %lld}\n",
           l->planned, l->answered, l->refused, percentile(l, 0.5), percentile(l, 0.99),
           percentile(l, 1), (long long)(l->paused_ns / 1000));
}

static unsigned long number(const char *text, unsigned long most)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (*end != '\0' || n == 0 || n > most) {
        fprintf(stderr, "%s: not a number from 1 to %lu\n", text, most);
        exit(EXIT_FAILURE);
    }
    return n;
}

/** Fills the plan from the command line and opens the connections. */
static void load_init(struct load *l, char **argv)
{
    uint16_t port = (uint16_t)number(argv[1], UINT16_MAX);
    size_t rate = number(argv[3], MAX_RATE);

    l->planned = rate * number(argv[4], MAX_SECONDS);
    l->connection_count = (unsigned)number(argv[5], MAX_CONNECTIONS);
    l->gap_ns_x1024 = NS_PER_S * 1024 / (int64_t)rate;
    l->request_length = (size_t)snprintf(l->request, sizeof(l->request),
                                         "GET %.256s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                                         "User-Agent: " AGENT "\r\n"
                                         "Accept-Language: en-US,en;q=0.5\r\n\r\n",
                                         argv[2], port);
    l->latency_us = calloc(l->planned, sizeof(l->latency_us[0]));
    l->poll = epoll_create1(EPOLL_CLOEXEC);
    if (l->latency_us == NULL || l->poll < 0)
        fail("start");
    for (unsigned i = 0; i < l->connection_count; i++)
        connection_open(l, &l->connections[i], port);
}

int main(int argc, char **argv)
{
    static struct load l;

    if (argc != 6) {
        fprintf(stderr, "usage: steady PORT PATH RATE SECONDS CONNECTIONS\n");
        return EXIT_FAILURE;
    }
    load_init(&l, argv);
    l.start_ns = now_ns();
    run(&l);
    report(&l);
    return EXIT_SUCCESS;
}
