/* GET /assets/…: scripts and style sheets, and the page that names them. */
#include <stdio.h>

#include "support/cmocka.h"
#include "unpack.h"
#include "web/asset.h"
#include "web_fixture.h"

static int get_coded(struct web_fixture *f, enum asset asset, const char *accept_encoding,
                     const char *known)
{
    struct fake_request *fake = prepare(f, HTTP_GET, asset_address(asset), "");

    fake->req.fields[FIELD_ACCEPT_ENCODING] = slice_str(accept_encoding);
    fake->req.fields[FIELD_IF_NONE_MATCH] = slice_str(known);
    return dispatch(f);
}

static void test_an_asset_comes_as_the_client_can_take_it(void **state)
{
    struct web_fixture *f = *state;
    size_t plain, gzip;

    for (enum asset asset = 0; asset < ASSET_COUNT_; asset++) {
        assert_int_equal(get_coded(f, asset, "", ""), 200);
        plain = f->fake.body.len;
        assert_null(memmem(f->fake.headers.ptr, f->fake.headers.len, "Content-Encoding", 16));
        assert_int_equal(get_coded(f, asset, "deflate, gzip", ""), 200);
        gzip = f->fake.body.len;
        assert_has(&f->fake.headers, "Content-Encoding: gzip\r\n");
        assert_memory_equal(f->fake.body.ptr, "\x1f\x8b", 2);
        assert_int_equal(get_coded(f, asset, "gzip, br", ""), 200);
        assert_has(&f->fake.headers, "Content-Encoding: br\r\n");
        assert_true(f->fake.body.len < gzip && gzip < plain);
        assert_has(&f->fake.headers, "Cache-Control: public, max-age=31536000, immutable\r\n");
        assert_has(&f->fake.headers, "Vary: Accept-Encoding\r\n");
    }
    assert_int_equal(get_coded(f, ASSET_DASHBOARD_CSS, "", ""), 200);
    assert_has(&f->fake.type, "text/css; charset=utf-8");
}

/* Its tag names the form, too: half of one and half of another make no file. */
static void test_an_asset_that_is_known_is_not_sent_again(void **state)
{
    struct web_fixture *f = *state;
    char tag[60];

    (void)snprintf(tag, sizeof(tag), "W/\"x\", \"%.16s-gzip\"",
                   strchr(asset_address(ASSET_DASHBOARD_JS), '.') + 1);
    assert_int_equal(get_coded(f, ASSET_DASHBOARD_JS, "gzip", tag), 304);
    assert_int_equal(f->fake.body.len, 0);
    assert_int_equal(get_coded(f, ASSET_DASHBOARD_JS, "br", tag), 200);
    assert_int_equal(get_coded(f, ASSET_DASHBOARD_JS, "", tag), 200);
}

static void assert_same(struct slice a, struct slice b)
{
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.ptr, b.ptr, a.len);
}

static void test_all_forms_of_an_asset_are_the_same_file(void **state)
{
    static char out[1 << 20];

    (void)state;
    for (enum asset asset = 0; asset < ASSET_COUNT_; asset++) {
        struct slice plain = asset_bytes(asset, ASSET_PLAIN);

        assert_same(unpack_gzip(asset_bytes(asset, ASSET_GZIP), out, sizeof(out)), plain);
        assert_same(unpack_brotli(asset_bytes(asset, ASSET_BROTLI), out, sizeof(out)), plain);
    }
}

static void test_the_dashboard_weighs_no_more_than_was_promised(void **state)
{
    (void)state;
    assert_in_range(asset_bytes(ASSET_DASHBOARD_JS, ASSET_GZIP).len +
                        asset_bytes(ASSET_DASHBOARD_CSS, ASSET_GZIP).len,
                    1000, 60 * 1024);
}

static void test_what_is_no_asset_is_not_found(void **state)
{
    struct web_fixture *f = *state;

    assert_int_equal(get(f, "/assets/dashboard.0000000000000000.js", ""), 404);
    assert_int_equal(get(f, "/assets/", ""), 404);
    assert_int_equal(get(f, "/assets/../pages/layout.html", ""), 404);
}

/* ---- the page ------------------------------------------------------------------------------- */

static void test_the_dashboard_names_its_assets_and_allows_nothing_else(void **state)
{
    struct web_fixture *f = *state;

    prepare(f, HTTP_GET, "/dashboard", "site=default");
    as_user(f, "*", ROLE_OWNER);
    (void)snprintf(f->who.user.email, sizeof(f->who.user.email), "<ada>@example.org");
    f->who.session.strength = SESSION_PASSWORD;
    assert_int_equal(dispatch(f), 200);
    assert_has(&f->fake.body, asset_address(ASSET_DASHBOARD_JS));
    assert_has(&f->fake.body, asset_address(ASSET_DASHBOARD_CSS));
    assert_has(&f->fake.body, "<a href=\"/account\">&lt;ada&gt;@example.org</a>");
    assert_has(&f->fake.body, "href=\"/users\"");
    assert_null(memmem(f->fake.body.ptr, f->fake.body.len, "{{", 2));
    assert_null(memmem(f->fake.body.ptr, f->fake.body.len, "Demo data", 9));
    assert_has(&f->fake.headers, "default-src 'none'; script-src 'self'; style-src 'self'; ");
    assert_has(&f->fake.headers, "require-trusted-types-for 'script'; trusted-types lit-html; "
                                 "frame-ancestors 'none'\r\n");
}

static void test_a_guest_sees_that_it_is_a_demo(void **state)
{
    struct web_fixture *f = *state;

    f->web.has_guests = true;
    prepare(f, HTTP_GET, "/dashboard", "");
    f->who.kind = WHO_GUEST;
    assert_int_equal(dispatch(f), 200);
    assert_has(&f->fake.body, "Demo data");
    assert_null(memmem(f->fake.body.ptr, f->fake.body.len, "/account", 8));
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, web_set_up, web_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_an_asset_comes_as_the_client_can_take_it),
        TEST(test_an_asset_that_is_known_is_not_sent_again),
        TEST(test_all_forms_of_an_asset_are_the_same_file),
        TEST(test_the_dashboard_weighs_no_more_than_was_promised),
        TEST(test_what_is_no_asset_is_not_found),
        TEST(test_the_dashboard_names_its_assets_and_allows_nothing_else),
        TEST(test_a_guest_sees_that_it_is_a_demo),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
