/**
 * Sealing what the store must not be able to read: secrets of second factors. XChaCha20-Poly1305 by
 * libsodium, with a key from FOOTFALL_SECRET_KEY, or one that was made at the first start and is in
 * the store (then a copy of the store has both).
 */
#ifndef FOOTFALL_SESSION_VAULT_H
#define FOOTFALL_SESSION_VAULT_H

#include "base/err.h"
#include "base/slice.h"

#define VAULT_KEY_BYTES  32
#define VAULT_MIN_TEXT   32   /* letters of a key in the setting */
#define VAULT_MAX_TEXT   1024 /* and not more */
#define VAULT_MAX_PLAIN  64
#define VAULT_OVERHEAD   (1 + 24 + 16) /* version, nonce, tag */
#define VAULT_MAX_SEALED (VAULT_MAX_PLAIN + VAULT_OVERHEAD)
#define VAULT_OLD_KEYS   2 /* the one before in the setting, and that of the first start */

struct vault {
    unsigned char key[VAULT_KEY_BYTES];
    unsigned char old_keys[VAULT_OLD_KEYS][VAULT_KEY_BYTES]; /* open what was sealed before */
    size_t old_count;
};

/**
 * Derives the keys from a setting: at least 32 characters of anything but commas, without the
 * blanks around them; behind a comma the one before, when it was changed. ERR_CONFIG, with `info`.
 * They are to be random: nothing here makes guessing a key slow.
 */
enum err vault_from_setting(struct slice setting, struct vault *out,
                            struct err_info *info) MUST_CHECK;

/** A vault with the key that was made at the first start. It has no old key. */
void vault_from_key(const unsigned char key[static VAULT_KEY_BYTES], struct vault *out);

/** A vault from a setting opens as well what was sealed with that key, before there was a setting.
 */
void vault_add_old_key(const unsigned char key[static VAULT_KEY_BYTES], struct vault *vault);

/**
 * @param purpose  what it is and whose, "totp/USER-ID": opens for the same purpose only
 * @param plain    at most VAULT_MAX_PLAIN
 * @param out      VAULT_MAX_SEALED
 * @return         how many bytes: plain.len + VAULT_OVERHEAD
 */
size_t vault_seal(const struct vault *vault, struct slice purpose, struct slice plain,
                  unsigned char *out);

/** ERR_INVALID: it was sealed with another key, for another purpose, or changed.
 *  @param out  VAULT_MAX_PLAIN; *len: how many bytes, 0 unless ERR_OK */
enum err vault_open(const struct vault *vault, struct slice purpose, struct slice sealed,
                    unsigned char *out, size_t *len) MUST_CHECK;

#endif
