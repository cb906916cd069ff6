#include "session/throttle.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "support/cmocka.h"

#define SECOND  INT64_C(1000)
#define MINUTE  (60 * SECOND)
#define HOUR    (60 * MINUTE)
#define DAY     (24 * HOUR)
#define NOW     INT64_C(1700000000000)
#define LONGEST (15 * MINUTE)

/* A record as a store keeps it. */
struct kept {
    char value[THROTTLE_VALUE_BYTES];
    size_t len;
    int64_t gone_ms;
};

static struct slice kept_value(struct kept *kept, int64_t now_ms)
{
    if (now_ms >= kept->gone_ms)
        kept->len = 0;
    return slice_of(kept->value, kept->len);
}

static void keep(struct kept *kept, int64_t now_ms, const struct throttle_answer *answer)
{
    assert_in_range(answer->len, 1, THROTTLE_VALUE_BYTES);
    assert_in_range(answer->ttl_s, 1, 2 * DAY / SECOND);
    if (!answer->is_changed)
        return;
    memcpy(kept->value, answer->value, answer->len);
    kept->len = answer->len;
    kept->gone_ms = now_ms + answer->ttl_s * SECOND;
}

/* Tries to guess. 0: it was one; else how long it is to wait. */
static int64_t guess(enum throttle_kind kind, struct kept *kept, int64_t now_ms)
{
    struct throttle_answer answer;

    throttle_take(kind, kept_value(kept, now_ms), now_ms, &answer);
    assert_int_equal(answer.is_allowed, answer.wait_ms == 0);
    assert_in_range(answer.wait_ms, 0, LONGEST);
    keep(kept, now_ms, &answer);
    return answer.wait_ms;
}

static void succeed(enum throttle_kind kind, struct kept *kept, int64_t now_ms)
{
    struct throttle_answer answer;

    throttle_succeed(kind, kept_value(kept, now_ms), now_ms, &answer);
    assert_true(answer.is_allowed);
    keep(kept, now_ms, &answer);
}

/* As many guesses as there are at one moment. */
static int burst(enum throttle_kind kind, struct kept *kept, int64_t now_ms)
{
    int count = 0;

    while (guess(kind, kept, now_ms) == 0)
        count++;
    return count;
}

/* Guesses whenever he may, until `end_ms`. */
static int greedy(enum throttle_kind kind, struct kept *kept, int64_t now_ms, int64_t end_ms)
{
    int count = 0;

    while (now_ms < end_ms) {
        int64_t wait_ms = guess(kind, kept, now_ms);

        if (wait_ms == 0) {
            count++;
            continue;
        }
        if (now_ms + wait_ms < end_ms) { /* a moment before he may not */
            assert_int_equal(guess(kind, kept, now_ms + wait_ms - 1), 1);
        }
        now_ms += wait_ms;
    }
    return count;
}

/* A05 */
static void test_a_user_waits_longer_each_time(void **state)
{
    static const int waits_s[] = {0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900};
    struct kept kept = {.len = 0};
    int64_t now_ms = NOW;

    (void)state;
    for (size_t i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
        assert_int_equal(guess(THROTTLE_USER, &kept, now_ms), 0);
        if (waits_s[i] > 0) {
            assert_int_equal(guess(THROTTLE_USER, &kept, now_ms), waits_s[i] * SECOND);
            now_ms += waits_s[i] * SECOND;
            assert_int_equal(guess(THROTTLE_USER, &kept, now_ms - 1), 1);
        }
    }
}

/* A05: what a day gives to one who guesses whenever he may. */
static void test_guesses_of_a_day(void **state)
{
    static const struct {
        enum throttle_kind kind;
        int at_once;
        int a_day;
    } cases[] = {
        /* 15 in the first 1,023 s, then one each 900 s */
        {THROTTLE_USER, 5, 15 + 95},
        {THROTTLE_DEVICE, 5, 15 + 95},
        {THROTTLE_SOURCE, 20, 20 + 24 * 3600 / 5},
        {THROTTLE_ALL, 200, 200 + 24 * 36000},
        {THROTTLE_CODE, 5, 5 + 24 * 60},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kept kept = {.len = 0};
        int count = burst(cases[i].kind, &kept, NOW);

        assert_int_equal(count, cases[i].at_once);
        count += greedy(cases[i].kind, &kept, NOW, NOW + DAY);
        assert_in_range(count, cases[i].a_day - 1, cases[i].a_day);
        /* The next day gives less; a day after the record was forgotten as much again. */
        count = greedy(cases[i].kind, &kept, NOW + DAY, NOW + 2 * DAY);
        assert_in_range(count, 0, cases[i].a_day - cases[i].at_once);
        count = greedy(cases[i].kind, &kept, kept.gone_ms, kept.gone_ms + DAY);
        assert_in_range(count, 0, cases[i].a_day);
    }
}

