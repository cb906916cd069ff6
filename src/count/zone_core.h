/**
 * What a zone is made of, for zone.c and moment.c.
 */
#ifndef FOOTFALL_COUNT_ZONE_CORE_H
#define FOOTFALL_COUNT_ZONE_CORE_H

#include "count/moment.h"
#include "count/tzif.h"
#include "count/zone.h"

struct zone {
    char name[ZONE_MAX_NAME + 1];
    struct tzif tzif; /* of UTC: all zero */

    /* Memos, not right for any moment when their ends are equal. */
    struct zone_span span; /* the last one that was asked for */

    struct {
        struct moment moment; /* but for its minute: right from here … */
        int64_t from_unix_s;
        int64_t until_unix_s; /* … to here, exclusive: within one hour, day and span */
    } hour;
};

#endif
