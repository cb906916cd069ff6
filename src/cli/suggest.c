#include "cli/suggest.h"

#define MAX_WORD 64

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

static bool is_swap(struct slice a, struct slice b, size_t i, size_t j)
{
    return i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1];
}

/* Optimal string alignment: Levenshtein's distance with neighbours swapped counted as one. */
size_t edit_distance(struct slice a, struct slice b, size_t limit)
{
    size_t rows[3][MAX_WORD + 1]; /* of the table: this row and the two above it */

    if (a.len > MAX_WORD || b.len > MAX_WORD)
        return limit;
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replaced = above[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);

            row[j] = smallest(above[j] + 1, row[j - 1] + 1, replaced);
            if (is_swap(a, b, i, j) && two_above[j - 2] + 1 < row[j])
                row[j] = two_above[j - 2] + 1;
        }
    }
    return rows[a.len % 3][b.len] < limit ? rows[a.len % 3][b.len] : limit;
}

void suggestion_init(struct suggestion *suggestion, struct slice typed)
{
    size_t allowed = typed.len / 3 > 2 ? typed.len / 3 : 2;

    *suggestion = (struct suggestion){.typed = typed, .distance = allowed + 1};
}

void suggestion_add(struct suggestion *suggestion, struct slice word)
{
    size_t distance = edit_distance(suggestion->typed, word, suggestion->distance);

    if (distance < suggestion->distance) {
        suggestion->distance = distance;
        suggestion->best = word;
    }
}
