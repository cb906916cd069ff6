#include "store/store.h"

#include "support/cmocka.h"
#include "support/virtual_loop.h"

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
        cmocka_unit_test(test_a_url_of_no_kind_is_refused_with_an_example),
        cmocka_unit_test(test_only_memory_is_private_to_its_process),
        cmocka_unit_test(test_durabilities_have_names),
    };

    return cmocka_run_group_tests_name("store url", tests, NULL, NULL);
}
