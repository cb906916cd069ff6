/* Sites are added, changed, listed and removed, whatever happens between two steps of it. */
#include <stdio.h>

#include "count/settings_key.h"
#include "count/site_store.h"
#include "site_fixture.h"
#include "store/memory_db.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"

/* One; and some, so that the records of a site are in several of them. */
static const unsigned shard_counts[] = {1, 5};
#define SHARD_COUNTS (sizeof(shard_counts) / sizeof(shard_counts[0]))

static void set_up(struct site_fixture *f, unsigned shards)
{
    site_fixture_init(f, shards);
}

static const char *owner_of(struct site_fixture *f, const char *host)
{
    static char owner[SITE_MAX_ID + 1];
    char key[DOMAIN_KEY_BYTES];
    struct slice value = look_at_record(f, domain_key(slice_str(host), key)).value;

    assert_true(value.len < sizeof(owner));
    memcpy(owner, value.len > 0 ? value.ptr : "", value.len);
    owner[value.len] = '\0';
    return owner;
}

/* ---- changes -------------------------------------------------------------------------------- */

static void check_that_settings_change(struct site_fixture *f, const char *id, const char *domains,
                                       const char *flag)
{
    uint64_t before[STORE_MAX_SHARDS];
    char key[SETTINGS_KEY_BYTES];

    for (unsigned i = 0; i < store_shard_count(f->store); i++)
        before[i] = look_at_record(f, settings_key(f->store, i, key)).version;
    assert_int_equal(change_domains(f, id, domains), ERR_OK);
    for (unsigned i = 0; i < store_shard_count(f->store); i++) {
        struct record record = look_at_record(f, settings_key(f->store, i, key));

        assert_true(record.version != RECORD_ABSENT && record.version != before[i]);
        assert_true(slice_eq(record.value, slice_str(flag)));
    }
}

static void
test_every_change_is_seen_in_every_shard_and_tells_whether_there_are_domains(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHARD_COUNTS; i++) {
        struct site_fixture f;

        set_up(&f, shard_counts[i]);
        check_that_settings_change(&f, "blog", "none", "");
        check_that_settings_change(&f, "blog", "a.example", "domains");
        check_that_settings_change(&f, "shop", "none", "domains");
        check_that_settings_change(&f, "shop", "b.example", "domains");
        check_that_settings_change(&f, "blog", "none", "domains");
        check_that_settings_change(&f, "shop", NULL, "");
        check_that_settings_change(&f, "default", "c.example", "domains");
        check_that_settings_change(&f, "default", NULL, "");
        assert_true(site_store_is_idle(f.sites));
        site_fixture_fini(&f);
    }
}

static void test_domains_follow_their_sites(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHARD_COUNTS; i++) {
        struct site_fixture f;

        set_up(&f, shard_counts[i]);
        assert_int_equal(change_domains(&f, "blog", "www.a.example, a.example, b.example"), ERR_OK);
        assert_string_equal(owner_of(&f, "a.example"), "blog");
        assert_string_equal(owner_of(&f, "www.a.example"), "");
        assert_int_equal(change_domains(&f, "blog", "b.example, c.example"), ERR_OK);
        assert_string_equal(owner_of(&f, "a.example"), "");
        assert_string_equal(owner_of(&f, "b.example"), "blog");
        assert_string_equal(owner_of(&f, "c.example"), "blog");
        assert_int_equal(change_domains(&f, "shop", "a.example"), ERR_OK);
        assert_int_equal(change_domains(&f, "blog", NULL), ERR_OK);
        assert_string_equal(owner_of(&f, "b.example"), "");
        assert_string_equal(owner_of(&f, "a.example"), "shop");
        /* It does not expire with the claim. */
        f.loop.now_ms += INT64_C(1000) * 24 * 3600 * 1000;
        assert_string_equal(owner_of(&f, "a.example"), "shop");
        site_fixture_fini(&f);
    }
}

static void test_a_domain_of_another_site_is_refused_and_nothing_is_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHARD_COUNTS; i++) {
        struct site_fixture f;
        struct wanted wanted = {.id = "shop", .domains = "b.example, www.a.example"};

        set_up(&f, shard_counts[i]);
        assert_int_equal(change_domains(&f, "blog", "a.example"), ERR_OK);
        assert_non_null(begin_change(&f, &wanted));
        finish_change(&f, &wanted);
        assert_int_equal(wanted.err, ERR_INVALID);
        assert_string_equal(wanted.why, "domains: a.example belongs to the site blog");
        assert_string_equal(owner_of(&f, "b.example"), "");
        assert_string_equal(owner_of(&f, "a.example"), "blog");
        assert_int_equal(change_domains(&f, "shop", "b.example"), ERR_OK);
        site_fixture_fini(&f);
    }
}

