#include "count/rollup_fold.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/random.h"

#define FIRST_CAPACITY 256

/* Odd numbers drawn once a process: multiplying by what nobody outside knows makes it useless to
 * look for texts whose ids collide here (Dietzfelbinger et al., A reliable randomized algorithm for
 * the closest-pair problem, 1997). */
static uint64_t factors[4];
static pthread_once_t factors_once = PTHREAD_ONCE_INIT;

static void draw_factors(void)
{
    for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++)
        factors[i] = random_nonzero_u64() | 1;
}

static uint64_t hash_of(const struct rollup *rollup)
{
    uint64_t list = (uint64_t)(uint32_t)rollup->bucket << 8 | (uint64_t)rollup->dimension;
    uint64_t hash = (uint64_t)(uintptr_t)rollup->site.ptr * factors[0];

    hash = (hash ^ hash >> 29 ^ list) * factors[1];
    hash = (hash ^ hash >> 31 ^ rollup->page) * factors[2];
    hash = (hash ^ hash >> 29 ^ rollup->value) * factors[3];
    return hash ^ hash >> 32;
}

static bool is_same(const struct rollup *a, const struct rollup *b)
{
    return a->value == b->value && a->page == b->page && a->bucket == b->bucket &&
           a->dimension == b->dimension && a->site.ptr == b->site.ptr;
}

void rollup_fold_init(struct rollup_fold *fold)
{
    pthread_once(&factors_once, draw_factors);
    *fold = (struct rollup_fold){.items = NULL};
}

void rollup_fold_fini(struct rollup_fold *fold)
{
    free(fold->items);
    free(fold->slots);
}

void rollup_fold_clear(struct rollup_fold *fold)
{
    if (fold->count > 0)
        memset(fold->slots, 0, fold->slot_count * sizeof(*fold->slots));
    fold->count = 0;
}

/* The slot of the rollup, or the free one where it goes. */
static uint32_t *find_slot(const struct rollup_fold *fold, const struct rollup *rollup)
{
    size_t i = (size_t)hash_of(rollup) & (fold->slot_count - 1);

    while (fold->slots[i] != 0 && !is_same(&fold->items[fold->slots[i] - 1].rollup, rollup))
        i = (i + 1) & (fold->slot_count - 1);
    return &fold->slots[i];
}

/* At most half of the slots are taken. */
static enum err grow(struct rollup_fold *fold)
{
    size_t capacity = fold->capacity ? 2 * fold->capacity : FIRST_CAPACITY;
    struct rollup_addition *items = reallocarray(fold->items, capacity, sizeof(*items));
    uint32_t *slots;

    if (!items)
        return ERR_NO_MEMORY;
    fold->items = items;
    slots = calloc(2 * capacity, sizeof(*slots));
    if (!slots)
        return ERR_NO_MEMORY;
    free(fold->slots);
    fold->slots = slots;
    fold->slot_count = 2 * capacity;
    fold->capacity = capacity;
    for (size_t i = 0; i < fold->count; i++)
        *find_slot(fold, &fold->items[i].rollup) = (uint32_t)i + 1;
    return ERR_OK;
}

struct rollup_addition *rollup_fold_get(struct rollup_fold *fold, const struct rollup *rollup)
{
    uint32_t *slot;

    if (fold->count == fold->capacity && grow(fold) != ERR_OK)
        return NULL;
    slot = find_slot(fold, rollup);
    if (*slot == 0) {
        if (fold->count == COMMIT_MAX_ROLLUPS)
            return NULL;
        fold->items[fold->count] =
            (struct rollup_addition){.rollup = *rollup, .text = SLICE(""), .title = SLICE("")};
        *slot = (uint32_t)++fold->count;
    }
    return &fold->items[*slot - 1];
}