/* Right before the record of a bucket is gone, no guess is missing from it: forgetting it gives
 * nothing. But for the row of a user, which is forgotten after a day. */
static void test_a_record_that_is_gone_gave_nothing_away(void **state)
{
    static const enum throttle_kind kinds[] = {THROTTLE_SOURCE, THROTTLE_ALL, THROTTLE_CODE};
    struct kept user = {.len = 0};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct kept kept = {.len = 0};
        int at_once = burst(kinds[i], &kept, NOW);

        assert_true(kept.gone_ms < NOW + 10 * MINUTE);
        assert_int_equal(burst(kinds[i], &kept, kept.gone_ms - 1), at_once);
    }
    assert_int_equal(guess(THROTTLE_USER, &user, NOW), 0);
    assert_true(user.gone_ms >= NOW + DAY);
    (void)greedy(THROTTLE_USER, &user, NOW, NOW + HOUR);
    assert_true(user.gone_ms >= NOW + HOUR + DAY);
}

/* A05: somebody guesses whenever he may, beside a program that logs in each few seconds: in no hour
 * has he more than 100. */
static void test_a_success_gives_no_more_than_100_an_hour(void **state)
{
    static int64_t times[4000];
    struct kept kept = {.len = 0};
    size_t count = 0;
    size_t logins = 0;

    (void)state;
    for (int64_t now_ms = NOW; now_ms < NOW + DAY; now_ms += 3 * SECOND) {
        if (guess(THROTTLE_USER, &kept, now_ms) == 0) {
            succeed(THROTTLE_USER, &kept, now_ms);
            logins++;
        }
        while (guess(THROTTLE_USER, &kept, now_ms) == 0) {
            assert_in_range(count, 0, sizeof(times) / sizeof(times[0]) - 1);
            times[count++] = now_ms;
        }
    }
    for (size_t i = 100; i < count; i++)
        assert_true(times[i] - times[i - 100] >= HOUR);
    assert_in_range(count, 24 * 75, 24 * 80 + 20);
    assert_in_range(logins, 24 * 75, DAY / SECOND);
}

