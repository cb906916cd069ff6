/**
 * Countries as ISO 3166-1 names them: two capital letters.
 */
#ifndef FOOTFALL_COUNT_COUNTRY_CODE_H
#define FOOTFALL_COUNT_COUNTRY_CODE_H

#include <stdint.h>

#include "base/slice.h"

/** No country. A code is 16 bits otherwise: its first letter in the upper eight, then its second.
 */
#define COUNTRY_NONE 0

/**
 * The country that `letters` stand for.
 *
 * Taken are the 249 codes that ISO 3166-1 assigns, XK for Kosovo (which ISO leaves to its users,
 * and which all tables use), and UK, reserved for the United Kingdom, as GB. Everything else is
 * COUNTRY_NONE: "EU", "AP", "A1", "T1", "??", lower case.
 */
uint16_t country_code_read(struct slice letters);

/** The two letters of `code`, which is not COUNTRY_NONE; no NUL behind them. */
static inline void country_code_write(uint16_t code, char out[static 2])
{
    out[0] = (char)(code >> 8);
    out[1] = (char)(code & 0xff);
}

#endif
