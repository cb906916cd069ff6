#include "count/source.h"

#include "base/ascii.h"
#include "count/known_source.h"
#include "support/cmocka.h"

static const struct slice own_hosts[] = {SLICE_INIT("example.com"), SLICE_INIT("www.example.org")};
static const struct source_own own = {own_hosts, sizeof(own_hosts) / sizeof(own_hosts[0])};

static void check(const char *sent, const char *part, struct slice told, const char *expected)
{
    if (!slice_eq(told, slice_str(expected)))
        fail_msg("\"%s\": %s \"%.*s\", not \"%s\"", sent, part, SLICE_ARG(told), expected);
}

static void test_referrers(void **state)
{
    static const struct {
        const char *referrer;
        const char *name;
        const char *host;
    } cases[] = {
        {"", "", ""},
        /* Hosts. */
        {"https://other.example/", "other.example", "other.example"},
        {"https://Other.Example:8443/a?b#c", "other.example", "other.example"},
        {"http://user:secret@other.example/", "other.example", "other.example"},
        {"https://www.other.example", "other.example", "www.other.example"},
        {"https://m.other.example", "other.example", "m.other.example"},
        {"https://blog.other.example/", "blog.other.example", "blog.other.example"},
        {"https://xn--bcher-kva.example/", "xn--bcher-kva.example", "xn--bcher-kva.example"},
        {"https://192.0.2.1/", "192.0.2.1", "192.0.2.1"},
        {"http://[2001:DB8::1]/", "[2001:db8::1]", "[2001:db8::1]"},
        {"http://intranet/wiki", "intranet", "intranet"},
        {"other.example", "other.example", "other.example"},
        {"www.Other.example/a/b?c", "other.example", "www.other.example"},
        {" https://other.example/ ", "other.example", "other.example"},
        /* Our own, and this machine. */
        {"https://example.com/a", "", "example.com"},
        {"https://www.Example.com/a", "", "www.example.com"},
        {"https://m.example.com/a", "", "m.example.com"},
        {"https://example.org/", "", "example.org"},
        {"example.com/a", "", "example.com"},
        {"https://blog.example.com/", "blog.example.com", "blog.example.com"},
        {"https://badexample.com/", "badexample.com", "badexample.com"},
        {"http://localhost:3000/", "", "localhost"},
        {"http://app.localhost/", "", "app.localhost"},
        {"http://127.0.0.1/", "", "127.0.0.1"},
        {"http://[::1]:80/", "", "[::1]"},
        {"http://notlocalhost/", "notlocalhost", "notlocalhost"},
        {"http://127.example.net/", "127.example.net", "127.example.net"},
        /* Services. */
        {"https://www.google.com/", "Google", "www.google.com"},
        {"https://google.de/", "Google", "google.de"},
        {"https://www.google.co.uk/search?q=x", "Google", "www.google.co.uk"},
        {"https://www.google.com.br/", "Google", "www.google.com.br"},
        {"https://www.google.cat/", "Google", "www.google.cat"},
        {"https://news.google.com/", "Google News", "news.google.com"},
        {"https://news.google.fr/", "Google News", "news.google.fr"},
        {"https://mail.google.com/", "Gmail", "mail.google.com"},
        {"https://gemini.google.com/", "Gemini", "gemini.google.com"},
        {"https://sites.google.com/", "sites.google.com", "sites.google.com"},
        {"https://google.evil.example/", "google.evil.example", "google.evil.example"},
        {"https://google.com.evil.example/", "google.com.evil.example", "google.com.evil.example"},
        {"https://notgoogle.de/", "notgoogle.de", "notgoogle.de"},
        {"https://cn.bing.com/", "Bing", "cn.bing.com"},
        {"https://r.search.yahoo.com/", "Yahoo", "r.search.yahoo.com"},
        {"https://search.yahoo.co.jp/", "Yahoo", "search.yahoo.co.jp"},
        {"https://yandex.ru/", "Yandex", "yandex.ru"},
        {"https://yandex.com.tr/", "Yandex", "yandex.com.tr"},
        {"https://l.facebook.com/l.php", "Facebook", "l.facebook.com"},
        {"https://lm.facebook.com/", "Facebook", "lm.facebook.com"},
        {"https://l.instagram.com/", "Instagram", "l.instagram.com"},
        {"https://m.me/", "Messenger", "m.me"},
        {"https://t.co/abc", "X", "t.co"},
        {"https://mobile.twitter.com/", "X", "mobile.twitter.com"},
        {"https://notx.com/", "notx.com", "notx.com"},
        {"https://out.reddit.com/", "Reddit", "out.reddit.com"},
        {"https://news.ycombinator.com/item?id=1", "Hacker News", "news.ycombinator.com"},
        {"https://www.ycombinator.com/", "ycombinator.com", "www.ycombinator.com"},
        {"https://lobste.rs/", "Lobsters", "lobste.rs"},
        {"https://fosstodon.org/", "Mastodon", "fosstodon.org"},
        {"https://de.wikipedia.org/wiki/X", "Wikipedia", "de.wikipedia.org"},
        {"https://en.m.wikipedia.org/", "Wikipedia", "en.m.wikipedia.org"},
        {"https://somebody.substack.com/", "Substack", "somebody.substack.com"},
        {"https://www.pinterest.co.uk/", "Pinterest", "www.pinterest.co.uk"},
        {"https://somebody.github.io/", "somebody.github.io", "somebody.github.io"},
        {"https://chatgpt.com/", "ChatGPT", "chatgpt.com"},
        {"https://statics.teams.cdn.office.net/", "Microsoft Teams",
         "statics.teams.cdn.office.net"},
        {"https://a.b.c.d.e.f.g.bing.com/", "Bing", "a.b.c.d.e.f.g.bing.com"},
        /* Apps. */
        {"android-app://com.google.android.gm/", "Gmail", ""},
        {"android-app://com.google.android.googlequicksearchbox/https/www.google.com", "Google",
         ""},
        {"android-app://com.Slack/", "Slack", ""},
        {"android-app://org.example.Reader/", "android-app://org.example.Reader", ""},
        {"android-app://somebody@org.example.reader/", "", ""},
        {"android-app://", "", ""},
        /* Names. */
        {"Newsletter", "Newsletter", ""},
        {"Spring sale 2.0", "Spring sale 2.0", ""},
        {"v2.0", "v2.0", ""},
        {"hackernews", "Hacker News", ""},
        {"FB", "Facebook", ""},
        {"caf\xc3\xa9", "caf\xc3\xa9", ""},
        {"/a/b", "/a/b", ""},
        /* Nonsense. */
        {"https://", "", ""},
        {"https://a b/", "", ""},
        {"https://a..b/", "", ""},
        {"file:///home/somebody/a.html", "", ""},
        {"chrome-extension://abcdefgh/", "", ""},
        {"capacitor://localhost", "", ""},
        {"caf\xe9", "", ""},
        {"a\x01"
         "b",
         "", ""},
    };
    struct arena arena;

    (void)state;
    arena_init(&arena, 4096, SIZE_MAX);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slice referrer = arena_dup(&arena, slice_str(cases[i].referrer));
        struct source source;

        assert_int_equal(source_of_referrer(referrer, &own, &arena, &source), ERR_OK);
        check(cases[i].referrer, "name", source.name, cases[i].name);
        check(cases[i].referrer, "host", source.host, cases[i].host);
    }
    arena_fini(&arena);
}

