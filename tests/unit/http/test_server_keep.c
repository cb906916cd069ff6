/* A request that is kept whole until its handler is called later, whatever arrives meanwhile. */
#include "server_fixture.h"

#include "support/cmocka.h"
#include "support/failing_malloc.h"

#include <unistd.h>

#define NOISE                                                                                      \
    "POST /nnnnnnnnnnnnnnnnnnnnn?nnnnnnnnnnnnnnnnnnnnnnn HTTP/1.1\r\nHost: n\r\n"                  \
    "Cookie: nnnnnnnnnnnn\r\nUser-Agent: nnnnnnnnnnnnnnnnnnnnnn\r\nContent-Length: 20\r\n\r\n"     \
    "nnnnnnnnnnnnnnnnnnnn"

#define HEAD                                                                                       \
    "POST /keep/%C3%A4?q=1&r=2 HTTP/1.1\r\nHost: a\r\nCookie: a=1\r\nUser-Agent: Agent/1.0\r\n"    \
    "X-Forwarded-For: 192.0.2.1\r\nCookie: b=2\r\n"

/* A handler: keeps the request, twice where once is enough. */
static void on_keep(struct request *req)
{
    if (slice_starts_with(req->path, SLICE("/nn"))) {
        respond(req, "noise");
        return;
    }
    assert_true(request_keep(req));
    assert_true(request_keep(req));
    fixture_keep(req);
}

static void assert_text(struct slice slice, const char *text)
{
    if (!slice_eq(slice, slice_str(text)))
        fail_msg("%.*s, not %s", SLICE_ARG(slice), text);
}

static void assert_is_kept(const struct request *req, const char *body)
{
    assert_text(req->path, "/keep/\xc3\xa4");
    assert_text(req->query, "q=1&r=2");
    assert_text(req->fields[FIELD_HOST], "a");
    assert_text(req->fields[FIELD_COOKIE], "a=1; b=2"); /* joined: it lies elsewhere */
    assert_text(req->fields[FIELD_USER_AGENT], "Agent/1.0");
    assert_text(req->fields[FIELD_X_FORWARDED_FOR], "192.0.2.1");
    assert_null(req->fields[FIELD_REFERER].ptr);
    assert_text(req->body, body);
}

/* Another connection's bytes lie now where those of the request were read. */
static void make_noise(struct fixture *f)
{
    int fd = client_open(f);

    client_send(fd, NOISE NOISE NOISE);
    for (int i = 0; i < 3; i++)
        client_expect(f, fd, OK, NULL, "noise");
    (void)close(fd);
}

static const struct {
    const char *first;
    const char *second; /* sent when the first has been read; NULL: nothing */
    const char *body;
} cases[] = {
    {HEAD "\r\n", NULL, ""},
    {HEAD "Content-Length: 4\r\n\r\nbody", NULL, "body"},
    {HEAD "Content-Length: 4\r\n\r\nbody" NOISE, NULL, "body"},
    {HEAD "Content-Length: 4\r\n\r\nbo", "dy", "body"},
    {HEAD "Content-Length: 4\r\n\r\nbo", "dy" NOISE, "body"},
    {HEAD "Content-Length: 4\r\n\r\n", "body", "body"},
    {HEAD "Content-Length: 4\r\n", "\r\nbody" NOISE, "body"},
    {HEAD "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n" NOISE, NULL, "body"},
    {HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n", "2\r\ndy\r\n0\r\n\r\n" NOISE, "body"},
    {NOISE HEAD "Content-Length: 4\r\n\r\nbody" NOISE, NULL, "body"},
};

static void a_kept_request_stays_whatever_arrives(void **state)
{
    struct fixture *f = *state;

    f->handler = on_keep;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int fd = client_open(f);

        f->kept_count = 0;
        client_send(fd, cases[i].first);
        fixture_settle(f);
        make_noise(f);
        if (cases[i].second)
            client_send(fd, cases[i].second);
        fixture_settle(f);
        make_noise(f);
        client_send(fd, NOISE NOISE);
        fixture_settle(f);
        assert_int_equal(f->kept_count, 1);
        assert_is_kept(f->kept[0], cases[i].body);
        memset(f->ended, 0, sizeof(f->ended));
        request_respond(f->kept[0], &(struct response){.status = 200, .body = f->kept[0]->body});
        assert_string_equal(f->ended, "321");
        if (slice_starts_with(slice_str(cases[i].first), SLICE(NOISE)))
            client_expect(f, fd, OK, NULL, "noise");
        client_expect(f, fd, OK, NULL, cases[i].body);
        client_expect(f, fd, OK, NULL, "noise");
        (void)close(fd);
    }
}

/* The second of a pipeline lies in what the connection held back, which is freed when it is read.
 */
static void a_request_that_was_held_back_is_kept(void **state)
{
    struct fixture *f = *state;
    int fd;

    f->handler = on_keep;
    fd = client_with_a_kept_request(f);
    client_send(fd, HEAD "Content-Length: 4\r\n\r\nbody");
    fixture_settle(f);
    respond(f->kept[0], "one");
    client_expect(f, fd, OK, NULL, "one");
    fixture_settle(f);
    assert_int_equal(f->kept_count, 2);
    client_send(fd, NOISE);
    make_noise(f);
    assert_is_kept(f->kept[1], "body");
    respond(f->kept[1], "two");
    client_expect(f, fd, OK, NULL, "two");
    client_expect(f, fd, OK, NULL, "noise");
    (void)close(fd);
}

static void a_client_that_leaves_takes_a_kept_request_with_it(void **state)
{
    struct fixture *f = *state;
    int fd;

    f->handler = on_keep;
    fd = client_with_a_kept_request(f);
    client_reset(fd);
    fixture_settle(f);
    assert_string_equal(f->ended, "321");
    assert_int_equal(fixture_stats(f)->open, 0);
}

static void on_keep_without_memory(struct request *req)
{
    failing_malloc_from(1);
    assert_false(request_keep(req));
    assert_true(failing_malloc_stop());
    assert_text(req->path, "/keep/\xc3\xa4");
    assert_text(req->body, "body");
    assert_true(request_keep(req)); /* memory is there again */
    fixture_keep(req);
}

static void without_memory_a_request_is_as_it_was(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f);

    f->handler = on_keep_without_memory;
    client_send(fd, HEAD "Content-Length: 4\r\n\r\nbody");
    fixture_settle(f);
    f->handler = on_keep;
    make_noise(f);
    assert_int_equal(f->kept_count, 1);
    assert_is_kept(f->kept[0], "body");
    respond(f->kept[0], "late");
    client_expect(f, fd, OK, NULL, "late");
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_kept_request_stays_whatever_arrives),
        SERVER_TEST(a_request_that_was_held_back_is_kept),
        SERVER_TEST(a_client_that_leaves_takes_a_kept_request_with_it),
        SERVER_TEST(without_memory_a_request_is_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
