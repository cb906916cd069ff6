/* Reading a Redis out: what else is in it, and what it may answer. */
#include <inttypes.h>
#include <stdio.h>

#include "redis_fixture.h"
#include "store/redis_scan.h"
#include "support/cmocka.h"

/* ---- replies -------------------------------------------------------------------------------- */

#define MOST 10

static enum err decode(const char *const *texts, struct scan_step *step, struct arena *arena)
{
    struct redis_value elements[MOST];
    struct redis_value reply = {.type = REDIS_ARRAY, .elements = elements};
    struct err_info detail = {""};
    enum err err;

    for (; texts[reply.count]; reply.count++)
        elements[reply.count] =
            (struct redis_value){.type = REDIS_STRING, .text = slice_str(texts[reply.count])};
    err = redis_scan_decode(step, &reply, arena, &detail);
    if (err == ERR_INVALID && strcmp(texts[0] ? texts[0] : "", "?") == 0)
        assert_string_equal(detail.text, "");
    else if (err != ERR_OK)
        assert_string_not_equal(detail.text, "");
    return err;
}

static void test_replies_are_taken_only_as_the_script_gives_them(void **state)
{
    static const struct {
        const char *texts[MOST];
        enum err err;
    } cases[] = {
        {{"", NULL}, ERR_OK},
        {{"17 0", "r60 hit/a/1", "value", "ta", "7", "pa\n/", "-8", NULL}, ERR_OK},
        {{"", "r60 ", "", "pa\n", "0", NULL}, ERR_OK},
        {{"?", NULL}, ERR_INVALID},
        {{NULL}, ERR_INVALID},
        {{"", "ta", NULL}, ERR_INVALID},
        {{"", "", "7", NULL}, ERR_INVALID},
        {{"", "xa", "7", NULL}, ERR_INVALID},
        {{"", "pa", "7", NULL}, ERR_INVALID},
        {{"", "r60", "7", NULL}, ERR_INVALID},
        {{"", "r hit", "7", NULL}, ERR_INVALID},
        {{"", "r0 hit", "7", NULL}, ERR_INVALID},
        {{"", "r-1 hit", "7", NULL}, ERR_OK},
        {{"", "r-2 hit", "7", NULL}, ERR_INVALID},
        {{"", "lrollup:a:20000:1", "", "vabcdefgh", "12345", "n/", "", NULL}, ERR_OK},
        {{"", "lwithin:a:20000:1", "", "vabcdefghABCDEFGH", "1122334455", NULL}, ERR_OK},
        {{"", "vabcdefgh", "12345", NULL}, ERR_INVALID},
        {{"", "n/", "title", NULL}, ERR_INVALID},
        {{"", "lrollup:a:20000", "", NULL}, ERR_UNAVAILABLE},
        {{"", "lrollup:a:20000:1", "", "vabcdefg", "12345", NULL}, ERR_UNAVAILABLE},
        {{"", "lrollup:a:20000:1", "", "vabcdefgh", "1234", NULL}, ERR_UNAVAILABLE},
        {{"", "ta", "seven", NULL}, ERR_UNAVAILABLE},
        {{"", "pa\n/", "", NULL}, ERR_UNAVAILABLE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct scan_step step;
        struct arena arena;

        arena_init(&arena, 1024, 65536);
        if (decode(cases[i].texts, &step, &arena) != cases[i].err)
            fail_msg("case %zu", i);
        arena_fini(&arena);
    }
}

/* ---- on a server ---------------------------------------------------------------------------- */

static const struct counter site_total = {SLICE_INIT("default"), DIMENSION_TOTAL, SLICE_INIT("")};

static void put(struct redis_fixture *f, const char *key)
{
    struct commit *commit = redis_fixture_commit(f);
    struct record_write write = {slice_str(key), SLICE("v"), RECORD_ANY, 3600};
    struct outcome outcome;

    assert_int_equal(commit_write(commit, &write), ERR_OK);
    outcome = redis_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_DONE);
    outcome_fini(&outcome);
    commit_unref(commit);
}

