#include "count/hit.h"

#include "support/cmocka.h"

static char long_text[HIT_MAX_PATH + 2];

static void test_paths_that_may_be_counted(void **state)
{
    static const struct slice paths[] = {
        SLICE_INIT("/"),
        SLICE_INIT("about"),
        SLICE_INIT(" "),
        SLICE_INIT("/a b?c=d#e"),
        SLICE_INIT("/caf\xc3\xa9"),
        SLICE_INIT("/\xf0\x9f\x98\x80"),
        SLICE_INIT("/{tag}'\"<>&\\"),
        {long_text, HIT_MAX_PATH},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        assert_int_equal(hit_check_page(SLICE(SITE_DEFAULT), paths[i], NULL), ERR_OK);
}

static void test_paths_that_may_not_say_what_is_wrong(void **state)
{
    static const struct {
        struct slice path;
        const char *why;
    } cases[] = {
        {SLICE_INIT(""), "missing"},
        {{NULL, 0}, "missing"},
        {{long_text, HIT_MAX_PATH + 1}, "2049 bytes"},
        {SLICE_INIT("/a\0"), "control"},
        {SLICE_INIT("/a\n"), "control"},
        {SLICE_INIT("\x7f"), "control"},
        {SLICE_INIT("/\xc2\x85"), "control"},
        {SLICE_INIT("/caf\xe9"), "UTF-8"},
        {SLICE_INIT("/\xed\xa0\x80"), "UTF-8"},
        {SLICE_INIT("/\xc0\xaf"), "UTF-8"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err_info info = {""};

        assert_int_equal(hit_check_page(SLICE(SITE_DEFAULT), cases[i].path, &info), ERR_INVALID);
        assert_true(strncmp(info.text, "p, the path", 11) == 0);
        if (!strstr(info.text, cases[i].why))
            fail_msg("%s", info.text);
    }
}

static void test_there_is_one_site(void **state)
{
    static const struct slice sites[] = {
        SLICE_INIT(""),         SLICE_INIT("other"),     SLICE_INIT("Default"),
        SLICE_INIT("default "), SLICE_INIT("default\0"), SLICE_INIT("defaul"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(sites) / sizeof(sites[0]); i++) {
        struct err_info info = {""};

        assert_int_equal(hit_check_page(sites[i], SLICE("/"), &info), ERR_NOT_FOUND);
        assert_non_null(strstr(info.text, SITE_DEFAULT));
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
        struct hit_input input = {SLICE(SITE_DEFAULT), SLICE("/"), cases[i].id};
        struct err_info info = {""};

        assert_int_equal(hit_check(&input, &info), cases[i].err);
        assert_true(cases[i].err == ERR_OK || strncmp(info.text, "id must", 7) == 0);
        assert_int_equal(hit_check(&input, NULL), cases[i].err);
    }
}

static void test_a_hit_has_to_name_a_sound_page_too(void **state)
{
    struct hit_input input = {SLICE(SITE_DEFAULT), SLICE(""), SLICE("id")};

    (void)state;
    assert_int_equal(hit_check(&input, NULL), ERR_INVALID);
    input.site = SLICE("other");
    assert_int_equal(hit_check(&input, NULL), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_that_may_be_counted),
        cmocka_unit_test(test_paths_that_may_not_say_what_is_wrong),
        cmocka_unit_test(test_there_is_one_site),
        cmocka_unit_test(test_ids_are_visible_ascii_of_a_limited_length),
        cmocka_unit_test(test_a_hit_has_to_name_a_sound_page_too),
    };

    memset(long_text, 'x', sizeof(long_text));
    return cmocka_run_group_tests_name("hit", tests, NULL, NULL);
}
