/**
 * UTF-8 (RFC 3629) at the edge.
 */
#ifndef FOOTFALL_BASE_UTF8_H
#define FOOTFALL_BASE_UTF8_H

#include <stdbool.h>

#include "base/slice.h"

/**
 * True when `text` is well-formed UTF-8 (no overlong forms, no surrogates, nothing over U+10FFFF)
 * without control characters (U+0000 to U+001F, U+007F to U+009F).
 */
bool utf8_is_clean(struct slice text);

#endif
