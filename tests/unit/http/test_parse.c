#include "support/cmocka.h"

#include "http/guard.h"
#include "http/parse.h"

#define MAX_HEAD_BYTES 16384

static const struct guard_limits limits = {MAX_HEAD_BYTES, 8192, 100};

/* A head read as the server reads it. */
struct parsed {
    char storage[MAX_HEAD_BYTES];
    struct strbuf head;
    struct arena arena;
    struct request req;
    struct framing framing;
    struct refusal refusal;
};

/* Reads what was appended to parsed->head. */
static void parse_appended(struct parsed *parsed)
{
    struct slice bytes = strbuf_slice(&parsed->head);
    struct guard guard = {0};
    struct request_line line;
    struct slice head;

    memset(&parsed->req, 0, sizeof(parsed->req));
    arena_init(&parsed->arena, 1024, 4096);
    assert_int_equal(guard_scan(&guard, bytes, &limits, &head, &parsed->refusal), GUARD_WHOLE);
    assert_int_equal(head.len, bytes.len);
    line = guard_request_line(&guard, bytes);
    parsed->refusal = parse_head(parsed->storage, head.len, &line, &parsed->arena, &parsed->req,
                                 &parsed->framing);
}

static void begin(struct parsed *parsed, const char *text)
{
    strbuf_init_fixed(&parsed->head, parsed->storage, sizeof(parsed->storage));
    strbuf_append(&parsed->head, slice_str(text));
}

static void parse(struct parsed *parsed, const char *text)
{
    begin(parsed, text);
    parse_appended(parsed);
}

static void assert_slice(struct slice slice, const char *expected)
{
    assert_true(slice_eq(slice, slice_str(expected)));
}

static void request_has_its_target_and_the_fields_somebody_reads(void **state)
{
    static struct parsed p;

    (void)state;
    parse(&p, "GET /a%20b?c=%64 HTTP/1.1\r\nHost: example:80\r\nUser-Agent:  one two \t\r\n"
              "Cookie: secret\r\nACCEPT: a/b\r\n\r\n");
    assert_int_equal(p.refusal.status, 0);
    assert_int_equal(p.req.method, HTTP_GET);
    assert_slice(p.req.path, "/a b");
    assert_slice(p.req.query, "c=%64");
    assert_slice(p.req.fields[FIELD_HOST], "example:80");
    assert_slice(p.req.fields[FIELD_USER_AGENT], "one two");
    assert_slice(p.req.fields[FIELD_ACCEPT], "a/b");
    assert_null(p.req.fields[FIELD_ORIGIN].ptr);
    assert_int_equal(p.framing.body, BODY_NONE);
    assert_true(p.framing.keep_alive);
    arena_fini(&p.arena);
}

static void repeated_list_is_joined_and_of_others_the_first_counts(void **state)
{
    static struct parsed p;

    (void)state;
    parse(&p, "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1\r\nUser-Agent: one\r\n"
              "x-forwarded-for: 2, 3\r\nUser-Agent: two\r\nX-Forwarded-For: 4\r\n\r\n");
    assert_int_equal(p.refusal.status, 0);
    assert_slice(p.req.fields[FIELD_X_FORWARDED_FOR], "1, 2, 3, 4");
    assert_slice(p.req.fields[FIELD_USER_AGENT], "one");
    arena_fini(&p.arena);
}

static void lists_too_long_together_are_refused(void **state)
{
    static struct parsed p;

    (void)state;
    begin(&p, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 50; i++)
        strbuf_append(&p.head, SLICE("Accept: text/html;level=1, text/html;level=2\r\n"));
    strbuf_append(&p.head, SLICE("\r\n"));
    parse_appended(&p);
    assert_int_equal(p.refusal.status, 431);
    arena_fini(&p.arena);
}

struct framing_case {
    const char *fields;
    unsigned minor_version;
    struct framing framing;
};

