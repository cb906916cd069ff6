/**
 * A session as it is stored: two JSON objects (RFC 8259) with a line feed between them. The first
 * is what is known of the session, on one line; the second its data, byte by byte as they were
 * given.
 *
 *     {"user":"ada","country":"DE","device":"Firefox on Linux","strength":"password","created":
 *     1700000000,"seen":1700000000,"proved":1700000000,"expires":1702592000,"idle":604800,
 *     "absolute":2592000,"version":1}
 *     {"cart":[17]}
 */
#ifndef FOOTFALL_SESSION_SESSION_H
#define FOOTFALL_SESSION_SESSION_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "store/record.h"

#define SESSION_MAX_USER   256  /* bytes, UTF-8 without control characters */
#define SESSION_MAX_DATA   8192 /* bytes of a JSON object */
#define SESSION_MAX_DEVICE 80

/* Seconds; the absolute time is at most that of a record, and not less than the idle time. */
#define SESSION_MIN_IDLE_S     60
#define SESSION_IDLE_S         (INT64_C(7) * 24 * 3600)
#define SESSION_ABSOLUTE_S     (INT64_C(30) * 24 * 3600)
#define SESSION_MAX_ABSOLUTE_S ((int64_t)RECORD_MAX_TTL_S)

enum session_strength {
    SESSION_PENDING,  /* the password was right, the second factor is still to come: no login yet */
    SESSION_PASSWORD, /* by password alone */
    SESSION_SECOND_FACTOR,
    SESSION_PROXY, /* a trusted proxy said who it is */
};

struct session {
    struct slice user;    /* of a login the id of the user; of an application what it calls him */
    struct slice data;    /* a JSON object; "{}" when there is none */
    struct slice country; /* ISO 3166-1 alpha-2 of the address it began from; may be empty */
    struct slice device;  /* browser and system, "Firefox on Linux"; may be empty */
    int64_t created_s;    /* this and the next ones: Unix time by the clock of some process, to be
                             shown; what ends a session is the store's clock */
    int64_t seen_s;       /* last used, at most SESSION_TOUCH_S ago */
    int64_t proved_s;     /* the password was given: for what wants it anew */
    int64_t expires_s;    /* the absolute end */
    uint32_t idle_s;
    uint32_t absolute_s;
    enum session_strength strength;
    uint64_t version; /* of its data: 1, 2, 3 …; a touch leaves it alone */
};

/** ERR_OK when its limits, texts and data are sound. ERR_INVALID: `info` says what is not;
 * ERR_NO_MEMORY */
enum err session_check(const struct session *session, struct err_info *info) MUST_CHECK;

/** The same of its data alone. */
enum err session_check_data(struct slice data, struct err_info *info) MUST_CHECK;

/** Appends the record of a session that is sound. */
void session_encode(const struct session *session, struct strbuf *out);

/** Reads it, strictly: a member too many or too few, or one that is not sound, is ERR_INVALID.
 * Texts are in `arena`. ERR_NO_MEMORY */
enum err session_decode(struct slice json, struct arena *arena, struct session *out) MUST_CHECK;

#endif
