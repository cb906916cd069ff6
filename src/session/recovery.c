#include "session/recovery.h"

#include <sodium.h>

#include "base/ascii.h"
#include "base/random.h"
#include "session/base32.h"

#define RANDOM_BYTES 10
#define LETTERS      16
#define GROUP        4

_Static_assert(BASE32_TEXT(RANDOM_BYTES) == LETTERS, "no bit is left over");
_Static_assert(LETTERS + LETTERS / GROUP == RECOVERY_CODE_TEXT, "a hyphen or the NUL each group");
_Static_assert(RECOVERY_HASH_BYTES >= crypto_generichash_BYTES_MIN, "BLAKE2b");

void recovery_make(char out[static RECOVERY_CODE_TEXT])
{
    unsigned char bytes[RANDOM_BYTES];
    char letters[LETTERS + 1];

    random_bytes(bytes, sizeof(bytes));
    base32_encode(bytes, sizeof(bytes), letters);
    for (size_t i = 0; i < LETTERS; i++) {
        *out++ = ascii_lower(letters[i]);
        if ((i + 1) % GROUP == 0)
            *out++ = '-';
    }
    out[-1] = '\0'; /* behind the last group */
    sodium_memzero(bytes, sizeof(bytes));
    sodium_memzero(letters, sizeof(letters));
}

/* The letters of a code, in lower case; false: it is none. */
static bool read_code(struct slice code, char out[static LETTERS])
{
    size_t len = 0;

    for (size_t i = 0; i < code.len; i++) {
        char c = ascii_lower(code.ptr[i]);

        if (ascii_is_blank(c) || c == '-')
            continue;
        if (!(ascii_is_letter(c) || (c >= '2' && c <= '7')) || len == LETTERS)
            return false;
        out[len++] = c;
    }
    return len == LETTERS;
}

bool recovery_hash(struct slice code, unsigned char out[static RECOVERY_HASH_BYTES])
{
    static const unsigned char domain[crypto_generichash_KEYBYTES] = "footfall recovery";
    char letters[LETTERS];

    if (!read_code(code, letters))
        return false;
    (void)crypto_generichash(out, RECOVERY_HASH_BYTES, (const unsigned char *)letters, LETTERS,
                             domain, sizeof(domain));
    sodium_memzero(letters, sizeof(letters));
    return true;
}

bool recovery_hash_is(const unsigned char one[static RECOVERY_HASH_BYTES],
                      const unsigned char other[static RECOVERY_HASH_BYTES])
{
    return sodium_memcmp(one, other, RECOVERY_HASH_BYTES) == 0;
}
