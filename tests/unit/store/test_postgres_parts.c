/* The parts of the PostgreSQL store that need no server. */
#include <stdio.h>
#include <stdlib.h>

#include "store/postgres_commit.h"
#include "store/postgres_error.h"
#include "store/postgres_health.h"
#include "store/postgres_reply.h"
#include "store/postgres_scan.h"
#include "store/postgres_text.h"
#include "support/cmocka.h"

static void test_each_error_has_its_verdict(void **state)
{
    static const struct {
        const char *sqlstate;
        enum postgres_verdict verdict;
    } cases[] = {
        {"40001", POSTGRES_RETRY},   {"40P01", POSTGRES_RETRY},   {"55P03", POSTGRES_RETRY},
        {"57014", POSTGRES_RETRY},   {"40003", POSTGRES_UNKNOWN}, {"22012", POSTGRES_RACE},
        {"25006", POSTGRES_MOVED},   {"57P03", POSTGRES_MOVED},   {"26000", POSTGRES_MOVED},
        {"42P01", POSTGRES_MOVED},   {"53100", POSTGRES_REFUSED}, {"53200", POSTGRES_REFUSED},
        {"22003", POSTGRES_REFUSED}, {"42501", POSTGRES_REFUSED}, {"57P01", POSTGRES_UNKNOWN},
        {"57P02", POSTGRES_UNKNOWN}, {"08006", POSTGRES_UNKNOWN}, {"58030", POSTGRES_UNKNOWN},
        {"XX000", POSTGRES_UNKNOWN}, {"XX001", POSTGRES_UNKNOWN}, {"42601", POSTGRES_BUG},
        {"23505", POSTGRES_BUG},     {"21000", POSTGRES_BUG},     {"99999", POSTGRES_UNKNOWN},
        {"", POSTGRES_UNKNOWN},      {NULL, POSTGRES_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (postgres_error_verdict(cases[i].sqlstate) != cases[i].verdict)
            fail_msg("%s", cases[i].sqlstate);
    }
}

/* ---- arrays --------------------------------------------------------------------------------- */

static void test_an_array_that_was_written_can_be_read(void **state)
{
    struct postgres_params params;
    struct postgres_array array;
    struct slice element;
    int64_t number;

    (void)state;
    postgres_params_init(&params);
    postgres_param_array(&params, POSTGRES_INT8, 3);
    postgres_element_int8(&params, INT64_MIN);
    postgres_element_int8(&params, -1);
    postgres_element_int8(&params, INT64_MAX);
    assert_true(postgres_array_begin(&array, strbuf_slice(&params.bytes)));
    assert_int_equal(array.left, 3);
    for (int i = 0; i < 3; i++) {
        assert_true(postgres_array_next(&array, &element));
        assert_true(postgres_int8(element, &number));
        assert_true(number == (i == 0 ? INT64_MIN : i == 1 ? -1 : INT64_MAX));
    }
    assert_false(postgres_array_next(&array, &element));

    postgres_params_clear(&params);
    postgres_param_array(&params, POSTGRES_BYTEA, 2);
    postgres_element_bytes(&params, slice_of(NULL, 0));
    postgres_element_bytes(&params, SLICE(""));
    assert_true(postgres_array_begin(&array, strbuf_slice(&params.bytes)));
    assert_true(postgres_array_next(&array, &element));
    assert_null(element.ptr);
    assert_true(postgres_array_next(&array, &element));
    assert_non_null(element.ptr);
    assert_int_equal(element.len, 0);

    postgres_params_clear(&params);
    postgres_param_array(&params, POSTGRES_TEXT, 0);
    assert_true(postgres_array_begin(&array, strbuf_slice(&params.bytes)));
    assert_int_equal(array.left, 0);
    postgres_params_fini(&params);
}

static void test_an_array_that_is_cut_anywhere_is_none(void **state)
{
    struct postgres_params params;
    struct postgres_array array;
    struct slice element;

    (void)state;
    postgres_params_init(&params);
    postgres_param_array(&params, POSTGRES_TEXT, 2);
    postgres_element_bytes(&params, SLICE("abc"));
    postgres_element_bytes(&params, SLICE("defg"));
    for (size_t len = 0; len < params.bytes.len; len++) {
        char *cut = malloc(len + 1); /* so that a read beyond is seen */

        assert_non_null(cut);
        memcpy(cut, params.bytes.ptr, len);
        assert_false(postgres_array_begin(&array, slice_of(cut, len)) &&
                     postgres_array_next(&array, &element) &&
                     postgres_array_next(&array, &element));
        free(cut);
    }
    assert_false(postgres_array_begin(&array, slice_of(NULL, 0)));
    params.bytes.ptr[3] = 2; /* dimensions */
    assert_false(postgres_array_begin(&array, strbuf_slice(&params.bytes)));
    postgres_params_fini(&params);
}

static void test_a_commit_is_sent_in_the_order_of_its_keys(void **state)
{
    static const char *const values[] = {"b", "", "aa", "a"};
    static const uint32_t order[] = {1, 3, 2, 0};
    struct commit *commit = commit_create();
    struct postgres_plan plan;
    struct arena arena;

    (void)state;
    assert_non_null(commit);
    arena_init(&arena, 1024, 65536);
    for (size_t i = 0; i < 4; i++) {
        struct addition addition = {.counter = {SLICE("s"), DIMENSION_PAGE, slice_str(values[i])},
                                    .delta = 1};
        struct record_write write = {slice_str(i == 1 ? "A" : values[i]), SLICE("x"), 0, 60};

        assert_int_equal(commit_add(commit, &addition), ERR_OK);
        assert_int_equal(commit_write(commit, &write), ERR_OK);
    }
    assert_int_equal(postgres_commit_plan(&plan, commit, &arena), ERR_OK);
    assert_memory_equal(plan.additions, order, sizeof(order));
    assert_memory_equal(plan.writes, order, sizeof(order));
    arena_fini(&arena);
    commit_unref(commit);
}

static struct slice param(const struct postgres_params *params, size_t number)
{
    size_t start = params->starts[number - 1];
    size_t end = number < params->count ? params->starts[number] : params->bytes.len;

    return slice_of(params->bytes.ptr + start, end - start);
}

/* The second element of the array that is parameter `number`. */
static struct slice second(const struct postgres_params *params, size_t number)
{
    struct postgres_array array;
    struct slice element;

    assert_true(postgres_array_begin(&array, param(params, number)));
    assert_int_equal(array.left, 2);
    assert_true(postgres_array_next(&array, &element));
    assert_true(postgres_array_next(&array, &element));
    return element;
}

static void test_rollups_are_sent_in_the_order_of_the_commit(void **state)
{
    static const struct slice expected[] = {
        SLICE_INIT("t"),
        SLICE_INIT("\x7f\xff\xff\xff"),
        SLICE_INIT("\0\x13"),
        SLICE_INIT("\xff\xff\xff\xff\xff\xff\xff\xfe"),
        SLICE_INIT("\x80\0\0\0\0\0\0\0"),
        SLICE_INIT("\0\0\0\0\0\0\0\1"),
        SLICE_INIT("\0\0\0\0\0\0\0\2"),
        SLICE_INIT("\xff\xff\xff\xff\xff\xff\xff\xff"),
        SLICE_INIT("\0\0\0\0\0\0\0\4"),
        SLICE_INIT("\0\0\0\0\0\0\0\5"),
        SLICE_INIT("\0\0\0\0\xff\xff\xff\xff"),
        SLICE_INIT("a\0b"),
        SLICE_INIT("\xff"),
    };
    const struct rollup_addition additions[] = {
        {.rollup = {.site = SLICE("u")}, .text = SLICE(""), .title = SLICE("")},
        {.rollup = {SLICE("t"), INT32_MAX, DIMENSION_BOT, UINT64_MAX - 1, UINT64_C(1) << 63},
         .delta = {1, 2, -1, 4, 5},
         .cap = UINT32_MAX,
         .text = SLICE("a\0b"),
         .title = SLICE("\xff")},
    };
    struct commit *commit = commit_create();
    struct postgres_params params;
    struct postgres_plan plan;
    struct arena arena;

    (void)state;
    assert_non_null(commit);
    arena_init(&arena, 1024, 65536);
    postgres_params_init(&params);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(commit_roll_up(commit, &additions[i]), ERR_OK);
    assert_int_equal(postgres_commit_plan(&plan, commit, &arena), ERR_OK);
    assert_int_equal(postgres_commit_encode(&params, commit, &plan), POSTGRES_COMMIT_ROLLUPS);
    assert_int_equal(params.count, postgres_statements[POSTGRES_COMMIT_ROLLUPS].param_count);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_true(slice_eq(second(&params, 14 + i), expected[i]));
    postgres_params_fini(&params);
    arena_fini(&arena);
    commit_unref(commit);
}

static void add_capped(struct commit *commit, struct slice site, const char *path, uint32_t cap)
{
    struct addition addition = {
        .counter = {site, DIMENSION_PAGE, slice_str(path)}, .delta = 1, .cap = cap};

    assert_int_equal(commit_add(commit, &addition), ERR_OK);
}

/* Of each site with a cap, the lowest, less as many as its additions are. */
static void test_caps_are_sent_as_limits_or_in_the_capped_form(void **state)
{
    struct commit *commit = commit_create();
    struct postgres_params params;
    struct postgres_plan plan;
    struct arena arena;

    (void)state;
    assert_non_null(commit);
    arena_init(&arena, 1024, 65536);
    postgres_params_init(&params);
    add_capped(commit, SLICE("c"), "1", 2);
    add_capped(commit, SLICE("a"), "1", 0);
    add_capped(commit, SLICE("b"), "1", UINT32_MAX);
    add_capped(commit, SLICE("c"), "0", 0);
    assert_int_equal(postgres_commit_plan(&plan, commit, &arena), ERR_OK);
    assert_true(plan.has_caps && !plan.is_capped);
    assert_int_equal(postgres_commit_encode(&params, commit, &plan), POSTGRES_COUNT);
    assert_int_equal(params.count, postgres_statements[POSTGRES_COUNT].param_count);
    assert_true(slice_eq(second(&params, 7), SLICE("c")));
    assert_true(slice_eq(second(&params, 8), SLICE("\0\0\0\0\0\0\0\0")));

    commit_clear(commit);
    add_capped(commit, SLICE("c"), "1", 0);
    add_capped(commit, SLICE("c"), "0", 1); /* not even an empty list has room for both */
    assert_int_equal(postgres_commit_plan(&plan, commit, &arena), ERR_OK);
    assert_true(plan.has_caps && plan.is_capped);
    assert_int_equal(postgres_commit_encode(&params, commit, &plan), POSTGRES_COUNT_CAPPED);
    assert_int_equal(params.count, postgres_statements[POSTGRES_COUNT_CAPPED].param_count);
    assert_true(slice_eq(second(&params, 7), SLICE("\0\0\0\0\0\0\0\0")));
    assert_true(slice_eq(second(&params, 8), SLICE("\0\0\0\0")));
    postgres_params_fini(&params);
    arena_fini(&arena);
    commit_unref(commit);
}

/* ---- scans ---------------------------------------------------------------------------------- */

static void test_a_cursor_among_the_rollups_is_known_and_others_are_not(void **state)
{
    const struct rollup rollup = {SLICE("a"), 7, DIMENSION_PAGE, VALUE_NONE, UINT64_MAX};
    char text[1 + ROLLUP_KEY_MAX] = "k";
    struct slice key = rollup_key(&rollup, text + 1);
    struct postgres_params params;

    (void)state;
    assert_true(postgres_scan_knows(SLICE("k")));
    assert_true(postgres_scan_knows(slice_of(text, 1 + key.len)));
    for (size_t len = 2; len < 1 + key.len; len++)
        assert_false(postgres_scan_knows(slice_of(text, len)));
    postgres_params_init(&params);
    assert_int_equal(postgres_scan_encode(&params, slice_of(text, 1 + key.len)),
                     POSTGRES_ROLLUPS_SCAN);
    assert_true(slice_eq(param(&params, 1), SLICE("a")));
    assert_true(slice_eq(param(&params, 5), SLICE("\xff\xff\xff\xff\xff\xff\xff\xff")));
    assert_int_equal(postgres_scan_encode(&params, SLICE("k")), POSTGRES_ROLLUPS_SCAN);
    assert_int_equal(param(&params, 1).len, 0);
    postgres_params_fini(&params);
}

/* ---- texts ---------------------------------------------------------------------------------- */

static void test_a_message_of_several_lines_becomes_one(void **state)
{
    static const struct {
        const char *message;
        const char *line;
    } cases[] = {
        {"", ""},
        {"failed\n", "failed"},
        {"connection failed: no\n\tIs it running?\n", "connection failed: no"},
        {"one failed.\n\nand another\n", "one failed; and another"},
        {"01234567890123456789012345678901234567890123456789",
         "0123456789012345678901234567890123456789"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[41];

        postgres_one_line(cases[i].message, line, sizeof(line));
        assert_string_equal(line, cases[i].line);
    }
}

/* ---- health --------------------------------------------------------------------------------- */

static const struct postgres_facts sound = {
    .encoding = "UTF8", .fsync = true, .full_page_writes = true, .waits = true};

static void test_a_sound_server_is_strict(void **state)
{
    struct store_health health;

    (void)state;
    postgres_health_judge(&sound, DURABILITY_STRICT, &health);
    assert_true(health.reachable);
    assert_true(health.sufficient);
    assert_int_equal(health.durability, DURABILITY_STRICT);
    assert_int_equal(health.finding_count, 0);
}

static void test_each_fault_is_found_with_its_remedy_and_costs_what_it_should(void **state)
{
    struct {
        struct postgres_facts facts;
        enum durability durability;
        bool blocks;
        const char *problem;
    } cases[] = {
        {sound, DURABILITY_STRICT, true, "standby"},
        {sound, DURABILITY_STRICT, true, "takes no writes"},
        {sound, DURABILITY_STRICT, true, "all characters: LATIN1"},
        {sound, DURABILITY_STRICT, true, "lacks rights: footfall_counter INSERT"},
        {sound, DURABILITY_LOSSY, false, "unlogged tables: footfall_writer"},
        {sound, DURABILITY_LOSSY, false, "fsync is off"},
        {sound, DURABILITY_RELAXED, false, "full_page_writes is off"},
        {sound, DURABILITY_RELAXED, false, "synchronous_commit is off"},
    };

    (void)state;
    cases[0].facts.is_standby = true;
    cases[1].facts.is_read_only = true;
    (void)snprintf(cases[2].facts.encoding, sizeof(cases[2].facts.encoding), "LATIN1");
    (void)snprintf(cases[3].facts.missing, sizeof(cases[3].facts.missing),
                   "footfall_counter INSERT");
    (void)snprintf(cases[4].facts.unlogged, sizeof(cases[4].facts.unlogged), "footfall_writer");
    cases[5].facts.fsync = false;
    cases[6].facts.full_page_writes = false;
    cases[7].facts.waits = false;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct store_health health;

        postgres_health_judge(&cases[i].facts, DURABILITY_LOSSY, &health);
        assert_int_equal(health.sufficient, !cases[i].blocks);
        assert_int_equal(health.durability, cases[i].durability);
        assert_int_equal(health.finding_count, 1);
        assert_non_null(strstr(health.findings[0].problem, cases[i].problem));
        assert_true(strlen(health.findings[0].remedy) > 10);
        assert_true(strlen(health.findings[0].remedy) < sizeof(health.findings[0].remedy) - 1 ||
                    strstr(health.findings[0].remedy, "TO the user")); /* not cut */
        postgres_health_judge(&cases[i].facts, DURABILITY_STRICT, &health);
        assert_false(health.sufficient);
        assert_non_null(strstr(health.reason, cases[i].problem));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_error_has_its_verdict),
        cmocka_unit_test(test_an_array_that_was_written_can_be_read),
        cmocka_unit_test(test_an_array_that_is_cut_anywhere_is_none),
        cmocka_unit_test(test_a_commit_is_sent_in_the_order_of_its_keys),
        cmocka_unit_test(test_rollups_are_sent_in_the_order_of_the_commit),
        cmocka_unit_test(test_caps_are_sent_as_limits_or_in_the_capped_form),
        cmocka_unit_test(test_a_cursor_among_the_rollups_is_known_and_others_are_not),
        cmocka_unit_test(test_a_message_of_several_lines_becomes_one),
        cmocka_unit_test(test_a_sound_server_is_strict),
        cmocka_unit_test(test_each_fault_is_found_with_its_remedy_and_costs_what_it_should),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
