#include "web/counter_words.h"

#include "base/utf8.h"
#include "support/cmocka.h"
#include "web/counter_options.h"

static void test_numbers_are_written_as_asked_for(void **state)
{
    static const struct {
        int64_t number;
        enum counter_form form;
        enum counter_language language;
        unsigned digits;
        const char *expected;
    } cases[] = {
        {0, COUNTER_GROUP, COUNTER_ENGLISH, 0, "0"},
        {-7, COUNTER_GROUP, COUNTER_ENGLISH, 0, "0"},
        {999, COUNTER_GROUP, COUNTER_ENGLISH, 0, "999"},
        {1234, COUNTER_GROUP, COUNTER_ENGLISH, 0, "1,234"},
        {1234567, COUNTER_GROUP, COUNTER_ENGLISH, 0, "1,234,567"},
        {1234567, COUNTER_PLAIN, COUNTER_ENGLISH, 0, "1234567"},
        {1234, COUNTER_GROUP, COUNTER_GERMAN, 0, "1.234"},
        {1234, COUNTER_GROUP, COUNTER_SPANISH, 0, "1234"},
        {12345, COUNTER_GROUP, COUNTER_SPANISH, 0, "12.345"},
        {1234, COUNTER_GROUP, COUNTER_FRENCH, 0,
         "1\xe2\x80\xaf"
         "234"},
        {7, COUNTER_GROUP, COUNTER_ENGLISH, 6, "000,007"},
        {7, COUNTER_PLAIN, COUNTER_DUTCH, 12, "000000000007"},
        {1234567, COUNTER_PLAIN, COUNTER_PORTUGUESE, 3, "1234567"},
        {999, COUNTER_SHORT, COUNTER_ENGLISH, 6, "999"},
        {1000, COUNTER_SHORT, COUNTER_ENGLISH, 0, "1k"},
        {1049, COUNTER_SHORT, COUNTER_ENGLISH, 0, "1k"},
        {1234, COUNTER_SHORT, COUNTER_ENGLISH, 0, "1.2k"},
        {1999, COUNTER_SHORT, COUNTER_ENGLISH, 0, "1.9k"},
        {99999, COUNTER_SHORT, COUNTER_GERMAN, 0, "99,9k"},
        {123456, COUNTER_SHORT, COUNTER_ENGLISH, 0, "123k"},
        {999999, COUNTER_SHORT, COUNTER_ENGLISH, 0, "999k"},
        {1000000, COUNTER_SHORT, COUNTER_ENGLISH, 0, "1M"},
        {2500000000, COUNTER_SHORT, COUNTER_ENGLISH, 0, "2.5G"},
        {INT64_MAX, COUNTER_SHORT, COUNTER_ENGLISH, 0, "9.2E"},
        {INT64_MAX, COUNTER_GROUP, COUNTER_ENGLISH, 0, "9,223,372,036,854,775,807"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[COUNTER_TEXT_BYTES];
        struct slice number = counter_number(cases[i].number, cases[i].form, cases[i].language,
                                             cases[i].digits, text);

        if (!slice_eq(number, slice_str(cases[i].expected)))
            fail_msg("%.*s is not %s", SLICE_ARG(number), cases[i].expected);
    }
}

static void test_every_language_has_every_word(void **state)
{
    (void)state;
    for (enum counter_language language = 0; language < COUNTER_LANGUAGE_COUNT_; language++) {
        assert_int_equal(counter_language_names[language].len, 2);
        for (enum counter_metric metric = 0; metric < COUNTER_METRIC_COUNT_; metric++) {
            struct slice label = counter_label(metric, language);

            assert_true(label.len > 0 && label.len <= COUNTER_MAX_LABEL && utf8_is_clean(label));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_written_as_asked_for),
        cmocka_unit_test(test_every_language_has_every_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
