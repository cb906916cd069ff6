#include "http/exchange.h"

#include <stdlib.h>

/* A page holds what an ordinary request allocates, with the chunk's own head. */
#define ARENA_CHUNK_BYTES (4096 - 64)
#define ARENA_MAX_BYTES   (64 << 10)

/* What a burst leaves behind for the next one; at most 1.3 MiB with an arena chunk each. */
#define MAX_FREE 256

static struct exchange *create(void)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));

    if (exchange)
        arena_init(&exchange->arena, ARENA_CHUNK_BYTES, ARENA_MAX_BYTES);
    return exchange;
}

static void destroy(struct exchange *exchange)
{
    arena_fini(&exchange->arena);
    free(exchange);
}

struct exchange *exchange_take(struct http_server *server, struct connection *connection)
{
    struct exchange *exchange = server->free_exchanges;

    if (exchange) {
        server->free_exchanges = exchange->next_free;
        server->free_exchange_count--;
    } else {
        exchange = create();
    }
    if (!exchange)
        return NULL;
    memset(&exchange->request, 0, sizeof(exchange->request));
    exchange->request.method = HTTP_GET;
    exchange->request.app = server->options.app;
    exchange->connection = connection;
    exchange->framing = (struct framing){0};
    return exchange;
}

void exchange_end(struct http_server *server, struct exchange *exchange)
{
    if (!exchange)
        return;
    while (exchange->deferred) {
        struct deferred *last = exchange->deferred;

        exchange->deferred = last->next;
        last->fn(last->ctx);
    }
    strbuf_fini(&exchange->head);
    body_fini(&exchange->body);
    arena_reset(&exchange->arena);
    if (server->free_exchange_count >= MAX_FREE) {
        destroy(exchange);
        return;
    }
    exchange->next_free = server->free_exchanges;
    server->free_exchanges = exchange;
    server->free_exchange_count++;
}

void exchange_free_all(struct http_server *server)
{
    while (server->free_exchanges) {
        struct exchange *exchange = server->free_exchanges;

        server->free_exchanges = exchange->next_free;
        destroy(exchange);
    }
    server->free_exchange_count = 0;
}

static void rebase(struct slice *slice, struct slice from, const char *to)
{
    if (slice->ptr >= from.ptr && slice->ptr <= from.ptr + from.len)
        slice->ptr = to + (slice->ptr - from.ptr);
}

bool exchange_keep_head(struct exchange *exchange, struct slice head)
{
    struct request *req = &exchange->request;

    strbuf_init(&exchange->head, head.len);
    strbuf_append(&exchange->head, head);
    if (exchange->head.failed)
        return false;
    rebase(&req->path, head, exchange->head.ptr);
    rebase(&req->query, head, exchange->head.ptr);
    for (size_t i = 0; i < FIELD_COUNT_; i++)
        rebase(&req->fields[i], head, exchange->head.ptr);
    return true;
}
