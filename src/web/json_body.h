/**
 * Bodies of requests that are JSON (RFC 8259).
 */
#ifndef FOOTFALL_WEB_JSON_BODY_H
#define FOOTFALL_WEB_JSON_BODY_H

#include <jansson.h>

#include "base/err.h"
#include "http/request.h"

/** A body with more commas and opening brackets is refused before it is parsed: a value of two
 * bytes takes a hundred in memory, so that 1 MiB of them would take 45 MiB, and its time from
 * others. */
#define JSON_BODY_MAX_VALUES 50000

/** True when the request says that its body is JSON: Content-Type: application/json. */
bool json_body_is_named(const struct request *req);

/**
 * Parses JSON, strictly: no key twice in an object, valid UTF-8, no NUL in texts, at most 2,048
 * levels and about JSON_BODY_MAX_VALUES values.
 *
 * @param out   to be given back with json_decref()
 * @param info  what is wrong and where; nothing of the text is in it
 * @return      ERR_OK, ERR_INVALID, ERR_NO_MEMORY
 */
enum err json_body_parse(struct slice body, json_t **out, struct err_info *info) MUST_CHECK;

#endif
