/**
 * Passwords: argon2id (RFC 9106) in the PHC string format, by libsodium; and which are taken.
 */
#ifndef FOOTFALL_SESSION_PASSWORD_H
#define FOOTFALL_SESSION_PASSWORD_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"

/* In bytes of UTF-8. No rules about what is in it (NIST SP 800-63B, section 5.1.1.2). */
#define PASSWORD_MIN_BYTES 8
#define PASSWORD_MAX_BYTES 1024

/* What a hash costs: t = 2, m = 19 MiB, p = 1 (OWASP's least; 50 ms on a small server). */
#define PASSWORD_OPS       2
#define PASSWORD_MEM_BYTES ((size_t)19 << 20)

#define PASSWORD_HASH_TEXT 128 /* with its NUL */

/**
 * True when a password may be chosen.
 *
 * @param context  words that must not be it, in any case (of ASCII): e-mail, its part before the @,
 *                 name; "footfall" is always one. A password that is such a word with up to three
 *                 more letters, before or behind it, is refused as well
 * @param info     why not, a sentence
 * @return         ERR_OK, ERR_INVALID: too short or long, no UTF-8 or with control characters, one
 *                 of the more than 10,000 commonest (password_common.h)
 */
enum err password_check_new(struct slice password, const struct slice *context,
                            size_t context_count, struct err_info *info) MUST_CHECK;

/* These take their time, and their memory: see hasher.h. */

/** ERR_OK, ERR_NO_MEMORY */
enum err password_hash(struct slice password, char out[static PASSWORD_HASH_TEXT]) MUST_CHECK;

/** True when it is the one. False also without memory: libsodium does not tell the two apart.
 * @param hash  NUL-terminated; what is no hash is of no password */
bool password_is(struct slice password, const char *hash);

/** True when a hash was made with other costs than are asked for today: made anew at the next
 * login. */
bool password_wants_rehash(const char *hash);

/** A hash of nobody's password: who does not exist is checked against it, so that the time an
 * answer takes tells nothing. */
const char *password_dummy_hash(void);

#endif
