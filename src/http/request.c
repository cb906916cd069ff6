#include "http/request.h"

#include "http/connection.h"
#include "http/exchange.h"

bool request_defer(struct request *req, void (*fn)(void *ctx), void *ctx)
{
    struct exchange *exchange = exchange_of(req);
    struct deferred *deferred = arena_alloc(&exchange->arena, sizeof(*deferred));

    if (!deferred)
        return false;
    *deferred = (struct deferred){.next = exchange->deferred, .fn = fn, .ctx = ctx};
    exchange->deferred = deferred;
    return true;
}

void *request_alloc(struct request *req, size_t size)
{
    return arena_alloc(&exchange_of(req)->arena, size);
}

struct slice request_dup(struct request *req, struct slice bytes)
{
    return arena_dup(&exchange_of(req)->arena, bytes);
}

bool request_keep(struct request *req)
{
    return exchange_keep(exchange_of(req));
}

void request_respond(struct request *req, const struct response *response)
{
    connection_answer(exchange_of(req)->connection, response);
}
