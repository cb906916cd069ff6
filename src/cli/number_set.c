#include "cli/number_set.h"

#include <stdlib.h>

#define FIRST_CAPACITY 1024

/* ---- numbers -------------------------------------------------------------------------------- */

/* The finish of SplitMix64 (Steele, Lea, Flood 2014): every bit hangs on every other. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z = z ^ (z >> 31);
    return z ? z : 1;
}

/* FNV-1a of 64 bits, finished; the kind of thing is part of it. */
uint64_t number_of_text(char kind, struct slice text)
{
    uint64_t number =
        (UINT64_C(14695981039346656037) ^ (unsigned char)kind) * UINT64_C(1099511628211);

    for (size_t i = 0; i < text.len; i++)
        number = (number ^ (unsigned char)text.ptr[i]) * UINT64_C(1099511628211);
    return mix(number);
}

/* The first one is spread before, so that the two can change places neither with each other nor
 * with those of another pair. */
uint64_t number_of_pair(uint64_t first, uint64_t second)
{
    return mix(mix(first) + second);
}

/* ---- the set -------------------------------------------------------------------------------- */

void number_set_init(struct number_set *set)
{
    *set = (struct number_set){.places = NULL};
}

void number_set_fini(struct number_set *set)
{
    free(set->places);
    number_set_init(set);
}

/* The place of `number`, or the free one where it belongs. */
static uint64_t *find_place(const struct number_set *set, uint64_t number)
{
    size_t at = (size_t)number & (set->capacity - 1);

    while (set->places[at] != 0 && set->places[at] != number)
        at = (at + 1) & (set->capacity - 1);
    return &set->places[at];
}

static enum err grow(struct number_set *set)
{
    struct number_set larger = {.capacity = set->capacity ? 2 * set->capacity : FIRST_CAPACITY,
                                .count = set->count};

    larger.places = calloc(larger.capacity, sizeof(*larger.places));
    if (!larger.places)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < set->capacity; i++) {
        if (set->places[i] != 0)
            *find_place(&larger, set->places[i]) = set->places[i];
    }
    free(set->places);
    *set = larger;
    return ERR_OK;
}

enum err number_set_add(struct number_set *set, uint64_t number, bool *is_new)
{
    uint64_t *place;

    if (2 * (set->count + 1) > set->capacity && grow(set) != ERR_OK)
        return ERR_NO_MEMORY;
    place = find_place(set, number);
    *is_new = *place == 0;
    *place = number;
    set->count += *is_new ? 1 : 0;
    return ERR_OK;
}

bool number_set_has(const struct number_set *set, uint64_t number)
{
    return set->capacity > 0 && *find_place(set, number) == number;
}
