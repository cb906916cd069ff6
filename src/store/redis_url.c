#include "store/redis_url.h"

#include "base/percent.h"
#include "base/slice.h"

#define DEFAULT_PORT 6379
#define MAX_PORT     65535
#define MAX_DB       65535

/* So much of a wrong part is shown; the sentence fits struct err_info then. */
#define SHOWN_BYTES     48

#define EXAMPLE_TCP     "redis://user:password@127.0.0.1:6379/0?require=relaxed"
#define EXAMPLE_UNIX    "unix:/run/redis/redis.sock?db=0&require=relaxed"
#define EXAMPLE_TLS     "rediss://user:password@redis.example:6380/0?ca=/etc/redis/ca.pem"
#define EXAMPLE_CLUSTER "redis+cluster://user:password@10.0.0.1:6379,10.0.0.2:6379?wait=1"

struct parser {
    struct redis_url url;
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
        p->url.require = DURABILITY_STRICT;
    else if (slice_eq(value, SLICE("relaxed")))
        p->url.require = DURABILITY_RELAXED;
    else
        return fail(p, "require= is strict or relaxed, not", value);
    return true;
}

static bool set_wait(struct parser *p, struct slice value)
{
    return parse_number(value, REDIS_MAX_WAIT, &p->url.wait) ||
           fail(p, "wait= is a number of replicas from 0 to 15, not", value);
}

static bool set_db(struct parser *p, struct slice value)
{
    return parse_number(value, MAX_DB, &p->url.target.db) ||
           fail(p, "the database of Redis is a number, not", value);
}

static bool set_user(struct parser *p, struct slice value)
{
    return decode(value, p->url.target.user, sizeof(p->url.target.user)) ||
           fail_unshown(p, "the user is too long or not percent-encoded well");
}

static bool set_password(struct parser *p, struct slice value)
{
    return decode(value, p->url.target.password, sizeof(p->url.target.password)) ||
           fail_unshown(p, "the password is too long or not percent-encoded well");
}

static bool set_file(struct parser *p, struct slice value, char *out, size_t size)
{
    return (value.len > 0 && decode(value, out, size)) ||
           fail(p,
                "no name of a file, or one that is too long or not percent-encoded well:", value);
}

static bool set_ca(struct parser *p, struct slice value)
{
    return set_file(p, value, p->url.tls.ca, sizeof(p->url.tls.ca));
}

static bool set_cert(struct parser *p, struct slice value)
{
    return set_file(p, value, p->url.tls.cert, sizeof(p->url.tls.cert));
}

static bool set_key(struct parser *p, struct slice value)
{
    return set_file(p, value, p->url.tls.key, sizeof(p->url.tls.key));
}

static bool set_server_name(struct parser *p, struct slice value)
{
    return (value.len > 0 &&
            decode(value, p->url.tls.server_name, sizeof(p->url.tls.server_name))) ||
           fail(p, "server_name= is the name in the certificate of Redis, not", value);
}

/* Where an option may stand. The login and the database have places of their own elsewhere. */
enum place { ANYWHERE, ONLY_UNIX, ONLY_TLS };

static const struct option {
    const char *name;
    bool (*set)(struct parser *p, struct slice value);
    enum place place;
} options[] = {
    {"require", set_require, ANYWHERE},
    {"wait", set_wait, ANYWHERE},
    {"db", set_db, ONLY_UNIX},
    {"user", set_user, ONLY_UNIX},
    {"password", set_password, ONLY_UNIX},
    {"ca", set_ca, ONLY_TLS},
    {"cert", set_cert, ONLY_TLS},
    {"key", set_key, ONLY_TLS},
    {"server_name", set_server_name, ONLY_TLS},
};

static bool may_stand(const struct parser *p, enum place place)
{
    return place == ANYWHERE || (place == ONLY_UNIX && p->url.target.is_unix) ||
           (place == ONLY_TLS && p->url.is_tls);
}

static const struct option *find_option(const struct parser *p, struct slice name)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (slice_eq(name, slice_str(options[i].name)) && may_stand(p, options[i].place))
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
    if (p->url.target.user[0] != '\0' && p->url.target.password[0] == '\0')
        return fail_unshown(p, "a user comes with a password");
    if ((p->url.tls.cert[0] == '\0') != (p->url.tls.key[0] == '\0'))
        return fail_unshown(p, "cert= and key= come together");
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

static bool parse_host(struct parser *p, struct slice host, struct redis_address *out)
{
    if (host.len == 0)
        return fail_unshown(p, "the store url names no host");
    if (host.len >= sizeof(out->host))
        return fail(p, "too long for a host:", host);
    memcpy(out->host, host.ptr, host.len);
    out->host[host.len] = '\0';
    return true;
}

static bool parse_address(struct parser *p, struct slice text, struct redis_address *out)
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
    out->port = DEFAULT_PORT;
    if (port.ptr && (!parse_number(port, MAX_PORT, &out->port) || out->port == 0))
        return fail(p, "a port is a number from 1 to 65535, not", port);
    return parse_host(p, host, out);
}

