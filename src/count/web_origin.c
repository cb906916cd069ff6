#include "count/web_origin.h"

#include <stdio.h>

/* RFC 1035, section 2.3.4. */
#define MAX_LABEL 63

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c;
}

static bool is_label_char(char c)
{
    c = lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* RFC 1123, section 2.1: letters, digits and hyphens, none of these at an end. */
static bool is_label(struct slice label)
{
    if (label.len == 0 || label.len > MAX_LABEL || label.ptr[0] == '-' ||
        label.ptr[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        if (!is_label_char(label.ptr[i]))
            return false;
    }
    return true;
}

static bool is_host(struct slice text)
{
    const char *dot;

    if (text.len == 0 || text.len > WEB_HOST_MAX)
        return false;
    while ((dot = memchr(text.ptr, '.', text.len)) != NULL) {
        size_t len = (size_t)(dot - text.ptr);

        if (!is_label(slice_of(text.ptr, len)))
            return false;
        text = slice_from(text, len + 1);
        if (text.len == 0)
            return false;
    }
    return is_label(text);
}

bool web_host_parse(struct slice text, char out[static WEB_HOST_MAX + 1])
{
    if (!is_host(text))
        return false;
    for (size_t i = 0; i < text.len; i++)
        out[i] = lower(text.ptr[i]);
    out[text.len] = '\0';
    return true;
}

struct slice web_host_bare(struct slice host)
{
    const struct slice www = SLICE("www.");
    struct slice rest;

    if (!slice_starts_with(host, www))
        return host;
    rest = slice_from(host, www.len);
    return rest.len > 0 && memchr(rest.ptr, '.', rest.len) ? rest : host;
}

static const struct {
    struct slice prefix;
    unsigned port;
} schemes[] = {
    {SLICE_INIT("http://"), 80},
    {SLICE_INIT("https://"), 443},
};

#define SCHEMES (sizeof(schemes) / sizeof(schemes[0]))

static bool has_prefix(struct slice text, struct slice prefix)
{
    for (size_t i = 0; i < prefix.len; i++) {
        if (i >= text.len || lower(text.ptr[i]) != prefix.ptr[i])
            return false;
    }
    return true;
}

/* One to five digits, without zeros before them: 1 … 65,535. */
static bool parse_port(struct slice text, unsigned *out)
{
    unsigned port = 0;

    if (text.len == 0 || text.len > 5 || text.ptr[0] == '0')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        port = port * 10 + (unsigned)(text.ptr[i] - '0');
    }
    *out = port;
    return port <= 65535;
}

bool web_origin_parse(struct slice text, char out[static WEB_ORIGIN_MAX + 1])
{
    char host[WEB_HOST_MAX + 1];
    struct slice rest;
    const char *colon;
    unsigned port;
    size_t scheme = 0;

    while (scheme < SCHEMES && !has_prefix(text, schemes[scheme].prefix))
        scheme++;
    if (scheme == SCHEMES)
        return false;
    port = schemes[scheme].port;
    rest = slice_from(text, schemes[scheme].prefix.len);
    colon = memchr(rest.ptr, ':', rest.len);
    if (colon) {
        if (!parse_port(slice_from(rest, (size_t)(colon + 1 - rest.ptr)), &port))
            return false;
        rest.len = (size_t)(colon - rest.ptr);
    }
    if (!web_host_parse(rest, host))
        return false;
    if (port == schemes[scheme].port)
        (void)snprintf(out, WEB_ORIGIN_MAX + 1, "%s%s", schemes[scheme].prefix.ptr, host);
    else
        (void)snprintf(out, WEB_ORIGIN_MAX + 1, "%s%s:%u", schemes[scheme].prefix.ptr, host, port);
    return true;
}
