/**
 * Secrets that a client carries and the store does not know: login cookies, session tokens, API
 * tokens. 256 random bits behind the number of whom they belong to:
 *
 *     bytes   0 … 7  owner    where to look: the key of a record begins with it. Not secret
 *             8 … 39 random   from the kernel
 *     text    54 letters of base64url (RFC 4648, section 5), without padding
 *
 * The store holds a hash only (BLAKE2b, 256 bits, keyed with the kind, so that a secret of one kind
 * is never one of another): 256 random bits need no slow hash. Who reads the store can do nothing
 * with what he finds. Lookup is by hash, so timing tells nothing of a secret.
 */
#ifndef FOOTFALL_SESSION_SECRET_H
#define FOOTFALL_SESSION_SECRET_H

#include <stdbool.h>

#include "base/slice.h"

#define SECRET_OWNER_BYTES  8
#define SECRET_RANDOM_BYTES 32
#define SECRET_TEXT         54 /* letters */
#define SECRET_OWNER_TEXT   16 /* hex digits of the owner, as in keys of records */
#define SECRET_HASH_TEXT    43 /* letters of base64url of the hash, as in keys of records */

enum secret_kind { SECRET_LOGIN, SECRET_SESSION, SECRET_API_TOKEN, SECRET_RESET };

struct secret {
    unsigned char owner[SECRET_OWNER_BYTES];
    unsigned char random[SECRET_RANDOM_BYTES];
};

/** A new one. @param owner  16 lower-case hex digits */
void secret_make(struct secret *out, struct slice owner);

/** NUL-terminated. */
void secret_format(const struct secret *secret, char out[static SECRET_TEXT + 1]);

/** Reads a text; only the one that secret_format() makes is taken. */
bool secret_parse(struct slice text, struct secret *out);

/** The owner in hex digits, NUL-terminated. */
void secret_owner(const struct secret *secret, char out[static SECRET_OWNER_TEXT + 1]);

/** What the store may know, NUL-terminated. */
void secret_hash(const struct secret *secret, enum secret_kind kind,
                 char out[static SECRET_HASH_TEXT + 1]);

#endif
