/**
 * An exchange: a request with all that hangs on it, from its whole head to its answer.
 *
 * A connection has none while it is idle or its head is not whole. Exchanges are reused: taking and
 * ending one allocates nothing under a steady load.
 */
#ifndef FOOTFALL_HTTP_EXCHANGE_H
#define FOOTFALL_HTTP_EXCHANGE_H

#include "base/arena.h"
#include "http/body.h"
#include "http/core.h"
#include "http/request.h"

/** What request_defer() registered; in the exchange's arena. */
struct deferred {
    struct deferred *next; /* registered before this one */
    void (*fn)(void *ctx);
    void *ctx;
};

struct exchange {
    struct request request;
    struct connection *connection;
    struct exchange *next_free;
    struct deferred *deferred; /* the last one first */
    struct arena arena;
    struct framing framing;
    struct slice borrowed; /* head and body, where they lie in bytes that others will overwrite;
                              empty when nothing does */
    struct strbuf kept;    /* own copy of the head, or of head and body; may be empty */
    struct body body;
};

/** A cleared exchange for `connection`; NULL without memory. */
struct exchange *exchange_take(struct http_server *server, struct connection *connection);

/** Calls what was deferred, the last one first, and gives the exchange back. NULL is fine. */
void exchange_end(struct http_server *server, struct exchange *exchange);

/**
 * Moves what is borrowed out of the read buffer: copies it and lets the request's slices point to
 * the copy. Fine when nothing is borrowed.
 *
 * @return false without memory; then nothing has changed
 */
bool exchange_keep(struct exchange *exchange) MUST_CHECK;

/** Frees the exchanges that wait for reuse. */
void exchange_free_all(struct http_server *server);

static inline struct exchange *exchange_of(struct request *req)
{
    return (struct exchange *)req; /* its first member */
}

#endif