static void test_names_have_a_greatest_length(void **state)
{
    static const char scheme[] = "android-app://";
    char text[SOURCE_MAX + 1];
    struct arena arena;
    struct slice name;

    (void)state;
    arena_init(&arena, 4096, SIZE_MAX);
    memset(text, 'x', sizeof(text));
    assert_int_equal(source_of_name(slice_of(text, SOURCE_MAX), &arena, &name), ERR_OK);
    assert_int_equal(name.len, SOURCE_MAX);
    assert_int_equal(source_of_name(slice_of(text, SOURCE_MAX + 1), &arena, &name), ERR_OK);
    assert_int_equal(name.len, 0);
    for (size_t i = 1; i < sizeof(text); i += 2)
        text[i] = '.';
    memcpy(text, scheme, sizeof(scheme) - 1);
    assert_int_equal(source_of_name(slice_of(text, 255), &arena, &name), ERR_OK);
    assert_int_equal(name.len, 255);
    arena_fini(&arena);
}

static void test_only_upper_case_needs_memory(void **state)
{
    struct slice referrer = SLICE("https://www.other.example/a");
    struct source source = {.name = SLICE("before")};
    struct arena nothing;

    (void)state;
    arena_init(&nothing, 16, 0);
    assert_int_equal(source_of_referrer(referrer, &own, &nothing, &source), ERR_OK);
    assert_ptr_equal(source.name.ptr, referrer.ptr + 12);
    assert_int_equal(source_of_referrer(SLICE("https://A.b"), &own, &nothing, &source),
                     ERR_NO_MEMORY);
    assert_ptr_equal(source.name.ptr, referrer.ptr + 12);
    arena_fini(&nothing);
}

static void test_nothing_comes_from_nowhere(void **state)
{
    struct source source;
    struct arena nothing;

    (void)state;
    arena_init(&nothing, 16, 0);
    assert_int_equal(source_of_referrer(slice_of(NULL, 0), &own, &nothing, &source), ERR_OK);
    assert_int_equal(source.name.len, 0);
    arena_fini(&nothing);
}

static struct slice find(enum known_source_kind kind, struct slice key)
{
    if (kind == KNOWN_HOST)
        return known_source_of_host(key);
    return kind == KNOWN_APP ? known_source_of_app(key) : known_source_of_word(key);
}

static void test_every_service_is_found_by_its_keys(void **state)
{
    (void)state;
    for (enum known_source_kind kind = 0; kind < KNOWN_KIND_COUNT_; kind++) {
        size_t count;
        const struct known_source *all = known_source_all(kind, &count);

        for (size_t i = 0; i < count; i++) {
            check(all[i].key.ptr, "name", find(kind, all[i].key), all[i].name.ptr);
            assert_true(i == 0 || ascii_compare(all[i - 1].key, all[i].key) < 0);
            assert_true(all[i].name.len > 0 && all[i].name.len <= SOURCE_MAX);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_referrers),
        cmocka_unit_test(test_names_have_a_greatest_length),
        cmocka_unit_test(test_only_upper_case_needs_memory),
        cmocka_unit_test(test_nothing_comes_from_nowhere),
        cmocka_unit_test(test_every_service_is_found_by_its_keys),
    };

    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
