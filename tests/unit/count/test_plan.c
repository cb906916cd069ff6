#include "count/plan.h"

#include <string.h>

#include "base/random.h"
#include "support/cmocka.h"

#define MAX_HITS 16

struct fixture {
    struct arena arena;
    struct plan plan;
    struct planned_hit hits[MAX_HITS];
    size_t count;
    struct commit *commit;
};

static int set_up(void **state)
{
    static struct fixture f;

    f = (struct fixture){.count = 0};
    arena_init(&f.arena, 4096, 1 << 20);
    plan_init(&f.plan, &f.arena);
    f.commit = commit_create();
    assert_non_null(f.commit);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    commit_unref(f->commit);
    plan_fini(&f->plan);
    arena_fini(&f->arena);
    return 0;
}

/* A hit on `path`; `id` may be "". */
static struct planned_hit *hit(struct fixture *f, const char *path, const char *id)
{
    struct planned_hit *h = &f->hits[f->count++];

    h->input = (struct hit_input){SLICE("default"), slice_str(path), slice_str(id)};
    assert_int_equal(plan_hit(&f->plan, h, NULL), ERR_OK);
    return h;
}

static void make_plan(struct fixture *f)
{
    commit_clear(f->commit);
    assert_int_equal(plan_commit(&f->plan, f->commit), ERR_OK);
}

/* What the store has under `key`: the path, or nothing when that is NULL. */
static void learn(struct fixture *f, const char *key, const char *path)
{
    struct record record = {.key = slice_str(key), .value = slice_str(path)};

    record.version = path ? 1 : RECORD_ABSENT;
    assert_int_equal(plan_learn(&f->plan, &record, 1), ERR_OK);
}

/* The addition to the page `path`; NULL path: to the site. */
static const struct addition *addition(const struct fixture *f, const char *path)
{
    for (size_t i = 0; i < f->commit->addition_count; i++) {
        const struct addition *a = &f->commit->additions[i];

        if (path ? a->counter.dimension == DIMENSION_PAGE &&
                       slice_eq(a->counter.value, slice_str(path))
                 : a->counter.dimension == DIMENSION_TOTAL)
            return a;
    }
    return NULL;
}

static void assert_adds(const struct fixture *f, const char *path, int64_t delta)
{
    const struct addition *a = addition(f, path);

    if (!a)
        fail_msg("nothing is added to %s", path ? path : "the site");
    else
        assert_int_equal(a->delta, delta);
}

/* The totals the store would answer, if each counter had been at 100. */
static void totals_from_100(const struct fixture *f, int64_t totals[static 2 * MAX_HITS])
{
    assert_int_equal(f->commit->totals_wanted, f->commit->addition_count);
    for (size_t i = 0; i < f->commit->addition_count; i++)
        totals[i] = 100 + f->commit->additions[i].delta;
}

static void test_equal_counters_become_one_addition(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 5; i++)
        (void)hit(f, i < 3 ? "/a" : "/b", "");
    make_plan(f);
    assert_int_equal(f->commit->addition_count, 3);
    assert_int_equal(f->commit->write_count, 0);
    assert_adds(f, NULL, 5);
    assert_adds(f, "/a", 3);
    assert_adds(f, "/b", 2);
    assert_int_equal(f->plan.counted, 5);
}

static void test_each_hit_gets_its_own_number_in_order_of_arrival(void **state)
{
    static const char *const paths[] = {"/a", "/b", "/a", "/a", "/b"};
    static const int64_t page_counts[] = {101, 101, 102, 103, 102};
    struct fixture *f = *state;
    int64_t totals[2 * MAX_HITS];

    for (size_t i = 0; i < 5; i++)
        (void)hit(f, paths[i], "");
    make_plan(f);
    totals_from_100(f, totals);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(plan_site_count(&f->hits[i], totals), 101 + (int64_t)i);
        assert_int_equal(plan_page_count(&f->hits[i], totals), page_counts[i]);
    }
}

