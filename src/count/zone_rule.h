/**
 * The rule that a time zone follows from the last change on that its file lists: a TZ string of
 * POSIX (IEEE Std 1003.1-2017, section 8.3), with the longer times of RFC 8536, section 3.3.1.
 *
 *     CET-1CEST,M3.5.0,M10.5.0/3      CET is an hour east of UTC, CEST two; from the last Sunday of
 *                                     March, 2:00, to the last one of October, 3:00
 *     IST-1GMT0,M10.5.0,M3.5.0/1      Ireland: what is "daylight saving" there is the winter
 *     <+0545>-5:45                    no changes
 */
#ifndef FOOTFALL_COUNT_ZONE_RULE_H
#define FOOTFALL_COUNT_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/** A time in which the offset stays the same. */
struct zone_span {
    int64_t begins_unix_s; /* INT64_MIN: it always was */
    int64_t ends_unix_s;   /* the first moment after it; INT64_MAX: it never ends */
    int32_t offset_s;      /* local time minus UTC */
};

enum zone_rule_day {
    ZONE_RULE_JULIAN,  /* Jn: day n of a year without its leap day; 1 … 365 */
    ZONE_RULE_ORDINAL, /* n: day n of the year; 0 … 365 */
    ZONE_RULE_WEEKDAY, /* Mm.w.d: the w-th weekday d of month m; w = 5 is the last one */
};

/** When in a year the clocks change. */
struct zone_rule_date {
    enum zone_rule_day kind;
    int32_t day;    /* n, or d: 0 (Sunday) … 6 */
    int32_t month;  /* m */
    int32_t week;   /* w */
    int32_t time_s; /* since midnight by the clocks before the change; up to a week off */
};

struct zone_rule {
    int32_t offset_s; /* of standard time: local time minus UTC */
    bool has_dst;     /* else the rest is not set */
    int32_t dst_offset_s;
    struct zone_rule_date dst_begins;
    struct zone_rule_date dst_ends;
};

/** False when `text` is no such rule, all of it. */
bool zone_rule_parse(struct slice text, struct zone_rule *out) MUST_CHECK;

/** The span that `unix_s` is in; `unix_s` within 1 million years of 1970. */
struct zone_span zone_rule_span(const struct zone_rule *rule, int64_t unix_s);

#endif
