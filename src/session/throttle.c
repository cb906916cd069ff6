#include "session/throttle.h"

#include <arpa/inet.h>
#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#include "base/ascii.h"
#include "base/strbuf.h"

#define MAX_ROW        1000
#define MAX_WAIT_MS    ((int64_t)15 * 60 * 1000)
#define CLOCK_SLACK_MS 10000
#define MAX_TIME_MS    INT64_C(99999999999999) /* the year 5138 */
#define HASH_BYTES     16

/* A row is forgotten a day after its last wait. Who waits for that has 15 fast guesses in more than
 * a day, while who goes on guessing has 96. */
#define FORGET_ROW_MS ((int64_t)24 * 3600 * 1000)

static const struct rule {
    const char *name;
    int64_t burst;       /* guesses of a full bucket */
    int64_t interval_ms; /* until one is back */
    int64_t free_row;    /* guesses in a row without a wait of their own; 0: the row is not kept */
    bool knows_success;
} rules[THROTTLE_KIND_COUNT_] = {
    /* 20 and 3600 s / 45 s are 100. */
    [THROTTLE_USER] = {"user", 20, 45000, 5, true},
    [THROTTLE_DEVICE] = {"device", 20, 45000, 5, true},
    [THROTTLE_SOURCE] = {"source", 20, 5000, 0, false},
    [THROTTLE_ALL] = {"all", 200, 100, 0, false},
    [THROTTLE_CODE] = {"code", 5, 60000, 0, false},
};

struct bucket {
    int64_t row;
    int64_t wait_ms; /* both are times */
    int64_t full_ms;
};

static int64_t min_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

struct slice throttle_key(enum throttle_kind kind, struct slice subject,
                          char room[static THROTTLE_KEY_BYTES])
{
    static const unsigned char domain[crypto_generichash_KEYBYTES] = "footfall throttle";
    unsigned char hash[HASH_BYTES];
    char hex[2 * HASH_BYTES + 1] = "";
    int len;

    assert(kind < THROTTLE_KIND_COUNT_);
    if (kind != THROTTLE_ALL) {
        (void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)subject.ptr,
                                 subject.len, domain, sizeof(domain));
        (void)sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
    }
    len = snprintf(room, THROTTLE_KEY_BYTES, "throttle/accounts/%s%s%s", rules[kind].name,
                   hex[0] ? "/" : "", hex);
    return slice_of(room, (size_t)len);
}

struct slice throttle_source(const struct address *client, char room[static THROTTLE_SOURCE_BYTES])
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    const unsigned char *bytes = client->bytes;
    unsigned char network[16] = {0};
    char text[INET6_ADDRSTRLEN] = "";
    int len;

    if (client->is_unix)
        return SLICE("unix");
    if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
        len =
            snprintf(room, THROTTLE_SOURCE_BYTES, "%d.%d.%d.0/24", bytes[12], bytes[13], bytes[14]);
    } else {
        memcpy(network, bytes, 8);
        (void)inet_ntop(AF_INET6, network, text, sizeof(text));
        len = snprintf(room, THROTTLE_SOURCE_BYTES, "%s/64", text);
    }
    return slice_of(room, (size_t)len);
}

/* Reads " NUMBER", as format_int() writes it, from the front of `text`. */
static bool read_number(struct slice *text, int64_t max, int64_t *out)
{
    size_t at = 1;
    int64_t number = 0;

    if (text->len < 2 || text->ptr[0] != ' ')
        return false;
    for (; at < text->len && ascii_is_digit(text->ptr[at]); at++) {
        number = number * 10 + (text->ptr[at] - '0');
        if (number > max)
            return false;
    }
    if (at == 1 || (text->ptr[1] == '0' && at > 2))
        return false;
    *text = slice_from(*text, at);
    *out = number;
    return true;
}

static struct bucket read_bucket(struct slice value)
{
    static const struct bucket fresh;
    struct bucket bucket;
    struct slice text = value;

    if (!slice_starts_with(text, SLICE("v1")))
        return fresh;
    text = slice_from(text, 2);
    if (!read_number(&text, MAX_ROW, &bucket.row) ||
        !read_number(&text, MAX_TIME_MS, &bucket.wait_ms) ||
        !read_number(&text, MAX_TIME_MS, &bucket.full_ms) || text.len > 0)
        return fresh;
    return bucket;
}

