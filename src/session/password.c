#include "session/password.h"

#include <sodium.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "session/password_common.h"

_Static_assert(PASSWORD_HASH_TEXT == crypto_pwhash_STRBYTES, "the texts of libsodium");

/* ---- which may be chosen -------------------------------------------------------------------- */

#define MAX_MORE_LETTERS 3
#define MAX_LETTER_BYTES 4 /* in UTF-8 */

/* Of UTF-8. */
static size_t count_letters(struct slice text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

/* True when `password` is `word` with a few more letters, before or behind it. */
static bool is_hardly_more_than(struct slice password, struct slice word)
{
    if (word.len == 0 || word.len > password.len ||
        password.len - word.len > (size_t)MAX_MORE_LETTERS * MAX_LETTER_BYTES ||
        count_letters(password) > count_letters(word) + MAX_MORE_LETTERS)
        return false;
    for (size_t start = 0; start <= password.len - word.len; start++) {
        if (ascii_compare(slice_of(password.ptr + start, word.len), word) == 0)
            return true;
    }
    return false;
}

static bool is_in_context(struct slice password, const struct slice *context, size_t count)
{
    if (is_hardly_more_than(password, SLICE("footfall")))
        return true;
    for (size_t i = 0; i < count; i++) {
        if (is_hardly_more_than(password, context[i]))
            return true;
    }
    return false;
}

enum err password_check_new(struct slice password, const struct slice *context,
                            size_t context_count, struct err_info *info)
{
    if (password.len < PASSWORD_MIN_BYTES)
        err_info_set(info, "a password has at least %d bytes", PASSWORD_MIN_BYTES);
    else if (password.len > PASSWORD_MAX_BYTES)
        err_info_set(info, "a password has at most %d bytes", PASSWORD_MAX_BYTES);
    else if (!utf8_is_clean(password))
        err_info_set(info, "a password is UTF-8 without control characters");
    else if (password_is_common(password))
        err_info_set(info, "this is one of the commonest passwords, which are tried first");
    else if (is_in_context(password, context, context_count))
        err_info_set(info, "this password is a name or an address of yours, or ours");
    else
        return ERR_OK;
    return ERR_INVALID;
}

/* ---- hashes --------------------------------------------------------------------------------- */

enum err password_hash(struct slice password, char out[static PASSWORD_HASH_TEXT])
{
    int failed = crypto_pwhash_str_alg(out, password.ptr, password.len, PASSWORD_OPS,
                                       PASSWORD_MEM_BYTES, crypto_pwhash_ALG_ARGON2ID13);

    return failed == 0 ? ERR_OK : ERR_NO_MEMORY;
}

bool password_is(struct slice password, const char *hash)
{
    return crypto_pwhash_str_verify(hash, password.ptr, password.len) == 0;
}

bool password_wants_rehash(const char *hash)
{
    return crypto_pwhash_argon2id_str_needs_rehash(hash, PASSWORD_OPS, PASSWORD_MEM_BYTES) != 0;
}

const char *password_dummy_hash(void)
{
    /* Salt and hash are random: to find a password for it would be to break argon2id. */
    return "$argon2id$v=19$m=19456,t=2,p=1$"
           "37dw02RiPT11HYRNyud+cQ$CNKLKFKTLuLWrmQrNv258zWZWeWf8cWcnGgXyfo59Uw";
}
