#include "session/totp.h"

#include <liboath/oath.h>
#include <sodium.h>

#include "base/ascii.h"
#include "base/random.h"
#include "session/base32.h"

_Static_assert(TOTP_SECRET_TEXT == BASE32_TEXT(TOTP_SECRET_BYTES) + 1, "with its NUL");

void totp_make_secret(unsigned char out[static TOTP_SECRET_BYTES])
{
    random_bytes(out, TOTP_SECRET_BYTES);
}

void totp_secret_text(const unsigned char secret[static TOTP_SECRET_BYTES],
                      char out[static TOTP_SECRET_TEXT])
{
    base32_encode(secret, TOTP_SECRET_BYTES, out);
}

/* All but the unreserved characters (RFC 3986, section 2.3). */
static void append_encoded(struct strbuf *out, struct slice text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        unsigned char byte = (unsigned char)c;

        if (ascii_is_letter(c) || ascii_is_digit(c) || (c != '\0' && strchr("-._~", c))) {
            strbuf_append_char(out, c);
            continue;
        }
        strbuf_append_char(out, '%');
        strbuf_append_char(out, digits[byte >> 4]);
        strbuf_append_char(out, digits[byte & 15]);
    }
}

void totp_append_uri(struct strbuf *out, const unsigned char secret[static TOTP_SECRET_BYTES],
                     struct slice issuer, struct slice account)
{
    char text[TOTP_SECRET_TEXT];

    totp_secret_text(secret, text);
    strbuf_append(out, SLICE("otpauth://totp/"));
    append_encoded(out, issuer);
    strbuf_append_char(out, ':');
    append_encoded(out, account);
    strbuf_append(out, SLICE("?secret="));
    strbuf_append(out, slice_str(text));
    strbuf_append(out, SLICE("&issuer="));
    append_encoded(out, issuer);
    sodium_memzero(text, sizeof(text));
}

/* The digits of a code without its spaces; false when there are not as many as it needs, or more
 * than that, or anything else. */
static bool read_code(struct slice code, char out[static TOTP_DIGITS])
{
    size_t len = 0;

    for (size_t i = 0; i < code.len; i++) {
        if (ascii_is_blank(code.ptr[i]))
            continue;
        if (!ascii_is_digit(code.ptr[i]) || len == TOTP_DIGITS)
            return false;
        out[len++] = code.ptr[i];
    }
    return len == TOTP_DIGITS;
}

static bool is_code_of(const unsigned char secret[static TOTP_SECRET_BYTES], int64_t step,
                       const char code[static TOTP_DIGITS])
{
    char right[TOTP_DIGITS + 1] = "";
    bool is_made =
        oath_hotp_generate((const char *)secret, TOTP_SECRET_BYTES, (uint64_t)step, TOTP_DIGITS,
                           false, OATH_HOTP_DYNAMIC_TRUNCATION, right) == OATH_OK;
    bool is_same = is_made && sodium_memcmp(right, code, TOTP_DIGITS) == 0;

    sodium_memzero(right, sizeof(right));
    return is_same;
}

bool totp_find_step(const unsigned char secret[static TOTP_SECRET_BYTES], struct slice code,
                    int64_t now_s, int64_t last_step, int64_t *step)
{
    char digits[TOTP_DIGITS];
    int64_t now_step = now_s / TOTP_STEP_S;
    bool is_found = false;

    /* A clock before 1970 is none. */
    if (now_s < 0 || !read_code(code, digits) || oath_init() != OATH_OK)
        return false;
    /* All are looked at, so the time it takes does not tell which one it was. */
    for (int64_t at = now_step - TOTP_WINDOW; at <= now_step + TOTP_WINDOW; at++) {
        if (at > last_step && at >= 0 && is_code_of(secret, at, digits)) {
            *step = at;
            is_found = true;
        }
    }
    return is_found;
}
