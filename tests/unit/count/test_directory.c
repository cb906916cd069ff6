/* The directory: sites as a process knows them, and the salts of their days. */
#include "count/directory.h"

#include <stdio.h>

#include "count/salt_maker.h"
#include "count/settings_key.h"
#include "site_fixture.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"

/* One; and some, so that a host, its site and the default site are in several of them. */
static const unsigned shard_counts[] = {1, 5};
#define SHARD_COUNTS (sizeof(shard_counts) / sizeof(shard_counts[0]))

/* As many as directory_load() takes at a time. */
#define MAX_LOADS 128

static void set_time(struct site_fixture *f, int64_t unix_s)
{
    f->loop.now_ms = unix_s * 1000 - VIRTUAL_EPOCH_MS;
}

/* ---- sites ---------------------------------------------------------------------------------- */

static void test_the_default_site_is_there_without_a_record(void **state)
{
    struct site_fixture f;
    struct site_now now;

    (void)state;
    site_fixture_init(&f, 1);
    assert_int_equal(find_site(&f, "default", "", &now), SITE_FOUND);
    assert_string_equal(now.settings->id, SITE_DEFAULT);
    assert_int_equal(now.version, RECORD_ABSENT);
    assert_int_equal(find_site(&f, "", "", &now), SITE_FOUND);
    assert_string_equal(now.settings->id, SITE_DEFAULT);
    site_fixture_fini(&f);
}

static void test_a_site_that_is_not_there_gets_no_salt(void **state)
{
    char key[SALT_KEY_BYTES];
    struct site_fixture f;
    struct site_now now;

    (void)state;
    site_fixture_init(&f, 1);
    assert_int_equal(find_site(&f, "blog", "", &now), SITE_NOT_THERE);
    assert_int_equal(now.version, RECORD_ABSENT);
    assert_int_equal(look_at_record(&f, salt_key(SLICE("blog"), 19675, key)).version,
                     RECORD_ABSENT);
    assert_int_equal(change_domains(&f, "blog", "none"), ERR_OK);
    directory_expire(f.directory, now.version);
    assert_int_equal(find_site(&f, "blog", "", &now), SITE_FOUND);
    assert_int_equal(now.version, look_at_settings(&f, "blog").version);
    site_fixture_fini(&f);
}

static void test_what_is_known_stays_until_its_version_is_expired(void **state)
{
    struct site_fixture f;
    struct site_now before;
    struct site_now after;
    uint64_t version;

    (void)state;
    site_fixture_init(&f, 1);
    assert_int_equal(change_domains(&f, "blog", "a.example"), ERR_OK);
    assert_int_equal(find_site(&f, "blog", "", &before), SITE_FOUND);
    version = before.version;
    assert_int_equal(change_domains(&f, "blog", "a.example, b.example"), ERR_OK);
    assert_int_equal(find_site(&f, "blog", "", &after), SITE_FOUND);
    assert_int_equal(after.version, version);
    directory_expire(f.directory, version + 1);
    assert_int_equal(find_site(&f, "blog", "", &after), SITE_FOUND);
    assert_int_equal(after.settings->domain_count, 1);
    directory_expire(f.directory, version);
    assert_int_equal(find_site(&f, "blog", "", &after), SITE_FOUND);
    assert_int_equal(after.settings->domain_count, 2);
    assert_int_equal(after.version, look_at_settings(&f, "blog").version);
    site_fixture_fini(&f);
}

static void test_a_record_that_cannot_be_read_is_an_error_and_no_other_site(void **state)
{
    const struct site_wish wish = {.id = SLICE("blog"), .host = SLICE(""), .unix_s = 1700000000};
    struct loaded loaded = {0};
    struct site_fixture f;

    (void)state;
    site_fixture_init(&f, 1);
    put_record(&f, SLICE("site/blog"), "{\"id\":", 17);
    log_off();
    assert_non_null(directory_load(f.directory, &wish, on_loaded, &loaded));
    settle(&f);
    assert_int_equal(loaded.told, 1);
    assert_int_equal(loaded.err, ERR_UNAVAILABLE);
    site_fixture_fini(&f);
}

/* ---- hosts ---------------------------------------------------------------------------------- */

