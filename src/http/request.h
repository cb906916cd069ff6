/**
 * A request as a handler sees it, and how to answer it, now or later.
 *
 *     socket -> connection.c -> guard.c (raw head) -> llhttp -> request.c (rules of RFC 9110, 9112)
 *            -> router.c -> handler(request) -> request_respond(), once
 *
 * What a handler may rely on:
 *   - The target was cut, decoded and checked; the framing is sound; the body is whole.
 *   - The slices of a request live until its handler returns. A handler that answers later copies
 *     what it still needs, request_dup(), or keeps all of it, request_keep().
 *   - A handler that returns without an answer has registered request_defer() before, and answers
 *     later with the same request. When the client leaves first, the deferred function is called
 *     and the request is gone. So: exactly one of "answered" or "deferred function, then gone".
 *   - Requests on one connection are handled one after the other; the next is not even parsed
 *     before the answer to this one was handed over. This gives pipelining its order.
 *
 * Nothing here knows HTTP/1.1 framing: another version can stand behind the same interface.
 */
#ifndef FOOTFALL_HTTP_REQUEST_H
#define FOOTFALL_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/slice.h"

enum http_method {
    HTTP_GET = 1 << 0,
    HTTP_HEAD = 1 << 1,
    HTTP_POST = 1 << 2,
    HTTP_PUT = 1 << 3,
    HTTP_PATCH = 1 << 4,
    HTTP_DELETE = 1 << 5,
    HTTP_OPTIONS = 1 << 6,
};

/** The fields that somebody reads; all others are checked and dropped. One table: field.c. */
enum http_field {
    FIELD_ACCEPT,
    FIELD_ACCEPT_ENCODING,
    FIELD_ACCEPT_LANGUAGE,
    FIELD_AUTHORIZATION,
    FIELD_CONNECTION,
    FIELD_CONTENT_ENCODING,
    FIELD_CONTENT_LENGTH,
    FIELD_CONTENT_TYPE,
    FIELD_COOKIE,
    FIELD_DNT,
    FIELD_EXPECT,
    FIELD_FORWARDED,
    FIELD_HOST,
    FIELD_IF_NONE_MATCH,
    FIELD_ORIGIN,
    FIELD_PURPOSE,
    FIELD_REFERER,
    FIELD_REMOTE_USER,
    FIELD_SEC_FETCH_SITE,
    FIELD_SEC_GPC,
    FIELD_SEC_PURPOSE,
    FIELD_TRANSFER_ENCODING,
    FIELD_USER_AGENT,
    FIELD_X_AUTH_REQUEST_EMAIL,
    FIELD_X_FORWARDED_EMAIL,
    FIELD_X_FORWARDED_FOR,
    FIELD_X_FORWARDED_PROTO,
    FIELD_X_FORWARDED_USER,
    FIELD_X_MOZ,
    FIELD_X_REMOTE_USER,
    FIELD_COUNT_,
};

struct request {
    enum http_method method;
    struct slice path;  /* percent-decoded once, begins with '/'; no NUL. "*" for OPTIONS * */
    struct slice query; /* raw, without '?'; see base/query.h */
    struct slice body;  /* whole, unchunked; empty when there is none */
    struct slice fields[FIELD_COUNT_]; /* ptr NULL: absent. Of a repeated list field, all lines
                                          joined with ", ", of Cookie with "; "; of any other,
                                          the first */
    struct address client;             /* who asks, after trusted proxies were taken off */
    bool is_by_trusted_proxy;          /* the peer is one: what it says of the client is believed */
    bool is_secure;     /* asked by https, as a trusted proxy says (X-Forwarded-Proto) */
    void *app;          /* as given to http_server_create() */
    void *admission;    /* what router->admit has found out for the handler; NULL at first */
    void *handler_data; /* the handler's own, NULL at first */
};

/**
 * Registers what to do however the request ends: answered, client gone, server closing. Called once
 * for each registration, the last one first, before the request's memory goes.
 *
 * @return false without memory; then the handler has to answer at once
 */
bool request_defer(struct request *req, void (*fn)(void *ctx), void *ctx) MUST_CHECK;

/** Memory that lives as long as the request; NULL over its ceiling (64 KiB) or without memory. */
void *request_alloc(struct request *req, size_t size);

/** A copy that lives as long as the request; ptr NULL without memory. */
struct slice request_dup(struct request *req, struct slice bytes);

/**
 * From now on path, query, fields and body live as long as the request, so a handler can be called
 * later. To be called before the first handler returns. Costs a copy of head and body, at most 64
 * KiB, when they came in one piece; else they are kept already. A second call does nothing.
 *
 * @return false without memory; then nothing has changed, and the handler has to answer at once
 */
bool request_keep(struct request *req) MUST_CHECK;

struct response {
    int status;
    struct slice content_type; /* empty when there is no body */
    struct slice headers;      /* further lines, each "Name: value\r\n", none from a visitor */
    struct slice body;         /* copied; not sent for HEAD, but its length is */
};

/** Answers; `req` is gone afterwards. Exactly once a request. */
void request_respond(struct request *req, const struct response *response);

#endif
