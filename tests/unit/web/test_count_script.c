/* GET /count.js, and the names that an owner gives to it and to /count. */
#include <stdio.h>

#include "support/cmocka.h"
#include "unpack.h"
#include "web/asset.h"
#include "web_fixture.h"

#define MAX_BYTES 8192

/* What the script may weigh, over the wire. */
#define LIMIT_BYTES 1229

static int get_script(struct web_fixture *f, const char *path, const char *accept_encoding)
{
    struct fake_request *fake = prepare(f, HTTP_GET, path, "");

    fake->req.fields[FIELD_ACCEPT_ENCODING] = slice_str(accept_encoding);
    return dispatch(f);
}

static void assert_is_script(const struct web_fixture *f, struct slice body, const char *preface)
{
    struct slice plain = asset_bytes(ASSET_COUNT_JS, ASSET_PLAIN);

    assert_has(&f->fake.type, "text/javascript; charset=utf-8");
    assert_int_equal(body.len, strlen(preface) + plain.len);
    assert_memory_equal(body.ptr, preface, strlen(preface));
    assert_memory_equal(body.ptr + strlen(preface), plain.ptr, plain.len);
}

static void test_the_script_weighs_no_more_than_was_promised(void **state)
{
    struct web_fixture *f = *state;
    char out[MAX_BYTES];

    assert_int_equal(get_script(f, "/count.js", "gzip"), 200);
    assert_in_range(f->fake.body.len, 500, LIMIT_BYTES);
    assert_is_script(f, unpack_gzip(strbuf_slice(&f->fake.body), out, sizeof(out)), "");
    assert_int_equal(get_script(f, "/count.js", "gzip, br"), 200);
    assert_in_range(f->fake.body.len, 500, LIMIT_BYTES);
    assert_is_script(f, unpack_brotli(strbuf_slice(&f->fake.body), out, sizeof(out)), "");
    assert_int_equal(get_script(f, "/count.js", ""), 200);
    assert_is_script(f, strbuf_slice(&f->fake.body), "");
}

static void test_the_script_may_be_loaded_by_every_page_and_kept_for_an_hour(void **state)
{
    struct web_fixture *f = *state;
    char tag[80];
    const char *begin;

    assert_int_equal(get_script(f, "/count.js", "br"), 200);
    assert_has(&f->fake.headers, "Cache-Control: public, max-age=3600, ");
    assert_has(&f->fake.headers, "Cross-Origin-Resource-Policy: cross-origin\r\n");
    assert_has(&f->fake.headers, "Access-Control-Allow-Origin: *\r\n");
    assert_has(&f->fake.headers, "Vary: Accept-Encoding\r\n");
    assert_has(&f->fake.headers, "X-Content-Type-Options: nosniff\r\n");
    begin = memmem(f->fake.headers.ptr, f->fake.headers.len, "ETag: ", 6);
    assert_non_null(begin);
    assert_int_equal(sscanf(begin, "ETag: %79[^\r]", tag), 1);
    prepare(f, HTTP_GET, "/count.js", "");
    f->fake.req.fields[FIELD_ACCEPT_ENCODING] = SLICE("br");
    f->fake.req.fields[FIELD_IF_NONE_MATCH] = slice_str(tag);
    assert_int_equal(dispatch(f), 304);
    assert_int_equal(f->fake.body.len, 0);
}

/* The script finds /f by its own address, so that it is the same file. */
static void test_names_that_belong_together_need_no_other_script(void **state)
{
    struct web_fixture *f = *state;

    f->web.script_path = SLICE("/a/f.js");
    f->web.count_path = SLICE("/a/f");
    assert_int_equal(get_script(f, "/a/f.js", ""), 200);
    assert_is_script(f, strbuf_slice(&f->fake.body), "");
    assert_int_equal(get(f, "/a/f", "p=/"), 200);
    assert_int_equal(get(f, "/count", "p=/"), 200);
    assert_int_equal(get_script(f, "/count.js", ""), 200);
    assert_total(f, 2);
}

static void test_a_script_of_another_name_says_where_hits_go(void **state)
{
    struct web_fixture *f = *state;
    const char *preface = "(d=>{d.endpoint=d.endpoint||\"/hit\"})(document.currentScript.dataset);";
    char out[MAX_BYTES];

    f->web.count_path = SLICE("/hit");
    assert_int_equal(get_script(f, "/count.js", ""), 200);
    assert_is_script(f, strbuf_slice(&f->fake.body), preface);
    assert_int_equal(get_script(f, "/count.js", "gzip, br"), 200);
    assert_has(&f->fake.headers, "Content-Encoding: gzip\r\n");
    assert_is_script(f, unpack_gzip(strbuf_slice(&f->fake.body), out, sizeof(out)), preface);
    assert_int_equal(get(f, "/hit", "p=/"), 200);
    assert_total(f, 1);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, web_set_up, web_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_the_script_weighs_no_more_than_was_promised),
        TEST(test_the_script_may_be_loaded_by_every_page_and_kept_for_an_hour),
        TEST(test_names_that_belong_together_need_no_other_script),
        TEST(test_a_script_of_another_name_says_where_hits_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
