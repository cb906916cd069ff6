#include "http/target.h"

#include "base/percent.h"
#include "http/field.h"

#define MAX_PORT_DIGITS 5

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_ipv6_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
           c == '.';
}

static bool port_is_valid(struct slice port)
{
    if (port.len > MAX_PORT_DIGITS)
        return false;
    for (size_t i = 0; i < port.len; i++) {
        if (port.ptr[i] < '0' || port.ptr[i] > '9')
            return false;
    }
    return true; /* an empty one is the default port: RFC 3986, section 3.2.3 */
}

/* How many bytes of `host` are its name or bracketed address; 0 when it has none. */
static size_t name_length(struct slice host)
{
    size_t len = 0;

    if (host.len > 0 && host.ptr[0] == '[') {
        for (len = 1; len < host.len && is_ipv6_char(host.ptr[len]); len++)
            ;
        return len > 1 && len < host.len && host.ptr[len] == ']' ? len + 1 : 0;
    }
    while (len < host.len && is_name_char(host.ptr[len]))
        len++;
    return len;
}

bool host_is_valid(struct slice host)
{
    size_t len = name_length(host);

    if (len == 0)
        return false;
    if (len == host.len)
        return true;
    return host.ptr[len] == ':' && port_is_valid(slice_from(host, len + 1));
}

static struct slice cut_at(struct slice text, char c)
{
    const char *end = memchr(text.ptr, c, text.len);

    return end ? slice_of(text.ptr, (size_t)(end - text.ptr)) : text;
}

/* Where the path begins, or the authority ends: the first of "/?". */
static size_t authority_length(struct slice text)
{
    return cut_at(cut_at(text, '/'), '?').len;
}

/* The bytes before the authority of an absolute-form target; 0 when it is another form. */
static size_t scheme_length(struct slice raw)
{
    static const struct slice schemes[] = {SLICE_INIT("http://"), SLICE_INIT("https://")};

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (raw.len >= schemes[i].len &&
            field_text_eq(slice_of(raw.ptr, schemes[i].len), schemes[i]))
            return schemes[i].len;
    }
    return 0;
}

/* Takes path and query from `rest`, which lies in `raw`. */
static struct refusal take_path(char *raw, size_t offset, struct slice rest, struct target *out)
{
    struct slice path = cut_at(rest, '?');

    out->query = path.len < rest.len ? slice_from(rest, path.len + 1) : SLICE("");
    if (path.len == 0) {
        out->path = SLICE("/");
        return REFUSAL_NONE;
    }
    out->path = path;
    if (!memchr(path.ptr, '%', path.len))
        return REFUSAL_NONE;
    out->path = percent_decode(path, PERCENT_PATH, raw + offset);
    if (!out->path.ptr)
        return (struct refusal){400, "The path has a % without two hexadecimal digits."};
    if (memchr(out->path.ptr, '\0', out->path.len))
        return (struct refusal){400, "The path has a %00."};
    return REFUSAL_NONE;
}

struct refusal target_parse(char *raw, size_t len, enum http_method method, struct target *out)
{
    struct slice text = cut_at(slice_of(raw, len), '#');
    size_t offset = scheme_length(text);

    *out = (struct target){0};
    if (offset > 0) {
        struct slice rest = slice_from(text, offset);

        out->host = slice_of(rest.ptr, authority_length(rest));
        if (!host_is_valid(out->host))
            return (struct refusal){400, "The target names no valid host."};
        offset += out->host.len;
    } else if (slice_eq(text, SLICE("*")) && method == HTTP_OPTIONS) {
        out->path = text;
        out->query = SLICE("");
        return REFUSAL_NONE;
    } else if (text.len == 0 || text.ptr[0] != '/') {
        return (struct refusal){400, "The target is no path."};
    }
    return take_path(raw, offset, slice_from(text, offset), out);
}
