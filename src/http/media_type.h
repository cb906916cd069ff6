/**
 * Content negotiation: which of our types an Accept field prefers (RFC 9110, section 12.5.1).
 */
#ifndef FOOTFALL_HTTP_MEDIA_TYPE_H
#define FOOTFALL_HTTP_MEDIA_TYPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/**
 * Which of `types` the client likes best; earlier ones win a tie.
 *
 * @param accept  the field's value; ptr NULL or empty: everything is welcome
 * @param types   ours, in our order of preference, each "type/subtype" in lower case
 * @return        index into `types`; 0 when none is acceptable (an answer beats a 406)
 */
size_t media_type_choose(struct slice accept, const struct slice *types, size_t count);

/** True when `accept` names `type` itself, not only by a wildcard. */
bool media_type_is_named(struct slice accept, struct slice type);

#endif
