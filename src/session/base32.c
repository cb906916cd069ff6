#include "session/base32.h"

void base32_encode(const unsigned char *bytes, size_t len, char *out)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    unsigned held = 0; /* bits that no letter was made of yet: the lowest `bits` */
    unsigned bits = 0;

    for (size_t i = 0; i < len; i++) {
        held = (held << 8 | bytes[i]) & 0xfff; /* at most 4 and 8 */
        for (bits += 8; bits >= 5; bits -= 5)
            *out++ = letters[held >> (bits - 5) & 31];
    }
    if (bits > 0)
        *out++ = letters[held << (5 - bits) & 31];
    *out = '\0';
}
