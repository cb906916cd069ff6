/* FOOTFALL_TEST_SEEDS=N runs that many seeds, FOOTFALL_TEST_SEED=S only that one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/random.h"
#include "simulation.h"
#include "support/cmocka.h"

#define SEEDS         20000
#define CONTROL_SEEDS 20

static uint64_t number_from_env(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void test_every_hit_is_counted_once_whatever_the_seed(void **state)
{
    uint64_t first = number_from_env("FOOTFALL_TEST_SEED", 1);
    uint64_t count =
        getenv("FOOTFALL_TEST_SEED") ? 1 : number_from_env("FOOTFALL_TEST_SEEDS", SEEDS);
    struct simulation_stats stats = {0};
    char why[200];

    (void)state;
    for (uint64_t seed = first; seed < first + count; seed++) {
        if (!simulation_run(seed, false, &stats, why))
            fail_msg("seed %" PRIu64 ": %s (again: FOOTFALL_TEST_SEED=%" PRIu64 ")", seed, why,
                     seed);
    }
    printf("%" PRIu64 " seeds: %" PRIu64 " hits, %" PRIu64 " sums of rollups, %" PRIu64
           " answers (%" PRIu64 " duplicate), %" PRIu64 " unknown, %" PRIu64
           " commits sent again, %" PRIu64 " conflicts, %" PRIu64 " kills, %" PRIu64
           " restores, %" PRIu64 " commits replayed\n",
           count, stats.hits, stats.rollups, stats.answers, stats.duplicates, stats.unknown,
           stats.retries, stats.conflicts, stats.kills, stats.restores, stats.replayed);
    /* A simulation in which nothing goes wrong shows nothing. */
    if (count >= 100) {
        assert_true(stats.retries > count);
        assert_true(stats.conflicts > 0);
        assert_true(stats.kills > count);
        assert_true(stats.restores > count / 4);
        assert_true(stats.replayed > count / 4);
        assert_true(stats.duplicates > 0);
        assert_true(stats.rollups > 10 * count);
    }
}

static void test_without_numbers_the_simulation_finds_it_soon(void **state)
{
    struct simulation_stats stats = {0};
    char why[200];
    uint64_t seed = 1;

    (void)state;
    while (seed <= CONTROL_SEEDS && simulation_run(seed, true, &stats, why))
        seed++;
    printf("negative control: seed %" PRIu64 ": %s\n", seed, why);
    assert_true(seed <= CONTROL_SEEDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_hit_is_counted_once_whatever_the_seed),
        cmocka_unit_test(test_without_numbers_the_simulation_finds_it_soon),
    };

    random_init();
    log_setup(LOG_LOGFMT, LOG_ERROR + 1); /* each lost reply, each restore would be a line */
    return cmocka_run_group_tests_name("simulation", tests, NULL, NULL);
}
