/**
 * Percent-encoding (RFC 3986, section 2.1) and that of forms (WHATWG URL, section 5).
 */
#ifndef FOOTFALL_BASE_PERCENT_H
#define FOOTFALL_BASE_PERCENT_H

#include "base/slice.h"

enum percent_mode {
    PERCENT_PATH, /* '+' is a plus */
    PERCENT_FORM, /* '+' is a space */
};

/**
 * Decodes %XX once.
 *
 * @param out  room for raw.len bytes; may be raw.ptr itself
 * @return     the decoded bytes in `out`; ptr NULL when a % is not followed by two hex digits
 */
struct slice percent_decode(struct slice raw, enum percent_mode mode, char *out);

#endif
