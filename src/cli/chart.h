/**
 * Small charts of characters: a line of columns, and bars. With blocks where there is UTF-8, else
 * of ASCII.
 */
#ifndef FOOTFALL_CLI_CHART_H
#define FOOTFALL_CLI_CHART_H

#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

/**
 * Appends a column for each value, the largest one full. When there are more than `width`, some
 * neighbours share one, as their sum; when there are few, each has up to three.
 *
 * @param values  at least one; those below 0 count as 0
 * @param width   at least 1
 */
void append_sparkline(struct strbuf *out, bool has_utf8, const int64_t *values, size_t count,
                      size_t width);

/** Appends a bar for `part` of `whole`, and spaces behind it: `width` columns. */
void append_bar(struct strbuf *out, bool has_utf8, int64_t part, int64_t whole, unsigned width);

#endif
