/* Buckets of guesses: whatever a record holds and the clock says, nobody waits for long and nobody
 * has more guesses than without a record. */
#include <assert.h>
#include <stdint.h>

#include "session/throttle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD_BYTES (1 + sizeof(int64_t))

static void check(const struct throttle_answer *answer)
{
    assert(answer->len > 0 && answer->len <= THROTTLE_VALUE_BYTES);
    assert(answer->is_allowed == (answer->wait_ms == 0));
    assert(answer->wait_ms >= 0 && answer->wait_ms <= INT64_C(15) * 60 * 1000);
    assert(answer->ttl_s >= 1 && answer->ttl_s <= 2 * 86400);
}

/* As many guesses as there are at this moment. */
static int burst(enum throttle_kind kind, struct slice value, int64_t now_ms)
{
    struct throttle_answer answer;
    char room[THROTTLE_VALUE_BYTES];
    int count = 0;

    for (;; count++) {
        throttle_take(kind, value, now_ms, &answer);
        check(&answer);
        if (!answer.is_allowed)
            return count;
        memcpy(room, answer.value, answer.len);
        value = slice_of(room, answer.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct throttle_answer answer;
    enum throttle_kind kind;
    struct slice value;
    int64_t now_ms;

    if (size < HEAD_BYTES)
        return 0;
    kind = data[0] % THROTTLE_KIND_COUNT_;
    memcpy(&now_ms, data + 1, sizeof(now_ms));
    value = slice_of(data + HEAD_BYTES, size - HEAD_BYTES);

    assert(burst(kind, value, now_ms) <= burst(kind, SLICE(""), now_ms));
    throttle_succeed(kind, value, now_ms, &answer);
    check(&answer);
    throttle_take(kind, value, now_ms, &answer);
    check(&answer);
    if (!answer.is_allowed && now_ms > 0 && now_ms < INT64_C(90000000000000)) {
        struct throttle_answer later;

        throttle_take(kind, slice_of(answer.value, answer.len), now_ms + answer.wait_ms, &later);
        assert(later.is_allowed);
    }
    return 0;
}
