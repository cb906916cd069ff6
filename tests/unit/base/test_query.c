#include "support/cmocka.h"

#include "base/percent.h"
#include "base/query.h"

struct pair_case {
    const char *query;
    const char *pairs[8]; /* name, value, name, value … */
};

static const struct pair_case pair_cases[] = {
    {"", {NULL}},
    {"&", {NULL}},
    {"&&&", {NULL}},
    {"a", {"a", ""}},
    {"a=", {"a", ""}},
    {"=b", {"", "b"}},
    {"a=b", {"a", "b"}},
    {"a=b=c", {"a", "b=c"}},
    {"a=b&c=d", {"a", "b", "c", "d"}},
    {"&a=b&&c=d&", {"a", "b", "c", "d"}},
    {"a&a&a", {"a", "", "a", "", "a", ""}},
    {"a=%26&b", {"a", "%26", "b", ""}},
    {"a;b=c", {"a;b", "c"}},
};

static void pairs_are_read_in_order_and_raw(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(pair_cases) / sizeof(pair_cases[0]); i++) {
        struct query_reader reader = query_reader_init(slice_str(pair_cases[i].query));
        struct query_pair pair;
        size_t at = 0;

        for (; pair_cases[i].pairs[at]; at += 2) {
            assert_true(query_next(&reader, &pair));
            assert_true(slice_eq(pair.name, slice_str(pair_cases[i].pairs[at])));
            assert_true(slice_eq(pair.value, slice_str(pair_cases[i].pairs[at + 1])));
        }
        assert_false(query_next(&reader, &pair));
        assert_false(query_next(&reader, &pair));
    }
}

static void query_that_is_nothing_has_no_pairs(void **state)
{
    struct query_reader reader = query_reader_init(slice_of(NULL, 0));
    struct query_pair pair;

    (void)state;
    assert_false(query_next(&reader, &pair));
}

struct percent_case {
    const char *raw;
    enum percent_mode mode;
    const char *decoded; /* NULL: malformed */
};

static const struct percent_case percent_cases[] = {
    {"", PERCENT_PATH, ""},
    {"abc", PERCENT_PATH, "abc"},
    {"a+b", PERCENT_PATH, "a+b"},
    {"a+b", PERCENT_FORM, "a b"},
    {"a%2Bb", PERCENT_FORM, "a+b"},
    {"%41%42", PERCENT_PATH, "AB"},
    {"%c3%A9", PERCENT_PATH, "\xc3\xa9"},
    {"%2541", PERCENT_PATH, "%41"},
    {"%", PERCENT_PATH, NULL},
    {"%4", PERCENT_PATH, NULL},
    {"a%", PERCENT_FORM, NULL},
    {"%zz", PERCENT_PATH, NULL},
    {"%4g", PERCENT_PATH, NULL},
    {"%g4", PERCENT_PATH, NULL},
    {"% 41", PERCENT_PATH, NULL},
    {"%+1", PERCENT_FORM, NULL},
    {"%%41", PERCENT_PATH, NULL},
};

static void percent_is_decoded_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(percent_cases) / sizeof(percent_cases[0]); i++) {
        const struct percent_case *c = &percent_cases[i];
        char out[32];
        struct slice decoded = percent_decode(slice_str(c->raw), c->mode, out);

        assert_int_equal(decoded.ptr == NULL, c->decoded == NULL);
        if (decoded.ptr && c->decoded)
            assert_true(slice_eq(decoded, slice_str(c->decoded)));
    }
}

static void percent_is_decoded_in_place(void **state)
{
    char text[] = "/a%20b%00c";
    struct slice decoded = percent_decode(slice_str(text), PERCENT_PATH, text);

    (void)state;
    assert_ptr_equal(decoded.ptr, text);
    assert_int_equal(decoded.len, 6);
    assert_memory_equal(decoded.ptr, "/a b\0c", 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_read_in_order_and_raw),
        cmocka_unit_test(query_that_is_nothing_has_no_pairs),
        cmocka_unit_test(percent_is_decoded_once),
        cmocka_unit_test(percent_is_decoded_in_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
