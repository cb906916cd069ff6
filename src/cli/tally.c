#include "cli/tally.h"

#include <stdlib.h>

#define FIRST_CAPACITY 1024

/* ---- numbers -------------------------------------------------------------------------------- */

/* The finish of SplitMix64 (Steele, Lea, Flood 2014): every bit hangs on every other. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* FNV-1a of 64 bits, finished; the kind of thing is part of it. Nobody gains by making two equal:
 * it would only spoil their own copy. */
static uint64_t hash(char kind, struct slice text)
{
    uint64_t number =
        (UINT64_C(14695981039346656037) ^ (unsigned char)kind) * UINT64_C(1099511628211);

    for (size_t i = 0; i < text.len; i++)
        number = (number ^ (unsigned char)text.ptr[i]) * UINT64_C(1099511628211);
    number = mix(number);
    return number ? number : 1;
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

static enum err add_number(struct number_set *set, uint64_t number, bool *is_new)
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

/* ---- the tally ------------------------------------------------------------------------------ */

void tally_init(struct tally *tally)
{
    *tally = (struct tally){.counters = 0};
}

void tally_fini(struct tally *tally)
{
    free(tally->seen.places);
    tally_init(tally);
}

enum err tally_add_counter(struct tally *tally, const struct scanned_counter *scanned)
{
    char key[COUNTER_KEY_MAX];
    uint64_t number = hash('c', counter_key(&scanned->counter, key));
    bool is_new;

    if (scanned->views == 0)
        return ERR_OK;
    if (add_number(&tally->seen, number, &is_new) != ERR_OK)
        return ERR_NO_MEMORY;
    if (!is_new)
        return ERR_OK;
    tally->counters++;
    tally->views = (int64_t)((uint64_t)tally->views + (uint64_t)scanned->views);
    tally->checksum += mix(number ^ (uint64_t)scanned->views);
    return ERR_OK;
}

enum err tally_add_record(struct tally *tally, struct slice key)
{
    bool is_new;

    if (add_number(&tally->seen, hash('r', key), &is_new) != ERR_OK)
        return ERR_NO_MEMORY;
    tally->records += is_new ? 1 : 0;
    return ERR_OK;
}

bool tally_same_counters(const struct tally *a, const struct tally *b)
{
    return a->counters == b->counters && a->views == b->views && a->checksum == b->checksum;
}
