#include "web/counter_snippet.h"

#include "support/cmocka.h"

typedef void append_fn(struct strbuf *out, const struct counter_wish *wish);

static void append_picture(struct strbuf *out, const struct counter_wish *wish)
{
    counter_append_address(out, wish, ".svg");
}

/* The options as an address has them: what is written has to be what was read. */
static void assert_snippet(append_fn *append, const char *path, const char *query,
                           const char *expected)
{
    struct counter_wish wish = {
        .base = SLICE("https://s.example"), .site = SLICE("blog"), .path = slice_str(path)};
    char storage[4096];
    struct strbuf out;

    counter_options_init(&wish.options);
    counter_options_read(&wish.options, slice_str(query));
    assert_int_equal(wish.options.wrong, 0);
    strbuf_init_fixed(&out, storage, sizeof(storage));
    append(&out, &wish);
    if (out.failed || !slice_eq(strbuf_slice(&out), slice_str(expected)))
        fail_msg("%s: %.*s", query, (int)out.len, out.ptr);
}

static void test_an_address_has_what_is_not_the_default(void **state)
{
    static const struct {
        const char *path;
        const char *query;
        const char *address;
    } cases[] = {
        {"", "", "https://s.example/c/blog.svg"},
        {"", "style=flat&metric=views&period=all&theme=light&format=group&lang=en&hit=0",
         "https://s.example/c/blog.svg"},
        {"/a (b)/\xc3\xa9?x=1", "", "https://s.example/c/blog/a%20%28b%29/%C3%A9%3Fx%3D1.svg"},
        {"", "style=led&metric=visitors&period=30d&label=&color=amber&labelColor=12f&theme=auto",
         "https://s.example/c/"
         "blog.svg?style=led&metric=visitors&period=30d&label=&color=amber&labelColor=1122ff&"
         "theme=auto"},
        {"", "format=short&lang=de&digits=0&hit=1&label=%3Ca%26b%3D",
         "https://s.example/c/blog.svg?label=%3Ca%26b%3D&format=short&lang=de&digits=0&hit=1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_snippet(append_picture, cases[i].path, cases[i].query, cases[i].address);
}

static void test_snippets_are_those_of_their_languages(void **state)
{
    (void)state;
    assert_snippet(counter_append_html, "", "style=big&hit=1",
                   "<img src=\"https://s.example/c/blog.svg?style=big&amp;hit=1\" "
                   "alt=\"Visitor counter\" height=\"28\">");
    assert_snippet(counter_append_html, "", "style=digits&digits=7",
                   "<img src=\"https://s.example/c/blog.svg?style=digits&amp;digits=7\" "
                   "alt=\"Visitor counter\" width=\"131\" height=\"34\">");
    assert_snippet(counter_append_markdown, "/(a)", "color=red",
                   "![Visitor counter](https://s.example/c/blog/%28a%29.svg?color=red)");
    assert_snippet(counter_append_bbcode, "", "", "[img]https://s.example/c/blog.svg[/img]");
    assert_snippet(counter_append_shields, "", "style=led&label=a+b&hit=1",
                   "https://img.shields.io/endpoint?url=https%3A//s.example/c/"
                   "blog.json%3Fstyle%3Dshields%26label%3Da%2520b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_address_has_what_is_not_the_default),
        cmocka_unit_test(test_snippets_are_those_of_their_languages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
