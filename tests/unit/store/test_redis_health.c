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
        {{.has_log = true, .fsync = REDIS_FSYNC_ALWAYS, .write_error = "MOVED 7 127.0.0.1:7001"},
         DURABILITY_STRICT,
         true,
         "redis+cluster://"},
        {{.has_log = true, .fsync = REDIS_FSYNC_ALWAYS, .is_no_cluster = true},
         DURABILITY_STRICT,
         true,
         "redis://"},
        {{.has_log = true, .fsync = REDIS_FSYNC_ALWAYS, .cluster_refused = true},
         DURABILITY_STRICT,
         true,
         "+cluster|slots"},
        {{.has_log = true, .fsync = REDIS_FSYNC_ALWAYS, .lacks_replicas = true},
         DURABILITY_STRICT,
         true,
         "INFO replication"},
        {{.has_log = true, .fsync = REDIS_FSYNC_ALWAYS, .confirms_alone = true},
         DURABILITY_RELAXED,
         false,
         "wait=1"},
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

static struct redis_facts take_all(const struct redis_questions *questions,
                                   const struct redis_value *replies, size_t count)
{
    struct redis_facts facts = {0};
    struct strbuf out;

    strbuf_init(&out, 16384);
    assert_int_equal(redis_health_encode(&out, questions), count);
    strbuf_fini(&out);
    for (size_t i = 0; i < count; i++)
        redis_facts_take(&facts, questions, i, &replies[i]);
    return facts;
}

static void test_a_node_of_a_cluster_is_asked_more(void **state)
{
    const struct redis_questions waits = {.prefix = &prefix, .is_cluster = true, .wait = 2};
    const struct redis_questions alone_in_it = {.is_cluster = true};
    const struct redis_value replies[] = {
        {.type = REDIS_ERROR, .text = SLICE_INIT("TRYAGAIN later")},
        {.type = REDIS_STRING, .text = SLICE_INIT("aof_enabled:1\r\n")},
        {.type = REDIS_STRING,
         .text = SLICE_INIT("role:master\r\nconnected_slaves:4\r\n"
                            "slave0:ip=10.0.0.1,port=1,state=online,offset=7,lag=5\r\n"
                            "slave1:ip=10.0.0.2,port=1,state=online,offset=7,lag=6\r\n"
                            "slave2:ip=10.0.0.3,port=1,state=send_bulk,offset=0,lag=0\r\n")},
        {.type = REDIS_STRING, .text = SLICE_INIT("maxmemory:0\r\n")},
        {.type = REDIS_ARRAY},
        {.type = REDIS_INTEGER},
        {.type = REDIS_STATUS, .text = SLICE_INIT("OK")},
        {.type = REDIS_STRING,
         .text = SLICE_INIT("cluster_state:fail\r\ncluster_current_epoch:17\r\n")},
    };
    struct redis_value without_wait[] = {replies[1], replies[2], replies[3],
                                         replies[4], replies[6], replies[7]};
    struct redis_facts facts = take_all(&waits, replies, 8);

    (void)state;
    assert_true(facts.is_redirected); /* it says nothing about rights */
    assert_string_equal(facts.write_error, "");
    assert_int_equal(facts.replicas, 4);
    assert_true(facts.lacks_replicas); /* one is in step */
    assert_false(facts.confirms_alone);
    assert_true(facts.cluster_is_down);
    assert_int_equal(facts.epoch, 17);

    facts = take_all(&alone_in_it, without_wait, 6);
    assert_false(facts.lacks_replicas);
    assert_true(facts.confirms_alone);
    without_wait[5] = (struct redis_value){
        .type = REDIS_ERROR, .text = SLICE_INIT("ERR This instance has cluster support disabled")};
    assert_true(take_all(&alone_in_it, without_wait, 6).is_no_cluster);
    without_wait[5].text = SLICE("NOPERM this user has no permissions");
    assert_true(take_all(&alone_in_it, without_wait, 6).cluster_refused);
    without_wait[4] = without_wait[5];
    assert_string_equal(take_all(&alone_in_it, without_wait, 6).write_error,
                        "NOPERM this user has no permissions");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_log_synced_always_is_strict_and_without_findings),
        cmocka_unit_test(test_each_weakness_lowers_durability_and_names_its_remedy),
        cmocka_unit_test(test_require_decides_what_is_sufficient),
        cmocka_unit_test(test_the_error_of_a_write_is_told),
        cmocka_unit_test(test_a_node_of_a_cluster_is_asked_more),
        cmocka_unit_test(test_all_replies_refused_means_nobody_knows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
