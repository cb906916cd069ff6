#include "count/hit.h"

#include "store/counter.h"
#include "support/cmocka.h"

static char long_text[HIT_MAX_PATH + 2];

static void test_a_site_is_named_by_its_id(void **state)
{
    static const struct {
        struct slice id;
        enum err err;
    } cases[] = {
        {SLICE_INIT("a"), ERR_OK},
        {SLICE_INIT("my-site_2"), ERR_OK},
        {{long_text, COUNTER_MAX_SITE}, ERR_OK},
        {{long_text, COUNTER_MAX_SITE + 1}, ERR_INVALID},
        {SLICE_INIT(""), ERR_INVALID},
        {{NULL, 0}, ERR_INVALID},
        {SLICE_INIT("Default"), ERR_INVALID},
        {SLICE_INIT("default "), ERR_INVALID},
        {SLICE_INIT("default\0"), ERR_INVALID},
        {SLICE_INIT("a/b"), ERR_INVALID},
        {SLICE_INIT("caf\xc3\xa9"), ERR_INVALID},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err_info info = {""};

        assert_int_equal(hit_check_site(cases[i].id, &info), cases[i].err);
        assert_true(cases[i].err == ERR_OK || strncmp(info.text, "site must", 9) == 0);
    }
}

static void test_ids_are_visible_ascii_of_a_limited_length(void **state)
{
    static const struct {
        struct slice id;
        enum err err;
    } cases[] = {
        {SLICE_INIT(""), ERR_OK}, /* none */
        {SLICE_INIT("a"), ERR_OK},         {SLICE_INIT("!~/:\"\\'"), ERR_OK},
        {{long_text, HIT_MAX_ID}, ERR_OK}, {{long_text, HIT_MAX_ID + 1}, ERR_INVALID},
        {SLICE_INIT(" "), ERR_INVALID},    {SLICE_INIT("a b"), ERR_INVALID},
        {SLICE_INIT("a\n"), ERR_INVALID},  {SLICE_INIT("a\0"), ERR_INVALID},
        {SLICE_INIT("\x7f"), ERR_INVALID}, {SLICE_INIT("\x80"), ERR_INVALID},
        {SLICE_INIT("\xff"), ERR_INVALID}, {SLICE_INIT("caf\xc3\xa9"), ERR_INVALID},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err_info info = {""};

        assert_int_equal(hit_check_id(cases[i].id, &info), cases[i].err);
        assert_true(cases[i].err == ERR_OK || strncmp(info.text, "id must", 7) == 0);
        assert_int_equal(hit_check_id(cases[i].id, NULL), cases[i].err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_site_is_named_by_its_id),
        cmocka_unit_test(test_ids_are_visible_ascii_of_a_limited_length),
    };

    memset(long_text, 'x', sizeof(long_text));
    return cmocka_run_group_tests_name("hit", tests, NULL, NULL);
}
