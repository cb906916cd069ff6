/**
 * The cursor of stores that are scanned in the order of their keys: the records, then the counters.
 * It is a letter, and the key of the last record or counter that was told.
 */
#ifndef FOOTFALL_STORE_SCAN_CURSOR_H
#define FOOTFALL_STORE_SCAN_CURSOR_H

#include "base/arena.h"
#include "store/counter.h"

enum scan_part { SCAN_RECORDS = 'r', SCAN_COUNTERS = 'c' };

struct scan_cursor {
    enum scan_part part;
    struct slice key;       /* SCAN_RECORDS: go on behind it; empty: from the beginning */
    struct counter counter; /* SCAN_COUNTERS: likewise; one before all others from the beginning */
};

/** Reads a cursor; `out` points into it. Empty is the beginning. False: it is none. */
bool scan_cursor_parse(struct slice cursor, struct scan_cursor *out);

/** A cursor in `arena`; ptr NULL without memory. @param key  empty: the part from the beginning */
struct slice scan_cursor_make(struct arena *arena, enum scan_part part, struct slice key);

#endif
