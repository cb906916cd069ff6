/**
 * The Date field (RFC 9110, section 6.6.1), written once a second and copied into each answer.
 */
#ifndef FOOTFALL_HTTP_DATE_H
#define FOOTFALL_HTTP_DATE_H

#include "base/clock.h"
#include "base/slice.h"

#define DATE_BYTES 29 /* "Sun, 06 Nov 1994 08:49:37 GMT" */

/** Writes a date as fields have it (RFC 9110, section 5.6.7), without NUL. */
void date_format(int64_t unix_s, char out[static DATE_BYTES]);

#define DATE_LINE_BYTES 37 /* "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" */

/** Zero-initialised is stale. */
struct date_line {
    char text[DATE_LINE_BYTES];
    int64_t stale_at_ms; /* monotonic */
};

/** The line with its CRLF; valid until the next call. */
struct slice date_line_get(struct date_line *date, const struct clock *clock, int64_t now_ms);

#endif
