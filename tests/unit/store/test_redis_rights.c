/* Logins, users of limited rights, and the durability a url requires; on a real Redis. */
#include <stdio.h>
#include <stdlib.h>

#include "calls_rollups.h"
#include "redis_fixture.h"
#include "support/cmocka.h"

/* As src/store/redis.h has it. */
#define RIGHTS                                                                                     \
    "+select +eval +evalsha +mget +hmget +get +exists +hlen +zcard +incrby +hset +hincrby +set "   \
    "+expire +del +zadd +zrem +zremrangebyscore +info +config|get"
#define READING "+zrange +hgetall +hscan +unlink"

static int set_up(void **state)
{
    *state = redis_fixture_create(NULL);
    return 0;
}

static void open_as(struct redis_fixture *f, const char *query)
{
    char url[300];

    store_close(f->store);
    (void)snprintf(url, sizeof(url), "%s?%s", f->server.url, query);
    f->store = redis_fixture_open(f, url, 10000, NULL);
}

static enum commit_status hit(struct redis_fixture *f, char *detail, size_t size)
{
    struct commit *commit = redis_fixture_commit(f);
    struct outcome outcome;
    enum commit_status status;

    redis_fixture_add(commit, "/", 1);
    outcome = redis_fixture_send(f, commit);
    status = outcome.status;
    (void)snprintf(detail, size, "%s", outcome.detail);
    outcome_fini(&outcome);
    commit_unref(commit);
    return status;
}

/* Hits until one is refused with `text` in its detail, at most 20 s. */
static void wait_refused(struct redis_fixture *f, const char *text)
{
    int64_t until_ms = clock_mono_ms(&f->loop.clock) + 20000;
    char detail[200];

    do {
        assert_int_equal(hit(f, detail, sizeof(detail)), COMMIT_REFUSED);
        if (clock_mono_ms(&f->loop.clock) > until_ms)
            fail_msg("%s instead of %s", detail, text);
    } while (!strstr(detail, text));
}

static const struct metrics one_view = {.views = 1};

/* A minute, with more rows than are read as a whole, and within pages; and a listed record. */
static void add_everything(struct redis_fixture *f)
{
    const struct record_write writes[] = {
        {SLICE("site/a"), SLICE("{}"), RECORD_ANY, RECORD_FOREVER},
        {SLICE("site/b"), slice_of(NULL, 0), RECORD_ANY, RECORD_FOREVER},
    };
    struct commit *commit = redis_fixture_commit(f);
    struct outcome outcome;

    for (uint64_t i = 0; i < 5000; i++) {
        const struct rollup_addition addition = {
            .rollup = {SLICE("default"), 40000000, DIMENSION_SOURCE, i % 2, 10 + i},
            .delta = one_view,
            .cap = 2400,
            .text = SLICE("a name"),
            .title = SLICE("")};

        assert_int_equal(commit_roll_up(commit, &addition), ERR_OK);
    }
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(commit_write(commit, &writes[i]), ERR_OK);
    outcome = redis_fixture_send(f, commit);
    if (outcome.status != COMMIT_DONE)
        fail_msg("%s", outcome.detail);
    outcome_fini(&outcome);
    commit_unref(commit);
}

static void read_everything(struct redis_fixture *f)
{
    static const int32_t minute = 40000000;
    struct rollup_query query = {.site = SLICE("default"),
                                 .dimension = DIMENSION_SOURCE,
                                 .buckets = &minute,
                                 .bucket_count = 1,
                                 .group = ROLLUP_BY_VALUE};
    char text[40];
    size_t count;

    (void)call_rollups(&f->loop, f->store, &query, &count);
    assert_int_equal(count, 2401);
    query.scope = ROLLUP_WITHIN_PAGES;
    (void)call_rollups(&f->loop, f->store, &query, &count);
    assert_int_equal(count, 2401);
    call_name(&f->loop, f->store, SLICE("default"), 12, text, sizeof(text));
    assert_string_equal(text, "a name|");
    call_list(&f->loop, f->store, SLICE("site/"), SLICE(""), 10, text, sizeof(text));
    assert_string_equal(text, "site/a ");
    call_purge(&f->loop, f->store, SLICE("default"), 0, INT32_MAX);
}

