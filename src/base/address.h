/**
 * Network addresses as values: 16 bytes, IPv4 mapped into IPv6 (RFC 4291, section 2.5.5.2).
 */
#ifndef FOOTFALL_BASE_ADDRESS_H
#define FOOTFALL_BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

struct address {
    unsigned char bytes[16];
    bool is_unix; /* a unix socket's peer has no address; `bytes` are 0 */
};

/** A set of networks, for example "10.0.0.0/8, ::1, unix". */
#define ADDRESS_MAX_NETWORKS 64

struct address_network {
    struct address address;
    unsigned prefix_bits; /* 0 to 128, in the mapped form */
};

struct address_set {
    struct address_network networks[ADDRESS_MAX_NETWORKS];
    size_t count;
    bool has_unix;
};

struct sockaddr;

/** From a socket's address; AF_UNIX and unknown families give is_unix. */
struct address address_from_sockaddr(const struct sockaddr *sa);

/**
 * Parses "192.0.2.1", "2001:db8::1", "[2001:db8::1]". The first and the last may have a :port, the
 * IPv6 ones a %zone, which both are dropped. All of `text` has to be such an address.
 */
bool address_parse(struct slice text, struct address *out) MUST_CHECK;

/**
 * Parses a list, by commas, of bare addresses, networks in CIDR form, and `unix`; "none" is empty.
 */
enum err address_set_parse(struct slice text, struct address_set *out,
                           struct err_info *info) MUST_CHECK;

bool address_set_has(const struct address_set *set, const struct address *address);

#endif
