#include "base/utf8.h"

#include "support/cmocka.h"

/* A case of one sequence, with a name to find it by. */
struct utf8_case {
    const char *what;
    struct slice text;
};

#define COUNT(array_) (sizeof(array_) / sizeof((array_)[0]))

static const struct utf8_case clean[] = {
    {"empty", SLICE_INIT("")},
    {"all printable ASCII ends", SLICE_INIT(" ~")},
    {"a path", SLICE_INIT("/caf\xc3\xa9?x=\"'<&>\\")},
    {"first of two bytes that is no control, U+00A0", SLICE_INIT("\xc2\xa0")},
    {"last of two bytes, U+07FF", SLICE_INIT("\xdf\xbf")},
    {"first of three bytes, U+0800", SLICE_INIT("\xe0\xa0\x80")},
    {"before the surrogates, U+D7FF", SLICE_INIT("\xed\x9f\xbf")},
    {"after the surrogates, U+E000", SLICE_INIT("\xee\x80\x80")},
    {"replacement character, U+FFFD", SLICE_INIT("\xef\xbf\xbd")},
    {"byte order mark, U+FEFF", SLICE_INIT("\xef\xbb\xbf")},
    {"last of three bytes, U+FFFF", SLICE_INIT("\xef\xbf\xbf")},
    {"first of four bytes, U+10000", SLICE_INIT("\xf0\x90\x80\x80")},
    {"last of all, U+10FFFF", SLICE_INIT("\xf4\x8f\xbf\xbf")},
    {"kosme", SLICE_INIT("\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5")},
    {"an emoji between letters", SLICE_INIT("a\xf0\x9f\x98\x80z")},
};

/* After Markus Kuhn's stress test and RFC 3629, sections 3, 4 and 10. */
static const struct utf8_case unclean[] = {
    {"NUL", SLICE_INIT("\0")},
    {"NUL within", SLICE_INIT("a\0b")},
    {"unit separator, U+001F", SLICE_INIT("\x1f")},
    {"line feed", SLICE_INIT("/a\n")},
    {"delete, U+007F", SLICE_INIT("\x7f")},
    {"first C1 control, U+0080", SLICE_INIT("\xc2\x80")},
    {"next line, U+0085", SLICE_INIT("\xc2\x85")},
    {"last C1 control, U+009F", SLICE_INIT("\xc2\x9f")},
    {"lone first continuation", SLICE_INIT("\x80")},
    {"lone last continuation", SLICE_INIT("\xbf")},
    {"two continuations", SLICE_INIT("\x80\xbf")},
    {"lone first of two", SLICE_INIT("\xc3")},
    {"lone first of two, then a space", SLICE_INIT("\xc3 ")},
    {"lone first of three", SLICE_INIT("\xe0 ")},
    {"lone first of four", SLICE_INIT("\xf0 ")},
    {"first of five, RFC 2279", SLICE_INIT("\xf8\x88\x80\x80\x80")},
    {"first of six, RFC 2279", SLICE_INIT("\xfc\x84\x80\x80\x80\x80")},
    {"two of three bytes", SLICE_INIT("\xe0\xa0")},
    {"two of three bytes, then ASCII", SLICE_INIT("\xe2\x82z")},
    {"three of four bytes", SLICE_INIT("\xf0\x9f\x98")},
    {"three of four bytes, then ASCII", SLICE_INIT("\xf0\x9f\x98z")},
    {"a sequence cut by the next", SLICE_INIT("\xe2\x82\xc3\xa9")},
    {"0xfe", SLICE_INIT("\xfe")},
    {"0xff", SLICE_INIT("\xff")},
    {"0xfe 0xff", SLICE_INIT("\xfe\xfe\xff\xff")},
    {"overlong slash, two bytes", SLICE_INIT("\xc0\xaf")},
    {"overlong slash, three bytes", SLICE_INIT("\xe0\x80\xaf")},
    {"overlong slash, four bytes", SLICE_INIT("\xf0\x80\x80\xaf")},
    {"overlong U+007F, two bytes", SLICE_INIT("\xc1\xbf")},
    {"overlong U+07FF, three bytes", SLICE_INIT("\xe0\x9f\xbf")},
    {"overlong U+FFFF, four bytes", SLICE_INIT("\xf0\x8f\xbf\xbf")},
    {"overlong NUL, two bytes", SLICE_INIT("\xc0\x80")},
    {"overlong NUL, three bytes", SLICE_INIT("\xe0\x80\x80")},
    {"overlong NUL, four bytes", SLICE_INIT("\xf0\x80\x80\x80")},
    {"first surrogate, U+D800", SLICE_INIT("\xed\xa0\x80")},
    {"last high surrogate, U+DBFF", SLICE_INIT("\xed\xaf\xbf")},
    {"first low surrogate, U+DC00", SLICE_INIT("\xed\xb0\x80")},
    {"last surrogate, U+DFFF", SLICE_INIT("\xed\xbf\xbf")},
    {"a pair of surrogates, CESU-8", SLICE_INIT("\xed\xa0\x80\xed\xb0\x80")},
    {"over the end, U+110000", SLICE_INIT("\xf4\x90\x80\x80")},
    {"far over the end, 0xf5", SLICE_INIT("\xf5\x80\x80\x80")},
    {"far over the end, 0xf7", SLICE_INIT("\xf7\xbf\xbf\xbf")},
    {"Latin-1", SLICE_INIT("caf\xe9")},
    {"good, then bad at the end", SLICE_INIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98")},
};

static void test_well_formed_text_without_controls_is_clean(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(clean); i++) {
        if (!utf8_is_clean(clean[i].text))
            fail_msg("%s", clean[i].what);
    }
}

static void test_malformed_sequences_and_controls_are_not_clean(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(unclean); i++) {
        if (utf8_is_clean(unclean[i].text))
            fail_msg("%s", unclean[i].what);
    }
}

static void test_one_bad_place_spoils_a_long_text(void **state)
{
    char text[600];

    (void)state;
    for (size_t i = 0; i < COUNT(unclean); i++) {
        memset(text, 'a', sizeof(text));
        memcpy(text + 300, unclean[i].text.ptr, unclean[i].text.len);
        if (utf8_is_clean(slice_of(text, sizeof(text))))
            fail_msg("%s", unclean[i].what);
    }
}

/* UTF-8 of `code`, by the table of RFC 3629, section 3, without asking whether it may be written.
 */
static size_t encode(uint32_t code, char out[static 4])
{
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    for (size_t i = len; i > 1; i--) {
        out[i - 1] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)(marks[len == 1 ? 0 : len] | code);
    return len;
}

static void test_every_code_point_is_judged_rightly(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x120000; code++) {
        bool is_control = code < 0x20 || (code >= 0x7f && code < 0xa0);
        bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
        char text[4];
        size_t len = encode(code, text);

        if (utf8_is_clean(slice_of(text, len)) == (is_control || is_surrogate || code > 0x10ffff))
            fail_msg("U+%04X", code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_well_formed_text_without_controls_is_clean),
        cmocka_unit_test(test_malformed_sequences_and_controls_are_not_clean),
        cmocka_unit_test(test_one_bad_place_spoils_a_long_text),
        cmocka_unit_test(test_every_code_point_is_judged_rightly),
    };

    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
