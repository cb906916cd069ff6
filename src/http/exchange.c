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
    exchange->borrowed = slice_of(NULL, 0);
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
    strbuf_fini(&exchange->kept);
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

bool exchange_keep(struct exchange *exchange)
{
    struct request *req = &exchange->request;
    struct slice from = exchange->borrowed;
    struct strbuf *kept = &exchange->kept;

    if (from.len == 0)
        return true;
    strbuf_init(kept, from.len);
    strbuf_append(kept, from);
    if (kept->failed) {
        strbuf_fini(kept);
        return false;
    }
    rebase(&req->path, from, kept->ptr);
    rebase(&req->query, from, kept->ptr);
    rebase(&req->body, from, kept->ptr);
    for (size_t i = 0; i < FIELD_COUNT_; i++)
        rebase(&req->fields[i], from, kept->ptr);
    exchange->borrowed = slice_of(NULL, 0);
    return true;
}