/* The login before the hosts; in *hosts what is behind it. */
static bool parse_authority(struct parser *p, struct slice authority, struct slice *hosts)
{
    *hosts = authority;
    /* The last @ ends the password: an unescaped one may be part of it. */
    for (size_t i = authority.len; i > 0; i--) {
        if (authority.ptr[i - 1] != '@')
            continue;
        *hosts = slice_from(authority, i);
        return parse_login(p, slice_of(authority.ptr, i - 1));
    }
    return true;
}

/* Splits the text behind the scheme. Nothing behind the authority has an @ (one in the name of a
 * file is written %40): this is a password cut in two, not to be quoted. */
static bool split_tcp(struct parser *p, struct slice text, struct slice *authority,
                      struct slice *path, struct slice *query)
{
    const char *at;

    *authority = split(split(text, '?', query), '/', path);
    at = memchr(text.ptr + authority->len, '@', text.len - authority->len);
    if (at)
        return fail_unshown(p, "in a password / is written %2F and ? is written %3F");
    return true;
}

static bool parse_tcp(struct parser *p, struct slice text)
{
    struct slice authority;
    struct slice query;
    struct slice host;
    struct slice db;

    return split_tcp(p, text, &authority, &db, &query) && parse_authority(p, authority, &host) &&
           parse_address(p, host, &p->url.target.address) && (db.len == 0 || set_db(p, db)) &&
           parse_query(p, query);
}

/* ---- redis+cluster:// ----------------------------------------------------------------------- */

static bool parse_nodes(struct parser *p, struct slice hosts)
{
    struct slice rest = hosts;

    do {
        struct slice host = split(rest, ',', &rest);

        if (p->url.node_count == REDIS_URL_MAX_NODES)
            return fail_unshown(p,
                                "a store url names up to 16 nodes, the cluster tells the others");
        if (!parse_address(p, host, &p->url.nodes[p->url.node_count++]))
            return false;
    } while (rest.ptr);
    p->url.target.address = p->url.nodes[0];
    return true;
}

static bool parse_cluster(struct parser *p, struct slice text)
{
    struct slice authority;
    struct slice query;
    struct slice hosts;
    struct slice db;

    p->url.is_cluster = true;
    if (!split_tcp(p, text, &authority, &db, &query) || !parse_authority(p, authority, &hosts) ||
        !parse_nodes(p, hosts))
        return false;
    if (db.len > 0 && !slice_eq(db, SLICE("0")))
        return fail(p, "a Redis Cluster has only database 0, not", db);
    return parse_query(p, query);
}

/* ---- unix: ---------------------------------------------------------------------------------- */

static bool parse_unix(struct parser *p, struct slice text)
{
    struct slice query;
    struct slice path = split(text, '?', &query);

    p->url.target.is_unix = true;
    if (slice_starts_with(path, SLICE("///")))
        path = slice_from(path, 2); /* unix:///path is unix:/path */
    if (path.len == 0)
        return fail_unshown(p, "the store url names no socket");
    if (path.len >= sizeof(p->url.target.path))
        return fail(p, "too long for the path of a socket (107 bytes):", path);
    memcpy(p->url.target.path, path.ptr, path.len);
    return parse_query(p, query);
}

/* ---- the schemes ---------------------------------------------------------------------------- */

static const struct {
    const char *prefix;
    bool (*parse)(struct parser *p, struct slice text);
    bool is_tls;
    const char *example;
} schemes[] = {
    {"redis://", parse_tcp, false, EXAMPLE_TCP},
    {"unix:", parse_unix, false, EXAMPLE_UNIX},
    {"rediss://", parse_tcp, true, EXAMPLE_TLS},
    {"redis+cluster://", parse_cluster, false, EXAMPLE_CLUSTER},
    {"rediss+cluster://", parse_cluster, true, EXAMPLE_CLUSTER},
};

enum err redis_url_parse(const char *url, struct redis_url *out, struct err_info *info)
{
    struct slice text = slice_str(url);

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        struct parser p = {.url = {.require = DURABILITY_LOSSY}, .info = info};
        struct slice prefix = slice_str(schemes[i].prefix);

        if (!slice_starts_with(text, prefix))
            continue;
        p.url.is_tls = schemes[i].is_tls;
        p.example = schemes[i].example;
        if (!schemes[i].parse(&p, slice_from(text, prefix.len)))
            return ERR_CONFIG;
        *out = p.url;
        return ERR_OK;
    }
    err_info_set(info, "a Redis store is named by redis://, rediss://, redis+cluster://, "
                       "rediss+cluster:// or unix:, for example " EXAMPLE_TCP);
    return ERR_CONFIG;
}

enum err redis_url_load(const char *url, struct redis_url *out, struct err_info *info)
{
    struct redis_url parsed;
    enum err err = redis_url_parse(url, &parsed, info);

    if (err == ERR_OK && parsed.is_tls)
        err = redis_tls_context_create(&parsed.tls, &parsed.target.tls, info);
    if (err == ERR_OK)
        *out = parsed;
    return err;
}

enum err redis_url_check(const char *url, struct err_info *info)
{
    struct redis_url loaded;
    enum err err = redis_url_load(url, &loaded, info);

    if (err == ERR_OK)
        redis_tls_context_destroy(loaded.target.tls);
    return err;
}
