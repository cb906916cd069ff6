#include "base/random.h"

#include <sodium.h>
#include <stdlib.h>

void random_init(void)
{
    if (sodium_init() < 0)
        abort(); /* no random numbers: nothing of ours would be safe */
}

void random_bytes(void *out, size_t len)
{
    randombytes_buf(out, len);
}

uint64_t random_nonzero_u64(void)
{
    uint64_t number = 0;

    while (number == 0)
        randombytes_buf(&number, sizeof(number));
    return number;
}
