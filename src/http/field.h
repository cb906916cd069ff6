/**
 * The table of the fields that somebody reads (enum http_field), and what a repeated one means.
 */
#ifndef FOOTFALL_HTTP_FIELD_H
#define FOOTFALL_HTTP_FIELD_H

#include "base/err.h"
#include "http/request.h"

enum field_repeat {
    FIELD_JOIN,  /* a list: the lines are joined with ", " (RFC 9110, section 5.3) */
    FIELD_CRUMB, /* joined with "; ", as one line would have it (RFC 9113, section 8.2.3) */
    FIELD_FIRST, /* the first one counts */
    FIELD_ONCE,  /* framing or routing hangs on it: a second one is refused */
};

/** The field called `name`, in any case; FIELD_COUNT_ when nobody reads it. */
enum http_field field_find(struct slice name);

enum field_repeat field_repeat(enum http_field field);

/** Without the spaces and tabs around it (RFC 9112, section 5). */
struct slice field_trim(struct slice value);

/** True when both are the same but for the case of ASCII letters. */
bool field_text_eq(struct slice a, struct slice b);

/**
 * Takes the next element off a comma-separated list, trimmed; empty ones are passed over (RFC 9110,
 * section 5.6.1). Knows no quoted strings.
 *
 * @return false at the end
 */
bool field_list_next(struct slice *rest, struct slice *element);

#endif
