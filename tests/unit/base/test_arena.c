#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>

#include "support/cmocka.h"

static void test_memory_is_aligned_for_any_type_and_does_not_overlap(void **state)
{
    enum { COUNT = 200 };
    struct arena arena;
    unsigned char *parts[COUNT];

    (void)state;
    arena_init(&arena, 256, 1 << 20);
    for (size_t i = 0; i < COUNT; i++) {
        parts[i] = arena_alloc(&arena, i);
        assert_non_null(parts[i]);
        assert_int_equal((uintptr_t)parts[i] % alignof(max_align_t), 0);
        memset(parts[i], (int)i, i);
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < i; k++)
            assert_int_equal(parts[i][k], i);
    }
    arena_fini(&arena);
}

static void test_a_wish_larger_than_a_chunk_gets_one_of_its_own(void **state)
{
    struct arena arena;
    char *small;
    char *large;

    (void)state;
    arena_init(&arena, 64, 1 << 20);
    small = arena_alloc(&arena, 10);
    large = arena_alloc(&arena, 100000);
    assert_non_null(small);
    assert_non_null(large);
    memset(large, 'x', 100000);
    memset(small, 'y', 10);
    assert_int_equal(large[0], 'x');
    arena_fini(&arena);
}

static void test_the_ceiling_counts_what_was_handed_out(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 64, 1000);
    assert_null(arena_alloc(&arena, 1001));
    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_non_null(arena_alloc(&arena, 600));
    assert_null(arena_alloc(&arena, 401));
    assert_non_null(arena_alloc(&arena, 400));
    assert_null(arena_alloc(&arena, 1));
    assert_non_null(arena_alloc(&arena, 0));
    arena_reset(&arena);
    assert_non_null(arena_alloc(&arena, 1000));
    arena_fini(&arena);
    assert_non_null(arena_alloc(&arena, 1000));
    arena_fini(&arena);
}

static void test_after_a_reset_the_same_work_takes_the_same_memory(void **state)
{
    struct arena arena;
    void *first;

    (void)state;
    arena_init(&arena, 4096, 1 << 20);
    first = arena_alloc(&arena, 100);
    assert_non_null(first);
    for (int i = 0; i < 100; i++)
        assert_non_null(arena_alloc(&arena, 1000));
    arena_reset(&arena);
    assert_int_equal(arena.used_bytes, 0);
    assert_ptr_equal(arena_alloc(&arena, 100), first);
    arena_fini(&arena);
}

static void test_an_empty_arena_can_be_reset_and_freed(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 64, 64);
    arena_reset(&arena);
    arena_fini(&arena);
    arena_fini(&arena);
}

static void test_a_copy_has_the_bytes_and_only_without_memory_no_pointer(void **state)
{
    struct arena arena;
    struct slice copy;
    char text[] = "a\0b";

    (void)state;
    arena_init(&arena, 64, 8);
    copy = arena_dup(&arena, slice_of(text, 3));
    text[0] = 'z';
    assert_true(slice_eq(copy, SLICE("a\0b")));
    assert_non_null(arena_dup(&arena, SLICE("")).ptr);
    assert_non_null(arena_dup(&arena, slice_of(NULL, 0)).ptr);
    copy = arena_dup(&arena, SLICE("123456"));
    assert_null(copy.ptr);
    assert_int_equal(copy.len, 0);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_aligned_for_any_type_and_does_not_overlap),
        cmocka_unit_test(test_a_wish_larger_than_a_chunk_gets_one_of_its_own),
        cmocka_unit_test(test_the_ceiling_counts_what_was_handed_out),
        cmocka_unit_test(test_after_a_reset_the_same_work_takes_the_same_memory),
        cmocka_unit_test(test_an_empty_arena_can_be_reset_and_freed),
        cmocka_unit_test(test_a_copy_has_the_bytes_and_only_without_memory_no_pointer),
    };

    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
