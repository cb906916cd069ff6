/* Every allocation on the way of a hit fails once, in turn, and all of them at once: each hit that
 * was taken is told, one that was told it counts is stored, one told it does not is not, and
 * nothing leaks. */
#include <jansson.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/random.h"
#include "count/batch.h"
#include "count/plan.h"
#include "count/site.h"
#include "count/zone.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"
#include "support/virtual_loop.h"

#define HIT_MS   500
#define STORE_MS 200
#define HITS     20

struct fixture {
    struct virtual_loop loop;
    struct store_env env;
    struct store *store;
    struct batcher *batcher;
    int64_t counted;
    int64_t not_counted;
    int64_t unknown;
    int64_t total;
};

static void on_turn(void *ctx)
{
    struct fixture *f = ctx;

    batcher_turn(f->batcher);
}

static void set_up(struct fixture *f)
{
    *f = (struct fixture){.counted = 0};
    virtual_loop_init(&f->loop);
    f->env = (struct store_env){
        .timers = &f->loop.timers, .clock = &f->loop.clock, .timeout_ms = STORE_MS};
    assert_int_equal(store_open("memory:", &f->env, &f->store, NULL), ERR_OK);
    f->batcher = batcher_create(f->store, &f->env, HIT_MS);
    assert_non_null(f->batcher);
    f->loop.on_turn = on_turn;
    f->loop.ctx = f;
}

static void tear_down(struct fixture *f)
{
    batcher_destroy(f->batcher);
    store_close(f->store);
    virtual_loop_fini(&f->loop);
}

static void on_told(void *ctx, const struct hit_answer *answer)
{
    struct fixture *f = ctx;

    f->counted += answer->err == ERR_OK && !answer->duplicate ? 1 : 0;
    f->not_counted += answer->err == ERR_UNAVAILABLE || answer->duplicate ? 1 : 0;
    f->unknown += answer->err == ERR_UNKNOWN ? 1 : 0;
}

/* Hits on pages of their own, every second with an id; returns how many were taken. */
static int64_t add_hits(struct fixture *f)
{
    static const char names[] = "abcdefghijklmnopqrstuvwxyz";
    int64_t taken = 0;

    for (size_t i = 0; i < HITS; i++) {
        struct slice name = slice_of(names + i, 1);
        struct hit_input input = {SLICE("default"), name, i % 2 ? name : SLICE("")};

        taken += batcher_add(f->batcher, &input, NULL, on_told, f) ? 1 : 0;
    }
    return taken;
}

static void on_totals(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct fixture *f = ctx;

    assert_int_equal(err, ERR_OK);
    assert_int_equal(count, 1);
    f->total = totals[0];
}

static int64_t stored(struct fixture *f)
{
    const struct counter counter = {SLICE("default"), DIMENSION_TOTAL, SLICE("")};

    assert_non_null(store_totals(f->store, 0, &counter, 1, on_totals, f));
    virtual_loop_settle(&f->loop);
    return f->total;
}

/* With memory again: everything comes to its end, and the sums are right. */
static void assert_sums(struct fixture *f, int64_t taken)
{
    struct batcher_stats stats;

    virtual_loop_pass(&f->loop, 20 * (int64_t)HIT_MS);
    assert_true(batcher_is_idle(f->batcher));
    assert_int_equal(f->counted + f->not_counted + f->unknown, taken);
    assert_in_range(stored(f), f->counted, f->counted + f->unknown);
    batcher_get_stats(f->batcher, &stats);
    assert_int_equal(stats.waiting, 0);
    assert_int_equal(stats.hits, stored(f));
}

static void test_hits_are_counted_or_not_and_told_which(void **state)
{
    size_t k = 1;
    bool has_failed;
    int64_t lost = 0;

    (void)state;
    do {
        struct fixture f;
        int64_t taken;

        set_up(&f);
        failing_malloc_at(k++);
        taken = add_hits(&f);
        virtual_loop_pass(&f.loop, 2 * (int64_t)HIT_MS);
        has_failed = failing_malloc_stop();
        assert_sums(&f, taken);
        lost += HITS - f.counted;
        assert_true(has_failed || f.counted == HITS);
        add_hits(&f);
        assert_sums(&f,
                    taken + HITS); /* those with an id are duplicates by now, or were not counted */
        tear_down(&f);
    } while (has_failed);
    assert_true(k > 10);
    assert_true(lost > 0);
}