static void test_a_host_leads_to_the_site_that_has_it_and_else_to_the_default(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHARD_COUNTS; i++) {
        struct site_fixture f;

        site_fixture_init(&f, shard_counts[i]);
        assert_string_equal(counted_for(&f, "a.example"), "default");
        assert_int_equal(change_domains(&f, "blog", "www.a.example"), ERR_OK);
        assert_int_equal(change_domains(&f, "shop", "b.example"), ERR_OK);
        assert_string_equal(counted_for(&f, "a.example"), "blog");
        assert_string_equal(counted_for(&f, "b.example"), "shop");
        assert_string_equal(counted_for(&f, "c.example"), "default");
        assert_string_equal(counted_for(&f, ""), "default");
        assert_int_equal(change_domains(&f, "shop", NULL), ERR_OK);
        assert_string_equal(counted_for(&f, "b.example"), "default");
        assert_string_equal(counted_for(&f, "a.example"), "blog");
        site_fixture_fini(&f);
    }
}

/* Left of changes that were interrupted, or of a copy that was cut short. */
static void test_a_domain_without_its_site_leads_to_the_default(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHARD_COUNTS; i++) {
        struct site_fixture f;

        site_fixture_init(&f, shard_counts[i]);
        assert_int_equal(change_domains(&f, "blog", "a.example"), ERR_OK);
        put_domain(&f, "b.example", "blog");
        put_domain(&f, "c.example", "nobody");
        put_domain(&f, "d.example", "");
        put_domain(&f, "e.example",
                   "one-that-is-longer-than-any-id-of-a-site-can-be-and-then-a-bit-more");
        put_domain(&f, "f.example", "default");
        assert_string_equal(counted_for(&f, "a.example"), "blog");
        assert_string_equal(counted_for(&f, "b.example"), "default");
        assert_string_equal(counted_for(&f, "c.example"), "default");
        assert_string_equal(counted_for(&f, "d.example"), "default");
        assert_string_equal(counted_for(&f, "e.example"), "default");
        assert_string_equal(counted_for(&f, "f.example"), "default");
        site_fixture_fini(&f);
    }
}

/* As `footfall db copy` leaves it that came from a store of one shard. */
static void test_sites_that_were_copied_into_more_shards_are_found(void **state)
{
    struct site_fixture f;

    (void)state;
    site_fixture_init(&f, 5);
    put_site(&f, "blog", "a.example");
    put_domain(&f, "a.example", "blog");
    put_record(&f, SLICE("settings/0"), "domains", 17);
    assert_string_equal(counted_for(&f, "a.example"), "blog");
    assert_string_equal(counted_for(&f, "b.example"), "default");
    assert_int_equal(change_domains(&f, "blog", "b.example"), ERR_OK);
    assert_string_equal(counted_for(&f, "a.example"), "default");
    assert_string_equal(counted_for(&f, "b.example"), "blog");
    site_fixture_fini(&f);
}

static void test_a_host_that_no_record_can_name_needs_no_look_at_the_store(void **state)
{
    char host[WEB_HOST_MAX + 1];
    struct site_fixture f;
    struct site_now now;

    (void)state;
    site_fixture_init(&f, 1);
    assert_int_equal(change_domains(&f, "blog", "a.example"), ERR_OK);
    assert_int_equal(find_site(&f, "default", "", &now), SITE_FOUND);
    memset(host, 'a', WEB_HOST_MAX);
    host[WEB_HOST_MAX] = '\0';
    assert_int_equal(
        directory_look(
            f.directory,
            &(struct site_wish){.id = SLICE(""), .host = slice_str(host), .unix_s = now_unix_s(&f)},
            &now),
        SITE_FOUND);
    assert_string_equal(now.settings->id, "default");
    host[DOMAIN_MAX_HOST] = '\0';
    assert_string_equal(counted_for(&f, host), "default");
    site_fixture_fini(&f);
}

/* ---- changes between two steps of a load ---------------------------------------------------- */

/* A host that goes from one site to another, in the order in which site_store.h does it. */
static const struct {
    const char *domains_of_a[2]; /* before and after; NULL: the site is not there */
    const char *domains_of_b[2];
    const char *expected[2];
} moves[] = {
    {{NULL, NULL}, {NULL, "x.example"}, {"default", "b"}},
    {{NULL, NULL}, {"none", "x.example"}, {"default", "b"}},
    {{NULL, NULL}, {"x.example", NULL}, {"b", "default"}},
    {{NULL, NULL}, {"x.example", "none"}, {"b", "default"}},
    {{"x.example", "none"}, {"none", "x.example"}, {"a", "b"}},
    {{"x.example", NULL}, {NULL, "x.example"}, {"a", "b"}},
};

