#include "store/redis_url.h"

#include "base/percent.h"
#include "base/slice.h"

#define DEFAULT_PORT 6379
#define MAX_PORT     65535
#define MAX_DB       65535

/* So much of a wrong part is shown; the sentence fits struct err_info then. */
#define SHOWN_BYTES  48

#define EXAMPLE_TCP  "redis://user:password@127.0.0.1:6379/0?require=relaxed"
#define EXAMPLE_UNIX "unix:/run/redis/redis.sock?db=0&require=relaxed"

struct parser {
    struct redis_target target;
    struct err_info *info;
    const char *example;
};

static bool fail(struct parser *p, const char *what, struct slice part)
{
    err_info_set(p->info, "%s \"%.*s\", use for example %s", what,
                 part.len > SHOWN_BYTES ? SHOWN_BYTES : (int)part.len, part.ptr ? part.ptr : "",
                 p->example);
    return false;
}

/* For parts that may hold a password: says what, never shows it. */
static bool fail_unshown(struct parser *p, const char *what)
{
    err_info_set(p->info, "%s, use for example %s", what, p->example);
    return false;
}

static bool decode(struct slice text, char *out, size_t size)
{
    char decoded[3 * sizeof(((struct redis_target *)NULL)->password)];
    struct slice plain;

    if (text.len > sizeof(decoded))
        return false;
    plain = percent_decode(text, PERCENT_PATH, decoded);
    if (!plain.ptr || plain.len >= size || memchr(plain.ptr, '\0', plain.len))
        return false;
    memcpy(out, plain.ptr, plain.len);
    out[plain.len] = '\0';
    return true;
}

static bool parse_number(struct slice text, unsigned max, unsigned *out)
{
    unsigned number = 0;

    if (text.len == 0 || text.len > 5)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        number = number * 10 + (unsigned)(text.ptr[i] - '0');
    }
    *out = number;
    return number <= max;
}

/* Splits `text` at the first `separator`: the part before it, and in *rest what comes after;
 * rest->ptr is NULL when there is no separator. */
static struct slice split(struct slice text, char separator, struct slice *rest)
{
    const char *at = text.len > 0 ? memchr(text.ptr, separator, text.len) : NULL;
    size_t len = at ? (size_t)(at - text.ptr) : text.len;

    *rest = at ? slice_from(text, len + 1) : slice_of(NULL, 0);
    return slice_of(text.ptr, len);
}

/* ---- what stands behind the question mark --------------------------------------------------- */

static bool set_require(struct parser *p, struct slice value)
{
    if (slice_eq(value, SLICE("strict")))
        p->target.require = DURABILITY_STRICT;
    else if (slice_eq(value, SLICE("relaxed")))
        p->target.require = DURABILITY_RELAXED;
    else
        return fail(p, "require= is strict or relaxed, not", value);
    return true;
}

static bool set_db(struct parser *p, struct slice value)
{
    return parse_number(value, MAX_DB, &p->target.db) ||
           fail(p, "the database of Redis is a number, not", value);
}

static bool set_user(struct parser *p, struct slice value)
{
    return decode(value, p->target.user, sizeof(p->target.user)) ||
           fail_unshown(p, "the user is too long or not percent-encoded well");
}

static bool set_password(struct parser *p, struct slice value)
{
    return decode(value, p->target.password, sizeof(p->target.password)) ||
           fail_unshown(p, "the password is too long or not percent-encoded well");
}

static const struct option {
    const char *name;
    bool (*set)(struct parser *p, struct slice value);
    bool only_unix; /* has a place of its own in redis:// */
} options[] = {
    {"require", set_require, false},
    {"db", set_db, true},
    {"user", set_user, true},
    {"password", set_password, true},
};

static const struct option *find_option(const struct parser *p, struct slice name)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (slice_eq(name, slice_str(options[i].name)) &&
            (p->target.is_unix || !options[i].only_unix))
            return &options[i];
    }
    return NULL;
}

static bool parse_query(struct parser *p, struct slice query)
{
    while (query.len > 0) {
        struct slice rest;
        struct slice value;
        struct slice name = split(split(query, '&', &rest), '=', &value);
        const struct option *option = find_option(p, name);

        if (!option || !value.ptr)
            return fail(p, "there is no such option in this store url:", name);
        if (!option->set(p, value))
            return false;
        query = rest;
    }
    if (p->target.user[0] != '\0' && p->target.password[0] == '\0')
        return fail_unshown(p, "a user comes with a password");
    return true;
}