static void test_a_name_that_is_too_long_for_a_record_is_refused(void **state)
{
    static const char label[] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."; /* 63 */
    char host[4 * sizeof(label)] = "";
    struct site_fixture f;

    (void)state;
    set_up(&f, 1);
    for (size_t i = 0; i < 3; i++)
        memcpy(host + i * (sizeof(label) - 1), label, sizeof(label) - 1);
    memset(host + 189, 'b', 59);
    assert_int_equal(strlen(host), DOMAIN_MAX_HOST);
    assert_int_equal(change_domains(&f, "blog", host), ERR_OK);
    assert_string_equal(owner_of(&f, host), "blog");
    strcat(host, "b");
    assert_int_equal(change_domains(&f, "blog", host), ERR_INVALID);
    site_fixture_fini(&f);
}

/* Whoever is first has the domain; the other one is told whose it is. */
static void test_of_two_sites_that_want_a_domain_at_the_same_moment_one_gets_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHARD_COUNTS; i++) {
        for (unsigned lead = 0; lead < 20; lead++) {
            struct site_fixture f;
            struct site_fixture *fp = &f;
            struct site_store *other;
            struct site_store *mine;
            struct wanted a = {.id = "blog", .domains = "x.example"};
            struct wanted b = {.id = "shop", .domains = "x.example"};

            set_up(&f, shard_counts[i]);
            mine = f.sites;
            other = site_store_create(f.store, &f.env);
            assert_non_null(begin_change(fp, &a));
            for (unsigned t = 0; t < lead; t++)
                virtual_loop_turn(&f.loop);
            f.sites = other;
            assert_non_null(begin_change(fp, &b));
            finish_change(&f, a.told == 0 ? &a : &b);
            finish_change(&f, b.told == 0 ? &b : &a);
            assert_int_equal((a.err == ERR_OK) + (b.err == ERR_OK), 1);
            assert_int_equal((a.err == ERR_INVALID) + (b.err == ERR_INVALID), 1);
            assert_string_equal(owner_of(&f, "x.example"), a.err == ERR_OK ? "blog" : "shop");
            site_store_destroy(mine);
            site_fixture_fini(&f);
        }
    }
}

static void test_changes_of_one_process_are_made_one_after_the_other(void **state)
{
    struct wanted wanted[] = {{.id = "blog", .domains = "a.example"},
                              {.id = "shop", .domains = "a.example"},
                              {.id = "blog", .domains = NULL},
                              {.id = "shop", .domains = "a.example"}};
    struct site_fixture f;

    (void)state;
    set_up(&f, 5);
    for (size_t i = 0; i < 4; i++)
        assert_non_null(begin_change(&f, &wanted[i]));
    finish_change(&f, &wanted[3]);
    assert_int_equal(wanted[0].err, ERR_OK);
    assert_int_equal(wanted[1].err, ERR_INVALID);
    assert_int_equal(wanted[2].err, ERR_OK);
    assert_int_equal(wanted[3].err, ERR_OK);
    assert_string_equal(owner_of(&f, "a.example"), "shop");
    site_fixture_fini(&f);
}

/* ---- interruptions -------------------------------------------------------------------------- */

/* What hits are counted for while, and after, a change is interrupted by the end of its process. */
static const struct {
    const char *before; /* domains of the site blog; NULL: it is not there */
    const char *after;
} interrupted[] = {
    {NULL, "a.example, b.example, c.example"},
    {"a.example", "b.example, c.example, d.example"},
    {"a.example, b.example", "b.example"},
    {"a.example, b.example", NULL},
};

static const char *const hosts[] = {"a.example", "b.example", "c.example", "d.example"};

static const char *expected_for(const char *domains, const char *host)
{
    return domains && strstr(domains, host) ? "blog" : SITE_DEFAULT;
}

static bool is_between(const char *id, const char *before, const char *after, const char *host)
{
    return strcmp(id, expected_for(before, host)) == 0 ||
           strcmp(id, expected_for(after, host)) == 0;
}

