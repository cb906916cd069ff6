#include "count/url.h"

#include "base/address.h"
#include "base/ascii.h"

#define MAX_LABEL  63
#define MAX_SCHEME 32

/* Where `c` is in `text`; its length when it is not there. */
static size_t find(struct slice text, char c)
{
    const char *found = text.len > 0 ? memchr(text.ptr, c, text.len) : NULL;

    return found ? (size_t)(found - text.ptr) : text.len;
}

static bool is_scheme_char(char c)
{
    return ascii_is_letter(c) || ascii_is_digit(c) || c == '+' || c == '-' || c == '.';
}

/* Length of the scheme that `text` begins with, 0 when there is none (RFC 3986, section 3.1). */
static size_t scheme_len(struct slice text)
{
    size_t len = 0;

    if (text.len == 0 || !ascii_is_letter(text.ptr[0]))
        return 0;
    while (len < text.len && len < MAX_SCHEME && is_scheme_char(text.ptr[len]))
        len++;
    return slice_starts_with(slice_from(text, len), SLICE("://")) ? len : 0;
}

bool url_split(struct slice text, struct url *out)
{
    size_t len = scheme_len(text);
    struct url url = {.scheme = slice_of(text.ptr, len)};

    if (len == 0)
        return false;
    url.host = url_host(slice_from(text, len + SLICE("://").len), &url.rest);
    *out = url;
    return true;
}

bool url_is_web(struct slice scheme)
{
    return ascii_compare(scheme, SLICE("https")) == 0 || ascii_compare(scheme, SLICE("http")) == 0;
}

/* Labels of 1 to MAX_LABEL letters, digits, '-' and '_', with a dot between two of them. */
static bool is_name(struct slice host)
{
    size_t label = 0;

    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];

        if (c == '.' && label == 0)
            return false;
        if (c != '.' && !ascii_is_letter(c) && !ascii_is_digit(c) && c != '-' && c != '_')
            return false;
        label = c == '.' ? 0 : label + 1;
        if (label > MAX_LABEL)
            return false;
    }
    return label > 0 && host.len <= URL_MAX_HOST;
}

/* A colon and digits, or nothing. An empty port is one, too (RFC 3986, section 3.2.3). */
static bool is_port(struct slice text)
{
    for (size_t i = 1; i < text.len; i++) {
        if (!ascii_is_digit(text.ptr[i]))
            return false;
    }
    return text.len == 0 || text.ptr[0] == ':';
}

/* The IPv6 address in brackets that `authority` begins with, brackets and all. */
static struct slice bracketed_host(struct slice authority)
{
    const char *end = memchr(authority.ptr, ']', authority.len);
    struct slice host = slice_of(authority.ptr, end ? (size_t)(end + 1 - authority.ptr) : 0);
    struct address address;

    /* A zone (%eth0) names a network card of the sender: it says nothing here. */
    if (!end || memchr(host.ptr, '%', host.len) || !address_parse(host, &address) ||
        !is_port(slice_from(authority, host.len)))
        return SLICE("");
    return host;
}

static struct slice host_of_authority(struct slice authority)
{
    const char *at = authority.len > 0 ? memrchr(authority.ptr, '@', authority.len) : NULL;
    struct slice host = at ? slice_from(authority, (size_t)(at + 1 - authority.ptr)) : authority;
    size_t len = find(host, ':');

    if (host.len == 0)
        return SLICE("");
    if (host.ptr[0] == '[')
        return bracketed_host(host);
    if (!is_port(slice_from(host, len)))
        return SLICE("");
    host.len = len;
    if (len > 0 && host.ptr[len - 1] == '.')
        host.len--;
    return is_name(host) ? host : SLICE("");
}

/* Browsers take a backslash for a slash (WHATWG URL, section 4.4). */
static bool ends_authority(char c)
{
    return c == '/' || c == '?' || c == '#' || c == '\\';
}

struct slice url_host(struct slice text, struct slice *rest)
{
    size_t len = 0;

    while (len < text.len && !ends_authority(text.ptr[len]))
        len++;
    if (rest)
        *rest = len < text.len ? slice_from(text, len) : SLICE("");
    return host_of_authority(slice_of(text.ptr, len));
}

enum err url_lower(struct slice host, struct arena *arena, struct slice *out)
{
    size_t i = 0;
    char *lower;

    while (i < host.len && ascii_lower(host.ptr[i]) == host.ptr[i])
        i++;
    if (i == host.len) {
        *out = host;
        return ERR_OK;
    }
    lower = arena_alloc(arena, host.len);
    if (!lower)
        return ERR_NO_MEMORY;
    for (i = 0; i < host.len; i++)
        lower[i] = ascii_lower(host.ptr[i]);
    *out = slice_of(lower, host.len);
    return ERR_OK;
}

/* True for a name as co.uk, com.au or or.jp, under which many register: so none of its own. */
static bool is_registry(struct slice host)
{
    static const struct slice kinds[] = {SLICE_INIT("ac"),  SLICE_INIT("co"),  SLICE_INIT("com"),
                                         SLICE_INIT("edu"), SLICE_INIT("gov"), SLICE_INIT("go"),
                                         SLICE_INIT("ne"),  SLICE_INIT("net"), SLICE_INIT("or"),
                                         SLICE_INIT("org")};
    size_t dot = find(host, '.');

    if (host.len != dot + 3)
        return false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (slice_eq(slice_of(host.ptr, dot), kinds[i]))
            return true;
    }
    return false;
}

/* Length of the first label with its dot, when it may be left out; else 0. */
static size_t folded_len(struct slice host)
{
    static const struct slice labels[] = {SLICE_INIT("www."),    SLICE_INIT("m."),
                                          SLICE_INIT("amp."),    SLICE_INIT("l."),
                                          SLICE_INIT("mobile."), SLICE_INIT("lm.")};

    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (slice_starts_with(host, labels[i]))
            return labels[i].len;
    }
    return 0;
}

struct slice url_fold_host(struct slice host)
{
    size_t len;

    while ((len = folded_len(host)) > 0) {
        struct slice left = slice_from(host, len);

        if (!memchr(left.ptr, '.', left.len) || is_registry(left))
            break;
        host = left;
    }
    return host;
}
