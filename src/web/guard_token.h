/**
 * The guard of addresses that are not for everybody: FOOTFALL_API_TOKEN, which who may use them
 * sends as "Authorization: Bearer TOKEN" (RFC 6750, section 2.1).
 */
#ifndef FOOTFALL_WEB_GUARD_TOKEN_H
#define FOOTFALL_WEB_GUARD_TOKEN_H

#include "base/err.h"
#include "http/request.h"

/** True when the request carries the token; false also when none is set. How long it takes tells
 * nothing of the token. */
bool token_is_right(const struct request *req);

/**
 * Lets a request pass, or answers it: 403 when no token is set, 401 when it carries none or a wrong
 * one.
 *
 * @return false: it is answered, and gone
 */
bool token_guard(struct request *req) MUST_CHECK;

#endif
