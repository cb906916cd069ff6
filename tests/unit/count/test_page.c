#include "count/page.h"

#include "count/tracking.h"
#include "support/cmocka.h"

/* Of memory of its own, so that AddressSanitizer sees what is read behind it. */
static enum err normalize(const char *sent, struct arena *arena, struct page *page)
{
    return page_normalize(arena_dup(arena, slice_str(sent)), arena, page, NULL);
}

static void check(const char *sent, const char *part, struct slice told, const char *expected)
{
    if (!slice_eq(told, slice_str(expected)))
        fail_msg("\"%s\": %s \"%.*s\", not \"%s\"", sent, part, SLICE_ARG(told), expected);
}

static void test_paths(void **state)
{
    static const char *const cases[][2] = {
        {"/", "/"},
        {"/about", "/about"},
        {"about", "/about"},
        {"/blog/2024/post.html", "/blog/2024/post.html"},
        /* Slashes. */
        {"/about/", "/about"},
        {"//about//", "/about"},
        {"///", "/"},
        {"/a//b", "/a//b"},
        {"/a/?b=c", "/a?b=c"},
        /* What is left out does not leave a mark behind. */
        {"/a?", "/a"},
        {"/a?&", "/a"},
        {"/a?b&", "/a?b"},
        {"/a?&b=1&&c=2", "/a?b=1&c=2"},
        {"?", "/"},
        {"?b=c", "/?b=c"},
        {"/?b=c", "/?b=c"},
        /* Neither case nor encoding nor order are changed. */
        {"/About/Caf%C3%A9", "/About/Caf%C3%A9"},
        {"/caf\xc3\xa9", "/caf\xc3\xa9"},
        {"/a?z=1&a=2&Z=3", "/a?z=1&a=2&Z=3"},
        {"/a?b=c?d", "/a?b=c?d"},
        {"/a?b=/", "/a?b=/"},
        {"/a/../b", "/a/../b"},
        /* What tracks. */
        {"/a?utm_source=x", "/a"},
        {"/a?utm_source=x&utm_medium=y&utm_anything=z", "/a"},
        {"/a?UTM_Source=x", "/a"},
        {"/a?b=1&utm_source=x", "/a?b=1"},
        {"/a?utm_source=x&b=1", "/a?b=1"},
        {"/a?b=1&gclid=x&c=2", "/a?b=1&c=2"},
        {"/a?fbclid=x&b=1&ref=y&c=2&mc_cid=z", "/a?b=1&c=2"},
        {"/?ref=producthunt", "/"},
        {"/a/?gclid=x", "/a"},
        {"/a?ref", "/a"},
        {"/a?reference=1&utm=2&xutm_source=3", "/a?reference=1&utm=2&xutm_source=3"},
        {"/a?utm%5Fsource=x", "/a?utm%5Fsource=x"},
        /* Fragments, and those that are routes. */
        {"/a#top", "/a"},
        {"/a?b=c#top", "/a?b=c"},
        {"/a?utm_source=x#top", "/a"},
        {"/#/users", "/#/users"},
        {"/#/users/", "/#/users"},
        {"/#!/users", "/#!/users"},
        {"/app/#/users?id=3", "/app#/users?id=3"},
        {"/app?utm_source=x#/users", "/app#/users"},
        {"/#/", "/"},
        {"/#!", "/"},
        {"/#!/", "/"},
        {"/#", "/"},
        {"#/users", "/#/users"},
        {"/#/a#b", "/#/a#b"},
        /* Blanks. */
        {" /a\n", "/a"},
        {"/ a /", "/a"},
        {"/a b", "/a b"},
        {"/a?b=c ", "/a?b=c"},
        {"/a? &b= 1 & utm_source=2", "/a?b= 1"},
        /* Full addresses. */
        {"https://example.com", "/"},
        {"https://example.com/", "/"},
        {"https://example.com?b=c", "/?b=c"},
        {"https://example.com/a/?utm_source=x#top", "/a"},
        {"HTTP://example.com/A", "/A"},
        /* No full addresses of pages. */
        {"example.com/a", "/example.com/a"},
        {"//example.com/a", "/example.com/a"},
        {"file:///a/b", "/file:///a/b"},
        {"/https://example.com/", "/https://example.com"},
    };
    struct arena arena;

    (void)state;
    arena_init(&arena, 4096, SIZE_MAX);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct page page;
        struct page again;

        assert_int_equal(normalize(cases[i][0], &arena, &page), ERR_OK);
        check(cases[i][0], "path", page.path, cases[i][1]);
        assert_int_equal(page_normalize(page.path, &arena, &again, NULL), ERR_OK);
        check(cases[i][0], "path, normalized twice,", again.path, cases[i][1]);
    }
    arena_fini(&arena);
}

