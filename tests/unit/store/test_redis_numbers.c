/* Counters on a real Redis that are near the ends of 64 bits, and of Lua's 53. */
#include <inttypes.h>

#include "redis_fixture.h"
#include "support/cmocka.h"

static void test_large_and_negative_numbers_are_exact(void **state)
{
    static const struct {
        const char *held;
        int64_t delta;
        int64_t total;
    } cases[] = {
        {"0", 1, 1},
        {"0", -1, -1},
        {"0", 255, 255},
        {"0", 256, 256},
        {"0", 0, 0},
        {"-5", 3, -2},
        {"99999999999998", 1, 99999999999999},
        {"99999999999999", 1, 100000000000000},
        {"-100000000000001", 1, -100000000000000},
        {"9007199254740992", 1, 9007199254740993},
        {"9007199254740993", 200, 9007199254741193},
        {"0", 9007199254740993, 9007199254740993},
        {"9223372036854775806", 1, INT64_MAX},
        {"9223372036854775807", -1, INT64_MAX - 1},
        {"9223372036854775000", 807, INT64_MAX},
        {"-9223372036854775807", -1, INT64_MIN},
        {"-9223372036854775808", INT64_MAX, -1},
        {"9223372036854775807", INT64_MIN, -1},
        {"123456789012345678", 876543210987654321, 999999999999999999},
    };
    struct redis_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct commit *commit = redis_fixture_commit(f);
        struct outcome outcome;

        redis_server_do(&f->server, "SET footfall:total:default %s", cases[i].held);
        redis_server_do(&f->server, "HSET footfall:page:default / %s", cases[i].held);
        redis_fixture_add(commit, "/", cases[i].delta);
        outcome = redis_fixture_send(f, commit);
        if (outcome.status != COMMIT_DONE)
            fail_msg("%s + %" PRId64 ": %s", cases[i].held, cases[i].delta, outcome.detail);
        assert_true(outcome.totals[0] == cases[i].total);
        assert_true(outcome.totals[1] == cases[i].total);
        assert_true(redis_server_int(&f->server, "GET footfall:total:default") == cases[i].total);
        assert_true(redis_server_int(&f->server, "HGET footfall:page:default /") == cases[i].total);
        outcome_fini(&outcome);
        commit_unref(commit);
    }
}

static void test_sums_beyond_64_bits_are_refused(void **state)
{
    static const struct {
        const char *held;
        int64_t delta;
    } cases[] = {
        {"9223372036854775807", 1},         {"9223372036854775800", 8},
        {"-9223372036854775808", -1},       {"-9223372036854775801", -8},
        {"9223372036854775807", INT64_MAX}, {"-1", INT64_MIN},
        {"9223372036854775552", 256},       {"1", INT64_MAX},
    };
    struct redis_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct commit *commit = redis_fixture_commit(f);

        redis_server_do(&f->server, "SET footfall:total:default %s", cases[i].held);
        redis_fixture_add(commit, "/", cases[i].delta);
        redis_fixture_refused(f, commit, "footfall:total:default");
        redis_server_do(&f->server, "DEL footfall:total:default");
        redis_server_do(&f->server, "HSET footfall:page:default / %s", cases[i].held);
        commit = redis_fixture_commit(f);
        redis_fixture_add(commit, "/", cases[i].delta);
        redis_fixture_refused(f, commit, "footfall:page:default");
        redis_server_do(&f->server, "DEL footfall:page:default");
    }
}

#define ON_SERVER(test_)                                                                           \
    cmocka_unit_test_setup_teardown(test_, redis_fixture_set_up, redis_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SERVER(test_large_and_negative_numbers_are_exact),
        ON_SERVER(test_sums_beyond_64_bits_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
