/**
 * Base32 (RFC 4648, section 6), without padding, for what people type in.
 */
#ifndef FOOTFALL_SESSION_BASE32_H
#define FOOTFALL_SESSION_BASE32_H

#include <stddef.h>

/** How many letters; a NUL comes behind them. */
#define BASE32_TEXT(bytes_) (((bytes_)*8 + 4) / 5)

/** In upper case. @param out  room for BASE32_TEXT(len) + 1 */
void base32_encode(const unsigned char *bytes, size_t len, char *out);

#endif