/* Returns whether the change was finished within these turns. */
static bool interrupt(unsigned shards, size_t which, unsigned turns)
{
    const char *before = interrupted[which].before;
    const char *after = interrupted[which].after;
    struct wanted wanted = {.id = "blog", .domains = after};
    struct site_fixture f;

    set_up(&f, shards);
    if (before)
        assert_int_equal(change_domains(&f, "blog", before), ERR_OK);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(counted_for(&f, hosts[i]), expected_for(before, hosts[i]));
    assert_non_null(begin_change(&f, &wanted));
    for (unsigned t = 0; t < turns; t++)
        virtual_loop_turn(&f.loop);
    kill_sites(&f);
    for (size_t i = 0; i < 4; i++)
        assert_true(is_between(counted_for(&f, hosts[i]), before, after, hosts[i]));
    assert_int_equal(change_domains(&f, "blog", after), ERR_OK);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(counted_for(&f, hosts[i]), expected_for(after, hosts[i]));
        assert_string_equal(owner_of(&f, hosts[i]), after && strstr(after, hosts[i]) ? "blog" : "");
    }
    site_fixture_fini(&f);
    return wanted.told > 0;
}

static void test_what_was_interrupted_is_finished_by_the_same_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHARD_COUNTS; i++) {
        for (size_t n = 0; n < sizeof(interrupted) / sizeof(interrupted[0]); n++) {
            unsigned turns = 0;

            while (!interrupt(shard_counts[i], n, turns) && turns < 100)
                turns++;
            assert_true(turns > 3);
        }
    }
}

/* A claim whose process has died is not for ever. */
static void test_a_claim_ends_by_itself(void **state)
{
    (void)state;
    for (unsigned turns = 0; turns < 40; turns++) {
        struct wanted wanted = {.id = "blog", .domains = "a.example"};
        struct site_fixture f;
        bool is_there;

        set_up(&f, 5);
        assert_non_null(begin_change(&f, &wanted));
        for (unsigned t = 0; t < turns; t++)
            virtual_loop_turn(&f.loop);
        kill_sites(&f);
        settle(&f);
        f.loop.now_ms += 301 * 1000;
        is_there = look_at_record(&f, SLICE("site/blog")).version != RECORD_ABSENT;
        if (!is_there)
            assert_int_equal(change_domains(&f, "shop", "a.example"), ERR_OK);
        site_fixture_fini(&f);
    }
}

/* ---- removal -------------------------------------------------------------------------------- */

static void add_views(struct site_fixture *f, const char *id, int64_t views)
{
    const struct addition total = {.counter = {slice_str(id), DIMENSION_TOTAL, SLICE("")}};
    struct memory_counter *counter;
    const struct rollup_addition addition = {
        .rollup = {slice_str(id), 20000, DIMENSION_TOTAL, VALUE_NONE, VALUE_NONE},
        .delta = {.views = views}};

    assert_int_equal(memory_counter_make(f->db, &total, &counter), ERR_OK);
    counter->views += views;
    memory_rollup_make(f->db, &addition)->views += views;
}

static int64_t views_of(struct site_fixture *f, const char *id)
{
    const struct counter counter = {slice_str(id), DIMENSION_TOTAL, SLICE("")};

    return memory_counter_views(f->db, &counter);
}

static void test_a_removed_site_leaves_nothing_and_tells_what_there_was(void **state)
{
    static const char *const ids[] = {"blog", "default"};

    (void)state;
    for (size_t i = 0; i < 2 * SHARD_COUNTS; i++) {
        struct wanted wanted = {.id = ids[i % 2]};
        struct site_fixture f;

        set_up(&f, shard_counts[i / 2]);
        assert_int_equal(change_domains(&f, ids[i % 2], "a.example"), ERR_OK);
        add_views(&f, ids[i % 2], 41);
        add_views(&f, "other", 1);
        assert_non_null(begin_change(&f, &wanted));
        settle(&f);
        assert_int_equal(views_of(&f, ids[i % 2]), 0);
        add_views(&f, ids[i % 2], 2); /* of a batch that was under way */
        finish_change(&f, &wanted);
        assert_int_equal(wanted.err, ERR_OK);
        assert_int_equal(wanted.views, 41);
        assert_true(wanted.was_there);
        assert_int_equal(views_of(&f, ids[i % 2]), 0);
        assert_int_equal(views_of(&f, "other"), 1);
        assert_int_equal(f.db->rollups.count, 1);
        assert_string_equal(counted_for(&f, "a.example"), SITE_DEFAULT);
        site_fixture_fini(&f);
    }
}