static void use_everything(struct redis_fixture *f)
{
    static const struct counter counters[] = {
        {SLICE_INIT("default"), DIMENSION_TOTAL, SLICE_INIT("")},
        {SLICE_INIT("default"), DIMENSION_PAGE, SLICE_INIT("/")},
    };
    struct record_write write = {SLICE("r"), SLICE("value"), RECORD_ABSENT, 60};
    struct commit *commit = redis_fixture_commit(f);
    struct outcome outcome;
    char value[8];
    size_t len;

    redis_fixture_wait_usable(f, f->store);
    redis_fixture_add(commit, "/", 1000);
    assert_int_equal(commit_write(commit, &write), ERR_OK);
    outcome = redis_fixture_send(f, commit);
    if (outcome.status != COMMIT_DONE)
        fail_msg("%s", outcome.detail);
    outcome_fini(&outcome);
    assert_int_equal(call_total(&f->loop, f->store, &counters[0]), 1000);
    assert_int_equal(call_total(&f->loop, f->store, &counters[1]), 1000);
    assert_true(call_read(&f->loop, f->store, SLICE("r"), value, sizeof(value), &len) ==
                commit->version);
    write.expect_version = commit->version;
    write.value.ptr = NULL;
    commit_unref(commit);
    commit = redis_fixture_commit(f);
    assert_int_equal(commit_write(commit, &write), ERR_OK);
    outcome = redis_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_DONE);
    outcome_fini(&outcome);
    commit_unref(commit);
}

static void test_a_user_with_the_documented_rights_can_do_everything(void **state)
{
    struct redis_fixture *f = *state;
    struct store_health health;

    redis_server_do(&f->server, "CONFIG SET appendonly yes");
    redis_server_do(&f->server, "CONFIG SET appendfsync always");
    redis_server_words(&f->server, "ACL SETUSER ann on >p@ss:w/rd ~footfall:* " RIGHTS " " READING);
    open_as(f, "user=ann&password=p%40ss:w%2frd&require=strict");
    use_everything(f);
    add_everything(f);
    read_everything(f);
    health = call_check(&f->loop, f->store);
    if (!health.sufficient)
        fail_msg("%s", health.reason);
    assert_int_equal(health.durability, DURABILITY_STRICT);
    assert_int_equal(health.finding_count, 0);
}

/* Each of the rights is needed: without it commits are refused, and none is applied by half. */
static void test_a_user_without_one_of_the_rights_is_refused_and_nothing_is_applied(void **state)
{
    static const struct {
        const char *right;
        const char *refused_with;
    } cases[] = {
        {"eval", "NOPERM"},
        {"evalsha", "NOPERM"},
        {"mget", "can't run"},
        {"hmget", "can't run"},
        {"get", "can't run"},
        {"exists", "can't run"},
        {"incrby", "can't run"},
        {"hset", "can't run"},
        {"hincrby", "can't run"},
        {"set", "can't run"},
        {"del", "can't run"},
        {"info", "INFO"},
        {"config|get", "CONFIG GET"},
        {"hlen", "can't run"},
        {"zcard", "can't run"},
        {"expire", "can't run"},
        {"zadd", "can't run"},
        {"zrem", "can't run"},
        {"zremrangebyscore", "can't run"},
    };
    struct redis_fixture *f = *state;
    char command[400];

    redis_server_do(&f->server, "CONFIG SET appendonly yes");
    redis_server_words(&f->server, "ACL SETUSER ann on >pw ~footfall:* " RIGHTS);
    open_as(f, "user=ann&password=pw&require=relaxed");
    redis_fixture_wait_usable(f, f->store);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(command, sizeof(command),
                       "ACL SETUSER ann reset on >pw ~footfall:* " RIGHTS " -%s", cases[i].right);
        redis_server_words(&f->server, command);
        open_as(f, "user=ann&password=pw&require=relaxed");
        wait_refused(f, cases[i].refused_with);
        if (strcmp(cases[i].right, "evalsha") != 0) /* the probe comes by EVAL */
            assert_false(call_check(&f->loop, f->store).sufficient);
        assert_int_equal(
            redis_server_int(&f->server, "EXISTS footfall:total:default footfall:page:default"), 0);
    }
}

