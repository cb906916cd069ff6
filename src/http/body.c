#include "http/body.h"

void body_init(struct body *body, const struct framing *framing, size_t max_bytes, int64_t now_ms)
{
    *body = (struct body){
        .kind = framing->body,
        .left = framing->content_length,
        .started_ms = now_ms,
    };
    strbuf_init(&body->bytes, max_bytes);
}

void body_fini(struct body *body)
{
    strbuf_fini(&body->bytes);
}

static enum body_result feed_length(struct body *body, struct slice bytes, size_t *used)
{
    size_t len = body->left < bytes.len ? (size_t)body->left : bytes.len;

    strbuf_append(&body->bytes, slice_of(bytes.ptr, len));
    body->left -= len;
    *used = len;
    if (body->bytes.failed)
        return BODY_TOO_LONG;
    return body->left > 0 ? BODY_MORE : BODY_WHOLE;
}

static enum body_result feed_chunked(struct body *body, struct slice bytes, size_t *used)
{
    static const enum body_result results[] = {
        [CHUNKED_MORE] = BODY_MORE,
        [CHUNKED_WHOLE] = BODY_WHOLE,
        [CHUNKED_MALFORMED] = BODY_MALFORMED,
        [CHUNKED_TOO_LONG] = BODY_TOO_LONG,
    };

    return results[chunked_decode(&body->chunked, bytes, &body->bytes, used)];
}

enum body_result body_feed(struct body *body, struct slice bytes, size_t *used)
{
    enum body_result result = BODY_WHOLE;

    *used = 0;
    switch (body->kind) {
    case BODY_NONE:
        break;
    case BODY_LENGTH:
        result = feed_length(body, bytes, used);
        break;
    case BODY_CHUNKED:
        result = feed_chunked(body, bytes, used);
        break;
    }
    body->received += *used;
    return result;
}
