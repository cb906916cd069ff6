#include "count/ranking.h"

#include <stdlib.h>

#define FIRST_CAPACITY 128

void ranking_init(struct ranking *ranking, enum metric by, size_t max)
{
    *ranking = (struct ranking){.by = by, .max = max};
}

void ranking_fini(struct ranking *ranking)
{
    free(ranking->rows);
    *ranking = (struct ranking){.rows = NULL};
}

/* Whether `a` comes before `b` in a list. */
static bool is_before(enum metric by, const struct rollup_sum *a, const struct rollup_sum *b)
{
    int64_t of_a = metric_sum(by, &a->metrics);
    int64_t of_b = metric_sum(by, &b->metrics);

    if (of_a != of_b)
        return of_a > of_b;
    if (a->metrics.views != b->metrics.views)
        return a->metrics.views > b->metrics.views;
    return a->id < b->id;
}

static void swap(struct rollup_sum *a, struct rollup_sum *b)
{
    struct rollup_sum old = *a;

    *a = *b;
    *b = old;
}

/* ---- the heap: each row is behind, in the list, the two below it ----------------------------- */

static void sift_up(struct ranking *ranking, size_t i)
{
    while (i > 0 && is_before(ranking->by, &ranking->rows[(i - 1) / 2], &ranking->rows[i])) {
        swap(&ranking->rows[(i - 1) / 2], &ranking->rows[i]);
        i = (i - 1) / 2;
    }
}

static void sift_down(struct ranking *ranking, size_t i, size_t count)
{
    for (;;) {
        size_t last = i;

        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < count; child++) {
            if (is_before(ranking->by, &ranking->rows[last], &ranking->rows[child]))
                last = child;
        }
        if (last == i)
            return;
        swap(&ranking->rows[i], &ranking->rows[last]);
        i = last;
    }
}

static enum err grow(struct ranking *ranking)
{
    size_t capacity = ranking->capacity ? 2 * ranking->capacity : FIRST_CAPACITY;
    struct rollup_sum *rows = realloc(ranking->rows, capacity * sizeof(*rows));

    if (!rows)
        return ERR_NO_MEMORY;
    ranking->rows = rows;
    ranking->capacity = capacity;
    return ERR_OK;
}

enum err ranking_add(struct ranking *ranking, const struct rollup_sum *sum)
{
    if (ranking->count == ranking->max) {
        if (is_before(ranking->by, sum, &ranking->rows[0])) {
            ranking->rows[0] = *sum;
            sift_down(ranking, 0, ranking->count);
        }
        return ERR_OK;
    }
    if (ranking->count == ranking->capacity && grow(ranking) != ERR_OK)
        return ERR_NO_MEMORY;
    ranking->rows[ranking->count] = *sum;
    sift_up(ranking, ranking->count++);
    return ERR_OK;
}

void ranking_sort(struct ranking *ranking)
{
    for (size_t left = ranking->count; left > 1; left--) {
        swap(&ranking->rows[0], &ranking->rows[left - 1]);
        sift_down(ranking, 0, left - 1);
    }
}