static void put_domains(struct site_fixture *f, size_t which, size_t when)
{
    if (strcmp(moves[which].expected[when], "default") != 0)
        put_domain(f, "x.example", moves[which].expected[when]);
    else
        put_record(f, SLICE("domain/x.example"), NULL, 0);
}

static void put_sites(struct site_fixture *f, size_t which, size_t when)
{
    put_site(f, "a", moves[which].domains_of_a[when]);
    put_site(f, "b", moves[which].domains_of_b[when]);
}

static void put_all_settings(struct site_fixture *f)
{
    for (unsigned i = 0; i < store_shard_count(f->store); i++)
        put_settings(f, i, "domains");
}

/* The change is made in three steps, before the turns of the load that are given. */
static void check_move(unsigned shards, size_t which, const unsigned turns[static 3], bool is_warm)
{
    struct site_fixture f;
    struct site_now now;
    struct loaded loaded = {0};
    struct site_wish wish = {.id = SLICE(""), .host = SLICE("x.example"), .unix_s = 0};

    site_fixture_init(&f, shards);
    wish.unix_s = now_unix_s(&f);
    put_domains(&f, which, 0);
    put_sites(&f, which, 0);
    put_all_settings(&f);
    if (is_warm)
        assert_int_equal(find_site(&f, "default", "", &now), SITE_FOUND);
    assert_non_null(directory_load(f.directory, &wish, on_loaded, &loaded));
    for (unsigned turn = 0; turn <= turns[2]; turn++) {
        if (turn == turns[0])
            put_domains(&f, which, 1);
        if (turn == turns[1])
            put_sites(&f, which, 1);
        if (turn == turns[2])
            put_all_settings(&f);
        virtual_loop_turn(&f.loop);
    }
    settle(&f);
    assert_int_equal(loaded.told, 1);
    /* Whatever the load has seen of it: now everybody has to see the change. */
    assert_string_equal(counted_for(&f, "x.example"), moves[which].expected[1]);
    site_fixture_fini(&f);
}

#define LOAD_TURNS 13

static void test_a_host_that_moves_while_it_is_looked_up_is_not_kept_as_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHARD_COUNTS * sizeof(moves) / sizeof(moves[0]) * 2; i++) {
        unsigned shards = shard_counts[i / 2 % SHARD_COUNTS];
        unsigned t[3];

        for (t[0] = 0; t[0] < LOAD_TURNS; t[0]++) {
            for (t[1] = t[0]; t[1] < LOAD_TURNS; t[1]++) {
                for (t[2] = t[1]; t[2] < LOAD_TURNS; t[2]++) {
                    bool is_one_commit = t[0] == t[1] && t[1] == t[2];

                    if (shards > 1 || is_one_commit)
                        check_move(shards, i / 2 / SHARD_COUNTS, t, i % 2 != 0);
                }
            }
        }
    }
}

/* ---- salts ---------------------------------------------------------------------------------- */

static void test_two_processes_have_the_same_salt(void **state)
{
    (void)state;
    for (unsigned lead = 0; lead < 8; lead++) {
        const struct site_wish wish = {
            .id = SLICE("default"), .host = SLICE(""), .unix_s = 1700000000};
        struct loaded loaded[2] = {{0}, {0}};
        struct directory *other;
        struct site_fixture f;
        struct site_now now[2];

        site_fixture_init(&f, 1);
        other = directory_create(f.store, &f.env);
        assert_non_null(other);
        assert_non_null(directory_load(f.directory, &wish, on_loaded, &loaded[0]));
        for (unsigned turn = 0; turn < lead; turn++)
            virtual_loop_turn(&f.loop);
        assert_non_null(directory_load(other, &wish, on_loaded, &loaded[1]));
        settle(&f);
        assert_int_equal(loaded[0].err, ERR_OK);
        assert_int_equal(loaded[1].err, ERR_OK);
        assert_int_equal(directory_look(f.directory, &wish, &now[0]), SITE_FOUND);
        assert_int_equal(directory_look(other, &wish, &now[1]), SITE_FOUND);
        assert_memory_equal(now[0].salt, now[1].salt, SALT_BYTES);
        assert_true(directory_is_idle(other));
        directory_destroy(other);
        site_fixture_fini(&f);
    }
}