static void test_an_id_that_is_new_is_written_with_its_page(void **state)
{
    struct fixture *f = *state;

    (void)hit(f, "/a", "x1");
    learn(f, "hit/default/x1", NULL);
    make_plan(f);
    assert_int_equal(f->commit->write_count, 1);
    assert_true(slice_eq(f->commit->writes[0].key, SLICE("hit/default/x1")));
    assert_true(slice_eq(f->commit->writes[0].value, SLICE("/a")));
    assert_int_equal(f->commit->writes[0].expect_version, RECORD_ABSENT);
    assert_int_equal(f->commit->writes[0].ttl_s, HIT_ID_TTL_S);
    assert_adds(f, NULL, 1);
}

static void test_an_id_that_was_counted_moves_nothing_and_tells_its_own_page(void **state)
{
    struct fixture *f = *state;
    const struct planned_hit *again = hit(f, "/elsewhere", "x1");
    const struct planned_hit *other = hit(f, "/a", "");
    int64_t totals[2 * MAX_HITS];

    learn(f, "hit/default/x1", "/a");
    make_plan(f);
    assert_true(again->is_duplicate);
    assert_false(other->is_duplicate);
    assert_int_equal(f->commit->write_count, 0);
    assert_null(addition(f, "/elsewhere")); /* asking again makes no counter */
    assert_adds(f, "/a", 1);
    assert_adds(f, NULL, 1);
    assert_int_equal(f->plan.counted, 1);
    assert_int_equal(f->plan.duplicates, 1);
    totals_from_100(f, totals);
    assert_int_equal(plan_page_count(again, totals), 100);
    assert_int_equal(plan_page_count(other, totals), 101);
}

static void test_an_id_twice_in_a_batch_counts_once(void **state)
{
    struct fixture *f = *state;
    const struct planned_hit *first = hit(f, "/a", "x1");
    const struct planned_hit *second = hit(f, "/b", "x1");
    const struct planned_hit *other = hit(f, "/a", "x2");
    int64_t totals[2 * MAX_HITS];

    assert_int_equal(f->plan.id_count, 2);
    make_plan(f);
    assert_false(first->is_duplicate);
    assert_true(second->is_duplicate);
    assert_false(other->is_duplicate);
    assert_int_equal(f->commit->write_count, 2);
    assert_adds(f, NULL, 2);
    assert_adds(f, "/a", 2);
    assert_null(addition(f, "/b"));
    totals_from_100(f, totals);
    assert_int_equal(plan_site_count(first, totals), 101);
    assert_int_equal(plan_site_count(second, totals), 101); /* what the first was told */
    assert_int_equal(plan_site_count(other, totals), 102);
}

static void test_ids_of_different_sites_and_pages_are_not_mixed_up(void **state)
{
    struct fixture *f = *state;
    struct planned_hit *tricky[2];

    tricky[0] = &f->hits[f->count++];
    tricky[1] = &f->hits[f->count++];
    tricky[0]->input = (struct hit_input){SLICE("a"), SLICE("/"), SLICE("b/c")};
    tricky[1]->input = (struct hit_input){SLICE("ab"), SLICE("/"), SLICE("c")};
    assert_int_equal(plan_hit(&f->plan, tricky[0], NULL), ERR_OK);
    assert_int_equal(plan_hit(&f->plan, tricky[1], NULL), ERR_OK);
    assert_int_equal(f->plan.id_count, 2);
    make_plan(f);
    assert_int_equal(f->commit->addition_count, 4);
}

static void test_a_dropped_hit_is_not_counted_and_passes_its_id_on(void **state)
{
    struct fixture *f = *state;
    struct planned_hit *dropped = hit(f, "/a", "x1");
    const struct planned_hit *again = hit(f, "/b", "x1");

    dropped->is_dropped = true;
    make_plan(f);
    assert_false(again->is_duplicate);
    assert_int_equal(f->commit->write_count, 1);
    assert_true(slice_eq(f->commit->writes[0].value, SLICE("/b")));
    assert_null(addition(f, "/a"));
    assert_adds(f, NULL, 1);
}

