#include "store/rollup_pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/random.h"
#include "support/cmocka.h"

#define MAX_BYTES ((size_t)32 << 20)

static struct commit *create(void)
{
    struct commit *c = commit_create();

    assert_non_null(c);
    return c;
}

static void assert_same_rollup(const struct rollup_addition *a, const struct rollup_addition *b)
{
    assert_true(slice_eq(a->rollup.site, b->rollup.site));
    assert_int_equal(a->rollup.bucket, b->rollup.bucket);
    assert_int_equal(a->rollup.dimension, b->rollup.dimension);
    assert_true(a->rollup.page == b->rollup.page);
    assert_true(a->rollup.value == b->rollup.value);
    assert_memory_equal(&a->delta, &b->delta, sizeof(a->delta));
    assert_int_equal(a->cap, b->cap);
    assert_true(slice_eq(a->text, b->text));
    assert_true(slice_eq(a->title, b->title));
}

/* Packs the rollups and compares what comes out; returns how many bytes that took. */
static size_t assert_comes_out_whole(const struct commit *c)
{
    struct commit *out = create();
    struct strbuf packed;
    char *exact;
    size_t len;

    strbuf_init(&packed, MAX_BYTES);
    assert_int_equal(rollup_pack_write(&packed, c), ERR_OK);
    len = packed.len;
    exact = malloc(len > 0 ? len : 1); /* so that a sanitizer sees a read behind its end */
    assert_non_null(exact);
    if (len > 0)
        memcpy(exact, packed.ptr, len);
    assert_int_equal(rollup_pack_read(exact, c->rollup_count, out), ERR_OK);
    assert_int_equal(out->rollup_count, c->rollup_count);
    for (size_t i = 0; i < c->rollup_count; i++)
        assert_same_rollup(&out->rollups[i], &c->rollups[i]);
    free(exact);
    strbuf_fini(&packed);
    commit_unref(out);
    return len;
}

static void roll_up(struct commit *c, const struct rollup_addition *addition)
{
    assert_int_equal(commit_roll_up(c, addition), ERR_OK);
}

static void test_a_commit_without_rollups_takes_nothing(void **state)
{
    struct commit *c = create();

    (void)state;
    assert_int_equal(assert_comes_out_whole(c), 0);
    commit_unref(c);
}

static void test_the_largest_and_the_smallest_of_all_come_out_whole(void **state)
{
    static char site[COUNTER_MAX_SITE];
    static char text[NAME_MAX_TEXT];
    const struct rollup_addition all[] = {
        {.rollup = {.site = SLICE("a")}},
        {.rollup = {slice_of(site, sizeof(site)), INT32_MAX, DIMENSION_BOT, UINT64_MAX, UINT64_MAX},
         .delta = {INT64_MAX, INT64_MIN, -1, 1, INT64_MIN + 1},
         .cap = UINT32_MAX,
         .text = slice_of(text, sizeof(text)),
         .title = slice_of(text, NAME_MAX_TITLE)},
        {.rollup = {SLICE("a"), 1, DIMENSION_PAGE, VALUE_NONE, VALUE_OTHER}, .delta = {.views = 1}},
        {.rollup = {SLICE("a"), 1, DIMENSION_PAGE, VALUE_OTHER, VALUE_NONE},
         .delta = {.seconds = -64}},
        {.rollup = {SLICE("b"), 0, DIMENSION_TOTAL, 0, 0}, .text = SLICE("\0"), .cap = 1},
    };
    struct commit *c = create();

    (void)state;
    memset(site, 's', sizeof(site));
    memset(text, 0xff, sizeof(text));
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        roll_up(c, &all[i]);
    assert_comes_out_whole(c);
    commit_unref(c);
}

/* A name that is new, again, with another title, without one, only a title, none, and again. */
static void test_names_come_out_as_they_were_given(void **state)
{
    static const struct name names[] = {
        {SLICE_INIT("/a"), SLICE_INIT("A")}, {SLICE_INIT("/a"), SLICE_INIT("A")},
        {SLICE_INIT("/a"), SLICE_INIT("B")}, {SLICE_INIT("/a"), SLICE_INIT("")},
        {SLICE_INIT(""), SLICE_INIT("B")},   {SLICE_INIT(""), SLICE_INIT("")},
        {SLICE_INIT(""), SLICE_INIT("B")},   {SLICE_INIT("/a"), SLICE_INIT("B")},
    };
    struct commit *c = create();
    size_t once = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        roll_up(c, &(struct rollup_addition){
                       .rollup = {SLICE("a"), (int32_t)i, DIMENSION_PAGE, 0, value_id(SLICE("/a"))},
                       .text = names[i].text,
                       .title = names[i].title});
    assert_comes_out_whole(c);
    commit_clear(c);
    for (uint32_t i = 0; i < 100; i++) {
        roll_up(c, &(struct rollup_addition){
                       .rollup = {SLICE("a"), 1, DIMENSION_ENTRY + i % 9, i, 7},
                       .text = SLICE("a long text of which one would not have a hundred copies")});
        if (i == 0)
            once = assert_comes_out_whole(c);
    }
    assert_in_range(assert_comes_out_whole(c), once, once + (size_t)99 * 15);
    commit_unref(c);
}

