/* What the settings of a Redis server mean. */
#include "store/redis_health.h"
#include "support/cmocka.h"

static const struct redis_facts sound = {.has_log = true, .fsync = REDIS_FSYNC_ALWAYS};

static const struct redis_prefix prefix = {"footfall:", 9};
static const struct redis_questions alone = {.prefix = &prefix};

static struct store_health judge(struct redis_facts facts, enum durability require)
{
    struct store_health health;

    redis_health_judge(&facts, require, &health);
    return health;
}

static void test_a_log_synced_always_is_strict_and_without_findings(void **state)
{
    struct store_health health = judge(sound, DURABILITY_STRICT);

    (void)state;
    assert_true(health.reachable);
    assert_true(health.sufficient);
    assert_int_equal(health.durability, DURABILITY_STRICT);
    assert_int_equal(health.finding_count, 0);
}

static void test_each_weakness_lowers_durability_and_names_its_remedy(void **state)
{
    static const struct {
        struct redis_facts facts;
        enum durability durability;
        bool blocks; /* whatever is required */
        const char *remedy;
    } cases[] = {
        {{.has_log = true, .fsync = REDIS_FSYNC_EVERYSEC},
         DURABILITY_RELAXED,
         false,
         "CONFIG SET appendfsync always"},
        {{.has_log = true, .fsync = REDIS_FSYNC_ALWAYS, .pauses_fsync = true},
         DURABILITY_RELAXED,
         false,
         "CONFIG SET no-appendfsync-on-rewrite no"},
        {{.has_log = true, .fsync = REDIS_FSYNC_NO},
         DURABILITY_LOSSY,
         false,
         "CONFIG SET appendfsync always"},
        {{.fsync = REDIS_FSYNC_ALWAYS}, DURABILITY_LOSSY, false, "CONFIG SET appendonly yes"},
        {{.has_log = true, .fsync = REDIS_FSYNC_ALWAYS, .evicts = true},
         DURABILITY_LOSSY,
         false,
         "CONFIG SET maxmemory-policy noeviction"},
        {{.has_log = true, .config_refused = true}, DURABILITY_LOSSY, false, "+config|get"},
        {{.info_refused = true}, DURABILITY_LOSSY, false, "+info"},
        {{.has_log = true, .fsync = REDIS_FSYNC_ALWAYS, .is_replica = true},
         DURABILITY_STRICT,
         true,
         "primary"},
        {{.has_log = true, .fsync = REDIS_FSYNC_ALWAYS, .loading = true},
         DURABILITY_STRICT,
         true,
         "loading:0"},
        {{.has_log = true, .fsync = REDIS_FSYNC_ALWAYS, .log_failed = true},
         DURABILITY_LOSSY,
         true,
         "aof_last_write_status"},
        {{.has_log = true, .fsync = REDIS_FSYNC_ALWAYS, .write_error = "NOPERM no"},
         DURABILITY_STRICT,
         true,
         "ACL SETUSER"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct store_health health = judge(cases[i].facts, DURABILITY_LOSSY);

        assert_int_equal(health.durability, cases[i].durability);
        assert_int_equal(health.sufficient, !cases[i].blocks);
        assert_int_equal(health.reason[0] != '\0', cases[i].blocks);
        assert_int_equal(health.finding_count, 1);
        if (!strstr(health.findings[0].remedy, cases[i].remedy))
            fail_msg("%s", health.findings[0].remedy);
        health = judge(cases[i].facts, DURABILITY_STRICT);
        assert_int_equal(health.sufficient,
                         !cases[i].blocks && cases[i].durability == DURABILITY_STRICT);
    }
}

static void test_require_decides_what_is_sufficient(void **state)
{
    const struct redis_facts relaxed = {.has_log = true, .fsync = REDIS_FSYNC_EVERYSEC};
    const struct redis_facts lossy = {.fsync = REDIS_FSYNC_EVERYSEC};

    (void)state;
    assert_true(judge(relaxed, DURABILITY_LOSSY).sufficient);
    assert_true(judge(relaxed, DURABILITY_RELAXED).sufficient);
    assert_false(judge(relaxed, DURABILITY_STRICT).sufficient);
    assert_true(judge(lossy, DURABILITY_LOSSY).sufficient);
    assert_false(judge(lossy, DURABILITY_RELAXED).sufficient);
    assert_non_null(strstr(judge(lossy, DURABILITY_RELAXED).reason, "append-only file is off"));
    assert_non_null(strstr(judge(relaxed, DURABILITY_STRICT).reason, "everysec"));
}

static void test_the_error_of_a_write_is_told(void **state)
{
    struct redis_facts facts = sound;
    static const struct redis_value error = {
        .type = REDIS_ERROR,
        .text = SLICE_INIT("MISCONF Errors writing to the AOF file: No space")};
    struct store_health health;

    (void)state;
    redis_facts_take(&facts, &alone, 0, &error);
    health = judge(facts, DURABILITY_LOSSY);
    assert_false(health.sufficient);
    assert_non_null(strstr(health.reason, "No space"));
}

static void test_all_replies_refused_means_nobody_knows(void **state)
{
    static const struct redis_value refused = {.type = REDIS_ERROR,
                                               .text = SLICE_INIT("NOPERM no permissions")};
    struct redis_facts facts = {0};
    struct store_health health;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        redis_facts_take(&facts, &alone, i, &refused);
    health = judge(facts, DURABILITY_RELAXED);
    assert_true(health.reachable);
    assert_false(health.sufficient);
    assert_int_equal(health.durability, DURABILITY_LOSSY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_log_synced_always_is_strict_and_without_findings),
        cmocka_unit_test(test_each_weakness_lowers_durability_and_names_its_remedy),
        cmocka_unit_test(test_require_decides_what_is_sufficient),
        cmocka_unit_test(test_the_error_of_a_write_is_told),
        cmocka_unit_test(test_all_replies_refused_means_nobody_knows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
