#include "count/event.h"

#include <math.h>

#include "support/cmocka.h"

static char long_text[256];

static void test_names_as_they_are_sent(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},           {"signup", "signup"},   {"/signup", "signup"},
        {"//a/b/", "a/b/"}, {" /a ", "a"},          {"/ a b ", "a b"},
        {"/", ""},          {"Sign-Up", "Sign-Up"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_true(slice_eq(event_name(slice_str(cases[i][0])), slice_str(cases[i][1])));
    assert_int_equal(event_name(slice_of(NULL, 0)).len, 0);
}

static void test_events_that_may_be_counted(void **state)
{
    static const struct event_property full[] = {
        {SLICE_INIT("plan"), SLICE_INIT("a=b")}, {SLICE_INIT("caf\xc3\xa9"), SLICE_INIT("")},
        {{long_text, 64}, {long_text, 255}},     {SLICE_INIT("Plan"), {NULL, 0}},
        {SLICE_INIT(" "), SLICE_INIT(" ")},
    };
    static const struct event events[] = {
        {.name = SLICE_INIT("a")},
        {.name = {long_text, EVENT_MAX_NAME}, .properties = full, .property_count = 5},
        {.name = SLICE_INIT("a"), .value = -1.5e300, .has_value = true},
        {.name = SLICE_INIT("a"), .value = NAN, .has_value = false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        assert_int_equal(event_check(&events[i], NULL), ERR_OK);
}

static void check_refused(const struct event *event, const char *why)
{
    struct err_info info = {""};

    assert_int_equal(event_check(event, &info), ERR_INVALID);
    if (!strstr(info.text, why))
        fail_msg("\"%s\" does not say: %s", info.text, why);
    assert_int_equal(event_check(event, NULL), ERR_INVALID);
}

static void test_events_that_may_not_say_what_is_wrong(void **state)
{
    static const struct {
        struct event event;
        const char *why;
    } cases[] = {
        {{.name = SLICE_INIT("")}, "missing"},
        {{.name = {NULL, 0}}, "missing"},
        {{.name = {long_text, 129}}, "129 bytes; at most 128"},
        {{.name = SLICE_INIT("caf\xe9")}, "not UTF-8"},
        {{.name = SLICE_INIT("a\n")}, "control"},
        {{.name = SLICE_INIT("a"), .property_count = 6}, "6 properties; at most 5"},
        {{.name = SLICE_INIT("a"), .value = NAN, .has_value = true}, "finite"},
        {{.name = SLICE_INIT("a"), .value = INFINITY, .has_value = true}, "finite"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_refused(&cases[i].event, cases[i].why);
}

static void test_properties_that_may_not_be_counted_are_named(void **state)
{
    static const struct {
        struct event_property property;
        const char *why;
    } cases[] = {
        {{SLICE_INIT(""), SLICE_INIT("x")}, "property 2: its name must be"},
        {{SLICE_INIT("a=b"), SLICE_INIT("x")}, "without \"=\""},
        {{{long_text, 65}, SLICE_INIT("x")}, "at most 64 bytes"},
        {{SLICE_INIT("\xff"), SLICE_INIT("x")}, "its name"},
        {{SLICE_INIT("a"), {long_text, 256}}, "its value must be a text, or empty, of at most 255"},
        {{SLICE_INIT("a"), SLICE_INIT("\t")}, "its value"},
        {{SLICE_INIT("first"), SLICE_INIT("")}, "property 2 has the name of another"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct event_property properties[] = {{SLICE("first"), SLICE("x")}, cases[i].property};
        struct event event = {.name = SLICE("a"), .properties = properties, .property_count = 2};

        check_refused(&event, cases[i].why);
    }
}

static void test_values_are_decimal_numbers(void **state)
{
    static const struct {
        struct slice text;
        bool is_number;
        double value;
    } cases[] = {
        {SLICE_INIT("0"), true, 0},
        {SLICE_INIT("12"), true, 12},
        {SLICE_INIT("-0.5"), true, -0.5},
        {SLICE_INIT("1.5e3"), true, 1500},
        {SLICE_INIT("1E+2"), true, 100},
        {SLICE_INIT("1e-2"), true, 0.01},
        {SLICE_INIT("0007"), true, 7},
        {SLICE_INIT("12345678901234567890123456789012"), true, 12345678901234567890123456789012.0},
        {SLICE_INIT("123456789012345678901234567890123"), false, 0},
        {SLICE_INIT("1e308"), true, 1e308},
        {SLICE_INIT("1e309"), false, 0},
        {SLICE_INIT(""), false, 0},
        {{NULL, 0}, false, 0},
        {SLICE_INIT("-"), false, 0},
        {SLICE_INIT("+1"), false, 0},
        {SLICE_INIT(".5"), false, 0},
        {SLICE_INIT("5."), false, 0},
        {SLICE_INIT("1e"), false, 0},
        {SLICE_INIT("1 "), false, 0},
        {SLICE_INIT(" 1"), false, 0},
        {SLICE_INIT("1,5"), false, 0},
        {SLICE_INIT("0x10"), false, 0},
        {SLICE_INIT("inf"), false, 0},
        {SLICE_INIT("nan"), false, 0},
        {SLICE_INIT("1\0"), false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err_info info = {""};
        double value = 0;
        enum err err = event_parse_value(cases[i].text, &value, &info);

        if ((err == ERR_OK) != cases[i].is_number || value != cases[i].value)
            fail_msg("\"%.*s\"", SLICE_ARG(cases[i].text));
        assert_int_equal(err != ERR_OK, strstr(info.text, "value of the event") != NULL);
    }
}

static void test_properties_are_counted_by_name_and_value(void **state)
{
    struct event_property property = {SLICE("plan"), SLICE("a=b")};
    struct arena arena;

    (void)state;
    arena_init(&arena, 64, 64);
    assert_true(slice_eq(event_property_text(&property, &arena), SLICE("plan=a=b")));
    property.value = slice_of(NULL, 0);
    assert_true(slice_eq(event_property_text(&property, &arena), SLICE("plan=")));
    property.value = slice_of(long_text, 255);
    assert_null(event_property_text(&property, &arena).ptr);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_as_they_are_sent),
        cmocka_unit_test(test_events_that_may_be_counted),
        cmocka_unit_test(test_events_that_may_not_say_what_is_wrong),
        cmocka_unit_test(test_properties_that_may_not_be_counted_are_named),
        cmocka_unit_test(test_values_are_decimal_numbers),
        cmocka_unit_test(test_properties_are_counted_by_name_and_value),
    };

    memset(long_text, 'x', sizeof(long_text));
    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
