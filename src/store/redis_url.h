/**
 * What a Redis url says:
 *
 *     redis://[[user]:password@]host[:port][/db][?require=strict|relaxed]
 *     unix:/path/redis.sock[?db=N&user=…&password=…&require=strict|relaxed]
 *
 * User and password may be percent-encoded (RFC 3986, section 2.1); an IPv6 host stands in
 * brackets.
 */
#ifndef FOOTFALL_STORE_REDIS_URL_H
#define FOOTFALL_STORE_REDIS_URL_H

#include <stdbool.h>

#include "base/err.h"
#include "store/store.h"

struct redis_target {
    bool is_unix;
    char host[256];          /* a name or a bare address; empty when is_unix */
    unsigned port;           /* 1 to 65535 */
    char path[108];          /* of the socket (sun_path of unix(7)); empty when not is_unix */
    char user[128];          /* empty: Redis' default user */
    char password[512];      /* empty: no AUTH */
    unsigned db;             /* 0 to 65535; the server may know fewer */
    enum durability require; /* commits are refused below it; DURABILITY_LOSSY accepts all */
};

/**
 * @param url  borrowed for the call
 * @param out  written only on success
 * @param info why not, in one sentence with a right example, never a password; may be NULL
 * @return     ERR_CONFIG
 */
enum err redis_url_parse(const char *url, struct redis_target *out,
                         struct err_info *info) MUST_CHECK;

#endif
