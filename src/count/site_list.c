#include "count/site_list.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct slice trim(struct slice text)
{
    while (text.len > 0 && is_blank(text.ptr[0]))
        text = slice_from(text, 1);
    while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

struct site_list_reader site_list_read(struct slice text)
{
    text = trim(text);
    return (struct site_list_reader){text, text.len == 0 || slice_eq(text, SLICE("none"))};
}

bool site_list_next(struct site_list_reader *reader, struct slice *out)
{
    struct slice rest = reader->rest;
    const char *comma = rest.len > 0 ? memchr(rest.ptr, ',', rest.len) : NULL;
    size_t len = comma ? (size_t)(comma - rest.ptr) : rest.len;

    if (reader->is_done)
        return false;
    *out = trim(slice_of(rest.ptr, len));
    reader->is_done = !comma;
    if (comma)
        reader->rest = slice_from(rest, len + 1);
    return true;
}

void site_list_append(struct strbuf *out, size_t start, struct slice item)
{
    if (out->len > start)
        strbuf_append(out, SLICE(", "));
    strbuf_append(out, item);
}

void site_list_end(struct strbuf *out, size_t start)
{
    if (out->len == start)
        strbuf_append(out, SLICE("none"));
}
