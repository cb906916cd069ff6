#include "http/request_line.h"

/* Longer than any method there is; keeps garbage from being called an unknown method. */
#define MAX_METHOD_BYTES 16

static const struct {
    struct slice name;
    enum http_method method;
} methods[] = {
    {SLICE_INIT("GET"), HTTP_GET},       {SLICE_INIT("POST"), HTTP_POST},
    {SLICE_INIT("HEAD"), HTTP_HEAD},     {SLICE_INIT("OPTIONS"), HTTP_OPTIONS},
    {SLICE_INIT("PUT"), HTTP_PUT},       {SLICE_INIT("PATCH"), HTTP_PATCH},
    {SLICE_INIT("DELETE"), HTTP_DELETE},
};

bool is_token_char(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return true;
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool is_token(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_token_char(text.ptr[i]))
            return false;
    }
    return text.len > 0;
}

static struct refusal find_method(struct slice name, enum http_method *out)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (slice_eq(methods[i].name, name)) {
            *out = methods[i].method;
            return REFUSAL_NONE;
        }
    }
    if (name.len > MAX_METHOD_BYTES || !is_token(name))
        return (struct refusal){400, "The method is not a token."};
    return (struct refusal){501, "This method is not supported."};
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct refusal check_version(struct slice version, unsigned *minor)
{
    static const struct refusal other = {505, "Only HTTP/1.0 and HTTP/1.1 are spoken here."};

    if (version.len != 8 || memcmp(version.ptr, "HTTP/", 5) != 0 || !is_digit(version.ptr[5]) ||
        version.ptr[6] != '.' || !is_digit(version.ptr[7]))
        return (struct refusal){400, "The request line does not end in a version."};
    if (version.ptr[5] != '1' || version.ptr[7] > '1')
        return other;
    *minor = (unsigned)(version.ptr[7] - '0');
    return REFUSAL_NONE;
}

struct refusal request_line_parse(struct slice line, struct request_line *out)
{
    const char *space = memchr(line.ptr, ' ', line.len);
    struct slice method = {line.ptr, space ? (size_t)(space - line.ptr) : line.len};
    struct refusal method_refusal = find_method(method, &out->method);
    struct refusal refusal;
    struct slice rest;

    if (method_refusal.status == 400 || !space)
        return (struct refusal){400, "The request line is malformed."};
    rest = slice_from(line, method.len + 1);
    space = memchr(rest.ptr, ' ', rest.len);
    if (rest.len == 0 || space == rest.ptr)
        return (struct refusal){400, "The request line has no target."};
    if (!space) /* HTTP/0.9 had no version */
        return (struct refusal){505, "The request line has no version."};
    out->target = slice_of(rest.ptr, (size_t)(space - rest.ptr));
    refusal = check_version(slice_from(rest, out->target.len + 1), &out->minor_version);
    return refusal.status ? refusal : method_refusal;
}
