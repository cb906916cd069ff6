#include "session/secret.h"

#include <sodium.h>

#include "base/random.h"

_Static_assert(SECRET_OWNER_TEXT == 2 * SECRET_OWNER_BYTES, "two digits a byte");
_Static_assert(SECRET_TEXT == ((SECRET_OWNER_BYTES + SECRET_RANDOM_BYTES) * 8 + 5) / 6,
               "six bits a letter");
_Static_assert(sizeof(struct secret) == SECRET_OWNER_BYTES + SECRET_RANDOM_BYTES, "no padding");

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

void secret_make(struct secret *out, struct slice owner)
{
    size_t len = 0;

    /* An owner is none of a client's text. */
    (void)sodium_hex2bin(out->owner, sizeof(out->owner), owner.ptr, owner.len, NULL, &len, NULL);
    memset(out->owner + len, 0, sizeof(out->owner) - len);
    random_bytes(out->random, sizeof(out->random));
}

void secret_format(const struct secret *secret, char out[static SECRET_TEXT + 1])
{
    (void)sodium_bin2base64(out, SECRET_TEXT + 1, (const unsigned char *)secret, sizeof(*secret),
                            VARIANT);
}

bool secret_parse(struct slice text, struct secret *out)
{
    size_t len;

    /* libsodium refuses letters behind the end, and bits that no byte needs. */
    return text.len == SECRET_TEXT &&
           sodium_base642bin((unsigned char *)out, sizeof(*out), text.ptr, text.len, NULL, &len,
                             NULL, VARIANT) == 0 &&
           len == sizeof(*out);
}

void secret_owner(const struct secret *secret, char out[static SECRET_OWNER_TEXT + 1])
{
    (void)sodium_bin2hex(out, SECRET_OWNER_TEXT + 1, secret->owner, sizeof(secret->owner));
}

void secret_hash(const struct secret *secret, enum secret_kind kind,
                 char out[static SECRET_HASH_TEXT + 1])
{
    static const unsigned char domains[][crypto_generichash_KEYBYTES] = {
        [SECRET_LOGIN] = "footfall login",
        [SECRET_SESSION] = "footfall session",
        [SECRET_API_TOKEN] = "footfall api token",
        [SECRET_RESET] = "footfall reset",
    };
    unsigned char hash[crypto_generichash_BYTES];

    (void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)secret, sizeof(*secret),
                             domains[kind], sizeof(domains[kind]));
    (void)sodium_bin2base64(out, SECRET_HASH_TEXT + 1, hash, sizeof(hash), VARIANT);
}
