#include "count/visitor.h"

#include <stdio.h>

#include "count/bucket.h"
#include "support/cmocka.h"

/* 2024-10-04 at noon, UTC. */
#define NOON (INT64_C(20000) * 86400 + INT64_C(43200))

static const struct profile fox = {{{DIMENSION_BROWSER, 77}, {DIMENSION_COUNTRY, 78}}, 2};
static const struct profile owl = {{{DIMENSION_BROWSER, 99}}, 1};

static struct visit_change apply(struct visitor *visitor, bool is_known, int64_t unix_s,
                                 uint64_t page, uint64_t event, const struct profile *profile)
{
    struct moment moment;
    const struct visit_hit hit = {
        .moment = &moment, .unix_s = unix_s, .page = page, .event = event, .profile = profile};

    moment_of(NULL, unix_s, &moment);
    return visit_apply(visitor, is_known, &hit);
}

/* One visitor's day: each line is a hit, and what it must change. Pages are A, B, C; E is an event,
 * which is not told on which page it was. */
enum { NONE = VALUE_NONE, A = 101, B = 102, C = 103, E = 200 };

static const struct {
    const char *what;
    int64_t after_s; /* the hit before */
    uint64_t page;
    uint64_t event;
    bool is_written;
    bool is_visitor;
    bool is_visit;
    bool is_page_visitor;
    bool is_page_visit;
    int bounces;
    int64_t seconds;
    uint64_t seconds_page;
    uint64_t entry;
    uint64_t exit_to;
    uint64_t exit_from;
} day[] = {
    /*                                           written visitor visit page_visitor page_visit */
    {"the first hit", 0, A, NONE, true, true, true, true, true, 1, 0, NONE, A, A, NONE},
    {"at once again: no bounce any more", 0, A, NONE, true, false, false, false, false, -1, 0, NONE,
     NONE, NONE, NONE},
    {"hammering changes nothing", 1, A, NONE, false, false, false, false, false, 0, 0, NONE, NONE,
     NONE, NONE},
    {"nor does this", 9, A, NONE, false, false, false, false, false, 0, 0, NONE, NONE, NONE, NONE},
    {"11 s after it was noted last", 1, A, NONE, true, false, false, false, false, 0, 11, A, NONE,
     NONE, NONE},
    {"another page", 5, B, NONE, true, false, false, true, true, 0, 5, A, NONE, B, A},
    {"back to the first", 20, A, NONE, true, false, false, false, false, 0, 20, B, NONE, A, B},
    {"an event", 2, NONE, E, true, false, false, true, true, 0, 2, A, NONE, NONE, NONE},
    {"the event again, 12 s later", 12, NONE, E, true, false, false, false, false, 0, 12, A, NONE,
     NONE, NONE},
    {"29:59 later: the same visit", 1799, C, NONE, true, false, false, true, true, 0, 1799, A, NONE,
     C, A},
    {"30:00 later: a new visit, a page seen today", 1800, A, NONE, true, false, true, false, true,
     1, 0, NONE, A, A, NONE},
    {"a page seen in the visit before", 60, B, NONE, true, false, false, false, true, -1, 60, A,
     NONE, B, A},
    {"a visit that begins with an event is no bounce", 4000, NONE, E, true, false, true, false,
     true, 0, 0, NONE, NONE, NONE, NONE},
    {"its first page is its entry", 30, C, NONE, true, false, false, false, true, 0, 30, NONE, C, C,
     NONE},
};

