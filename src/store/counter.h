/**
 * A counter: a number that only the store holds, the one that is shown: all views of a site, or of
 * a page. It begins at 0 and moves by additions. Statistics are rollups: rollup.h.
 */
#ifndef FOOTFALL_STORE_COUNTER_H
#define FOOTFALL_STORE_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

#include "store/dimension.h"

#define COUNTER_MAX_SITE  64
#define COUNTER_MAX_VALUE 2048

/** Only the first so many dimensions have counters. */
#define COUNTER_DIMENSIONS 2

/** Names one counter of views. */
struct counter {
    struct slice site;        /* site id: 1 to COUNTER_MAX_SITE bytes of a-z 0-9 - _ */
    enum dimension dimension; /* TOTAL: `value` is empty; PAGE: it is the page's path; no other */
    struct slice value; /* at most COUNTER_MAX_VALUE bytes of UTF-8 without control characters */
};

/** A counter as a scan tells it. */
struct scanned_counter {
    struct counter counter;
    int64_t views;
};

/** Longest key of a sound counter. */
#define COUNTER_KEY_MAX (COUNTER_MAX_SITE + 2 + COUNTER_MAX_VALUE)

/** The counter as one byte string in `out`, for maps: equal exactly when the counters are. */
struct slice counter_key(const struct counter *counter, char out[static COUNTER_KEY_MAX]);

/** Reads a counter's byte string back; `out` points into it. False: it is none. */
bool counter_parse_key(struct slice key, struct counter *out);

#endif
