/**
 * What a Redis url says:
 *
 *     redis://[[user]:password@]host[:port][/db][?require=strict|relaxed&wait=N]
 *     rediss://…[?ca=FILE&cert=FILE&key=FILE&server_name=NAME&…]       the same over TLS
 *     redis+cluster://[[user]:password@]a[:port],b[:port],c[?…]        some nodes of a cluster
 *     rediss+cluster://…                                               the same over TLS
 *     unix:/path/redis.sock[?db=N&user=…&password=…&require=…&wait=N]
 *
 * User and password and the names of files may be percent-encoded (RFC 3986, section 2.1); an IPv6
 * host stands in brackets.
 */
#ifndef FOOTFALL_STORE_REDIS_URL_H
#define FOOTFALL_STORE_REDIS_URL_H

#include <stdbool.h>

#include "base/err.h"
#include "store/redis_tls.h"
#include "store/store.h"

/** At most so many nodes of a cluster are named; it tells of the others itself. */
#define REDIS_URL_MAX_NODES 16

/** At most so many replicas are waited for: Redis has few, and each costs time. */
#define REDIS_MAX_WAIT 15

struct redis_address {
    char host[256]; /* a name or a bare address */
    unsigned port;  /* 1 to 65535 */
};

/** Where a connection goes, and how it logs in. */
struct redis_target {
    bool is_unix;
    struct redis_address address;  /* empty when is_unix */
    char path[108];                /* of the socket (sun_path of unix(7)); empty when not is_unix */
    char user[128];                /* empty: Redis' default user */
    char password[512];            /* empty: no AUTH */
    unsigned db;                   /* 0 to 65535; the server may know fewer */
    struct redis_tls_context *tls; /* borrowed; NULL: without TLS */
};

struct redis_url {
    struct redis_target target; /* tls is NULL; of a cluster: the first node */
    bool is_tls;
    bool is_cluster;
    struct redis_tls_files tls;
    struct redis_address nodes[REDIS_URL_MAX_NODES]; /* of a cluster */
    size_t node_count;
    enum durability require; /* commits are refused below it; DURABILITY_LOSSY accepts all */
    unsigned wait;           /* so many replicas must have a commit before it is confirmed */
};

/**
 * @param url  borrowed for the call
 * @param out  written only on success
 * @param info why not, in one sentence with a right example, never a password; may be NULL
 * @return     ERR_CONFIG
 */
enum err redis_url_parse(const char *url, struct redis_url *out, struct err_info *info) MUST_CHECK;

/**
 * Also reads the files that the url names: target.tls is the caller's then, to be destroyed.
 *
 * @return  as redis_url_parse() and redis_tls_context_create()
 */
enum err redis_url_load(const char *url, struct redis_url *out, struct err_info *info) MUST_CHECK;

/** store_url_check_fn of all Redis stores. The files are read too: a wrong name is found early. */
enum err redis_url_check(const char *url, struct err_info *info) MUST_CHECK;

#endif