static void test_a_salt_is_a_site_s_own_and_new_each_day(void **state)
{
    unsigned char salts[3][SALT_BYTES];
    struct site_fixture f;
    struct site_now now;

    (void)state;
    site_fixture_init(&f, 1);
    assert_int_equal(change_domains(&f, "blog", "none"), ERR_OK);
    assert_int_equal(find_site(&f, "blog", "", &now), SITE_FOUND);
    memcpy(salts[0], now.salt, SALT_BYTES);
    assert_int_equal(find_site(&f, "default", "", &now), SITE_FOUND);
    memcpy(salts[1], now.salt, SALT_BYTES);
    f.loop.now_ms += 24 * 3600 * 1000;
    assert_int_equal(find_site(&f, "blog", "", &now), SITE_FOUND);
    memcpy(salts[2], now.salt, SALT_BYTES);
    assert_memory_not_equal(salts[0], salts[1], SALT_BYTES);
    assert_memory_not_equal(salts[0], salts[2], SALT_BYTES);
    site_fixture_fini(&f);
}

/* 2023-11-15, 00:00 in UTC. */
#define MIDNIGHT INT64_C(1700006400)

static void test_a_visit_finds_the_salt_of_the_day_before_for_half_an_hour(void **state)
{
    unsigned char yesterday[SALT_BYTES];
    struct site_fixture f;
    struct site_now now;

    (void)state;
    site_fixture_init(&f, 1);
    set_time(&f, MIDNIGHT - 10);
    assert_int_equal(find_site(&f, "default", "", &now), SITE_FOUND);
    assert_null(now.salt_before);
    memcpy(yesterday, now.salt, SALT_BYTES);
    set_time(&f, MIDNIGHT);
    assert_int_equal(find_site(&f, "default", "", &now), SITE_FOUND);
    assert_non_null(now.salt_before);
    assert_memory_equal(now.salt_before, yesterday, SALT_BYTES);
    assert_memory_not_equal(now.salt, yesterday, SALT_BYTES);
    set_time(&f, MIDNIGHT + VISIT_GAP_S - 1);
    assert_int_equal(find_site(&f, "default", "", &now), SITE_FOUND);
    assert_memory_equal(now.salt_before, yesterday, SALT_BYTES);
    set_time(&f, MIDNIGHT + VISIT_GAP_S);
    assert_int_equal(find_site(&f, "default", "", &now), SITE_FOUND);
    assert_null(now.salt_before);
    site_fixture_fini(&f);
}

static void test_after_a_day_without_hits_there_is_no_salt_before(void **state)
{
    struct site_fixture f;
    struct site_now now;

    (void)state;
    site_fixture_init(&f, 1);
    set_time(&f, MIDNIGHT + 60);
    assert_int_equal(find_site(&f, "default", "", &now), SITE_FOUND);
    assert_null(now.salt_before);
    assert_non_null(now.salt);
    site_fixture_fini(&f);
}

/* The hits of a minute ago are still counted for the day that they were of. */
static void test_the_day_before_can_still_be_asked_for(void **state)
{
    unsigned char salt[SALT_BYTES];
    struct site_fixture f;
    struct site_wish wish = {.id = SLICE("default"), .host = SLICE(""), .unix_s = MIDNIGHT - 10};
    struct site_now now;

    (void)state;
    site_fixture_init(&f, 1);
    set_time(&f, MIDNIGHT - 10);
    assert_int_equal(find_site(&f, "default", "", &now), SITE_FOUND);
    memcpy(salt, now.salt, SALT_BYTES);
    set_time(&f, MIDNIGHT + 10);
    assert_int_equal(find_site(&f, "default", "", &now), SITE_FOUND);
    assert_int_equal(directory_look(f.directory, &wish, &now), SITE_FOUND);
    assert_memory_equal(now.salt, salt, SALT_BYTES);
    site_fixture_fini(&f);
}

static void test_a_salt_is_gone_some_hours_after_its_day(void **state)
{
    char key[SALT_KEY_BYTES];
    struct site_fixture f;
    struct site_now now;

    (void)state;
    site_fixture_init(&f, 1);
    set_time(&f, MIDNIGHT + 10);
    assert_int_equal(find_site(&f, "default", "", &now), SITE_FOUND);
    (void)salt_key(SLICE("default"), now.moment.day, key);
    set_time(&f, MIDNIGHT + 26 * 3600 - 1);
    assert_int_equal(look_at_record(&f, slice_str(key)).value.len, SALT_BYTES);
    set_time(&f, MIDNIGHT + 26 * 3600);
    assert_int_equal(look_at_record(&f, slice_str(key)).version, RECORD_ABSENT);
    site_fixture_fini(&f);
}

