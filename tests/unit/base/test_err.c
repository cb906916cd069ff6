#include "base/err.h"

#include <string.h>

#include "support/cmocka.h"

static void test_every_error_has_a_name_and_a_status(void **state)
{
    static const struct {
        enum err err;
        const char *name;
        int status;
    } cases[ERR_COUNT_] = {
        {ERR_OK, "ok", 200},
        {ERR_INVALID, "invalid", 400},
        {ERR_NOT_FOUND, "not_found", 404},
        {ERR_NO_MEMORY, "no_memory", 503},
        {ERR_BUSY, "busy", 503},
        {ERR_UNAVAILABLE, "unavailable", 503},
        {ERR_STALE, "stale", 503},
        {ERR_UNKNOWN, "unknown", 504},
        {ERR_CONFIG, "config", 500},
    };

    (void)state;
    for (size_t i = 0; i < ERR_COUNT_; i++) {
        assert_string_equal(err_name(cases[i].err), cases[i].name);
        assert_int_equal(err_http_status(cases[i].err), cases[i].status);
        assert_true(err_log_level(cases[i].err) <= LOG_ERROR);
    }
}

static void test_a_detail_is_cut_to_its_room_and_ended(void **state)
{
    struct err_info info;
    char large[1000];

    (void)state;
    memset(large, 'x', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    err_info_set(&info, "%s", large);
    assert_int_equal(strlen(info.text), sizeof(info.text) - 1);
    err_info_set(&info, "%d of %s", 1, "two");
    assert_string_equal(info.text, "1 of two");
}

static void test_nobody_has_to_want_the_detail(void **state)
{
    (void)state;
    err_info_set(NULL, "%s", "nobody reads this");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_error_has_a_name_and_a_status),
        cmocka_unit_test(test_a_detail_is_cut_to_its_room_and_ended),
        cmocka_unit_test(test_nobody_has_to_want_the_detail),
    };

    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
