#include "store/store.h"
#include "support/cmocka.h"

static const struct {
    const char *url;
    const char *masked;
} cases[] = {
    {"sqlite:footfall.db", "sqlite:footfall.db"},
    {"sqlite:a@b:c.db", "sqlite:a@b:c.db"},
    {"sqlite:///srv/a:b@c.db", "sqlite:///srv/a:b@c.db"},
    {"memory:", "memory:"},
    {"", ""},
    {"redis://host:6379/0", "redis://host:6379/0"},
    {"redis://:secret@host/0", "redis://:***@host/0"},
    {"redis://user:secret@host/0?require=strict", "redis://user:***@host/0?require=strict"},
    {"redis://user:@host", "redis://user:@host"},
    {"redis://secret@host", "redis://***@host"},
    {"redis://user:sec/r?e@t@host/0", "redis://user:***@host/0"},
    {"redis://host?password=secret", "redis://host?password=***"},
    {"redis://host?a=b&password=secret&c=d", "redis://host?a=b&password=***&c=d"},
    {"redis://user:secret@host?password=secret", "redis://user:***@host?password=***"},
    {"redis://host:6379/0?password=sec@ret", "redis://host:6379/0?password=***"},
    {"redis://user:se@c:r@host/0?password=sec@ret", "redis://user:***@host/0?password=***"},
    {"redis://user:sec:ret@[::1]:6379", "redis://user:***@[::1]:6379"},
    {"redis://[::1]:6379/0", "redis://[::1]:6379/0"},
    {"@://", "@://"},
    {"unix:/run/redis.sock?password=secret", "unix:/run/redis.sock?password=***"},
    {"gopher://user:secret@host", "gopher://user:***@host"},
};

static void passwords_are_masked_wherever_they_stand(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char masked[100];

        store_url_mask(cases[i].url, masked, sizeof(masked));
        assert_string_equal(masked, cases[i].masked);
    }
}

static void a_long_url_is_cut(void **state)
{
    char masked[12];

    (void)state;
    store_url_mask("redis://user:secret@host", masked, sizeof(masked));
    assert_string_equal(masked, "redis://use");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passwords_are_masked_wherever_they_stand),
        cmocka_unit_test(a_long_url_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
