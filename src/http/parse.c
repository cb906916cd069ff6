#include "http/parse.h"

#include "base/strbuf.h"
#include "http/field.h"
#include "http/head_reader.h"
#include "http/rules.h"
#include "http/target.h"

/* Where the fields of one head go. */
struct field_sink {
    struct slice *fields; /* FIELD_COUNT_ of them */
    struct arena *arena;
    struct refusal refusal;
};

static bool join(struct field_sink *sink, struct slice *first, struct slice between,
                 struct slice more)
{
    size_t len = first->len + between.len + more.len;
    char *storage = arena_alloc(sink->arena, len);
    struct strbuf joined;

    if (!storage) {
        sink->refusal = (struct refusal){431, "The fields of one name are too long together."};
        return false;
    }
    strbuf_init_fixed(&joined, storage, len);
    strbuf_append(&joined, *first);
    strbuf_append(&joined, between);
    strbuf_append(&joined, more);
    *first = strbuf_slice(&joined);
    return true;
}

static bool on_field(struct slice name, struct slice value, void *ctx)
{
    struct field_sink *sink = ctx;
    enum http_field field = field_find(name);
    struct slice *slot;

    if (field == FIELD_COUNT_)
        return true;
    slot = &sink->fields[field];
    if (!slot->ptr) {
        *slot = field_trim(value);
        return true;
    }
    switch (field_repeat(field)) {
    case FIELD_ONCE:
        sink->refusal = (struct refusal){400, "A field that may come once comes twice."};
        return false;
    case FIELD_JOIN:
        return join(sink, slot, SLICE(", "), field_trim(value));
    case FIELD_CRUMB:
        return join(sink, slot, SLICE("; "), field_trim(value));
    case FIELD_FIRST:
        break;
    }
    return true;
}

static struct refusal read_fields(struct slice head, const struct request_line *line,
                                  struct field_sink *sink)
{
    struct slice target;

    if (!head_read(head, &target, on_field, sink))
        return sink->refusal.status ? sink->refusal
                                    : (struct refusal){400, "The head is malformed."};
    if (target.ptr != line->target.ptr || target.len != line->target.len)
        return (struct refusal){400, "The request line has two readings."};
    return REFUSAL_NONE;
}

struct refusal parse_head(char *head, size_t len, const struct request_line *line,
                          struct arena *arena, struct request *req, struct framing *framing)
{
    struct field_sink sink = {.fields = req->fields, .arena = arena};
    struct target target;
    struct refusal refusal;

    req->method = line->method;
    refusal = read_fields(slice_of(head, len), line, &sink);
    if (refusal.status)
        return refusal;
    refusal =
        target_parse(head + (line->target.ptr - head), line->target.len, line->method, &target);
    if (refusal.status)
        return refusal;
    req->path = target.path;
    req->query = target.query;
    return rules_check(req, target.host, line->minor_version, framing);
}