static void test_a_day_of_a_visitor(void **state)
{
    struct visitor visitor = {.seen_unix_s = 0};
    int64_t unix_s = NOON;

    (void)state;
    for (size_t i = 0; i < sizeof(day) / sizeof(day[0]); i++) {
        struct visit_change c;

        unix_s += day[i].after_s;
        c = apply(&visitor, i > 0, unix_s, day[i].page, day[i].event, &fox);
        print_message("%s\n", day[i].what);
        /* the minute moves on its own: see below */
        assert_true(c.is_written == day[i].is_written || c.live_to != 0);
        assert_int_equal(c.is_visitor, day[i].is_visitor);
        assert_int_equal(c.is_visit, day[i].is_visit);
        assert_int_equal(c.is_page_visitor, day[i].is_page_visitor);
        assert_int_equal(c.is_page_visit, day[i].is_page_visit);
        assert_int_equal(c.bounces, day[i].bounces);
        assert_int_equal(c.seconds, day[i].seconds);
        assert_int_equal(c.seconds_page, day[i].seconds_page);
        assert_int_equal(c.entry, day[i].entry);
        assert_int_equal(c.exit_to, day[i].exit_to);
        assert_int_equal(c.exit_from, day[i].exit_from);
    }
}

static void test_a_visitor_is_live_in_one_minute(void **state)
{
    struct visitor visitor = {.seen_unix_s = 0};
    const int32_t minute = bucket_minute_of(NOON);
    struct visit_change c;

    (void)state;
    c = apply(&visitor, false, NOON, A, NONE, &fox);
    assert_int_equal(c.live_to, minute);
    assert_int_equal(c.live_from, 0);
    c = apply(&visitor, true, NOON + 59, A, NONE, &fox);
    assert_int_equal(c.live_to, 0);
    c = apply(&visitor, true, NOON + 60, A, NONE, &fox); /* 1 s later, but another minute */
    assert_true(c.is_written);
    assert_int_equal(c.live_to, minute + 1);
    assert_int_equal(c.live_from, minute);
    c = apply(&visitor, true, NOON + 3600, A, NONE, &fox); /* the old minute may be gone */
    assert_int_equal(c.live_to, minute + 60);
    assert_int_equal(c.live_from, 0);
    c = apply(&visitor, true, NOON + 3590, A, NONE, &fox); /* a clock that is behind */
    assert_int_equal(c.live_to, 0);
}

static void test_a_visit_keeps_the_profile_and_the_time_it_began_with(void **state)
{
    struct visitor visitor = {.seen_unix_s = 0};

    (void)state;
    (void)apply(&visitor, false, NOON + 3590, A, NONE, &fox);
    (void)apply(&visitor, true, NOON + 3610, B, NONE, &owl);
    assert_int_equal(visitor.profile.count, 2);
    assert_int_equal(visitor.profile.values[0].id, 77);
    assert_int_equal(visitor.hour, bucket_hour_of(NOON, 0));
    assert_int_equal(visitor.day, 20000);
    (void)apply(&visitor, true, NOON + 7200, B, NONE, &owl);
    assert_int_equal(visitor.profile.count, 1);
    assert_int_equal(visitor.hour, bucket_hour_of(NOON + 7200, 0));
}

static void test_a_clock_that_is_behind_takes_no_seconds_away(void **state)
{
    struct visitor visitor = {.seen_unix_s = 0};
    struct visit_change c;

    (void)state;
    (void)apply(&visitor, false, NOON, A, NONE, &fox);
    c = apply(&visitor, true, NOON - 100, B, NONE, &fox);
    assert_int_equal(c.seconds, 0);
    assert_int_equal(visitor.seen_unix_s, NOON);
    assert_false(c.is_visit);
}

static void test_of_very_many_pages_the_oldest_is_forgotten(void **state)
{
    struct visitor visitor = {.seen_unix_s = 0};
    struct visit_change c;

    (void)state;
    for (uint64_t i = 0; i < VISITOR_MAX_PAGES; i++) {
        c = apply(&visitor, i > 0, NOON + (int64_t)i, 1000 + i, NONE, &fox);
        assert_true(c.is_page_visitor);
    }
    c = apply(&visitor, true, NOON + 100, 1000 + VISITOR_MAX_PAGES - 1, NONE, &fox);
    assert_false(c.is_page_visit);
    c = apply(&visitor, true, NOON + 101, 5000, NONE, &fox);
    assert_true(c.is_page_visit);
    assert_int_equal(visitor.page_count, VISITOR_MAX_PAGES);
    c = apply(&visitor, true, NOON + 102, 1001, NONE, &fox);
    assert_false(c.is_page_visit);
    c = apply(&visitor, true, NOON + 103, 1000, NONE, &fox); /* forgotten, so it counts again */
    assert_true(c.is_page_visit);
    /* All of them are of a visit before this one: */
    c = apply(&visitor, true, NOON + 9000, 6000, NONE, &fox);
    assert_true(c.is_visit && c.is_page_visit);
    assert_int_equal(visitor.page_count - visitor.visit_first, 1);
}

