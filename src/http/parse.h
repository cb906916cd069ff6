/**
 * From a whole head that passed the guard to a request and its framing: llhttp reads the fields,
 * rules.c judges them.
 */
#ifndef FOOTFALL_HTTP_PARSE_H
#define FOOTFALL_HTTP_PARSE_H

#include "base/arena.h"
#include "base/err.h"
#include "http/body.h"
#include "http/refusal.h"
#include "http/request_line.h"

/**
 * @param head     as guard_scan() gave it; the path is decoded in place in it
 * @param line     as guard_request_line() gave it, of the same bytes
 * @param arena    for joined fields
 * @param req      method, path, query and fields are written; its slices point into `head` and
 *                 `arena`. When refused, only the method is to be relied on
 * @param framing  written when not refused
 */
struct refusal parse_head(char *head, size_t len, const struct request_line *line,
                          struct arena *arena, struct request *req,
                          struct framing *framing) MUST_CHECK;

#endif
