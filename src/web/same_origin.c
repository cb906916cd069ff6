#include "web/same_origin.h"

#include "http/field.h"
#include "http/target.h"

#define SAFE_METHODS (HTTP_GET | HTTP_HEAD | HTTP_OPTIONS)

#define HTTP_PORT    80
#define HTTPS_PORT   443
#define MAX_PORT     65535

struct origin {
    bool is_secure;
    struct slice host; /* without its port; in any case */
    unsigned port;
};

/* @param digits  at most five, which host_is_valid() has seen to */
static bool parse_port(struct slice digits, unsigned *port)
{
    unsigned number = 0;

    if (digits.len == 0)
        return true; /* "host:" has the scheme's (RFC 3986, section 3.2.3) */
    for (size_t i = 0; i < digits.len; i++)
        number = number * 10 + (unsigned)(digits.ptr[i] - '0');
    *port = number;
    return number > 0 && number <= MAX_PORT;
}

/* @param host  a name or an address, maybe with a port, and nothing else */
static bool parse_host(struct slice host, bool is_secure, struct origin *out)
{
    const char *colon;

    if (!host_is_valid(host))
        return false;
    *out = (struct origin){is_secure, host, is_secure ? HTTPS_PORT : HTTP_PORT};
    colon = memrchr(host.ptr, ':', host.len);
    if (!colon || host.ptr[host.len - 1] == ']') /* that is one within an IPv6 address */
        return true;
    out->host.len = (size_t)(colon - host.ptr);
    return parse_port(slice_from(host, out->host.len + 1), &out->port);
}

static bool skip_scheme(struct slice *text, struct slice scheme)
{
    if (text->len < scheme.len || !field_text_eq(slice_of(text->ptr, scheme.len), scheme))
        return false;
    *text = slice_from(*text, scheme.len);
    return true;
}

/* An origin, as it stands in Origin: with nothing behind it. */
static bool parse_origin(struct slice text, struct origin *out)
{
    bool is_secure = skip_scheme(&text, SLICE("https://"));

    return (is_secure || skip_scheme(&text, SLICE("http://"))) && parse_host(text, is_secure, out);
}

/* The origin of a URL: all before the path, the query or the fragment. */
static bool parse_url(struct slice url, struct origin *out)
{
    const struct slice slashes = SLICE("://");
    const char *mark = url.len > 0 ? memmem(url.ptr, url.len, slashes.ptr, slashes.len) : NULL;
    size_t end;

    if (!mark)
        return false;
    end = (size_t)(mark - url.ptr) + slashes.len;
    while (end < url.len && url.ptr[end] != '/' && url.ptr[end] != '?' && url.ptr[end] != '#')
        end++;
    return parse_origin(slice_of(url.ptr, end), out);
}

static bool own_origin(const struct origin_claim *claim, struct origin *out)
{
    if (claim->url.len > 0)
        return parse_url(claim->url, out);
    return parse_host(claim->host, claim->is_secure, out);
}

static bool same(const struct origin *a, const struct origin *b)
{
    return a->is_secure == b->is_secure && a->port == b->port && field_text_eq(a->host, b->host);
}

enum origin_verdict same_origin_check(const struct origin_claim *claim)
{
    struct origin own;
    struct origin theirs;
    bool is_read;

    if (((unsigned)claim->method & ~(unsigned)SAFE_METHODS) == 0)
        return ORIGIN_HARMLESS;
    if (claim->sec_fetch_site.ptr)
        return slice_eq(claim->sec_fetch_site, SLICE("same-origin")) ? ORIGIN_SAME : ORIGIN_OTHER;
    if (claim->origin.ptr)
        is_read = parse_origin(claim->origin, &theirs);
    else if (claim->referer.ptr)
        is_read = parse_url(claim->referer, &theirs);
    else
        return ORIGIN_UNKNOWN;
    return is_read && own_origin(claim, &own) && same(&own, &theirs) ? ORIGIN_SAME : ORIGIN_OTHER;
}
