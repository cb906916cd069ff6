/**
 * Second factors: codes that change every 30 seconds (TOTP, RFC 6238: SHA-1, six digits), by
 * liboath.
 */
#ifndef FOOTFALL_SESSION_TOTP_H
#define FOOTFALL_SESSION_TOTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/strbuf.h"

#define TOTP_SECRET_BYTES 20 /* 160 bits (RFC 4226, section 4) */
#define TOTP_SECRET_TEXT  33 /* base32 with its NUL */
#define TOTP_DIGITS       6
#define TOTP_STEP_S       30

/** Steps before and after this one that are taken, for clocks that are off. */
#define TOTP_WINDOW 1

void totp_make_secret(unsigned char out[static TOTP_SECRET_BYTES]);

/** In base32 (RFC 4648), NUL-terminated, for typing it in. */
void totp_secret_text(const unsigned char secret[static TOTP_SECRET_BYTES],
                      char out[static TOTP_SECRET_TEXT]);

/** Appends otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=… with what needs it percent-encoded. */
void totp_append_uri(struct strbuf *out, const unsigned char secret[static TOTP_SECRET_BYTES],
                     struct slice issuer, struct slice account);

/**
 * Finds the step that a code is of, within the window around now: the latest, should it be the code
 * of two. Spaces in a code are passed over. False also without memory.
 *
 * @param last_step  the last step that was used, 0 when none was: that one and those before are
 *                   used up. The caller writes *step into the user's record in the change that
 *                   lets him in, so a code lets one in, over all processes
 */
bool totp_find_step(const unsigned char secret[static TOTP_SECRET_BYTES], struct slice code,
                    int64_t now_s, int64_t last_step, int64_t *step);

#endif