static void test_what_is_not_of_footfall_is_left_out(void **state)
{
    struct redis_fixture *f = *state;
    struct contents found;

    put(f, "hit/default/1");
    redis_server_do(&f->server, "SET other:program 7");
    redis_server_do(&f->server, "SET footfall:unheard:of 7");
    redis_server_do(&f->server, "HSET footfall:rollup:of:nothing:1 field 7");
    redis_server_do(&f->server, "SET footfall:{07}:total:default 7");
    redis_server_do(&f->server, "SET footfall:record:short 1234567");
    contents_read(&found, &f->loop, f->store);
    assert_int_equal(found.items.count, 1);
    contents_fini(&found);
}

static void test_a_record_without_an_end_lives_for_ever(void **state)
{
    struct redis_fixture *f = *state;
    struct contents found;

    put(f, "hit/default/1");
    redis_server_do(&f->server, "PERSIST footfall:record:hit/default/1");
    contents_read(&found, &f->loop, f->store);
    assert_int_equal(found.min_ttl_s, RECORD_FOREVER);
    contents_fini(&found);
}

static void test_the_total_of_another_program_is_read_in_its_place(void **state)
{
    struct redis_fixture *f = *state;
    struct store *named;
    struct contents found;

    redis_server_do(&f->server, "SET footfall:total:default 5");
    redis_server_do(&f->server, "SET footfall:total:second 6");
    redis_server_do(&f->server, "SET visitors 41");
    named = redis_fixture_open(f, NULL, 10000, "visitors");
    redis_fixture_wait(f, named, true);
    assert_int_equal(call_total(&f->loop, named, &site_total), 41);
    contents_read(&found, &f->loop, named);
    assert_int_equal(found.items.count, 2);
    assert_non_null(hashmap_get(&found.items, SLICE("cdefault\0\0=41")));
    assert_non_null(hashmap_get(&found.items, SLICE("csecond\0\0=6")));
    contents_fini(&found);
    store_close(named);
}

/* The sites whose pages are still to be read wait in the cursor; a step takes several small ones.
 */
static void test_the_pages_of_many_sites_are_read_site_after_site(void **state)
{
    enum { SITES = 3000, OF_THE_LAST = 2500 };
    struct redis_fixture *f = *state;
    struct contents found;
    char command[96];

    for (int i = 0; i < SITES; i++) {
        (void)snprintf(command, sizeof(command), "HSET footfall:page:site-%d / %d /b 2", i, i + 1);
        redis_server_do(&f->server, command);
    }
    for (int i = 0; i < OF_THE_LAST; i++) {
        (void)snprintf(command, sizeof(command), "HSET footfall:page:last /%d 1", i);
        redis_server_do(&f->server, command);
    }
    contents_read(&found, &f->loop, f->store);
    assert_int_equal(found.items.count, 2 * SITES + OF_THE_LAST);
    assert_in_range(found.steps, 2 * SITES / 500, SITES / 10);
    contents_fini(&found);
}

static void test_a_counter_that_is_none_makes_it_fail(void **state)
{
    struct redis_fixture *f = *state;

    redis_server_do(&f->server, "SET footfall:total:default seven");
    assert_int_equal(call_scan(&f->loop, f->store, SLICE("")), ERR_UNAVAILABLE);
    redis_server_do(&f->server, "SET footfall:total:default 7");
    assert_int_equal(call_scan(&f->loop, f->store, SLICE("")), ERR_OK);
}

#define CASE(test_)                                                                                \
    cmocka_unit_test_setup_teardown(test_, redis_fixture_set_up, redis_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies_are_taken_only_as_the_script_gives_them),
        CASE(test_what_is_not_of_footfall_is_left_out),
        CASE(test_a_record_without_an_end_lives_for_ever),
        CASE(test_the_total_of_another_program_is_read_in_its_place),
        CASE(test_the_pages_of_many_sites_are_read_site_after_site),
        CASE(test_a_counter_that_is_none_makes_it_fail),
    };

    return cmocka_run_group_tests_name("redis, scans", tests, NULL, NULL);
}