static void test_a_record_comes_back_as_it_was(void **state)
{
    struct visitor visitor = {.seen_unix_s = 0};
    struct visitor back = {.seen_unix_s = 0};
    char storage[VISITOR_MAX_BYTES];
    struct strbuf value;

    (void)state;
    for (uint64_t i = 0; i < UINT64_C(2) * VISITOR_MAX_PAGES; i++) {
        (void)apply(&visitor, i > 0, NOON + (int64_t)i * 400, 1000 + i % 100, i % 7 ? NONE : E,
                    i % 2 ? &fox : &owl);
        strbuf_init_fixed(&value, storage, sizeof(storage));
        visitor_encode(&visitor, &value);
        assert_false(value.failed);
        memset(&back, 0x55, sizeof(back));
        assert_true(visitor_decode(strbuf_slice(&value), &back));
        assert_int_equal(back.seen_unix_s, visitor.seen_unix_s);
        assert_int_equal(back.minute, visitor.minute);
        assert_int_equal(back.hour, visitor.hour);
        assert_int_equal(back.entry, visitor.entry);
        assert_int_equal(back.exit, visitor.exit);
        assert_int_equal(back.is_bounce, visitor.is_bounce);
        assert_int_equal(back.visit_first, visitor.visit_first);
        assert_int_equal(back.page_count, visitor.page_count);
        assert_memory_equal(back.pages, visitor.pages,
                            visitor.page_count * sizeof(visitor.pages[0]));
        assert_int_equal(back.profile.count, visitor.profile.count);
        assert_int_equal(back.profile.values[0].id, visitor.profile.values[0].id);
    }
}

static void test_what_is_no_record_is_refused(void **state)
{
    struct visitor visitor = {.seen_unix_s = 0};
    struct visitor out;
    char storage[VISITOR_MAX_BYTES];
    struct strbuf value;

    (void)state;
    (void)apply(&visitor, false, NOON, A, NONE, &fox);
    strbuf_init_fixed(&value, storage, sizeof(storage));
    visitor_encode(&visitor, &value);
    for (size_t len = 0; len < value.len; len++)
        assert_false(visitor_decode(slice_of(storage, len), &out));
    for (size_t i = 0; i < value.len; i++) {
        char before = storage[i];

        storage[i] = (char)0xff; /* whatever it says then, it is in its limits */
        if (visitor_decode(strbuf_slice(&value), &out)) {
            assert_true(out.page_count <= VISITOR_MAX_PAGES && out.visit_first <= out.page_count);
            assert_true(out.profile.count <= PROFILE_MAX_VALUES);
        }
        storage[i] = before;
    }
    storage[0] = 2; /* of a later version */
    assert_false(visitor_decode(strbuf_slice(&value), &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_day_of_a_visitor),
        cmocka_unit_test(test_a_visitor_is_live_in_one_minute),
        cmocka_unit_test(test_a_visit_keeps_the_profile_and_the_time_it_began_with),
        cmocka_unit_test(test_a_clock_that_is_behind_takes_no_seconds_away),
        cmocka_unit_test(test_of_very_many_pages_the_oldest_is_forgotten),
        cmocka_unit_test(test_a_record_comes_back_as_it_was),
        cmocka_unit_test(test_what_is_no_record_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
