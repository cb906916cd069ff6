#include "count/tzif.h"

#include <stdio.h>

#include "support/cmocka.h"

/* A file as zic writes it: an empty block of version 1, then two types, changes between them. */
static const char first_block[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4"
                                  "\0\0\0\0\0\0UTC\0";
static const char second_block[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\2\0\0\0\4"
                                   "\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\x20\0\1\0"
                                   "\0\0\x0e\x10\0\0\xff\xff\xf1\xf0\1\0AAA\0";

struct file {
    char bytes[256];
    size_t len;
};

/* Where things are in it, for the tests that damage them. */
#define SECOND_AT    (sizeof(first_block) - 1)
#define COUNT_AT(i_) (SECOND_AT + 20 + (size_t)4 * (i_))
#define TIMES_AT     (SECOND_AT + 44)
#define DAY_S        INT64_C(86400)

static void append(struct file *file, struct slice bytes)
{
    assert_true(file->len + bytes.len <= sizeof(file->bytes));
    memcpy(file->bytes + file->len, bytes.ptr, bytes.len);
    file->len += bytes.len;
}

static struct file make_file(const char *footer)
{
    struct file file = {.len = 0};

    append(&file, slice_of(first_block, sizeof(first_block) - 1));
    append(&file, slice_of(second_block, sizeof(second_block) - 1));
    append(&file, slice_str(footer));
    return file;
}

static enum err parse(const struct file *file, struct tzif *out)
{
    return tzif_parse(slice_of(file->bytes, file->len), out);
}

static void assert_span(const struct tzif *tzif, int64_t unix_s, struct zone_span expected)
{
    struct zone_span span = tzif_span(tzif, unix_s);

    assert_int_equal(span.begins_unix_s, expected.begins_unix_s);
    assert_int_equal(span.ends_unix_s, expected.ends_unix_s);
    assert_int_equal(span.offset_s, expected.offset_s);
}

static void test_offsets_hold_from_change_to_change(void **state)
{
    struct file file = make_file("\n\n");
    struct tzif tzif;

    (void)state;
    assert_int_equal(parse(&file, &tzif), ERR_OK);
    assert_span(&tzif, -1, (struct zone_span){INT64_MIN, 0x1000, 3600});
    assert_span(&tzif, 0xfff, (struct zone_span){INT64_MIN, 0x1000, 3600});
    assert_span(&tzif, 0x1000, (struct zone_span){0x1000, 0x2000, -3600});
    assert_span(&tzif, 0x1fff, (struct zone_span){0x1000, 0x2000, -3600});
    assert_span(&tzif, 0x2000, (struct zone_span){0x2000, INT64_MAX, 3600});
    assert_span(&tzif, INT64_C(1) << 40, (struct zone_span){0x2000, INT64_MAX, 3600});
    tzif_fini(&tzif);
}

static void test_behind_the_last_change_the_rule_holds(void **state)
{
    struct file file = make_file("\nAAA-1BBB,J2/1,J3/2\n");
    struct tzif tzif;

    (void)state;
    assert_int_equal(parse(&file, &tzif), ERR_OK);
    assert_span(&tzif, 0x1fff, (struct zone_span){0x1000, 0x2000, -3600});
    assert_span(&tzif, 0x2000, (struct zone_span){0x2000, DAY_S, 3600});
    assert_span(&tzif, DAY_S, (struct zone_span){DAY_S, 2 * DAY_S, 7200});
    assert_span(&tzif, 2 * DAY_S, (struct zone_span){2 * DAY_S, 366 * DAY_S, 3600});
    tzif_fini(&tzif);
}

static void test_a_file_that_is_damaged_is_refused(void **state)
{
    static const struct {
        const char *what;
        size_t at;
        char byte;
    } cases[] = {
        {"magic", 0, 'X'},
        {"second magic", SECOND_AT, 'X'},
        {"version 1", 4, '\0'},
        {"first block longer than the file", 32, 1},
        {"too many changes", COUNT_AT(3) + 2, 1},
        {"far too many changes", COUNT_AT(3), '\xff'},
        {"no types", COUNT_AT(4) + 3, 0},
        {"one type less", COUNT_AT(4) + 3, 1},
        {"leap seconds", COUNT_AT(2) + 3, 1},
        {"changes in the wrong order", TIMES_AT + 6, 0x30},
        {"changes at the same time", TIMES_AT + 6, 0x20},
        {"no such type", TIMES_AT + 16, 2},
        {"an offset of months", TIMES_AT + 18, 0x10},
        {"no line end before the rule", TIMES_AT + 34, ' '},
    };
    struct tzif tzif;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct file file = make_file("\nAAA-1\n");

        assert_int_equal(parse(&file, &tzif), ERR_OK);
        tzif_fini(&tzif);
        file.bytes[cases[i].at] = cases[i].byte;
        if (parse(&file, &tzif) != ERR_INVALID)
            fail_msg("%s", cases[i].what);
    }
}

static void test_a_footer_that_is_none_is_refused(void **state)
{
    static const char *const footers[] = {"", "\n", "AAA-1\n", "\nAAA-1", "\nAAA\n", "\nAAA-1 \n"};
    struct tzif tzif;

    (void)state;
    for (size_t i = 0; i < sizeof(footers) / sizeof(footers[0]); i++) {
        struct file file = make_file(footers[i]);

        assert_int_equal(parse(&file, &tzif), ERR_INVALID);
    }
}

static void test_a_part_of_a_file_is_refused(void **state)
{
    struct file file = make_file("\nAAA-1\n");
    struct tzif tzif;

    (void)state;
    while (file.len-- > 0)
        assert_int_equal(parse(&file, &tzif), ERR_INVALID);
    assert_int_equal(tzif_parse(slice_of(NULL, 0), &tzif), ERR_INVALID);
}

static void test_a_file_of_the_system_is_taken_whole_only(void **state)
{
    static char bytes[TZIF_MAX_BYTES + 1];
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Berlin", "rb");
    struct tzif tzif;
    size_t len;

    (void)state;
    assert_non_null(file);
    len = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    assert_int_equal(tzif_parse(slice_of(bytes, len), &tzif), ERR_OK);
    assert_true(tzif.has_rule);
    tzif_fini(&tzif);
    for (size_t part = 0; part < len; part++)
        assert_int_equal(tzif_parse(slice_of(bytes, part), &tzif), ERR_INVALID);
    assert_int_equal(tzif_parse(slice_of(bytes, sizeof(bytes)), &tzif), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offsets_hold_from_change_to_change),
        cmocka_unit_test(test_behind_the_last_change_the_rule_holds),
        cmocka_unit_test(test_a_file_that_is_damaged_is_refused),
        cmocka_unit_test(test_a_footer_that_is_none_is_refused),
        cmocka_unit_test(test_a_part_of_a_file_is_refused),
        cmocka_unit_test(test_a_file_of_the_system_is_taken_whole_only),
    };

    return cmocka_run_group_tests_name("tzif", tests, NULL, NULL);
}