static void test_a_site_that_is_not_there_is_removed_with_what_was_left_of_it(void **state)
{
    struct wanted wanted = {.id = "blog"};
    struct site_fixture f;

    (void)state;
    set_up(&f, 1);
    add_views(&f, "blog", 3);
    assert_non_null(begin_change(&f, &wanted));
    finish_change(&f, &wanted);
    assert_int_equal(wanted.err, ERR_OK);
    assert_false(wanted.was_there);
    assert_int_equal(wanted.views, 3);
    assert_int_equal(views_of(&f, "blog"), 0);
    site_fixture_fini(&f);
}

/* ---- reading -------------------------------------------------------------------------------- */

struct seen {
    unsigned told;
    enum err err;
    char ids[256]; /* "blog=3 default=0 " */
};

static void on_sites(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct seen *seen = ctx;
    struct strbuf text;

    seen->told++;
    seen->err = err;
    strbuf_init_fixed(&text, seen->ids, sizeof(seen->ids));
    for (size_t i = 0; i < count; i++) {
        strbuf_append(&text, sites[i].id);
        strbuf_printf(&text, "=%d ", (int)sites[i].views);
    }
    strbuf_append_char(&text, '\0');
}

static void test_sites_are_listed_in_their_order_with_their_views(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHARD_COUNTS; i++) {
        static const char *const ids[] = {"zoo", "a", "shop", "blog", "e-1"};
        struct seen seen = {0};
        struct site_fixture f;

        set_up(&f, shard_counts[i]);
        assert_non_null(site_store_list(f.sites, on_sites, &seen));
        assert_int_equal(seen.told, 0);
        settle(&f);
        assert_string_equal(seen.ids, "default=0 ");
        for (size_t n = 0; n < 5; n++) {
            assert_int_equal(change_domains(&f, ids[n], "none"), ERR_OK);
            add_views(&f, ids[n], (int64_t)n);
        }
        add_views(&f, "default", 7);
        assert_non_null(site_store_list(f.sites, on_sites, &seen));
        settle(&f);
        assert_int_equal(seen.told, 2);
        assert_string_equal(seen.ids, "a=1 blog=3 default=7 e-1=4 shop=2 zoo=0 ");
        assert_int_equal(change_domains(&f, "default", "a.example"), ERR_OK);
        assert_non_null(site_store_list(f.sites, on_sites, &seen));
        settle(&f);
        assert_string_equal(seen.ids, "a=1 blog=3 default=7 e-1=4 shop=2 zoo=0 ");
        site_fixture_fini(&f);
    }
}

static void test_one_site_is_found_or_none(void **state)
{
    struct seen seen = {0};
    struct site_fixture f;

    (void)state;
    set_up(&f, 5);
    assert_int_equal(change_domains(&f, "blog", "none"), ERR_OK);
    add_views(&f, "blog", 3);
    assert_non_null(site_store_find(f.sites, SLICE("blog"), on_sites, &seen));
    settle(&f);
    assert_string_equal(seen.ids, "blog=3 ");
    assert_non_null(site_store_find(f.sites, SLICE("default"), on_sites, &seen));
    settle(&f);
    assert_string_equal(seen.ids, "default=0 ");
    assert_non_null(site_store_find(f.sites, SLICE("shop"), on_sites, &seen));
    settle(&f);
    assert_string_equal(seen.ids, "");
    assert_int_equal(seen.told, 3);
    site_fixture_fini(&f);
}

static void test_more_sites_than_one_list_has_are_listed(void **state)
{
    struct seen seen = {0};
    struct site_fixture f;
    char id[16];

    (void)state;
    set_up(&f, 1);
    for (int i = 0; i < 2 * STORE_MAX_LIST; i++) {
        (void)snprintf(id, sizeof(id), "s%05d", i);
        put_site(&f, id, "none");
    }
    assert_non_null(site_store_list(f.sites, on_sites, &seen));
    settle(&f);
    assert_int_equal(seen.err, ERR_OK);
    assert_int_equal(seen.told, 1);
    seen.ids[32] = '\0';
    assert_string_equal(seen.ids, "default=0 s00000=0 s00001=0 s000");
    site_fixture_fini(&f);
}

/* ---- the end of those who ask --------------------------------------------------------------- */

