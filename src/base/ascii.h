/**
 * Letters and blanks of ASCII, whatever the locale.
 */
#ifndef FOOTFALL_BASE_ASCII_H
#define FOOTFALL_BASE_ASCII_H

#include <stdbool.h>

#include "base/slice.h"

/** `c` in lower case when it is one of A to Z; else as it is. */
static inline char ascii_lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c | 0x20);
    return c;
}

static inline bool ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ascii_is_letter(char c)
{
    return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

/** Space, tab, and what ends lines and pages. */
static inline bool ascii_is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/** Without the blanks at both ends. */
struct slice ascii_trim(struct slice text);

/** Below, equal to or above 0 as `a` sorts before, with or behind `b`, both in lower case. */
int ascii_compare(struct slice a, struct slice b);

#endif