static void test_a_plan_of_dropped_hits_is_empty(void **state)
{
    struct fixture *f = *state;

    hit(f, "/a", "x1")->is_dropped = true;
    make_plan(f);
    assert_int_equal(f->commit->addition_count, 0);
    assert_int_equal(f->commit->write_count, 0);
}

static void test_after_a_conflict_the_plan_is_made_anew(void **state)
{
    struct fixture *f = *state;
    const struct planned_hit *first = hit(f, "/a", "x1");
    const struct planned_hit *second = hit(f, "/a", "x2");
    int64_t totals[2 * MAX_HITS];

    make_plan(f);
    assert_adds(f, NULL, 2);
    learn(f, "hit/default/x1", "/old");
    learn(f, "hit/default/x2", NULL);
    learn(f, "hit/default/unasked", "/x");
    make_plan(f);
    assert_true(first->is_duplicate);
    assert_false(second->is_duplicate);
    assert_adds(f, NULL, 1);
    assert_adds(f, "/a", 1);
    assert_adds(f, "/old", 0);
    assert_int_equal(f->plan.counted, 1);
    totals_from_100(f, totals);
    assert_int_equal(plan_site_count(second, totals), 101);
    /* The record went again meanwhile. */
    learn(f, "hit/default/x1", NULL);
    make_plan(f);
    assert_false(first->is_duplicate);
    assert_adds(f, NULL, 2);
}

static void test_keys_are_those_of_all_ids_once(void **state)
{
    struct fixture *f = *state;
    struct slice keys[2];

    (void)hit(f, "/a", "x1");
    (void)hit(f, "/a", "");
    (void)hit(f, "/a", "x2");
    (void)hit(f, "/a", "x1");
    assert_int_equal(f->plan.id_count, 2);
    plan_keys(&f->plan, keys);
    assert_true(slice_eq(keys[0], SLICE("hit/default/x1")));
    assert_true(slice_eq(keys[1], SLICE("hit/default/x2")));
}

static void test_a_stored_value_that_is_no_path_does_no_harm(void **state)
{
    static char huge[RECORD_MAX_VALUE + 1];
    struct fixture *f = *state;
    const struct planned_hit *again = hit(f, "/a", "x1");

    memset(huge, 'x', sizeof(huge) - 1);
    learn(f, "hit/default/x1", huge);
    make_plan(f);
    assert_true(again->is_duplicate);
    assert_adds(f, NULL, 0);
}

static void test_a_cleared_plan_knows_nothing_any_more(void **state)
{
    struct fixture *f = *state;

    (void)hit(f, "/a", "x1");
    make_plan(f);
    plan_clear(&f->plan);
    arena_reset(&f->arena);
    assert_int_equal(f->plan.id_count, 0);
    make_plan(f);
    assert_int_equal(f->commit->addition_count, 0);
    assert_false(hit(f, "/b", "x1")->is_duplicate);
    make_plan(f);
    assert_int_equal(f->commit->addition_count, 2);
    assert_adds(f, "/b", 1);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_equal_counters_become_one_addition),
        CASE(test_each_hit_gets_its_own_number_in_order_of_arrival),
        CASE(test_an_id_that_is_new_is_written_with_its_page),
        CASE(test_an_id_that_was_counted_moves_nothing_and_tells_its_own_page),
        CASE(test_an_id_twice_in_a_batch_counts_once),
        CASE(test_ids_of_different_sites_and_pages_are_not_mixed_up),
        CASE(test_a_dropped_hit_is_not_counted_and_passes_its_id_on),
        CASE(test_a_plan_of_dropped_hits_is_empty),
        CASE(test_after_a_conflict_the_plan_is_made_anew),
        CASE(test_keys_are_those_of_all_ids_once),
        CASE(test_a_stored_value_that_is_no_path_does_no_harm),
        CASE(test_a_cleared_plan_knows_nothing_any_more),
    };

    random_init();
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
