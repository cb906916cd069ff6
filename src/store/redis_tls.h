/**
 * TLS for connections to Redis, by OpenSSL, as a filter between bytes: no I/O, nothing waits.
 *
 *     network -> redis_tls_feed() -> redis_tls_read()  -> plain bytes
 *     network <- redis_tls_take() <- redis_tls_write() <- plain bytes
 *
 * TLS 1.2 or newer. The server's certificate is always verified: its chain against the authorities
 * of the system or those of `ca`, its name or address against the host that was asked for (RFC
 * 6125), or against `server_name`.
 */
#ifndef FOOTFALL_STORE_REDIS_TLS_H
#define FOOTFALL_STORE_REDIS_TLS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"

/** So much is written at once: one TLS record (RFC 8446, section 5.1). */
#define REDIS_TLS_MAX_WRITE 16384

/** What a url says about TLS; each is empty when it says nothing. */
struct redis_tls_files {
    char ca[256];          /* PEM, the authorities to trust; else those of the system */
    char cert[256];        /* PEM, our certificate and those in between; with `key` */
    char key[256];         /* PEM */
    char server_name[256]; /* the name in the server's certificate; else the host asked for */
};

/** What all connections of a store share. The files are read once, when it is made. */
struct redis_tls_context;

/** @return ERR_CONFIG with `info` (may be NULL): a file is of no use; ERR_NO_MEMORY */
enum err redis_tls_context_create(const struct redis_tls_files *files,
                                  struct redis_tls_context **out, struct err_info *info) MUST_CHECK;

/** Connections that still use it keep what they need. NULL is fine. */
void redis_tls_context_destroy(struct redis_tls_context *context);

/** One connection's side. */
struct redis_tls;

/**
 * @param host  as it was asked for: a name, which is also sent (SNI, RFC 6066 section 3), or an
 *              address
 * @return      NULL without memory
 */
struct redis_tls *redis_tls_create(const struct redis_tls_context *context, const char *host);

/** NULL is fine. */
void redis_tls_destroy(struct redis_tls *tls);

/** Takes what came from the network; copied. False: out of memory. */
bool redis_tls_feed(struct redis_tls *tls, struct slice bytes) MUST_CHECK;

enum redis_tls_read {
    REDIS_TLS_OPEN,  /* told once: the handshake is done, plain bytes may be written */
    REDIS_TLS_BYTES, /* `out` holds some */
    REDIS_TLS_MORE,  /* nothing more before the next redis_tls_feed() */
    REDIS_TLS_FAILED /* redis_tls_reason() says why; the connection is of no use any more */
};

/**
 * The next step: begins the handshake, goes on with it, decrypts. May leave something to take.
 *
 * @param out   room for `size` plain bytes
 * @param len   how many it holds
 */
enum redis_tls_read redis_tls_read(struct redis_tls *tls, char *out, size_t size, size_t *len);

/** Encrypts up to REDIS_TLS_MAX_WRITE bytes; after REDIS_TLS_OPEN. False: no more writing. */
bool redis_tls_write(struct redis_tls *tls, struct slice plain) MUST_CHECK;

/** Moves up to `size` bytes for the network to `out`; how many. */
size_t redis_tls_take(struct redis_tls *tls, char *out, size_t size);

/** Why it failed: a sentence that says what to do. Lives with `tls`. */
const char *redis_tls_reason(const struct redis_tls *tls);

#endif