static uint64_t draw(uint64_t *random, uint64_t below)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*random >> 33) % below;
}

/* Few numbers, so that they come again, and some that share a place in the table. */
static uint64_t draw_number(uint64_t *random)
{
    return draw(random, 2) ? draw(random, 300) : draw(random, 300) * UINT64_C(0x9e3779b97f4a7c15);
}

static struct rollup_addition draw_addition(uint64_t *random)
{
    static const struct slice texts[] = {SLICE_INIT(""), SLICE_INIT(""), SLICE_INIT("/a"),
                                         SLICE_INIT("/b")};
    int64_t magnitude = INT64_C(1) << draw(random, 62);

    return (struct rollup_addition){
        .rollup = {texts[2 + draw(random, 2)], (int32_t)draw(random, 5),
                   (enum dimension)draw(random, DIMENSION_COUNT_), draw_number(random),
                   draw_number(random)},
        .delta = {magnitude, -magnitude, (int64_t)draw(random, 3) - 1, 0,
                  (int64_t)draw(random, 300)},
        .cap = (uint32_t)draw(random, 3) * 1000,
        .text = texts[draw(random, 4)],
        .title = texts[draw(random, 4)],
    };
}

static void test_whatever_is_drawn_comes_out_whole(void **state)
{
    uint64_t random = random_nonzero_u64();

    (void)state;
    print_message("seed %llu\n", (unsigned long long)random);
    for (int round = 0; round < 200; round++) {
        struct commit *c = create();
        uint64_t count = draw(&random, 400);

        for (uint64_t i = 0; i < count; i++) {
            struct rollup_addition addition = draw_addition(&random);

            roll_up(c, &addition);
        }
        assert_comes_out_whole(c);
        commit_unref(c);
    }
}

/* The rows of one hit: on the site and within its page, each by day and by month. */
static void add_hit(struct commit *c, uint64_t *random)
{
    static const int32_t buckets[] = {20000, 100671};
    char path[32];
    int len = snprintf(path, sizeof(path), "/page/%u", (unsigned)draw(random, 60));
    uint64_t page = value_id(slice_of(path, (size_t)len));

    for (int i = 0; i < 4 * 8; i++) {
        uint64_t value =
            (draw(random, 6) + 1) * UINT64_C(0x9e3779b97f4a7c15) * (unsigned)(1 + i / 4);
        struct rollup rollup = {SLICE("default"), buckets[i % 2],
                                (enum dimension)(DIMENSION_ENTRY + i / 4),
                                i & 2 ? page : VALUE_NONE, value};

        roll_up(
            c, &(struct rollup_addition){.rollup = rollup, .delta = {1, 1, 0, 1, 17}, .cap = 2000});
    }
}

static void test_a_row_of_a_busy_site_takes_about_ten_bytes(void **state)
{
    uint64_t random = 1;
    struct commit *c = create();
    struct strbuf packed;
    clock_t started;

    (void)state;
    for (int i = 0; i < 120; i++)
        add_hit(c, &random);
    assert_in_range(assert_comes_out_whole(c) / c->rollup_count, 9, 12);
    strbuf_init(&packed, MAX_BYTES);
    started = clock();
    for (int round = 0; round < 20; round++) {
        strbuf_clear(&packed);
        assert_int_equal(rollup_pack_write(&packed, c), ERR_OK);
    }
    print_message("%zu rows, %.1f bytes and %.0f ns each\n", c->rollup_count,
                  (double)packed.len / (double)c->rollup_count,
                  (double)(clock() - started) * 1e9 / CLOCKS_PER_SEC / 20 /
                      (double)c->rollup_count);
    strbuf_fini(&packed);
    commit_unref(c);
}

static void test_what_does_not_fit_under_the_ceiling_is_said(void **state)
{
    uint64_t random = 1;
    struct commit *c = create();
    struct strbuf packed;

    (void)state;
    add_hit(c, &random);
    strbuf_init(&packed, 100);
    assert_int_equal(rollup_pack_write(&packed, c), ERR_NO_MEMORY);
    strbuf_fini(&packed);
    commit_unref(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_commit_without_rollups_takes_nothing),
        cmocka_unit_test(test_the_largest_and_the_smallest_of_all_come_out_whole),
        cmocka_unit_test(test_names_come_out_as_they_were_given),
        cmocka_unit_test(test_whatever_is_drawn_comes_out_whole),
        cmocka_unit_test(test_a_row_of_a_busy_site_takes_about_ten_bytes),
        cmocka_unit_test(test_what_does_not_fit_under_the_ceiling_is_said),
    };

    random_init();
    return cmocka_run_group_tests_name("packed rollups", tests, NULL, NULL);
}
