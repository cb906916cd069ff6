/**
 * Second factors: codes on paper, each for one login, for when the telephone is lost.
 */
#ifndef FOOTFALL_SESSION_RECOVERY_H
#define FOOTFALL_SESSION_RECOVERY_H

#include <stdbool.h>

#include "base/slice.h"

#define RECOVERY_CODES      10
#define RECOVERY_CODE_TEXT  20 /* "abcd-efgh-ijkl-mnop", with its NUL: 80 bits of base32 */
#define RECOVERY_HASH_BYTES 16

/** Makes one code, NUL-terminated, in lower case. */
void recovery_make(char out[static RECOVERY_CODE_TEXT]);

/** The hash to be stored. Case, blanks and hyphens of the code do not matter; false: it is none. */
bool recovery_hash(struct slice code, unsigned char out[static RECOVERY_HASH_BYTES]);

/** True when both are the same; the time it takes tells nothing. */
bool recovery_hash_is(const unsigned char one[static RECOVERY_HASH_BYTES],
                      const unsigned char other[static RECOVERY_HASH_BYTES]);

#endif
