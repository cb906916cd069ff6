/**
 * A set of 64-bit numbers that stand for things, and how they come from texts: some 16 to 32 bytes
 * of memory for each.
 *
 * Two things share a number by chance in one of 10^19 pairs. Nobody gains by making two that do: it
 * would only spoil their own copy.
 */
#ifndef FOOTFALL_CLI_NUMBER_SET_H
#define FOOTFALL_CLI_NUMBER_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

struct number_set {
    uint64_t *places; /* open addressing; 0: free */
    size_t capacity;  /* a power of two, or 0 */
    size_t count;
};

/** Empty; allocates nothing yet. */
void number_set_init(struct number_set *set);

/** Empty afterwards. */
void number_set_fini(struct number_set *set);

/** @param is_new  out: it was not there. ERR_NO_MEMORY */
enum err number_set_add(struct number_set *set, uint64_t number, bool *is_new) MUST_CHECK;

bool number_set_has(const struct number_set *set, uint64_t number);

/** The number of a text, or of any bytes, of a kind; never 0. */
uint64_t number_of_text(char kind, struct slice text);

/** That of two numbers in this order, evenly spread; never 0. */
uint64_t number_of_pair(uint64_t first, uint64_t second);

#endif
