/**
 * The dimensions: what hits are told apart by. The numbers are stored, so they never change their
 * meaning; a new dimension gets the next one.
 */
#ifndef FOOTFALL_STORE_DIMENSION_H
#define FOOTFALL_STORE_DIMENSION_H

#include <stdbool.h>

#include "base/slice.h"

enum dimension {
    DIMENSION_TOTAL = 0, /* the whole site; it has no values */
    DIMENSION_PAGE = 1,
    DIMENSION_ENTRY = 2, /* the page a visit began with */
    DIMENSION_EXIT = 3,  /* the page it ended with, so far */
    DIMENSION_SOURCE = 4,
    DIMENSION_MEDIUM = 5,
    DIMENSION_CAMPAIGN = 6,
    DIMENSION_TERM = 7,
    DIMENSION_CONTENT = 8,
    DIMENSION_COUNTRY = 9,
    DIMENSION_LANGUAGE = 10,
    DIMENSION_BROWSER = 11,
    DIMENSION_BROWSER_VERSION = 12,
    DIMENSION_SYSTEM = 13,
    DIMENSION_SYSTEM_VERSION = 14,
    DIMENSION_DEVICE = 15,
    DIMENSION_SIZE = 16,
    DIMENSION_EVENT = 17,
    DIMENSION_PROPERTY = 18, /* of an event: NAME=VALUE */
    DIMENSION_BOT = 19,      /* why a hit was not counted as a person's */
    DIMENSION_COUNT_         /* how many there are; none itself */
};

/** "page", "browser_version", …: as it is called everywhere. */
const char *dimension_name(enum dimension dimension);

/** False: there is none of this name. */
bool dimension_parse(struct slice name, enum dimension *out);

#endif
