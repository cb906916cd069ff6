/**
 * Lengths of time as people write them: "500ms", "5s", "1m", "2h".
 */
#ifndef FOOTFALL_CLI_DURATION_H
#define FOOTFALL_CLI_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/** A whole number and a unit; in milliseconds. False when it is none, or over 1,000 hours. */
bool duration_parse(struct slice text, int64_t *out_ms) MUST_CHECK;

/** Decimal digits only, at most nine of them. */
bool number_parse(struct slice text, int64_t *out) MUST_CHECK;

#endif
