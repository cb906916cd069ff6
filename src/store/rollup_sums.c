#include "store/rollup_sums.h"

#include <stdlib.h>

#define FIRST_CAPACITY 64

void rollup_sums_init(struct rollup_sums *sums)
{
    *sums = (struct rollup_sums){.slots = NULL};
}

void rollup_sums_fini(struct rollup_sums *sums)
{
    free(sums->slots);
}

/* Ids are hashes already, or small numbers in a row; both spread well when multiplied (Knuth, The
 * Art of Computer Programming, volume 3, section 6.4). Ids whose slots collide can be made, but
 * only ROLLUP_MAX_GROUPS of them, each at the price of a visited page. */
static size_t slot_of(const struct rollup_sums *sums, uint64_t id)
{
    return (size_t)((id * UINT64_C(11400714819323198485)) >> 20) & (sums->capacity - 1);
}

static struct rollup_sum *find(const struct rollup_sums *sums, uint64_t id)
{
    size_t i = slot_of(sums, id);

    while (sums->slots[i].id != 0 && sums->slots[i].id != id)
        i = (i + 1) & (sums->capacity - 1);
    return &sums->slots[i];
}

static enum err grow(struct rollup_sums *sums)
{
    struct rollup_sums larger = {.capacity = sums->capacity ? 2 * sums->capacity : FIRST_CAPACITY};

    if (sums->count >= ROLLUP_MAX_GROUPS)
        return ERR_NO_MEMORY;
    larger.slots = calloc(larger.capacity, sizeof(*larger.slots));
    if (!larger.slots)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < sums->capacity; i++) {
        if (sums->slots[i].id != 0)
            *find(&larger, sums->slots[i].id) = sums->slots[i];
    }
    free(sums->slots);
    sums->slots = larger.slots;
    sums->capacity = larger.capacity;
    return ERR_OK;
}

enum err rollup_sums_add(struct rollup_sums *sums, uint64_t id, const struct metrics *metrics)
{
    struct rollup_sum *sum = &sums->zero;

    if (id == 0) {
        sums->has_zero = true;
        metrics_add(&sum->metrics, metrics);
        return ERR_OK;
    }
    if (2 * (sums->count + 1) > sums->capacity && grow(sums) != ERR_OK)
        return ERR_NO_MEMORY;
    sum = find(sums, id);
    if (sum->id == 0) {
        sum->id = id;
        sums->count++;
    }
    metrics_add(&sum->metrics, metrics);
    return ERR_OK;
}

static int compare(const void *a, const void *b)
{
    uint64_t one = ((const struct rollup_sum *)a)->id;
    uint64_t two = ((const struct rollup_sum *)b)->id;

    return one < two ? -1 : one > two;
}

void rollup_sums_order(struct rollup_sum *sums, size_t count)
{
    qsort(sums, count, sizeof(*sums), compare);
}

/* There is a free slot for `zero`: at most half of them are taken. */
const struct rollup_sum *rollup_sums_sort(struct rollup_sums *sums, size_t *count)
{
    size_t kept = 0;

    *count = sums->has_zero ? 1 : 0;
    if (sums->capacity == 0)
        return &sums->zero;
    for (size_t i = 0; i < sums->capacity; i++) {
        if (sums->slots[i].id != 0)
            sums->slots[kept++] = sums->slots[i];
    }
    if (sums->has_zero)
        sums->slots[kept++] = sums->zero;
    rollup_sums_order(sums->slots, kept);
    *count = kept;
    return sums->slots;
}