static void test_old_salts_are_forgotten_and_the_site_is_not(void **state)
{
    struct site_fixture f;
    struct site_wish wish = {.id = SLICE("default"), .host = SLICE(""), .unix_s = MIDNIGHT - 10};
    struct site_now now;

    (void)state;
    site_fixture_init(&f, 1);
    set_time(&f, MIDNIGHT - 10);
    assert_int_equal(find_site(&f, "default", "", &now), SITE_FOUND);
    directory_forget_salts(f.directory, MIDNIGHT + 10);
    assert_int_equal(directory_look(f.directory, &wish, &now), SITE_FOUND);
    directory_forget_salts(f.directory, MIDNIGHT + 24 * 3600);
    assert_int_equal(directory_look(f.directory, &wish, &now), SITE_NOT_KNOWN);
    assert_int_equal(find_site(&f, "default", "", &now), SITE_FOUND);
    site_fixture_fini(&f);
}

/* ---- those who wait ------------------------------------------------------------------------- */

static void test_who_wants_the_same_waits_for_the_same_reads(void **state)
{
    struct site_wish wish = {.id = SLICE("blog"), .host = SLICE(""), .unix_s = 1700000000};
    struct loaded loaded[3] = {{0}, {0}, {0}};
    struct directory_wait *canceled;
    struct site_fixture f;
    struct store_stats stats;

    (void)state;
    site_fixture_init(&f, 1);
    assert_int_equal(change_domains(&f, "blog", "none"), ERR_OK);
    store_get_stats(f.store, &stats);
    assert_int_equal(stats.in_flight, 0);
    assert_non_null(directory_load(f.directory, &wish, on_loaded, &loaded[0]));
    canceled = directory_load(f.directory, &wish, on_loaded, &loaded[1]);
    assert_non_null(canceled);
    assert_non_null(directory_load(f.directory, &wish, on_loaded, &loaded[2]));
    store_get_stats(f.store, &stats);
    assert_int_equal(stats.in_flight, 1);
    assert_int_equal(loaded[0].told, 0);
    directory_cancel(canceled);
    directory_cancel(NULL);
    settle(&f);
    assert_int_equal(loaded[0].told, 1);
    assert_int_equal(loaded[1].told, 0);
    assert_int_equal(loaded[2].told, 1);
    site_fixture_fini(&f);
}

static void test_more_loads_than_are_taken_are_refused_and_later_taken(void **state)
{
    struct loaded loaded = {0};
    struct site_fixture f;
    char host[16];

    (void)state;
    site_fixture_init(&f, 1);
    for (unsigned i = 0; i <= MAX_LOADS; i++) {
        struct site_wish wish = {.id = SLICE(""), .host = SLICE(""), .unix_s = now_unix_s(&f)};

        (void)snprintf(host, sizeof(host), "%u.example", i);
        wish.host = slice_str(host);
        assert_int_equal(directory_load(f.directory, &wish, on_loaded, &loaded) != NULL,
                         i < MAX_LOADS);
    }
    settle(&f);
    assert_int_equal(loaded.told, MAX_LOADS);
    assert_int_equal(loaded.err, ERR_OK);
    assert_string_equal(counted_for(&f, host), "default");
    site_fixture_fini(&f);
}

/* What is known is bounded, however many hosts are asked for. */
static void test_any_number_of_hosts_can_be_asked_for(void **state)
{
    struct site_fixture f;
    char host[24];

    (void)state;
    site_fixture_init(&f, 1);
    assert_int_equal(change_domains(&f, "blog", "7.example"), ERR_OK);
    for (unsigned i = 0; i < DIRECTORY_MAX + 10; i++) {
        (void)snprintf(host, sizeof(host), "%u.example", i);
        assert_string_equal(counted_for(&f, host), i == 7 ? "blog" : "default");
    }
    assert_string_equal(counted_for(&f, "7.example"), "blog");
    site_fixture_fini(&f);
}

