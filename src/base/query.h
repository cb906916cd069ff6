/**
 * Query strings and form bodies: application/x-www-form-urlencoded (WHATWG URL, section 5), read in
 * place, pair by pair.
 *
 *     struct query_reader reader = query_reader_init(req->query);
 *     struct query_pair pair;
 *     while (query_next(&reader, &pair))
 *         if (slice_eq(pair.name, SLICE("p"))) …  percent_decode(pair.value, …)
 */
#ifndef FOOTFALL_BASE_QUERY_H
#define FOOTFALL_BASE_QUERY_H

#include <stdbool.h>

#include "base/slice.h"

struct query_reader {
    struct slice rest;
};

struct query_pair {
    struct slice name;  /* raw, as it stands in the query */
    struct slice value; /* raw; empty when there is no '=' */
};

struct query_reader query_reader_init(struct slice query);

/** The next pair; false at the end. Empty pairs are passed over. */
bool query_next(struct query_reader *reader, struct query_pair *out);

#endif
