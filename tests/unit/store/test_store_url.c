#include "store/store.h"

#include "support/cmocka.h"
#include "support/virtual_loop.h"

static void test_passwords_are_masked_wherever_they_stand(void **state)
{
    static const struct {
        const char *url;
        const char *masked;
    } cases[] = {
        {"", ""},
        {"memory:", "memory:"},
        {"nonsense", "nonsense"},
        {"sqlite:/var/lib/footfall.db", "sqlite:/var/lib/footfall.db"},
        {"redis://localhost:6379/0", "redis://localhost:6379/0"},
        {"redis://:secret@localhost:6379/0", "redis://:***@localhost:6379/0"},
        {"redis://user:secret@localhost", "redis://user:***@localhost"},
        {"redis://user:@localhost", "redis://user:@localhost"},
        {"redis://secret@localhost:6379", "redis://***@localhost:6379"},
        {"redis://localhost?a=b&password=secret&c=d", "redis://localhost?a=b&password=***&c=d"},
        {"redis://user:secret@localhost?password=secret",
         "redis://user:***@localhost?password=***"},
        {"postgres://user:secret@a,b:5433/db", "postgres://user:***@a,b:5433/db"},
        {"postgres://user@a/db", "postgres://***@a/db"},
        {"postgres:///db?sslpassword=secret&port=1&password=secret&host=a",
         "postgres:///db?sslpassword=***&host=a"},
        {"sqlite:a@b:c.db", "sqlite:a@b:c.db"},
        {"sqlite:///srv/a:b@c.db", "sqlite:///srv/a:b@c.db"},
        {"redis://user:sec:ret@localhost", "redis://user:***@localhost"},
        {"redis://[::1]:6379/0", "redis://[::1]:6379/0"},
        {"redis://user:secret@[::1]:6379/0", "redis://user:***@[::1]:6379/0"},
        /* Not escaped as they should be. */
        {"redis://user:sec@ret@localhost", "redis://user:***@localhost"},
        {"redis://user:sec/ret@localhost", "redis://user:***@localhost"},
        {"redis://user:sec?ret@localhost/0", "redis://user:***@localhost/0"},
        {"redis://user:sec#ret@localhost", "redis://user:***@localhost"},
        /* Not the urls they should be. */
        {"redis:user:secret@localhost", "redis:user:***@localhost"},
        {"redis:/user:secret@localhost", "redis:/user:***@localhost"},
        {"://user:secret@localhost", "://user:***@localhost"},
        {"rediss://user:secret@localhost:6380/0?ca=/ca.pem",
         "rediss://user:***@localhost:6380/0?ca=/ca.pem"},
        {"redis+cluster://user:secret@a:1,b:2,c/?wait=1",
         "redis+cluster://user:***@a:1,b:2,c/?wait=1"},
        {"rediss+cluster://:secret@a,[::1]:2", "rediss+cluster://:***@a,[::1]:2"},
        {"redis+cluster://a:1,b:2", "redis+cluster://a:1,b:2"},
        /* In the query. */
        {"unix:/run/redis.sock?password=secret", "unix:/run/redis.sock?password=***"},
        {"unix:/run/redis.sock?db=1&password=secret&user=me",
         "unix:/run/redis.sock?db=1&password=***&user=me"},
        {"redis://host:6379/0?password=sec@ret", "redis://host:6379/0?password=***"},
        {"unix:/run/redis.sock?password=", "unix:/run/redis.sock?password="},
        {"unix:/run/redis.sock?password=sec@ret", "unix:/run/redis.sock?password=***"},
        {"redis://user:secret@localhost/0?password=secret2",
         "redis://user:***@localhost/0?password=***"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char masked[200];

        store_url_mask(cases[i].url, masked, sizeof(masked));
        assert_string_equal(masked, cases[i].masked);
    }
}

static void test_a_mask_is_cut_to_its_room(void **state)
{
    char masked[16] = "...............!";

    (void)state;
    store_url_mask("redis://user:secret@localhost", masked, 15);
    assert_string_equal(masked, "redis://user:*");
    assert_int_equal(masked[15], '!');
}

static void test_a_url_of_no_kind_is_refused_with_an_example(void **state)
{
    static const char *const urls[] = {"", "footfall.db", "mysql://localhost", "Sqlite:x",
                                       "memory"};
    struct store *store = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct virtual_loop loop;
        struct store_env env = {.timers = &loop.timers, .clock = &loop.clock, .timeout_ms = 1};
        struct err_info info = {""};

        virtual_loop_init(&loop);
        assert_int_equal(store_url_check(urls[i], &info), ERR_CONFIG);
        assert_non_null(strstr(info.text, "sqlite:footfall.db"));
        assert_int_equal(store_open(urls[i], &env, &store, NULL), ERR_CONFIG);
        assert_null(store);
        virtual_loop_fini(&loop);
    }
}

static void test_only_memory_is_private_to_its_process(void **state)
{
    (void)state;
    assert_true(store_url_is_private("memory:"));
    assert_false(store_url_is_private("sqlite:footfall.db"));
    assert_false(store_url_is_private("redis://localhost"));
    assert_false(store_url_is_private("nonsense"));
}

static void test_durabilities_have_names(void **state)
{
    (void)state;
    assert_string_equal(durability_name(DURABILITY_STRICT), "strict");
    assert_string_equal(durability_name(DURABILITY_RELAXED), "relaxed");
    assert_string_equal(durability_name(DURABILITY_LOSSY), "lossy");
    assert_string_equal(durability_name(DURABILITY_NONE), "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passwords_are_masked_wherever_they_stand),
        cmocka_unit_test(test_a_mask_is_cut_to_its_room),
        cmocka_unit_test(test_a_url_of_no_kind_is_refused_with_an_example),
        cmocka_unit_test(test_only_memory_is_private_to_its_process),
        cmocka_unit_test(test_durabilities_have_names),
    };

    return cmocka_run_group_tests_name("store url", tests, NULL, NULL);
}
