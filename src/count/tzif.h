/**
 * The files of the tz database, as zic writes them: TZif, RFC 8536.
 *
 * Read is the second data block, with its times of 64 bits, and the rule at the end of the file.
 * Leap seconds are not: a file that counts them tells no times since 1970.
 */
#ifndef FOOTFALL_COUNT_TZIF_H
#define FOOTFALL_COUNT_TZIF_H

#include <stddef.h>

#include "count/zone_rule.h"

/** A moment from which on an offset holds. */
struct tzif_change {
    int64_t unix_s;
    int32_t offset_s;
};

struct tzif {
    int32_t first_offset_s;      /* before all changes */
    struct tzif_change *changes; /* ascending; NULL when there are none */
    size_t change_count;
    bool has_rule;         /* else the last offset holds for ever */
    struct zone_rule rule; /* from the last change on */
};

/** Longer is no time zone: the longest of the tz database has 4 KiB. */
#define TZIF_MAX_BYTES 65536

/**
 * @param bytes  a whole file; any bytes, checked here
 * @param out    to be freed with tzif_fini()
 * @return       ERR_INVALID: not TZif of version 2 or later, or damaged; ERR_NO_MEMORY
 */
enum err tzif_parse(struct slice bytes, struct tzif *out) MUST_CHECK;

void tzif_fini(struct tzif *tzif);

/** The span that `unix_s` is in; `unix_s` within 1 million years of 1970. */
struct zone_span tzif_span(const struct tzif *tzif, int64_t unix_s);

#endif
