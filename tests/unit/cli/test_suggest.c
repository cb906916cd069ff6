#include "cli/suggest.h"

#include "support/cmocka.h"

static void distances_count_single_mistakes(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        size_t distance;
    } cases[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"abc", "", 3},
        {"serve", "serve", 0},
        {"serv", "serve", 1},
        {"sevre", "serve", 1},
        {"kitten", "sitting", 3},
        {"ab", "ba", 1},
        {"doctor", "docter", 1},
        {"abcd", "dcba", 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(edit_distance(slice_str(cases[i].a), slice_str(cases[i].b), 99),
                         cases[i].distance);
    assert_int_equal(edit_distance(SLICE("abcdef"), SLICE("uvwxyz"), 3), 3);
}

static void words_too_long_to_compare_are_far_away(void **state)
{
    char longer[200];

    (void)state;
    memset(longer, 'x', sizeof(longer));
    assert_int_equal(edit_distance(slice_of(longer, 200), slice_of(longer, 200), 7), 7);
}

static void the_nearest_word_is_suggested_and_nothing_far(void **state)
{
    static const char *const words[] = {"FOOTFALL_STORE", "FOOTFALL_LISTEN", "FOOTFALL_STORE_FILE"};
    struct suggestion near;
    struct suggestion far;

    (void)state;
    suggestion_init(&near, SLICE("FOOTFALL_LISTN"));
    suggestion_init(&far, SLICE("zzz"));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        suggestion_add(&near, slice_str(words[i]));
        suggestion_add(&far, slice_str(words[i]));
    }
    assert_string_equal(near.best.ptr, "FOOTFALL_LISTEN");
    assert_null(far.best.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_count_single_mistakes),
        cmocka_unit_test(words_too_long_to_compare_are_far_away),
        cmocka_unit_test(the_nearest_word_is_suggested_and_nothing_far),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
