/**
 * llhttp over one whole head. The only file that knows llhttp (whose names of methods are ours
 * too).
 */
#ifndef FOOTFALL_HTTP_HEAD_READER_H
#define FOOTFALL_HTTP_HEAD_READER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"

/** One field line; spaces may be left around the value. Returns false to stop reading. */
typedef bool head_field_fn(struct slice name, struct slice value, void *ctx);

/**
 * Reads `head` strictly; it must end where the first message's head ends, to the byte.
 *
 * @param target    the request target as llhttp sees it, within `head`
 * @param on_field  called for each field in order, also when a later one is malformed
 * @return          false when the head is malformed, or `on_field` stopped it
 */
bool head_read(struct slice head, struct slice *target, head_field_fn *on_field,
               void *ctx) MUST_CHECK;

#endif
