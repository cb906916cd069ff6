/**
 * Who asks, behind proxies: X-Forwarded-For, and Forwarded (RFC 7239).
 *
 * Only what a trusted peer says is believed, and of that only as far as the trust goes: the lists
 * are walked from their end, trusted addresses are taken off, the first other one is the client. A
 * malformed element ends the walk. When both fields are there and differ, one of them came through
 * from the client unseen, so neither is believed and the peer itself counts.
 */
#ifndef FOOTFALL_HTTP_CLIENT_ADDRESS_H
#define FOOTFALL_HTTP_CLIENT_ADDRESS_H

#include "base/address.h"

/** @param x_forwarded_for, forwarded  fields, their lines joined; ptr NULL when absent */
struct address client_address(const struct address *peer, struct slice x_forwarded_for,
                              struct slice forwarded, const struct address_set *trusted);

/**
 * True when the client asked by https: a trusted peer says so in X-Forwarded-Proto. A list counts
 * only when all of it is https, since some of it may have come from the client.
 */
bool client_is_secure(const struct address *peer, struct slice x_forwarded_proto,
                      const struct address_set *trusted);

#endif
