/**
 * The pseudonym of a visitor: a keyed BLAKE2b of site, address and user agent under the salt of the
 * site's day. Without the salt, which is gone a day later, nobody can compute it again.
 */
#ifndef FOOTFALL_COUNT_VISITOR_KEY_H
#define FOOTFALL_COUNT_VISITOR_KEY_H

#include "base/address.h"
#include "base/slice.h"
#include "count/hit_facts.h"

#define SALT_BYTES 32

/**
 * @param address  of IPv6 only the network counts, its first 64 bits, since a person's device
 *                 changes the others at will
 * @param agent    digest of the user agent
 */
void visitor_key(unsigned char out[static VISITOR_KEY_BYTES],
                 const unsigned char salt[static SALT_BYTES], struct slice site,
                 const struct address *address, const unsigned char agent[static 16]);

/** The same of somebody whom an application calls `session`: any bytes. */
void visitor_key_of_session(unsigned char out[static VISITOR_KEY_BYTES],
                            const unsigned char salt[static SALT_BYTES], struct slice site,
                            struct slice session);

#endif