static const struct framing_case framing_cases[] = {
    {"", 1, {.keep_alive = true}},
    {"", 0, {.keep_alive = false}},
    {"Connection: close\r\n", 1, {.keep_alive = false}},
    {"Connection: CLOSE , x\r\n", 1, {.keep_alive = false}},
    {"Connection: x\r\nConnection: close\r\n", 1, {.keep_alive = false}},
    {"Connection: closed\r\n", 1, {.keep_alive = true}},
    {"Connection: keep-alive\r\n", 0, {.keep_alive = true}},
    {"Connection: keep-alive, close\r\n", 0, {.keep_alive = false}},
    {"Content-Length: 0\r\n", 1, {.keep_alive = true}},
    {"Content-Length: 7\r\n", 1, {BODY_LENGTH, 7, 0, true, false}},
    {"Content-Length: 0007\r\n", 1, {BODY_LENGTH, 7, 0, true, false}},
    {"Content-Length: 922337203685477579\r\n",
     1,
     {BODY_LENGTH, 922337203685477579, 0, true, false}},
    {"Transfer-Encoding: chunked\r\n", 1, {BODY_CHUNKED, 0, 0, true, false}},
    {"Transfer-Encoding: CHUNKED\r\n", 1, {BODY_CHUNKED, 0, 0, true, false}},
    {"Content-Length: 7\r\nExpect: 100-continue\r\n", 1, {BODY_LENGTH, 7, 0, true, true}},
    {"Content-Length: 7\r\nExpect: 100-Continue\r\n", 1, {BODY_LENGTH, 7, 0, true, true}},
    {"Expect: 100-continue\r\n", 1, {.keep_alive = true}},
    {"Content-Length: 7\r\nExpect: 100-continue\r\n", 0, {BODY_LENGTH, 7, 0, false, false}},
    {"Content-Length: 7\r\nExpect: other\r\n", 0, {BODY_LENGTH, 7, 0, false, false}},
    {"Content-Length: 7\r\nContent-Encoding: identity\r\n", 1, {BODY_LENGTH, 7, 0, true, false}},
    {"Content-Encoding: gzip\r\n", 1, {.keep_alive = true}},
    {"Upgrade: websocket\r\nConnection: Upgrade\r\n", 1, {.keep_alive = true}},
};

static void framing_follows_from_the_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(framing_cases) / sizeof(framing_cases[0]); i++) {
        const struct framing_case *c = &framing_cases[i];
        static struct parsed p;

        begin(&p, c->minor_version == 0 ? "POST / HTTP/1.0\r\n" : "POST / HTTP/1.1\r\n");
        strbuf_append(&p.head, SLICE("Host: a\r\n"));
        strbuf_append(&p.head, slice_str(c->fields));
        strbuf_append(&p.head, SLICE("\r\n"));
        parse_appended(&p);
        assert_int_equal(p.refusal.status, 0);
        assert_int_equal(p.framing.body, c->framing.body);
        assert_int_equal(p.framing.content_length, c->framing.content_length);
        assert_int_equal(p.framing.minor_version, c->minor_version);
        assert_int_equal(p.framing.keep_alive, c->framing.keep_alive);
        assert_int_equal(p.framing.expects_continue, c->framing.expects_continue);
        arena_fini(&p.arena);
    }
}

struct refusal_case {
    const char *head;
    int status;
};

static const struct refusal_case refusal_cases[] = {
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/1.0\r\nHost: a b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nA B: c\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nA : c\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nA: \x01\r\n\r\n", 400},
    {"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET nothing HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET http://b HTTP/1.1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 400},
    {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: x\r\n\r\n", 417},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Encoding: br\r\n\r\n", 415},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Encoding: identity\r\n"
     "Content-Encoding: gzip\r\n\r\n",
     415},
};

static void bad_heads_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusal_cases) / sizeof(refusal_cases[0]); i++) {
        static struct parsed p;

        parse(&p, refusal_cases[i].head);
        assert_int_equal(p.refusal.status, refusal_cases[i].status);
        assert_non_null(p.refusal.reason);
        arena_fini(&p.arena);
    }
}

static void absolute_target_replaces_the_host(void **state)
{
    static struct parsed p;

    (void)state;
    parse(&p, "GET http://b:81/c HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(p.refusal.status, 0);
    assert_slice(p.req.path, "/c");
    assert_slice(p.req.fields[FIELD_HOST], "b:81");
    arena_fini(&p.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_has_its_target_and_the_fields_somebody_reads),
        cmocka_unit_test(repeated_list_is_joined_and_of_others_the_first_counts),
        cmocka_unit_test(lists_too_long_together_are_refused),
        cmocka_unit_test(framing_follows_from_the_fields),
        cmocka_unit_test(bad_heads_are_refused),
        cmocka_unit_test(absolute_target_replaces_the_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