/* How long the guess waits that comes behind `row` others. */
static int64_t wait_behind(const struct rule *rule, int64_t row)
{
    if (rule->free_row == 0 || row < rule->free_row)
        return 0;
    return min_of(MAX_WAIT_MS, (int64_t)1000 << min_of(row - rule->free_row, 20));
}

/* What is later than it can be was written before the clock was set back: it is put where it would
 * be, had the last guess been just now. Clocks of several machines differ a little: that is not
 * mended, or each would shorten what the other wrote. */
static int64_t mended(int64_t time_ms, int64_t latest_ms)
{
    return time_ms > latest_ms + CLOCK_SLACK_MS ? latest_ms : time_ms;
}

static void mend(struct bucket *bucket, const struct rule *rule, int64_t now_ms)
{
    bucket->wait_ms = mended(bucket->wait_ms, now_ms + wait_behind(rule, bucket->row));
    bucket->wait_ms = min_of(bucket->wait_ms, now_ms + MAX_WAIT_MS);
    bucket->full_ms = mended(bucket->full_ms, now_ms + rule->burst * rule->interval_ms);
}

static void write_answer(const struct bucket *bucket, struct slice before, int64_t now_ms,
                         struct throttle_answer *out)
{
    int64_t keep_ms = bucket->full_ms - now_ms;
    struct strbuf text;

    strbuf_init_fixed(&text, out->value, sizeof(out->value));
    strbuf_append(&text, SLICE("v1 "));
    strbuf_append_int(&text, bucket->row);
    strbuf_append_char(&text, ' ');
    strbuf_append_int(&text, bucket->wait_ms);
    strbuf_append_char(&text, ' ');
    strbuf_append_int(&text, bucket->full_ms);
    assert(!text.failed);
    out->len = text.len;
    out->is_changed = !slice_eq(strbuf_slice(&text), before);
    if (bucket->row > 0)
        keep_ms = max_of(keep_ms, max_of(bucket->wait_ms - now_ms, 0) + FORGET_ROW_MS);
    out->ttl_s = (uint32_t)(max_of(keep_ms, 0) / 1000 + 1);
}

/* A time that all sums of this file have room for. */
static int64_t sane_time(int64_t now_ms)
{
    return max_of(0, min_of(now_ms, MAX_TIME_MS - FORGET_ROW_MS));
}

void throttle_take(enum throttle_kind kind, struct slice value, int64_t now_ms,
                   struct throttle_answer *out)
{
    const struct rule *rule = &rules[kind];
    struct bucket bucket = read_bucket(value);
    int64_t back_ms; /* when the bucket has a guess again */
    int64_t wait_ms; /* of the row, behind this guess */

    assert(kind < THROTTLE_KIND_COUNT_);
    now_ms = sane_time(now_ms);
    mend(&bucket, rule, now_ms);
    back_ms = bucket.full_ms - (rule->burst - 1) * rule->interval_ms;
    out->wait_ms = max_of(0, max_of(bucket.wait_ms, back_ms) - now_ms);
    out->is_allowed = out->wait_ms == 0;
    if (out->is_allowed) {
        bucket.row = rule->free_row > 0 ? min_of(bucket.row + 1, MAX_ROW) : 0;
        /* None at all, not "until now": now is later for who asks by a clock that is behind. */
        wait_ms = wait_behind(rule, bucket.row);
        bucket.wait_ms = wait_ms > 0 ? now_ms + wait_ms : 0;
        bucket.full_ms = max_of(bucket.full_ms, now_ms) + rule->interval_ms;
    }
    write_answer(&bucket, value, now_ms, out);
}

void throttle_succeed(enum throttle_kind kind, struct slice value, int64_t now_ms,
                      struct throttle_answer *out)
{
    const struct rule *rule = &rules[kind];
    struct bucket bucket = read_bucket(value);

    assert(kind < THROTTLE_KIND_COUNT_);
    now_ms = sane_time(now_ms);
    mend(&bucket, rule, now_ms);
    if (rule->knows_success) {
        bucket.row = 0;
        bucket.wait_ms = 0;
        bucket.full_ms = max_of(0, bucket.full_ms - rule->interval_ms);
    }
    out->is_allowed = true;
    out->wait_ms = 0;
    write_answer(&bucket, value, now_ms, out);
}