/* Nobody is told, and nothing leaks, at whatever point of a load its process ends. */
static void test_a_directory_may_end_while_it_loads(void **state)
{
    (void)state;
    for (unsigned turns = 0; turns < 15; turns++) {
        struct site_wish wish = {.id = SLICE(""), .host = SLICE("a.example"), .unix_s = 0};
        struct loaded loaded = {0};
        struct site_fixture f;
        unsigned told;

        site_fixture_init(&f, 5);
        wish.unix_s = now_unix_s(&f);
        assert_int_equal(change_domains(&f, "blog", "a.example"), ERR_OK);
        assert_non_null(directory_load(f.directory, &wish, on_loaded, &loaded));
        for (unsigned turn = 0; turn < turns; turn++)
            virtual_loop_turn(&f.loop);
        told = loaded.told;
        directory_destroy(f.directory);
        f.directory = NULL;
        settle(&f);
        assert_int_equal(loaded.told, told);
        site_fixture_fini(&f);
    }
}

/* ---- without memory ------------------------------------------------------------------------- */

static void test_without_memory_a_load_fails_and_the_next_one_does_not(void **state)
{
    bool has_failed = true;

    (void)state;
    for (size_t k = 1; has_failed; k++) {
        struct site_wish wish = {.id = SLICE(""), .host = SLICE("a.example"), .unix_s = 0};
        struct loaded loaded = {0};
        struct site_fixture f;
        struct site_now now;
        bool is_begun;

        site_fixture_init(&f, 5);
        wish.unix_s = now_unix_s(&f);
        log_off();
        assert_int_equal(change_domains(&f, "blog", "a.example"), ERR_OK);
        failing_malloc_at(k);
        is_begun = directory_load(f.directory, &wish, on_loaded, &loaded) != NULL;
        settle(&f);
        has_failed = failing_malloc_stop();
        f.loop.now_ms += 10000; /* the salt maker's writer tries again */
        settle(&f);
        assert_int_equal(loaded.told, is_begun ? 1 : 0);
        assert_true(has_failed || loaded.err == ERR_OK);
        assert_int_equal(find_site(&f, "", "a.example", &now), SITE_FOUND);
        assert_string_equal(now.settings->id, "blog");
        site_fixture_fini(&f);
    }
}

static void test_a_directory_is_made_whole_or_not_at_all(void **state)
{
    bool has_failed = true;
    struct site_fixture f;

    (void)state;
    site_fixture_init(&f, 5);
    for (size_t k = 1; has_failed; k++) {
        struct directory *made;

        failing_malloc_at(k);
        made = directory_create(f.store, &f.env);
        has_failed = failing_malloc_stop();
        assert_int_equal(made != NULL, !has_failed);
        directory_destroy(made);
    }
    site_fixture_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_default_site_is_there_without_a_record),
        cmocka_unit_test(test_a_site_that_is_not_there_gets_no_salt),
        cmocka_unit_test(test_what_is_known_stays_until_its_version_is_expired),
        cmocka_unit_test(test_a_record_that_cannot_be_read_is_an_error_and_no_other_site),
        cmocka_unit_test(test_a_host_leads_to_the_site_that_has_it_and_else_to_the_default),
        cmocka_unit_test(test_a_domain_without_its_site_leads_to_the_default),
        cmocka_unit_test(test_sites_that_were_copied_into_more_shards_are_found),
        cmocka_unit_test(test_a_host_that_no_record_can_name_needs_no_look_at_the_store),
        cmocka_unit_test(test_a_host_that_moves_while_it_is_looked_up_is_not_kept_as_it_was),
        cmocka_unit_test(test_two_processes_have_the_same_salt),
        cmocka_unit_test(test_a_salt_is_a_site_s_own_and_new_each_day),
        cmocka_unit_test(test_a_visit_finds_the_salt_of_the_day_before_for_half_an_hour),
        cmocka_unit_test(test_after_a_day_without_hits_there_is_no_salt_before),
        cmocka_unit_test(test_the_day_before_can_still_be_asked_for),
        cmocka_unit_test(test_a_salt_is_gone_some_hours_after_its_day),
        cmocka_unit_test(test_old_salts_are_forgotten_and_the_site_is_not),
        cmocka_unit_test(test_who_wants_the_same_waits_for_the_same_reads),
        cmocka_unit_test(test_more_loads_than_are_taken_are_refused_and_later_taken),
        cmocka_unit_test(test_any_number_of_hosts_can_be_asked_for),
        cmocka_unit_test(test_a_directory_may_end_while_it_loads),
        cmocka_unit_test(test_without_memory_a_load_fails_and_the_next_one_does_not),
        cmocka_unit_test(test_a_directory_is_made_whole_or_not_at_all),
    };

    return cmocka_run_group_tests_name("directory", tests, NULL, NULL);
}
