/**
 * Passwords that everybody chooses, as tools/generate-common-passwords takes them from npm's
 * @zxcvbn-ts/language-common when Footfall is built: more than 10,000, each long enough to be
 * chosen, in lower case, sorted by bytes.
 *
 * The texts stand behind one another: the n-th from common_password_starts[n] up to [n + 1].
 */
#ifndef FOOTFALL_SESSION_PASSWORD_COMMON_H
#define FOOTFALL_SESSION_PASSWORD_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

extern const size_t common_password_count;
extern const char common_password_texts[];
extern const uint32_t common_password_starts[]; /* common_password_count + 1 */

/** True when it is one of them, in upper or lower case (ASCII). */
bool password_is_common(struct slice password);

#endif
