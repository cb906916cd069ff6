/**
 * "Did you mean …?": the nearest known word to a mistyped one.
 */
#ifndef FOOTFALL_CLI_SUGGEST_H
#define FOOTFALL_CLI_SUGGEST_H

#include <stddef.h>

#include "base/slice.h"

/**
 * How many letters to insert, delete, replace, or swap with their neighbour to make `a` of `b`.
 *
 * @return at most `limit`; `limit` also stands for "more", and for words over 64 bytes
 */
size_t edit_distance(struct slice a, struct slice b, size_t limit);

/** Looks for the word nearest to `typed`; feed it candidates one by one. */
struct suggestion {
    struct slice typed;
    struct slice best; /* ptr NULL: nothing near enough yet */
    size_t distance;
};

/** Near enough: one letter in three may be wrong, and at least two. */
void suggestion_init(struct suggestion *suggestion, struct slice typed);

/** @param word borrowed for the life of the suggestion */
void suggestion_add(struct suggestion *suggestion, struct slice word);

#endif
