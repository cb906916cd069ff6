/* What base promises when there is no memory. */
#include "base/arena.h"
#include "base/hashmap.h"
#include "base/strbuf.h"
#include "base/timers.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"
#include "support/virtual_loop.h"

static void test_a_buffer_that_cannot_grow_fails_and_keeps_its_content(void **state)
{
    struct strbuf buf;

    (void)state;
    strbuf_init(&buf, 1000);
    strbuf_append(&buf, SLICE("content"));
    failing_malloc_at(1);
    assert_true(strbuf_reserve(&buf, 10)); /* there is room */
    assert_false(strbuf_reserve(&buf, 500));
    assert_true(failing_malloc_stop());
    assert_true(buf.failed);
    strbuf_append(&buf, SLICE(", and more"));
    assert_true(slice_eq(strbuf_slice(&buf), SLICE("content")));
    strbuf_fini(&buf);
}

static void test_a_buffer_with_the_highest_ceiling_asks_for_what_is_there(void **state)
{
    struct strbuf buf;

    (void)state;
    strbuf_init(&buf, SIZE_MAX);
    failing_malloc_at(1);
    assert_false(strbuf_reserve(&buf, SIZE_MAX / 2 + 2));
    assert_true(failing_malloc_stop());
    strbuf_fini(&buf);
}

static void test_an_arena_without_memory_stays_as_it_was(void **state)
{
    struct arena arena;
    char *first;

    (void)state;
    arena_init(&arena, 64, 1000);
    failing_malloc_at(1);
    assert_null(arena_alloc(&arena, 1));
    assert_true(failing_malloc_stop());
    assert_int_equal(arena.used_bytes, 0);
    first = arena_alloc(&arena, 10);
    assert_non_null(first);
    failing_malloc_at(1);
    assert_null(arena_dup(&arena, slice_of("0123456789012345678901234567890123456789"
                                           "0123456789012345678901234567890123456789",
                                           80))
                    .ptr);
    assert_true(failing_malloc_stop());
    first[9] = 'x';
    assert_int_equal(arena.used_bytes, 10);
    arena_fini(&arena);
}

static void test_a_map_that_cannot_grow_keeps_its_entries_and_finds_known_keys(void **state)
{
    static const char text[] = "abcdefghijklmnopqrstuvwxyz";
    struct hashmap map;
    size_t count = 0;
    int value;

    (void)state;
    hashmap_init(&map);
    failing_malloc_from(1);
    assert_null(hashmap_put(&map, SLICE("a")));
    assert_int_equal(hashmap_reserve(&map, 1), ERR_NO_MEMORY);
    failing_malloc_stop();
    failing_malloc_from(2);
    for (void **place; (place = hashmap_put(&map, slice_of(text + count, 1))); count++)
        *place = &value;
    assert_int_equal(count, 12);
    for (size_t i = 0; i < count; i++) {
        void **place = hashmap_put(&map, slice_of(text + i, 1));

        assert_non_null(place);
        assert_ptr_equal(*place, &value);
    }
    assert_true(failing_malloc_stop());
    assert_int_equal(map.count, 12);
    hashmap_fini(&map);
}

static void on_time(void *ctx)
{
    ++*(int *)ctx;
}

static void test_a_timer_that_cannot_be_started_changes_nothing(void **state)
{
    enum { COUNT = 40 };
    struct virtual_loop loop;
    struct timer timers[COUNT] = {{0}};
    int fired = 0;
    int started = 0;

    (void)state;
    virtual_loop_init(&loop);
    failing_malloc_from(2);
    while (started < COUNT &&
           timer_start(&loop.timers, &timers[started], 1000 + started, on_time, &fired) == ERR_OK)
        started++;
    assert_true(failing_malloc_stop());
    assert_true(started > 0 && started < COUNT);
    assert_false(timer_is_active(&timers[started]));
    failing_malloc_from(1);
    assert_int_equal(timer_start(&loop.timers, &timers[0], 1100, on_time, &fired), ERR_OK);
    assert_int_equal(timer_keep(&loop.timers, &timers[started], on_time, &fired), ERR_NO_MEMORY);
    failing_malloc_stop();
    virtual_loop_pass(&loop, 200);
    assert_int_equal(fired, started);
    virtual_loop_fini(&loop);
}

static void test_a_kept_timer_needs_no_memory_any_more(void **state)
{
    enum { COUNT = 40 };
    struct virtual_loop loop;
    struct timer kept = {0};
    struct timer others[COUNT] = {{0}};
    int fired = 0;
    int ignored = 0;

    (void)state;
    virtual_loop_init(&loop);
    assert_int_equal(timer_keep(&loop.timers, &kept, on_time, &fired), ERR_OK);
    failing_malloc_from(1);
    for (int i = 0; i < COUNT; i++) /* no place is left */
        (void)!timer_start(&loop.timers, &others[i], 5000, on_time, &ignored);
    for (int i = 0; i < 3; i++) {
        timer_move(&loop.timers, &kept, loop.now_ms + 10);
        virtual_loop_pass(&loop, 20);
    }
    assert_true(failing_malloc_stop());
    assert_int_equal(fired, 3);
    virtual_loop_fini(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_buffer_that_cannot_grow_fails_and_keeps_its_content),
        cmocka_unit_test(test_a_buffer_with_the_highest_ceiling_asks_for_what_is_there),
        cmocka_unit_test(test_an_arena_without_memory_stays_as_it_was),
        cmocka_unit_test(test_a_map_that_cannot_grow_keeps_its_entries_and_finds_known_keys),
        cmocka_unit_test(test_a_timer_that_cannot_be_started_changes_nothing),
        cmocka_unit_test(test_a_kept_timer_needs_no_memory_any_more),
    };

    return cmocka_run_group_tests_name("out of memory", tests, NULL, NULL);
}
