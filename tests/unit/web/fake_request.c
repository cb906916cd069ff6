#include "fake_request.h"

#include "http/server.h"
#include "support/cmocka.h"

#define REQUEST_MAX_BYTES 65536
#define ANSWER_MAX_BYTES  (1 << 20)

void fake_request_init(struct fake_request *fake, enum http_method method, const char *path,
                       const char *query)
{
    *fake = (struct fake_request){
        .req = {.method = method,
                .path = slice_str(path),
                .query = slice_str(query),
                .body = SLICE("")},
    };
    arena_init(&fake->arena, 4096, REQUEST_MAX_BYTES);
    strbuf_init(&fake->type, ANSWER_MAX_BYTES);
    strbuf_init(&fake->headers, ANSWER_MAX_BYTES);
    strbuf_init(&fake->body, ANSWER_MAX_BYTES);
}

static void end(struct fake_request *fake)
{
    while (fake->deferred_count > 0) {
        fake->deferred_count--;
        fake->deferred[fake->deferred_count].fn(fake->deferred[fake->deferred_count].ctx);
    }
    arena_fini(&fake->arena); /* a handler that still uses it is found by AddressSanitizer */
}

void fake_request_fini(struct fake_request *fake)
{
    end(fake);
    strbuf_fini(&fake->type);
    strbuf_fini(&fake->headers);
    strbuf_fini(&fake->body);
}

/* ---- request.h ------------------------------------------------------------------------------ */

bool request_defer(struct request *req, void (*fn)(void *ctx), void *ctx)
{
    struct fake_request *fake = (struct fake_request *)req;

    if (fake->deferred_count == FAKE_MAX_DEFERRED)
        return false;
    fake->deferred[fake->deferred_count].fn = fn;
    fake->deferred[fake->deferred_count].ctx = ctx;
    fake->deferred_count++;
    return true;
}

void *request_alloc(struct request *req, size_t size)
{
    return arena_alloc(&((struct fake_request *)req)->arena, size);
}

struct slice request_dup(struct request *req, struct slice bytes)
{
    return arena_dup(&((struct fake_request *)req)->arena, bytes);
}

/* What a fake request consists of is the test's, and lives longer anyway. */
bool request_keep(struct request *req)
{
    return !((struct fake_request *)req)->cannot_keep;
}

void request_respond(struct request *req, const struct response *response)
{
    struct fake_request *fake = (struct fake_request *)req;

    assert_int_equal(fake->status, 0); /* exactly once a request */
    fake->status = response->status;
    strbuf_append(&fake->type, response->content_type);
    strbuf_append(&fake->headers, response->headers);
    strbuf_append(&fake->body, response->body);
    end(fake);
}

/* ---- server.h ------------------------------------------------------------------------------- */

void http_server_get_stats(const struct http_server *server, struct http_stats *out)
{
    (void)server;
    *out = (struct http_stats){.requests = 11, .open = 3, .status = {0, 0, 7, 0, 4, 0}};
}
