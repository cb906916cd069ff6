#include "store/backoff.h"

#include "base/random.h"

#define FIRST_MS 50
#define MAX_MS   2000

uint64_t backoff_ms(unsigned failures)
{
    uint64_t ms = failures < 6 ? (uint64_t)FIRST_MS << failures : MAX_MS;

    if (ms > MAX_MS)
        ms = MAX_MS;
    return ms / 2 + random_nonzero_u64() % (ms / 2 + 1);
}
