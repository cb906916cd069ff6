#include "process/restart.h"

#include "support/cmocka.h"

static void the_first_restart_is_immediate(void **state)
{
    struct restart restart = {0};

    (void)state;
    assert_int_equal(restart_delay_ms(&restart, 5), 0);
}

static void a_crash_loop_waits_longer_each_time_up_to_five_seconds(void **state)
{
    static const int64_t expected[] = {0, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000};
    struct restart restart = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_int_equal(restart_delay_ms(&restart, 9999), expected[i]);
}

static void ten_seconds_of_life_forgive_everything(void **state)
{
    struct restart restart = {0};

    (void)state;
    for (int i = 0; i < 6; i++)
        (void)restart_delay_ms(&restart, 1);
    assert_int_equal(restart_delay_ms(&restart, RESTART_HEALTHY_MS), 0);
    assert_int_equal(restart_delay_ms(&restart, 1), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_restart_is_immediate),
        cmocka_unit_test(a_crash_loop_waits_longer_each_time_up_to_five_seconds),
        cmocka_unit_test(ten_seconds_of_life_forgive_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
