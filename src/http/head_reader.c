#include "http/head_reader.h"

#include <llhttp.h>

/* What the callbacks share while llhttp runs over one head. */
struct head_reader {
    llhttp_t parser;
    struct slice target;
    struct slice name; /* of the field whose value comes next */
    bool is_complete;
    head_field_fn *on_field;
    void *ctx;
};

static int on_url(llhttp_t *parser, const char *at, size_t len)
{
    struct head_reader *reader = parser->data;

    reader->target = slice_of(at, len);
    return HPE_OK;
}

static int on_header_field(llhttp_t *parser, const char *at, size_t len)
{
    struct head_reader *reader = parser->data;

    reader->name = slice_of(at, len);
    return HPE_OK;
}

static int on_header_value(llhttp_t *parser, const char *at, size_t len)
{
    struct head_reader *reader = parser->data;

    return reader->on_field(reader->name, slice_of(at, len), reader->ctx) ? HPE_OK : HPE_USER;
}

static int on_headers_complete(llhttp_t *parser)
{
    struct head_reader *reader = parser->data;

    reader->is_complete = true;
    return HPE_PAUSED; /* the body is ours: body.c */
}

static const llhttp_settings_t settings = {
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
};

/* The head comes in one piece, so each name and value comes in one piece too. */
bool head_read(struct slice head, struct slice *target, head_field_fn *on_field, void *ctx)
{
    struct head_reader reader = {.on_field = on_field, .ctx = ctx};

    llhttp_init(&reader.parser, HTTP_REQUEST, &settings);
    reader.parser.data = &reader;
    if (llhttp_execute(&reader.parser, head.ptr, head.len) != HPE_PAUSED || !reader.is_complete ||
        llhttp_get_error_pos(&reader.parser) != head.ptr + head.len)
        return false;
    *target = reader.target;
    return true;
}
