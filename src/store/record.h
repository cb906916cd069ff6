/**
 * A record: bytes under a key, with a version and an expiry.
 *
 * A version is 64 random bits drawn for the commit that wrote the record, so a version never comes
 * back: who wrote on top of the version it had read, wrote on what it had read. Versions are only
 * compared for equality. 0 is the version of a record that is not there; UINT64_MAX is none.
 */
#ifndef FOOTFALL_STORE_RECORD_H
#define FOOTFALL_STORE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define RECORD_ABSENT    UINT64_C(0)
#define RECORD_ANY       UINT64_MAX /* as an expectation: whatever is there, or nothing */
#define RECORD_MAX_KEY   256
#define RECORD_MAX_VALUE 16384
#define RECORD_MAX_TTL_S (400 * 24 * 3600)
#define RECORD_FOREVER   UINT32_MAX /* as seconds to live: it does not expire */

struct record {
    struct slice key;   /* at most RECORD_MAX_KEY bytes: KIND/REST, for example hit/default/2f9c */
    struct slice value; /* at most RECORD_MAX_VALUE bytes, any; empty when absent */
    uint64_t version;   /* RECORD_ABSENT: not there, or expired */
};

/** A write to one record, as part of a commit. Only a replay expects RECORD_ANY: see writer.h. */
struct record_write {
    struct slice key;
    struct slice value;      /* ptr NULL: delete the record */
    uint64_t expect_version; /* the write happens only on top of this version */
    uint32_t ttl_s;          /* expires this long after the commit, by the store's clock: 1 …
                                RECORD_MAX_TTL_S,          or RECORD_FOREVER */
};

/** A record as a scan tells it. */
struct scanned_record {
    struct slice key;
    struct slice value;
    uint32_t
        ttl_s; /* it has so long to live, rounded up: 1 … RECORD_MAX_TTL_S, or RECORD_FOREVER */
};

/** True when `ttl_s` may be that of a record. */
static inline bool record_ttl_is_sound(uint32_t ttl_s)
{
    return ttl_s == RECORD_FOREVER || (ttl_s >= 1 && ttl_s <= RECORD_MAX_TTL_S);
}

/**
 * True for records of the kinds that store_list() finds: `site/…`. Only these are kept in an order
 * by stores that have none.
 */
bool record_is_listed(struct slice key);

/**
 * Whose shard the record is in: what stands behind the first slash of the key, up to the next one.
 * Of hit/default/2f9c that is `default`; of a key without a slash, the key.
 */
struct slice record_owner(struct slice key);

/** True when the write may be done on top of the version that is there. */
static inline bool record_fits(const struct record_write *write, uint64_t version)
{
    return write->expect_version == version || write->expect_version == RECORD_ANY;
}

#endif
