/**
 * Addresses to listen on, as they are written in settings: "localhost:8080", "192.0.2.1:80",
 * "[::1]:8080", "unix:/run/footfall.sock". "[::]:8080", "*:8080" and ":8080" are all interfaces,
 * IPv6 and IPv4. Port 0 lets the kernel choose.
 */
#ifndef FOOTFALL_PROCESS_LISTEN_ADDRESS_H
#define FOOTFALL_PROCESS_LISTEN_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/** With the terminating NUL: sun_path has 108 bytes, a host name at most 253. */
#define LISTEN_MAX_HOST 256
#define LISTEN_MAX_PATH 108

struct listen_address {
    bool is_unix;
    char path[LISTEN_MAX_PATH]; /* of a unix socket; else empty */
    char host[LISTEN_MAX_HOST]; /* without brackets; empty: all interfaces */
    uint16_t port;
};

/** @return ERR_INVALID with what is wrong in `info` */
enum err listen_address_parse(struct slice text, struct listen_address *out,
                              struct err_info *info) MUST_CHECK;

#endif