static void test_without_any_memory_from_some_moment_on_hits_are_told_in_time(void **state)
{
    size_t k = 1;
    bool has_failed;

    (void)state;
    do {
        struct fixture f;
        int64_t taken;

        set_up(&f);
        failing_malloc_from(k++);
        taken = add_hits(&f);
        virtual_loop_pass(&f.loop, HIT_MS);
        assert_int_equal(f.counted + f.not_counted + f.unknown, taken);
        has_failed = failing_malloc_stop();
        assert_sums(&f, taken);
        tear_down(&f);
    } while (has_failed);
}

static void test_a_batcher_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    for (size_t k = 1;; k++) {
        struct fixture f;
        struct batcher *second;
        bool has_failed;

        set_up(&f);
        failing_malloc_at(k);
        second = batcher_create(f.store, &f.env, HIT_MS);
        has_failed = failing_malloc_stop();
        assert_true(has_failed ? !second : second != NULL);
        batcher_destroy(second);
        tear_down(&f);
        if (!has_failed)
            break;
    }
}

/* A hit that the plan has no memory for leaves no trace in it. */
static void test_a_plan_takes_a_hit_whole_or_not_at_all(void **state)
{
    (void)state;
    for (size_t k = 1;; k++) {
        struct planned_hit first = {.input = {SLICE("default"), SLICE("/a"), SLICE("x1")}};
        struct planned_hit second = {.input = {SLICE("default"), SLICE("/b"), SLICE("x2")}};
        struct commit *commit = commit_create();
        struct arena arena;
        struct plan plan;
        enum err err;
        bool has_failed;

        assert_non_null(commit);
        arena_init(&arena, 16, 1 << 20); /* a chunk for every piece */
        plan_init(&plan, &arena);
        assert_int_equal(plan_hit(&plan, &first, NULL), ERR_OK);
        failing_malloc_at(k);
        err = plan_hit(&plan, &second, NULL);
        has_failed = failing_malloc_stop();
        assert_int_equal(err, has_failed ? ERR_NO_MEMORY : ERR_OK);
        assert_int_equal(plan.id_count, has_failed ? 1 : 2);
        assert_int_equal(plan_commit(&plan, commit), ERR_OK);
        assert_int_equal(commit->write_count, has_failed ? 1 : 2);
        commit_unref(commit);
        plan_fini(&plan);
        arena_fini(&arena);
        if (!has_failed)
            break;
    }
}

static void test_a_zone_is_opened_whole_or_not_at_all(void **state)
{
    bool has_failed = true;

    (void)state;
    for (size_t k = 1; has_failed; k++) {
        struct zone *zone = NULL;
        enum err err;

        failing_malloc_at(k);
        err = zone_open("Europe/Berlin", &zone, NULL);
        has_failed = failing_malloc_stop();
        assert_int_equal(err, has_failed ? ERR_NO_MEMORY : ERR_OK);
        assert_true(has_failed ? !zone : zone != NULL);
        zone_close(zone);
    }
}

/* In the midst of a text, the library for JSON takes a want of memory for a mistake. */
static void test_a_site_is_read_and_written_whole_or_not_at_all(void **state)
{
    const struct slice json = SLICE("{\"id\":\"blog\",\"domains\":[\"a.example\"]}");
    bool has_failed = true;

    (void)state;
    for (size_t k = 1; has_failed; k++) {
        struct site *site = NULL;
        struct strbuf out;
        enum err err;

        strbuf_init(&out, SITE_MAX_JSON);
        failing_malloc_at(k);
        err = site_decode(json, &site, NULL);
        has_failed = failing_malloc_stop();
        assert_true(err == ERR_OK ? site && !has_failed : !site && has_failed);
        assert_true(err == ERR_OK || err == ERR_NO_MEMORY || err == ERR_INVALID);
        if (!site) {
            site = site_default();
            failing_malloc_at(k);
            err = site_encode(site, &out);
            assert_int_equal(err, failing_malloc_stop() ? ERR_NO_MEMORY : ERR_OK);
        }
        strbuf_fini(&out);
        site_destroy(site);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hits_are_counted_or_not_and_told_which),
        cmocka_unit_test(test_without_any_memory_from_some_moment_on_hits_are_told_in_time),
        cmocka_unit_test(test_a_batcher_is_made_whole_or_not_at_all),
        cmocka_unit_test(test_a_plan_takes_a_hit_whole_or_not_at_all),
        cmocka_unit_test(test_a_zone_is_opened_whole_or_not_at_all),
        cmocka_unit_test(test_a_site_is_read_and_written_whole_or_not_at_all),
    };

    random_init();
    json_set_alloc_funcs(malloc, free); /* those of this program, which fail */
    log_setup(LOG_LOGFMT, LOG_ERROR);
    return cmocka_run_group_tests_name("count out of memory", tests, NULL, NULL);
}
