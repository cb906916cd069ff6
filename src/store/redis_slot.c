#include "store/redis_slot.h"

#include <stdint.h>

/* Polynomial 0x1021, beginning with 0, bits not reflected; "123456789" gives 0x31c3. */
static unsigned crc16(struct slice bytes)
{
    unsigned crc = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= (unsigned)(unsigned char)bytes.ptr[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
    }
    return crc & 0xffff;
}

/* What is between the first { and the first } behind it, unless that is empty; else the key. */
static struct slice hashed_part(struct slice key)
{
    const char *open = key.len > 0 ? memchr(key.ptr, '{', key.len) : NULL;
    struct slice rest = open ? slice_from(key, (size_t)(open - key.ptr) + 1) : key;
    const char *close = open && rest.len > 0 ? memchr(rest.ptr, '}', rest.len) : NULL;

    return close && close > rest.ptr ? slice_of(rest.ptr, (size_t)(close - rest.ptr)) : key;
}

unsigned redis_slot_of_key(struct slice key)
{
    return crc16(hashed_part(key)) % REDIS_SLOTS;
}
