/**
 * Compression that a client can undo (RFC 9110, section 12.5.3).
 */
#ifndef FOOTFALL_HTTP_CONTENT_CODING_H
#define FOOTFALL_HTTP_CONTENT_CODING_H

#include <stdbool.h>

#include "base/slice.h"

/**
 * True when the field Accept-Encoding names `coding`, and not with a weight of 0. Without the field
 * any would do; then it is false, since who can undo it says so.
 *
 * @param accept  any bytes; ptr NULL: absent
 * @param coding  "gzip", "br"
 */
bool content_coding_is_welcome(struct slice accept, struct slice coding);

#endif
