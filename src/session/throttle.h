/**
 * How many guesses somebody has, kept in the store: any number of processes give no more than one.
 *
 * A guess is paid for before it is evaluated: throttle_take() is called in the plan of a change,
 * and what it gives is written there, so of any number of parallel guesses only as many are
 * evaluated as there is room for. Pure functions on the bytes of a record; time is Unix time in
 * milliseconds as the caller has it. Buckets:
 *
 *     throttle/accounts/user/HASH    by the e-mail that was tried, whether it exists or not
 *     throttle/accounts/device/HASH  in its place, when the browser has the mark of an earlier
 *                                    login of this account: so nobody can lock an owner out
 *     throttle/accounts/source/HASH  by the address: /24 of IPv4, /64 of IPv6
 *     throttle/accounts/all          logins of browsers without that mark, together
 *     throttle/accounts/code/HASH    second factors of an account; with that mark another one
 *
 * A record is the text "v1 ROW WAIT FULL":
 *
 *     ROW   guesses since the last success
 *     WAIT  no guess before this time: grows with ROW (USER, DEVICE)
 *     FULL  when all guesses will be back, if none is taken; each takes INTERVAL to come back
 *           (GCRA, a token bucket in one number)
 *
 * A clock that was set back makes nobody wait longer than the longest wait there is, 15 minutes,
 * and gives nobody more guesses than he has without a record.
 */
#ifndef FOOTFALL_SESSION_THROTTLE_H
#define FOOTFALL_SESSION_THROTTLE_H

#include <stdint.h>

#include "base/address.h"
#include "base/slice.h"

enum throttle_kind {
    THROTTLE_USER,   /* 5 at once; then one each 1, 2, 4 … s, up to 15 min. In any hour at most
                        100, whatever succeeds in between: 20 at once, then one each 45 s */
    THROTTLE_DEVICE, /* likewise */
    THROTTLE_SOURCE, /* 20 at once, then one each 5 s; a success gives none back */
    THROTTLE_ALL,    /* 200 at once, then 10 a second; likewise */
    THROTTLE_CODE,   /* 5 at once, then one a minute; likewise */
    THROTTLE_KIND_COUNT_
};

#define THROTTLE_KEY_BYTES   96
#define THROTTLE_VALUE_BYTES 64

/** The key of a bucket. @param subject  e-mail in lower case, user id, …; hashed. Empty for ALL */
struct slice throttle_key(enum throttle_kind kind, struct slice subject,
                          char room[static THROTTLE_KEY_BYTES]);

/** The part of an address that counts: "192.0.2.0/24", "2001:db8::/64", "unix". In `room`. */
#define THROTTLE_SOURCE_BYTES 48
struct slice throttle_source(const struct address *client, char room[static THROTTLE_SOURCE_BYTES]);

/** What came of asking for a guess. */
struct throttle_answer {
    bool is_allowed;
    bool is_changed; /* false: the record stays as it is, and need not be written */
    int64_t wait_ms; /* not allowed: so long until the next one, 1 … 15 min */
    char value[THROTTLE_VALUE_BYTES]; /* the record from now on, allowed or not */
    size_t len;
    uint32_t ttl_s; /* of the record; when it is gone, no guess came back early */
};

/**
 * Takes one guess out of a bucket.
 *
 * @param value  the record; empty: none, all guesses are left. One that cannot be read counts as
 *               none
 */
void throttle_take(enum throttle_kind kind, struct slice value, int64_t now_ms,
                   struct throttle_answer *out);

/**
 * After a guess that was right. It is given back, since it was none, and with it the row that makes
 * waits longer; but not the guesses before it: else somebody could guess beside a program that logs
 * in all the time. For SOURCE, ALL and CODE nothing changes.
 *
 * @param out  is_allowed is true
 */
void throttle_succeed(enum throttle_kind kind, struct slice value, int64_t now_ms,
                      struct throttle_answer *out);

#endif