static void test_what_a_success_gives_back(void **state)
{
    static const struct {
        enum throttle_kind kind;
        int before;
        int after; /* a success, at the same moment */
    } cases[] = {
        {THROTTLE_USER, 5, 5},  {THROTTLE_DEVICE, 5, 5}, {THROTTLE_SOURCE, 20, 0},
        {THROTTLE_ALL, 200, 0}, {THROTTLE_CODE, 5, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kept kept = {.len = 0};

        assert_int_equal(burst(cases[i].kind, &kept, NOW), cases[i].before);
        succeed(cases[i].kind, &kept, NOW);
        assert_int_equal(burst(cases[i].kind, &kept, NOW), cases[i].after);
        /* Of a record that is gone: no guess more than there are. */
        kept.len = 0;
        succeed(cases[i].kind, &kept, NOW);
        assert_int_equal(burst(cases[i].kind, &kept, NOW), cases[i].before);
    }
}

/* Clocks: however far it goes back, nobody waits longer than 15 minutes, the wait does not begin
 * anew with each try, and there are no more guesses than without a record. */
static void test_a_clock_that_is_set_back(void **state)
{
    static const int64_t backs_ms[] = {1,    SECOND, 9 * SECOND, 11 * SECOND, MINUTE,   14 * MINUTE,
                                       HOUR, DAY,    400 * DAY,  NOW,         NOW + DAY};

    (void)state;
    for (enum throttle_kind kind = 0; kind < THROTTLE_KIND_COUNT_; kind++) {
        for (size_t i = 0; i < sizeof(backs_ms) / sizeof(backs_ms[0]); i++) {
            struct kept fresh = {.len = 0};
            struct kept kept = {.len = 0};
            int64_t now_ms = NOW - backs_ms[i];
            int64_t wait_ms;

            (void)greedy(kind, &kept, NOW - 2 * HOUR, NOW);
            kept.gone_ms = INT64_MAX;
            wait_ms = guess(kind, &kept, now_ms);
            kept.gone_ms = INT64_MAX;
            now_ms = now_ms < 0 ? 0 : now_ms; /* before 1970 is 1970 */
            if (wait_ms > 0) {
                assert_in_range(guess(kind, &kept, now_ms + wait_ms / 2), 1, wait_ms - wait_ms / 2);
                assert_int_equal(guess(kind, &kept, now_ms + wait_ms), 0);
            }
            assert_in_range(greedy(kind, &kept, now_ms, now_ms + HOUR), 1,
                            greedy(kind, &fresh, now_ms, now_ms + HOUR));
        }
    }
}

static void test_a_longest_wait_gets_no_longer(void **state)
{
    struct throttle_answer answer;

    (void)state;
    throttle_take(THROTTLE_USER, SLICE("v1 20 1700000905000 1700000045000"), NOW, &answer);
    assert_int_equal(answer.wait_ms, LONGEST);
    assert_true(answer.is_changed);
}

/* Two processes whose clocks differ by a little have no more than one. */
static void test_two_clocks(void **state)
{
    struct kept kept = {.len = 0};
    int count = 0;

    (void)state;
    for (int64_t now_ms = NOW; now_ms < NOW + HOUR; now_ms += 10) {
        count += guess(THROTTLE_ALL, &kept, now_ms) == 0;
        count += guess(THROTTLE_ALL, &kept, now_ms - 2 * SECOND) == 0;
    }
    assert_in_range(count, 36000, 36000 + 200);
}

/* Of two at the same moment the one whose clock is behind does not wait for the other's. */
static void test_a_clock_that_is_behind(void **state)
{
    (void)state;
    for (int kind = 0; kind < THROTTLE_KIND_COUNT_; kind++) {
        struct kept kept = {.len = 0};

        assert_int_equal(guess((enum throttle_kind)kind, &kept, NOW), 0);
        assert_int_equal(guess((enum throttle_kind)kind, &kept, NOW - 1), 0);
        assert_int_equal(guess((enum throttle_kind)kind, &kept, NOW - 2 * SECOND), 0);
    }
}

static void test_times_at_the_ends(void **state)
{
    static const int64_t times[] = {INT64_MIN, -1, 0, 1, INT64_MAX - 1, INT64_MAX};

    (void)state;
    for (enum throttle_kind kind = 0; kind < THROTTLE_KIND_COUNT_; kind++) {
        for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
            struct throttle_answer answer = {.len = 0};
            int count = 0;

            do {
                throttle_take(kind, slice_of(answer.value, answer.len), times[i], &answer);
                assert_in_range(answer.wait_ms, 0, LONGEST);
                count += answer.is_allowed;
            } while (answer.is_allowed && count < 1000);
            assert_in_range(count, 5, 200);
        }
    }
}

static void test_a_record_as_it_is_written(void **state)
{
    struct throttle_answer answer;

    (void)state;
    throttle_take(THROTTLE_USER, SLICE("v1 7 1700000000000 1700000000000"), NOW, &answer);
    assert_true(answer.is_allowed && answer.is_changed);
    assert_true(
        slice_eq(slice_of(answer.value, answer.len), SLICE("v1 8 1700000008000 1700000045000")));
    assert_int_equal(answer.ttl_s, 24 * 3600 + 8 + 1);
    throttle_take(THROTTLE_USER, SLICE("v1 8 1700000008000 1700000045000"), NOW, &answer);
    assert_true(!answer.is_allowed && !answer.is_changed);
    assert_int_equal(answer.wait_ms, 8000);
    throttle_take(THROTTLE_CODE, SLICE(""), NOW, &answer);
    assert_true(slice_eq(slice_of(answer.value, answer.len), SLICE("v1 0 0 1700000060000")));
    assert_int_equal(answer.ttl_s, 60 + 1);
}