static void test_who_cancels_or_ends_is_not_told(void **state)
{
    (void)state;
    for (unsigned turns = 0; turns < 30; turns++) {
        struct wanted canceled = {.id = "blog", .domains = "a.example"};
        struct wanted cut = {.id = "shop", .domains = "b.example"};
        struct seen seen = {0};
        struct site_fixture f;
        struct site_change *change;
        struct site_reading *reading;

        set_up(&f, 5);
        change = begin_change(&f, &canceled);
        assert_non_null(begin_change(&f, &cut));
        reading = site_store_list(f.sites, on_sites, &seen);
        assert_non_null(site_store_list(f.sites, on_sites, &seen));
        for (unsigned t = 0; t < turns && canceled.told == 0 && seen.told == 0; t++)
            virtual_loop_turn(&f.loop);
        if (canceled.told == 0)
            site_change_cancel(change);
        if (seen.told == 0)
            site_reading_cancel(reading);
        kill_sites(&f);
        settle(&f);
        assert_int_equal(cut.told, 0);
        site_fixture_fini(&f);
    }
    site_change_cancel(NULL);
    site_reading_cancel(NULL);
    site_store_destroy(NULL);
}

/* ---- without memory ------------------------------------------------------------------------- */

/* Each allocation fails once: the change is made, or what was said is why not; and then it is made.
 */
static void test_without_memory_a_change_is_told_and_made_later(void **state)
{
    bool has_failed = true;

    (void)state;
    for (size_t k = 1; has_failed; k++) {
        struct wanted wanted = {.id = "blog", .domains = "a.example"};
        struct site_fixture f;
        struct site_change *change;

        set_up(&f, 5);
        failing_malloc_at(k);
        change = begin_change(&f, &wanted);
        settle(&f);
        has_failed = failing_malloc_stop();
        if (change)
            finish_change(&f, &wanted);
        assert_true(has_failed || wanted.err == ERR_OK);
        assert_int_equal(change_domains(&f, "blog", "a.example"), ERR_OK);
        assert_string_equal(counted_for(&f, "a.example"), "blog");
        assert_true(site_store_is_idle(f.sites));
        site_fixture_fini(&f);
    }
}

static void test_without_memory_a_list_is_told_or_not_begun(void **state)
{
    bool has_failed = true;

    (void)state;
    for (size_t k = 1; has_failed; k++) {
        struct seen seen = {0};
        struct site_fixture f;
        struct site_reading *reading;

        set_up(&f, 5);
        assert_int_equal(change_domains(&f, "blog", "none"), ERR_OK);
        failing_malloc_at(k);
        reading = site_store_list(f.sites, on_sites, &seen);
        settle(&f);
        has_failed = failing_malloc_stop();
        assert_int_equal(seen.told, reading ? 1 : 0);
        if (!has_failed)
            assert_string_equal(seen.ids, "blog=0 default=0 ");
        site_fixture_fini(&f);
    }
}

static void test_a_site_store_is_made_whole_or_not_at_all(void **state)
{
    struct site_fixture f;

    (void)state;
    set_up(&f, 5);
    failing_malloc_at(1);
    assert_null(site_store_create(f.store, &f.env));
    assert_true(failing_malloc_stop());
    site_fixture_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_every_change_is_seen_in_every_shard_and_tells_whether_there_are_domains),
        cmocka_unit_test(test_domains_follow_their_sites),
        cmocka_unit_test(test_a_domain_of_another_site_is_refused_and_nothing_is_changed),
        cmocka_unit_test(test_a_name_that_is_too_long_for_a_record_is_refused),
        cmocka_unit_test(test_of_two_sites_that_want_a_domain_at_the_same_moment_one_gets_it),
        cmocka_unit_test(test_changes_of_one_process_are_made_one_after_the_other),
        cmocka_unit_test(test_what_was_interrupted_is_finished_by_the_same_again),
        cmocka_unit_test(test_a_claim_ends_by_itself),
        cmocka_unit_test(test_a_removed_site_leaves_nothing_and_tells_what_there_was),
        cmocka_unit_test(test_a_site_that_is_not_there_is_removed_with_what_was_left_of_it),
        cmocka_unit_test(test_sites_are_listed_in_their_order_with_their_views),
        cmocka_unit_test(test_one_site_is_found_or_none),
        cmocka_unit_test(test_more_sites_than_one_list_has_are_listed),
        cmocka_unit_test(test_who_cancels_or_ends_is_not_told),
        cmocka_unit_test(test_without_memory_a_change_is_told_and_made_later),
        cmocka_unit_test(test_without_memory_a_list_is_told_or_not_begun),
        cmocka_unit_test(test_a_site_store_is_made_whole_or_not_at_all),
    };

    return cmocka_run_group_tests_name("site store", tests, NULL, NULL);
}
