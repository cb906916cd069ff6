#include "count/source.h"

#include "base/ascii.h"
#include "base/utf8.h"
#include "count/known_source.h"
#include "count/url.h"

/* The last label of a name that is looked up in the DNS has two letters or more, or is punycode:
 * "v2.0" and "Dr.X" are names of another kind. */
static bool looks_public(struct slice host)
{
    const char *dot = host.len > 0 ? memrchr(host.ptr, '.', host.len) : NULL;
    struct slice last;

    if (!dot)
        return false;
    last = slice_from(host, (size_t)(dot + 1 - host.ptr));
    if (last.len < 2)
        return false;
    if (slice_starts_with(last, SLICE("xn--")))
        return true;
    for (size_t i = 0; i < last.len; i++) {
        if (!ascii_is_letter(last.ptr[i]))
            return false;
    }
    return true;
}

/* A page on the sender's own machine: somebody builds or tries out a site. */
static bool is_this_machine(struct slice host)
{
    const struct slice name = SLICE("localhost");

    if (slice_eq(host, name) || slice_eq(host, SLICE("[::1]")))
        return true;
    if (host.len > name.len && host.ptr[host.len - name.len - 1] == '.')
        return slice_eq(slice_from(host, host.len - name.len), name);
    return slice_starts_with(host, SLICE("127.")) && !looks_public(host);
}

static bool is_own(struct slice folded, const struct source_own *own)
{
    for (size_t i = 0; i < own->count; i++) {
        if (slice_eq(url_fold_host(own->hosts[i]), folded))
            return true;
    }
    return false;
}

/* The source that a host in lower case stands for. */
static struct slice name_of_host(struct slice host)
{
    struct slice folded = url_fold_host(host);
    struct slice known = known_source_of_host(folded);

    return known.len > 0 ? known : folded;
}

static enum err from_host(struct slice host, const struct source_own *own, struct arena *arena,
                          struct source *out)
{
    struct source source = {.name = SLICE("")};
    enum err err = url_lower(host, arena, &source.host);

    if (err != ERR_OK)
        return err;
    if (!is_this_machine(source.host) && !is_own(url_fold_host(source.host), own))
        source.name = name_of_host(source.host);
    *out = source;
    return ERR_OK;
}

/* android-app://PACKAGE/…: one that is not known stays with its scheme, so that nobody takes it
 * for a host. */
static struct slice name_of_app(const struct url *url)
{
    struct slice known = known_source_of_app(url->host);
    const char *begin = url->scheme.ptr + url->scheme.len + SLICE("://").len;
    size_t len = (size_t)(begin - url->scheme.ptr) + url->host.len;

    if (known.len > 0)
        return known;
    /* A package has no users before it. */
    if (url->host.len == 0 || url->host.ptr != begin || len > SOURCE_MAX)
        return SLICE("");
    return slice_of(url->scheme.ptr, len);
}

static struct slice from_plain_name(struct slice name)
{
    struct slice known = known_source_of_word(name);

    if (known.len > 0)
        return known;
    return name.len <= SOURCE_MAX && utf8_is_clean(name) ? name : SLICE("");
}

static enum err from_url(const struct url *url, const struct source_own *own, struct arena *arena,
                         struct source *out)
{
    bool is_app = slice_eq(url->scheme, SLICE("android-app"));

    if (url_is_web(url->scheme))
        return from_host(url->host, own, arena, out);
    *out = (struct source){.name = is_app ? name_of_app(url) : SLICE(""), .host = SLICE("")};
    return ERR_OK;
}

enum err source_of_referrer(struct slice referrer, const struct source_own *own,
                            struct arena *arena, struct source *out)
{
    struct slice text = ascii_trim(referrer);
    struct url url;
    struct slice host;

    if (url_split(text, &url))
        return from_url(&url, own, arena, out);
    host = url_host(text, NULL);
    if (looks_public(host))
        return from_host(host, own, arena, out);
    *out = (struct source){.name = from_plain_name(text), .host = SLICE("")};
    return ERR_OK;
}

enum err source_of_name(struct slice name, struct arena *arena, struct slice *out)
{
    static const struct source_own nothing = {NULL, 0};
    struct source source = {.name = SLICE("")};
    enum err err = source_of_referrer(name, &nothing, arena, &source);

    if (err == ERR_OK)
        *out = source.name;
    return err;
}