/* What cannot be read is no record: the answer is that of a first guess. */
static void test_what_is_no_record(void **state)
{
    static const struct slice none[] = {
        SLICE_INIT("v"),
        SLICE_INIT("v1"),
        SLICE_INIT("v1 "),
        SLICE_INIT("v1 9 1700000009000"),
        SLICE_INIT("v1 9 1700000009000 "),
        SLICE_INIT("v1 9 1700000009000 1700000009000 "),
        SLICE_INIT("v1 9 1700000009000 1700000009000 0"),
        SLICE_INIT("v1 9 1700000009000 1700000009000\0"),
        SLICE_INIT(" v1 9 1700000009000 1700000009000"),
        SLICE_INIT("v2 9 1700000009000 1700000009000"),
        SLICE_INIT("V1 9 1700000009000 1700000009000"),
        SLICE_INIT("v1  9 1700000009000 1700000009000"),
        SLICE_INIT("v1 09 1700000009000 1700000009000"),
        SLICE_INIT("v1 -9 1700000009000 1700000009000"),
        SLICE_INIT("v1 +9 1700000009000 1700000009000"),
        SLICE_INIT("v1 9 1700000009000. 1700000009000"),
        SLICE_INIT("v1 1001 1700000009000 1700000009000"),
        SLICE_INIT("v1 9 100000000000000 1700000009000"),
        SLICE_INIT("v1 9 1700000009000 100000000000000"),
        SLICE_INIT("v1 18446744073709551625 1700000009000 1700000009000"),
        SLICE_INIT("v1 9 1700000009000 18446744073709551616"),
    };
    struct throttle_answer first;
    struct throttle_answer answer;

    (void)state;
    throttle_take(THROTTLE_USER, slice_of(NULL, 0), NOW, &first);
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        throttle_take(THROTTLE_USER, none[i], NOW, &answer);
        assert_true(answer.is_allowed);
        assert_int_equal(answer.len, first.len);
        assert_memory_equal(answer.value, first.value, first.len);
    }
    for (int i = 0; i < 100000; i++) {
        unsigned char bytes[THROTTLE_VALUE_BYTES];

        random_bytes(bytes, sizeof(bytes));
        memcpy(bytes, "v1 ", i % 2 ? 3 : 0);
        throttle_take(THROTTLE_USER, slice_of(bytes, bytes[63] % 64), NOW, &answer);
        assert_true(answer.is_allowed);
        assert_memory_equal(answer.value, first.value, first.len);
    }
}

static void test_sources(void **state)
{
    static const struct {
        const char *address;
        const char *source;
    } cases[] = {
        {"192.0.2.1", "192.0.2.0/24"},
        {"192.0.2.255", "192.0.2.0/24"},
        {"255.255.255.255", "255.255.255.0/24"},
        {"::ffff:192.0.2.77", "192.0.2.0/24"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"},
        {"2001:db8:1:3::1", "2001:db8:1:3::/64"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff::/64"},
        {"::1", "::/64"},
        {"::fffe:192.0.2.77", "::/64"},
    };
    const struct address unix_peer = {.is_unix = true};
    char room[THROTTLE_SOURCE_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct address address;

        assert_true(address_parse(slice_str(cases[i].address), &address));
        assert_true(slice_eq(throttle_source(&address, room), slice_str(cases[i].source)));
    }
    assert_true(slice_eq(throttle_source(&unix_peer, room), SLICE("unix")));
}

static void test_keys(void **state)
{
    static const char *const names[] = {"user/", "device/", "source/", "all", "code/"};
    char room[THROTTLE_KEY_BYTES];
    char other_room[THROTTLE_KEY_BYTES];

    (void)state;
    for (enum throttle_kind kind = 0; kind < THROTTLE_KIND_COUNT_; kind++) {
        struct slice key = throttle_key(kind, SLICE("eva@example.org"), room);
        struct slice other = throttle_key(kind, SLICE("eve@example.org"), other_room);
        char head[64];

        (void)snprintf(head, sizeof(head), "throttle/accounts/%s", names[kind]);
        assert_true(slice_starts_with(key, slice_str(head)));
        assert_int_equal(key.len, strlen(head) + (kind == THROTTLE_ALL ? 0 : 32));
        assert_int_equal(slice_eq(key, other), kind == THROTTLE_ALL);
        assert_null(memmem(key.ptr, key.len, "eva", 3));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_user_waits_longer_each_time),
        cmocka_unit_test(test_guesses_of_a_day),
        cmocka_unit_test(test_a_record_that_is_gone_gave_nothing_away),
        cmocka_unit_test(test_a_success_gives_no_more_than_100_an_hour),
        cmocka_unit_test(test_what_a_success_gives_back),
        cmocka_unit_test(test_a_clock_that_is_set_back),
        cmocka_unit_test(test_a_longest_wait_gets_no_longer),
        cmocka_unit_test(test_two_clocks),
        cmocka_unit_test(test_a_clock_that_is_behind),
        cmocka_unit_test(test_times_at_the_ends),
        cmocka_unit_test(test_a_record_as_it_is_written),
        cmocka_unit_test(test_what_is_no_record),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_keys),
    };

    random_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
