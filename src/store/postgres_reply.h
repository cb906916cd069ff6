/**
 * Values in the binary form in which PostgreSQL answers. What does not have the form that is
 * expected gives false, and never more than its own bytes are read.
 */
#ifndef FOOTFALL_STORE_POSTGRES_REPLY_H
#define FOOTFALL_STORE_POSTGRES_REPLY_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "store/rollup.h"

/** A value; its ptr is NULL when the value is. Lives with the result. */
struct slice postgres_value(const PGresult *result, int row, int column);

/** Reads a bigint. */
bool postgres_int8(struct slice value, int64_t *out) MUST_CHECK;

/** Reads five bigints, the first in `column`: the numbers of a rollup. */
bool postgres_metrics(struct metrics *out, const PGresult *result, int row, int column) MUST_CHECK;

/** An array of one dimension or none, element by element. */
struct postgres_array {
    struct slice rest;
    size_t left; /* elements */
};

/** Begins to read; false: no array. NULL is none. */
bool postgres_array_begin(struct postgres_array *array, struct slice value) MUST_CHECK;

/** The next element, its ptr NULL when the element is; false: there is none, or it is cut. */
bool postgres_array_next(struct postgres_array *array, struct slice *out) MUST_CHECK;

#endif
