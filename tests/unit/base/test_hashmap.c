#include "base/hashmap.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/cmocka.h"

static int one, two;

static void put(struct hashmap *map, struct slice key, void *value)
{
    void **place = hashmap_put(map, key);

    assert_non_null(place);
    *place = value;
}

static void test_an_empty_map_has_nothing(void **state)
{
    struct hashmap map;
    size_t position = 0;

    (void)state;
    hashmap_init(&map);
    assert_null(hashmap_get(&map, SLICE("a")));
    assert_null(hashmap_next(&map, &position));
    hashmap_remove(&map, SLICE("a"));
    hashmap_clear(&map);
    hashmap_fini(&map);
}

static void test_a_value_is_found_under_its_key_and_no_other(void **state)
{
    struct hashmap map;

    (void)state;
    hashmap_init(&map);
    put(&map, SLICE("a"), &one);
    put(&map, SLICE("a\0"), &two);
    assert_ptr_equal(hashmap_get(&map, SLICE("a")), &one);
    assert_ptr_equal(hashmap_get(&map, SLICE("a\0")), &two);
    assert_null(hashmap_get(&map, SLICE("A")));
    assert_null(hashmap_get(&map, SLICE("")));
    hashmap_fini(&map);
}

static void test_a_new_place_is_empty_and_a_known_one_is_not(void **state)
{
    struct hashmap map;
    void **place;

    (void)state;
    hashmap_init(&map);
    place = hashmap_put(&map, SLICE("a"));
    assert_non_null(place);
    assert_null(*place);
    *place = &one;
    assert_ptr_equal(*hashmap_put(&map, SLICE("a")), &one);
    assert_int_equal(map.count, 1);
    hashmap_fini(&map);
}

static void test_the_empty_text_is_a_key_and_so_is_nothing(void **state)
{
    struct hashmap map;

    (void)state;
    hashmap_init(&map);
    put(&map, slice_of(NULL, 0), &one);
    assert_ptr_equal(hashmap_get(&map, SLICE("")), &one);
    hashmap_remove(&map, SLICE(""));
    assert_null(hashmap_get(&map, slice_of(NULL, 0)));
    assert_int_equal(map.count, 0);
    hashmap_fini(&map);
}

static void test_a_cleared_map_is_empty_and_keeps_its_memory(void **state)
{
    struct hashmap map;
    size_t position = 0;
    size_t capacity;

    (void)state;
    hashmap_init(&map);
    put(&map, SLICE("a"), &one);
    capacity = map.capacity;
    hashmap_clear(&map);
    assert_null(hashmap_get(&map, SLICE("a")));
    assert_null(hashmap_next(&map, &position));
    assert_int_equal(map.capacity, capacity);
    hashmap_fini(&map);
}

static void test_reserved_room_is_not_taken_until_it_is_used(void **state)
{
    struct hashmap map;
    struct hashmap_entry *entries;
    char keys[100][16];

    (void)state;
    hashmap_init(&map);
    assert_int_equal(hashmap_reserve(&map, 100), ERR_OK);
    assert_int_equal(map.count, 0);
    entries = map.entries;
    for (int i = 0; i < 100; i++) {
        (void)snprintf(keys[i], sizeof(keys[i]), "%d", i);
        put(&map, slice_str(keys[i]), &one);
    }
    assert_ptr_equal(map.entries, entries);
    assert_int_equal(hashmap_reserve(&map, SIZE_MAX / 2), ERR_NO_MEMORY);
    assert_int_equal(map.count, 100);
    hashmap_fini(&map);
}

/* Long runs of neighbours, and runs around the end of the table, are where removal goes wrong: keys
 * are put and removed at random, and compared with a plain array. */
#define KEYS  700
#define STEPS 60000

static uint64_t random_number;

static size_t draw(size_t below)
{
    random_number = random_number * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)((random_number >> 33) % below);
}

static void compare(const struct hashmap *map, char keys[KEYS][8], const bool *is_in, size_t count)
{
    size_t position = 0;
    size_t met = 0;

    for (size_t i = 0; i < KEYS; i++) {
        const void *value = hashmap_get(map, slice_str(keys[i]));

        assert_ptr_equal(value, is_in[i] ? keys[i] : NULL);
    }
    for (struct hashmap_entry *entry; (entry = hashmap_next(map, &position)); met++)
        assert_ptr_equal(entry->value, entry->key.ptr);
    assert_int_equal(met, count);
    assert_int_equal(map->count, count);
}

static void test_random_puts_and_removals_leave_what_they_should(void **state)
{
    static char keys[KEYS][8];
    static bool is_in[KEYS];
    struct hashmap map;
    size_t count = 0;

    (void)state;
    hashmap_init(&map);
    random_number = 7;
    for (size_t i = 0; i < KEYS; i++)
        (void)snprintf(keys[i], sizeof(keys[i]), "%zu", i);
    for (size_t step = 0; step < STEPS; step++) {
        size_t i = draw(KEYS);
        /* The map swells and shrinks, so that it is nearly full at times: 768 of 1,024. */
        bool puts = draw(10) < (step / 5000 % 2 == 0 ? 8U : 2U);

        if (puts)
            put(&map, slice_str(keys[i]), keys[i]);
        else
            hashmap_remove(&map, slice_str(keys[i]));
        count += puts ? !is_in[i] : 0;
        count -= puts ? 0 : is_in[i];
        is_in[i] = puts;
        if (step % 500 == 0)
            compare(&map, keys, is_in, count);
    }
    compare(&map, keys, is_in, count);
    hashmap_fini(&map);
}

/* All in one run: with three quarters of the places taken, removal from the front moves nearly all
 * of them, again and again. */
static void test_a_full_map_can_be_emptied_in_any_order(void **state)
{
    static char keys[KEYS][8];
    static bool is_in[KEYS];
    struct hashmap map;

    (void)state;
    hashmap_init(&map);
    for (size_t i = 0; i < KEYS; i++) {
        (void)snprintf(keys[i], sizeof(keys[i]), "%zu", i);
        put(&map, slice_str(keys[i]), keys[i]);
        is_in[i] = true;
    }
    for (size_t i = 0; i < KEYS; i++) {
        size_t k = (i * 331) % KEYS; /* 331 and 700 have no common factor */

        hashmap_remove(&map, slice_str(keys[k]));
        is_in[k] = false;
        if (i % 50 == 0)
            compare(&map, keys, is_in, KEYS - 1 - i);
    }
    assert_int_equal(map.count, 0);
    for (size_t i = 0; i < map.capacity; i++)
        assert_null(map.entries[i].key.ptr);
    hashmap_fini(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_map_has_nothing),
        cmocka_unit_test(test_a_value_is_found_under_its_key_and_no_other),
        cmocka_unit_test(test_a_new_place_is_empty_and_a_known_one_is_not),
        cmocka_unit_test(test_the_empty_text_is_a_key_and_so_is_nothing),
        cmocka_unit_test(test_a_cleared_map_is_empty_and_keeps_its_memory),
        cmocka_unit_test(test_reserved_room_is_not_taken_until_it_is_used),
        cmocka_unit_test(test_random_puts_and_removals_leave_what_they_should),
        cmocka_unit_test(test_a_full_map_can_be_emptied_in_any_order),
    };

    return cmocka_run_group_tests_name("hashmap", tests, NULL, NULL);
}