/* ---- redis:// ------------------------------------------------------------------------------- */

static bool parse_login(struct parser *p, struct slice login)
{
    struct slice password;
    struct slice user = split(login, ':', &password);

    if (!password.ptr || password.len == 0)
        return fail_unshown(p, "before the @ a store url has user:password or :password");
    return set_user(p, user) && set_password(p, password);
}

static bool parse_host(struct parser *p, struct slice host)
{
    if (host.len == 0)
        return fail_unshown(p, "the store url names no host");
    if (host.len >= sizeof(p->target.host))
        return fail(p, "too long for a host:", host);
    memcpy(p->target.host, host.ptr, host.len);
    p->target.host[host.len] = '\0';
    return true;
}

static bool parse_host_and_port(struct parser *p, struct slice text)
{
    struct slice port;
    struct slice host;

    if (text.len > 0 && text.ptr[0] == '[') {
        host = split(slice_from(text, 1), ']', &port);
        if (!port.ptr || (port.len > 0 && port.ptr[0] != ':'))
            return fail(p, "an IPv6 host stands in brackets, not as", text);
        port = port.len > 0 ? slice_from(port, 1) : slice_of(NULL, 0);
    } else {
        host = split(text, ':', &port);
    }
    p->target.port = DEFAULT_PORT;
    if (port.ptr && (!parse_number(port, MAX_PORT, &p->target.port) || p->target.port == 0))
        return fail(p, "a port is a number from 1 to 65535, not", port);
    return parse_host(p, host);
}

static bool parse_tcp(struct parser *p, struct slice text)
{
    struct slice query;
    struct slice db;
    struct slice authority = split(split(text, '?', &query), '/', &db);
    struct slice host = authority;

    /* Nothing behind the authority has an @: this is a password cut in two, not to be quoted. */
    if (memchr(text.ptr + authority.len, '@', text.len - authority.len))
        return fail_unshown(p, "in a password / is written %2F and ? is written %3F");
    /* The last @ ends the password: an unescaped one may be part of it. */
    for (size_t i = authority.len; i > 0; i--) {
        if (authority.ptr[i - 1] != '@')
            continue;
        host = slice_from(authority, i);
        if (!parse_login(p, slice_of(authority.ptr, i - 1)))
            return false;
        break;
    }
    return parse_host_and_port(p, host) && (db.len == 0 || set_db(p, db)) && parse_query(p, query);
}

/* ---- unix: ---------------------------------------------------------------------------------- */

static bool parse_unix(struct parser *p, struct slice text)
{
    struct slice query;
    struct slice path = split(text, '?', &query);

    p->target.is_unix = true;
    if (slice_starts_with(path, SLICE("///")))
        path = slice_from(path, 2); /* unix:///path is unix:/path */
    if (path.len == 0)
        return fail_unshown(p, "the store url names no socket");
    if (path.len >= sizeof(p->target.path))
        return fail(p, "too long for the path of a socket (107 bytes):", path);
    memcpy(p->target.path, path.ptr, path.len);
    return parse_query(p, query);
}

/* ---- the schemes ---------------------------------------------------------------------------- */

static bool refuse_tls(struct parser *p, struct slice text)
{
    (void)text;
    return fail_unshown(p, "rediss:// (TLS) is not supported yet");
}

static bool refuse_cluster(struct parser *p, struct slice text)
{
    (void)text;
    return fail_unshown(p, "redis+cluster:// is not supported yet");
}

static const struct {
    const char *prefix;
    bool (*parse)(struct parser *p, struct slice text);
    const char *example;
} schemes[] = {
    {"redis://", parse_tcp, EXAMPLE_TCP},
    {"unix:", parse_unix, EXAMPLE_UNIX},
    {"rediss://", refuse_tls, EXAMPLE_TCP},
    {"redis+cluster://", refuse_cluster, EXAMPLE_TCP},
};

enum err redis_url_parse(const char *url, struct redis_target *out, struct err_info *info)
{
    struct slice text = slice_str(url);

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        struct parser p = {.target = {.require = DURABILITY_LOSSY}, .info = info};
        struct slice prefix = slice_str(schemes[i].prefix);

        if (!slice_starts_with(text, prefix))
            continue;
        p.example = schemes[i].example;
        if (!schemes[i].parse(&p, slice_from(text, prefix.len)))
            return ERR_CONFIG;
        *out = p.target;
        return ERR_OK;
    }
    err_info_set(info, "a Redis store is named by redis:// or unix:, for example " EXAMPLE_TCP);
    return ERR_CONFIG;
}
