/* The way of a request from bytes to fields and body: guard, llhttp, rules, chunks. What comes out
 * must not depend on the pieces in which it arrives, and must keep what request.h promises. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "http/body.h"
#include "http/guard.h"
#include "http/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_BODY_BYTES  4096
#define MAX_ARENA_BYTES 4096

/* Sums up all that was read, for comparison. */
struct outcome {
    uint64_t hash;
    size_t requests;
    int status; /* of the refusal that ended it; 0: none */
};

/* A connection's worth of reading: what has arrived, and how far it was read. */
struct stream {
    char *bytes; /* of the exact size, so that a sanitizer sees a read behind the end */
    size_t len;
    size_t start; /* of the message at hand */
    struct guard guard;
    struct arena arena;
    struct body body;
    bool is_in_body;
    struct outcome outcome;
};

static const struct guard_limits limits = {2048, 1024, 20};

static void note(struct outcome *outcome, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        outcome->hash = (outcome->hash ^ (unsigned char)bytes.ptr[i]) * 1099511628211U;
    outcome->hash = (outcome->hash ^ bytes.len) * 1099511628211U;
}

static void check_promises(const struct request *req, const struct framing *framing)
{
    assert(req->path.ptr && req->path.len > 0 &&
           (req->path.ptr[0] == '/' || slice_eq(req->path, SLICE("*"))));
    assert(!memchr(req->path.ptr, '\0', req->path.len));
    assert(framing->minor_version == 0 || req->fields[FIELD_HOST].len > 0);
    assert(framing->body != BODY_CHUNKED || !req->fields[FIELD_CONTENT_LENGTH].ptr);
    for (size_t i = 0; i < FIELD_COUNT_; i++) {
        struct slice field = req->fields[i];

        assert(!field.ptr ||
               (!memchr(field.ptr, '\r', field.len) && !memchr(field.ptr, '\n', field.len) &&
                !memchr(field.ptr, '\0', field.len)));
    }
}

static void refuse(struct stream *stream, int status)
{
    assert(status >= 400 && status < 600);
    stream->outcome.status = status;
}

static void take_head(struct stream *stream, struct slice head, const struct request_line *line)
{
    struct request req = {0};
    struct framing framing;
    struct refusal refusal =
        parse_head(stream->bytes + stream->start, head.len, line, &stream->arena, &req, &framing);

    if (refusal.status) {
        refuse(stream, refusal.status);
        return;
    }
    check_promises(&req, &framing);
    note(&stream->outcome, req.path);
    note(&stream->outcome, req.query);
    for (size_t i = 0; i < FIELD_COUNT_; i++)
        note(&stream->outcome, req.fields[i]);
    arena_reset(&stream->arena);
    body_init(&stream->body, &framing, MAX_BODY_BYTES, 0);
    stream->is_in_body = true;
    stream->start += head.len;
}

static void end_body(struct stream *stream)
{
    note(&stream->outcome, strbuf_slice(&stream->body.bytes));
    stream->outcome.requests++;
    body_fini(&stream->body);
    stream->is_in_body = false;
    stream->guard = (struct guard){0};
}

/* One step; false when it needs more bytes or has refused. */
static bool step_body(struct stream *stream, struct slice rest)
{
    size_t used;
    enum body_result result = body_feed(&stream->body, rest, &used);

    stream->start += used;
    if (result == BODY_WHOLE)
        end_body(stream);
    else if (result != BODY_MORE)
        refuse(stream, result == BODY_TOO_LONG ? 413 : 400);
    return result == BODY_WHOLE;
}

static bool step(struct stream *stream)
{
    struct slice rest = slice_of(stream->bytes + stream->start, stream->len - stream->start);
    struct slice head;
    struct refusal refusal;
    struct request_line line;

    if (stream->is_in_body)
        return step_body(stream, rest);
    switch (guard_scan(&stream->guard, rest, &limits, &head, &refusal)) {
    case GUARD_MORE:
        return false;
    case GUARD_REFUSED:
        refuse(stream, refusal.status);
        return false;
    case GUARD_WHOLE:
        break;
    }
    line = guard_request_line(&stream->guard, rest);
    take_head(stream, head, &line);
    return stream->outcome.status == 0;
}

/* Lets `data` arrive in pieces of `piece` bytes. */
static struct outcome read_in_pieces(const uint8_t *data, size_t size, size_t piece)
{
    struct stream stream = {.outcome = {.hash = 14695981039346656037U}};

    arena_init(&stream.arena, 1024, MAX_ARENA_BYTES);
    while (stream.len < size && stream.outcome.status == 0) {
        size_t more = piece < size - stream.len ? piece : size - stream.len;

        stream.bytes = realloc(stream.bytes, stream.len + more);
        if (!stream.bytes)
            abort();
        memcpy(stream.bytes + stream.len, data + stream.len, more);
        stream.len += more;
        while (stream.outcome.status == 0 && step(&stream))
            ;
    }
    body_fini(&stream.body);
    arena_fini(&stream.arena);
    free(stream.bytes);
    return stream.outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t pieces[] = {1, 7};
    struct outcome whole = read_in_pieces(data, size, size);

    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct outcome other = read_in_pieces(data, size, pieces[i]);

        assert(other.status == whole.status);
        assert(other.requests == whole.requests);
        assert(other.hash == whole.hash);
    }
    return 0;
}
