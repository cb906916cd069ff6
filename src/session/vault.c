#include "session/vault.h"

#include <assert.h>
#include <sodium.h>

#include "base/ascii.h"
#include "base/random.h"

/*
 *     byte  0        VERSION
 *           1 … 24   nonce, random
 *          25 …      what was sealed, then 16 bytes of tag
 */
#define VERSION     1
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES   crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEAD_BYTES  (1 + NONCE_BYTES)

_Static_assert(VAULT_OVERHEAD == HEAD_BYTES + TAG_BYTES, "as the header says");
_Static_assert(VAULT_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "its keys");

static enum err derive(struct slice text, unsigned char key[static VAULT_KEY_BYTES],
                       struct err_info *info)
{
    static const unsigned char domain[crypto_generichash_KEYBYTES] = "footfall vault";

    text = ascii_trim(text);
    if (text.len < VAULT_MIN_TEXT || text.len > VAULT_MAX_TEXT) {
        err_info_set(info, "a secret key has %d to %d characters, not %zu", VAULT_MIN_TEXT,
                     VAULT_MAX_TEXT, text.len);
        return ERR_CONFIG;
    }
    (void)crypto_generichash(key, VAULT_KEY_BYTES, (const unsigned char *)text.ptr, text.len,
                             domain, sizeof(domain));
    return ERR_OK;
}

enum err vault_from_setting(struct slice setting, struct vault *out, struct err_info *info)
{
    const char *comma = setting.len > 0 ? memchr(setting.ptr, ',', setting.len) : NULL;
    struct slice now = setting;
    struct slice before;
    enum err err;

    memset(out, 0, sizeof(*out));
    if (comma)
        now.len = (size_t)(comma - setting.ptr);
    err = derive(now, out->key, info);
    if (err != ERR_OK || !comma)
        return err;

    before = slice_from(setting, now.len + 1);
    if (before.len > 0 && memchr(before.ptr, ',', before.len)) {
        err_info_set(info, "there are two secret keys at most, the new one and the one before");
        return ERR_CONFIG;
    }
    err = derive(before, out->old_keys[0], info);
    out->old_count = err == ERR_OK ? 1 : 0;
    return err;
}

void vault_from_key(const unsigned char key[static VAULT_KEY_BYTES], struct vault *out)
{
    memset(out, 0, sizeof(*out));
    memcpy(out->key, key, VAULT_KEY_BYTES);
}

void vault_add_old_key(const unsigned char key[static VAULT_KEY_BYTES], struct vault *vault)
{
    assert(vault->old_count < VAULT_OLD_KEYS);
    memcpy(vault->old_keys[vault->old_count++], key, VAULT_KEY_BYTES);
}

size_t vault_seal(const struct vault *vault, struct slice purpose, struct slice plain,
                  unsigned char *out)
{
    unsigned long long len = 0;

    assert(plain.len <= VAULT_MAX_PLAIN);
    out[0] = VERSION;
    random_bytes(out + 1, NONCE_BYTES);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
        out + HEAD_BYTES, &len, (const unsigned char *)plain.ptr, plain.len,
        (const unsigned char *)purpose.ptr, purpose.len, NULL, out + 1, vault->key);
    return HEAD_BYTES + (size_t)len;
}

static bool open_with(const unsigned char key[static VAULT_KEY_BYTES], struct slice purpose,
                      struct slice sealed, unsigned char *out, size_t *len)
{
    const unsigned char *bytes = (const unsigned char *)sealed.ptr;
    unsigned long long opened = 0;
    bool is_right = crypto_aead_xchacha20poly1305_ietf_decrypt(
                        out, &opened, NULL, bytes + HEAD_BYTES, sealed.len - HEAD_BYTES,
                        (const unsigned char *)purpose.ptr, purpose.len, bytes + 1, key) == 0;

    *len = is_right ? (size_t)opened : 0;
    return is_right;
}

enum err vault_open(const struct vault *vault, struct slice purpose, struct slice sealed,
                    unsigned char *out, size_t *len)
{
    *len = 0;
    if (sealed.len < VAULT_OVERHEAD || sealed.len > VAULT_MAX_SEALED || sealed.ptr[0] != VERSION)
        return ERR_INVALID;
    if (open_with(vault->key, purpose, sealed, out, len))
        return ERR_OK;
    for (size_t i = 0; i < vault->old_count; i++) {
        if (open_with(vault->old_keys[i], purpose, sealed, out, len))
            return ERR_OK;
    }
    return ERR_INVALID;
}
