#include "count/language.h"

#include <stdlib.h>

#include "support/cmocka.h"

static const struct {
    struct slice field;
    const char *language; /* NULL: none */
} cases[] = {
    {SLICE_INIT("de"), "de"},
    {SLICE_INIT("de-AT,de;q=0.9,en;q=0.5"), "de"},
    {SLICE_INIT("en-US,en;q=0.9"), "en"},
    {SLICE_INIT("da, en-gb;q=0.8, en;q=0.7"), "da"},
    {SLICE_INIT("en;q=0.5,fr;q=0.9"), "fr"},
    {SLICE_INIT("en;q=0.899,fr;q=0.9"), "fr"},
    {SLICE_INIT("en;q=0.9,fr;q=0.900"), "en"}, /* the first of equal ones */
    {SLICE_INIT("en,fr"), "en"},
    {SLICE_INIT("en;q=0.001"), "en"},
    {SLICE_INIT("FIL-PH"), "fil"},
    {SLICE_INIT("ZH-hant-TW"), "zh"},
    {SLICE_INIT(" \t de \t ; \t q=0.5 \t , en ; Q=0.6 "), "en"},
    {SLICE_INIT("de;q=1.000"), "de"},
    {SLICE_INIT("de;q=1."), "de"},
    {SLICE_INIT(",,,de,,"), "de"},
    {SLICE_INIT("en;,fr"), "en"},
    /* Ranges that name no language are passed over. */
    {SLICE_INIT("*,de;q=0.5"), "de"},
    {SLICE_INIT("*;q=0.1, sv;q=0.05"), "sv"},
    {SLICE_INIT("en;q=0,de;q=0.1"), "de"},
    {SLICE_INIT("i-klingon,x-private,de;q=0.2"), "de"},
    {SLICE_INIT("en;q=2,en;q=1.001,en;q=.5,en;q=0.1234,en;q=-1,en;q=0,5,de;q=0.1"), "de"},
    {SLICE_INIT("en;level=1,en;q,en;q =1,en;q= 1,en;q=1;x=y,de;q=0.3"), "de"},
    {SLICE_INIT("en\0,de;q=0.3"), "de"},
    {SLICE_INIT("caf\xc3\xa9,\xff\xfe,d\xc3\xa9,de;q=0.3"), "de"},
    {SLICE_INIT("e,english,en_US,e1,12,de;q=0.3"), "de"},
    {SLICE_INIT(""), NULL},
    {{NULL, 0}, NULL},
    {SLICE_INIT("*"), NULL},
    {SLICE_INIT("*;q=1"), NULL},
    {SLICE_INIT(" "), NULL},
    {SLICE_INIT(","), NULL},
    {SLICE_INIT(";"), NULL},
    {SLICE_INIT("-"), NULL},
    {SLICE_INIT(";q=1"), NULL},
    {SLICE_INIT("de;q=0"), NULL},
    {SLICE_INIT("de;q=0.000"), NULL},
    {SLICE_INIT("q=1"), NULL},
    {SLICE_INIT("\0\0"), NULL},
};

static void test_the_language_is_that_of_the_highest_weight(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char language[LANGUAGE_SIZE] = "?";
        bool is_found = language_find(cases[i].field, language);

        if (is_found != (cases[i].language != NULL))
            fail_msg("%.*s: %s", SLICE_ARG(cases[i].field), language);
        assert_string_equal(language, is_found ? cases[i].language : "?");
    }
}

static void test_any_bytes_of_any_length_are_read_to_their_end(void **state)
{
    static const char bytes[] = {'d', 'e', ';', 'q', '=', '0', '.', '5', ',', '-', '*', '\0'};
    unsigned random = 1;

    (void)state;
    for (size_t round = 0; round < 20000; round++) {
        size_t len = round % 40;
        char *text = malloc(len > 0 ? len : 1); /* exact, so that a sanitizer sees its end */
        char language[LANGUAGE_SIZE];

        assert_non_null(text);
        for (size_t i = 0; i < len; i++) {
            random = random * 1664525 + 1013904223;
            text[i] = bytes[(random >> 16) % sizeof(bytes)];
        }
        if (language_find(slice_of(text, len), language))
            assert_in_range(strlen(language), 2, LANGUAGE_SIZE - 1);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_language_is_that_of_the_highest_weight),
        cmocka_unit_test(test_any_bytes_of_any_length_are_read_to_their_end),
    };

    return cmocka_run_group_tests_name("language", tests, NULL, NULL);
}