static void test_hosts_and_queries(void **state)
{
    static const struct {
        const char *sent;
        const char *host;
        const char *query;
    } cases[] = {
        {"/a", "", ""},
        {"/a?b=c#d?e", "", "b=c"},
        {"/a?utm_source=%C3%A9", "", "utm_source=%C3%A9"},
        {"https://example.com/a", "example.com", ""},
        {"https://WWW.Example.com:8080/a?", "example.com", ""},
        {"https://user:secret@example.com?a?b", "example.com", "a?b"},
        {"https://www.com/", "www.com", ""},
        {"https://m.example.com/", "m.example.com", ""},
        {"http://192.0.2.1/", "192.0.2.1", ""},
        {"http://[2001:DB8::1]:80/", "[2001:db8::1]", ""},
        {"https:///a?b", "", "b"},
        {"https://a b/c", "", ""},
    };
    struct arena arena;

    (void)state;
    arena_init(&arena, 4096, SIZE_MAX);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct page page;

        assert_int_equal(normalize(cases[i].sent, &arena, &page), ERR_OK);
        check(cases[i].sent, "host", page.host, cases[i].host);
        check(cases[i].sent, "query", page.query, cases[i].query);
    }
    arena_fini(&arena);
}

static void test_what_may_not_be_counted_says_what_is_wrong(void **state)
{
    static char too_long[PAGE_MAX_PATH + 2];

    static const struct {
        struct slice sent;
        const char *why;
    } cases[] = {
        {SLICE_INIT(""), "missing"},          {{NULL, 0}, "missing"},
        {SLICE_INIT(" \n"), "missing"},       {{too_long, PAGE_MAX_PATH + 1}, "2049 bytes"},
        {SLICE_INIT("/a\0b"), "control"},     {SLICE_INIT("/caf\xe9"), "UTF-8"},
        {SLICE_INIT("/a?b=\x7f"), "control"}, {SLICE_INIT("/a#/\xff"), "UTF-8"},
    };
    struct arena arena;

    (void)state;
    memset(too_long, '/', 1);
    memset(too_long + 1, 'x', sizeof(too_long) - 1);
    arena_init(&arena, 4096, SIZE_MAX);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err_info info = {""};
        struct page page;

        assert_int_equal(page_normalize(cases[i].sent, &arena, &page, &info), ERR_INVALID);
        assert_non_null(strstr(info.text, "the path of the page"));
        if (!strstr(info.text, cases[i].why))
            fail_msg("%s", info.text);
    }
    arena_fini(&arena);
}

static void test_only_what_is_kept_has_to_fit_and_to_be_clean(void **state)
{
    static const char tracking[] = "/a?utm_source=\xff\x01&fbclid=";
    char sent[3 * PAGE_MAX_PATH];
    struct arena arena;
    struct page page;

    (void)state;
    memset(sent, 'x', sizeof(sent));
    memcpy(sent, tracking, sizeof(tracking) - 1);
    arena_init(&arena, 4096, SIZE_MAX);
    assert_int_equal(page_normalize(slice_of(sent, sizeof(sent)), &arena, &page, NULL), ERR_OK);
    check("much that tracks", "path", page.path, "/a");
    memset(sent, 'x', PAGE_MAX_PATH);
    sent[0] = '/';
    assert_int_equal(page_normalize(slice_of(sent, PAGE_MAX_PATH), &arena, &page, NULL), ERR_OK);
    assert_int_equal(page.path.len, PAGE_MAX_PATH);
    arena_fini(&arena);
}

static void test_what_changes_at_its_ends_only_is_not_copied(void **state)
{
    static const char *const sent[] = {
        "/",
        "/about",
        "//about/",
        "/a?b=c&d=e",
        "/a?utm_source=x&gclid=y",
        "/a?b=c&utm_source=x",
        "/#/route",
        "/a/#top",
        "https://example.com/a?b#c",
    };
    struct arena nothing;

    (void)state;
    arena_init(&nothing, 16, 0);
    for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
        struct slice text = slice_str(sent[i]);
        struct page page;

        assert_int_equal(page_normalize(text, &nothing, &page, NULL), ERR_OK);
        assert_true(page.path.ptr >= text.ptr && page.path.ptr < text.ptr + text.len);
    }
    arena_fini(&nothing);
}

static void test_without_memory_nothing_is_told(void **state)
{
    static const char *const sent[] = {"about", "/a/?b", "/a?ref=x&b=c", "https://EXAMPLE.com/"};
    struct arena nothing;

    (void)state;
    arena_init(&nothing, 16, 0);
    for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
        struct page page = {.path = SLICE("before")};

        assert_int_equal(page_normalize(slice_str(sent[i]), &nothing, &page, NULL), ERR_NO_MEMORY);
        check(sent[i], "path", page.path, "before");
    }
    arena_fini(&nothing);
}

static void test_every_parameter_that_tracks_is_found(void **state)
{
    size_t count;
    const struct tracking *all = tracking_all(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(tracking_find(all[i].name), &all[i]);
        assert_true(i == 0 || slice_eq(all[i].name, all[i - 1].name) == false);
        assert_int_equal(all[i].source.len > 0, all[i].part == TRACKING_CLICK);
    }
    assert_null(tracking_find(SLICE("")));
    assert_null(tracking_find(SLICE("id")));
    assert_null(tracking_find(SLICE("utm")));
    assert_int_equal(tracking_find(SLICE("utm_"))->part, TRACKING_NOISE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_hosts_and_queries),
        cmocka_unit_test(test_what_may_not_be_counted_says_what_is_wrong),
        cmocka_unit_test(test_only_what_is_kept_has_to_fit_and_to_be_clean),
        cmocka_unit_test(test_what_changes_at_its_ends_only_is_not_copied),
        cmocka_unit_test(test_without_memory_nothing_is_told),
        cmocka_unit_test(test_every_parameter_that_tracks_is_found),
    };

    return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
