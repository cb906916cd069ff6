/**
 * Bodies of requests that are JSON (RFC 8259).
 */
#ifndef FOOTFALL_WEB_JSON_BODY_H
#define FOOTFALL_WEB_JSON_BODY_H

#include <jansson.h>

#include "base/err.h"
#include "http/request.h"

/** True when the request says that its body is JSON: Content-Type: application/json. */
bool json_body_is_named(const struct request *req);

/**
 * Parses JSON, strictly: no key twice in an object, valid UTF-8, no NUL in texts, at most 2,048
 * levels.
 *
 * @param out   to be given back with json_decref()
 * @param info  what is wrong and where; nothing of the text is in it
 * @return      ERR_OK, ERR_INVALID, ERR_NO_MEMORY
 */
enum err json_body_parse(struct slice body, json_t **out, struct err_info *info) MUST_CHECK;

#endif