static void test_a_user_without_the_total_key_is_refused_and_nothing_is_applied(void **state)
{
    struct redis_fixture *f = *state;
    char detail[200];
    char url[300];

    redis_server_words(&f->server, "ACL SETUSER ann on >pw ~footfall:* " RIGHTS);
    (void)snprintf(url, sizeof(url), "%s?user=ann&password=pw", f->server.url);
    f->store = redis_fixture_open(f, url, 10000, "visitorCounter");
    redis_fixture_wait_usable(f, f->store);
    assert_int_equal(hit(f, detail, sizeof(detail)), COMMIT_REFUSED);
    assert_int_equal(redis_server_int(&f->server, "EXISTS footfall:page:default visitorCounter"),
                     0);
    redis_server_words(&f->server, "ACL SETUSER ann ~visitorCounter");
    assert_int_equal(hit(f, detail, sizeof(detail)), COMMIT_DONE);
}

static void test_a_wrong_password_is_told_and_a_right_one_is_taken_up(void **state)
{
    struct redis_fixture *f = *state;
    char detail[200];

    redis_server_do(&f->server, "ACL SETUSER default >secret");
    open_as(f, "password=wrong");
    wait_refused(f, "WRONGPASS");
    open_as(f, "require=relaxed");
    wait_refused(f, "NOAUTH");
    open_as(f, "password=secret");
    redis_fixture_wait_usable(f, f->store);
    assert_int_equal(hit(f, detail, sizeof(detail)), COMMIT_DONE);
}

static void test_a_database_that_is_not_there_is_told(void **state)
{
    struct redis_fixture *f = *state;

    open_as(f, "db=9999");
    wait_refused(f, "out of range");
}

static void test_commits_wait_for_the_durability_that_the_url_requires(void **state)
{
    static const struct {
        const char *url;
        const char *spoil; /* NULL: nothing to do */
        const char *refused_with;
        const char *mend;
    } steps[] = {
        {"require=relaxed", NULL, "append-only file is off", "CONFIG SET appendonly yes"},
        {"require=strict", NULL, "everysec", "CONFIG SET appendfsync always"},
        {"require=strict", "CONFIG SET no-appendfsync-on-rewrite yes", "no-appendfsync-on-rewrite",
         "CONFIG SET no-appendfsync-on-rewrite no"},
        {"require=strict", "CONFIG SET maxmemory 1gb maxmemory-policy volatile-ttl", "maxmemory",
         "CONFIG SET maxmemory-policy noeviction"},
        {"require=relaxed", "CONFIG SET appendfsync no", "appendfsync is no",
         "CONFIG SET appendfsync everysec"},
    };
    struct redis_fixture *f = *state;
    char detail[200];

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (steps[i].spoil)
            redis_server_words(&f->server, steps[i].spoil);
        open_as(f, steps[i].url);
        wait_refused(f, steps[i].refused_with);
        assert_non_null(strstr(call_check(&f->loop, f->store).reason, steps[i].refused_with));
        redis_server_words(&f->server, steps[i].mend);
        /* A store that refused looks again each second, and finds it mended. */
        redis_fixture_wait_usable(f, f->store);
        assert_int_equal(hit(f, detail, sizeof(detail)), COMMIT_DONE);
    }
}

#define ON_SERVER(test_) cmocka_unit_test_setup_teardown(test_, set_up, redis_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SERVER(test_a_user_with_the_documented_rights_can_do_everything),
        ON_SERVER(test_a_user_without_one_of_the_rights_is_refused_and_nothing_is_applied),
        ON_SERVER(test_a_user_without_the_total_key_is_refused_and_nothing_is_applied),
        ON_SERVER(test_a_wrong_password_is_told_and_a_right_one_is_taken_up),
        ON_SERVER(test_a_database_that_is_not_there_is_told),
        ON_SERVER(test_commits_wait_for_the_durability_that_the_url_requires),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
