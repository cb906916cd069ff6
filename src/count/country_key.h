/**
 * Addresses as numbers, which can be compared, and their text forms in tables of countries.
 */
#ifndef FOOTFALL_COUNT_COUNTRY_KEY_H
#define FOOTFALL_COUNT_COUNTRY_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/slice.h"

enum country_family {
    COUNTRY_IPV4,
    COUNTRY_IPV6,
};

/** An address as a number of 128 bits; that of IPv4 is at most UINT32_MAX. */
struct country_key {
    uint64_t high;
    uint64_t low;
};

/** The address of a client, not of a unix socket, and its family: what is mapped is IPv4. */
struct country_key country_key_of(const struct address *address, enum country_family *family);

/**
 * Takes an address off the beginning of `text`.
 *
 * IPv4 is one decimal number; IPv6 has the text form of RFC 4291, section 2.2, but none of the
 * forms with dots. Some are read for each hit, from text without a NUL: so this is not inet_pton().
 *
 * @return  false: there is none; `text` is then cut somewhere within what was taken for one
 */
bool country_key_take(struct slice *text, enum country_family family, struct country_key *out);

static inline bool country_key_less(struct country_key a, struct country_key b)
{
    return a.high != b.high ? a.high < b.high : a.low < b.low;
}

#endif
