/* Urls: which driver serves one, and how one is shown. */
#include <stdio.h>

#include "store/driver.h"
#include "store/memory.h"
#include "store/postgres.h"
#include "store/postgres_schema.h"
#include "store/redis.h"
#include "store/redis_cluster.h"
#include "store/redis_url.h"
#include "store/sqlite.h"

static const struct scheme {
    struct slice prefix;
    store_open_fn *open;
    store_url_check_fn *check;
    bool is_private;
    schema_read_fn *schema_read;       /* NULL: it has no schema */
    schema_migrate_fn *schema_migrate; /* NULL: as above */
} schemes[] = {
    {SLICE_INIT("sqlite:"), sqlite_open, sqlite_url_check, false, sqlite_url_schema_read,
     sqlite_url_schema_migrate},
    {SLICE_INIT("redis://"), redis_open, redis_url_check, false, NULL, NULL},
    {SLICE_INIT("unix:"), redis_open, redis_url_check, false, NULL, NULL},
    {SLICE_INIT("rediss://"), redis_open, redis_url_check, false, NULL, NULL},
    {SLICE_INIT("redis+cluster://"), redis_cluster_open, redis_url_check, false, NULL, NULL},
    {SLICE_INIT("rediss+cluster://"), redis_cluster_open, redis_url_check, false, NULL, NULL},
    {SLICE_INIT("postgres://"), postgres_open, postgres_url_check, false, postgres_url_schema_read,
     postgres_url_schema_migrate},
    {SLICE_INIT("postgresql://"), postgres_open, postgres_url_check, false,
     postgres_url_schema_read, postgres_url_schema_migrate},
    {SLICE_INIT("memory:"), memory_open, memory_url_check, true, NULL, NULL},
};

static const struct scheme *find_scheme(const char *url)
{
    struct slice text = slice_str(url);

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (slice_starts_with(text, schemes[i].prefix))
            return &schemes[i];
    }
    return NULL;
}

static enum err unknown_scheme(struct err_info *info)
{
    err_info_set(info,
                 "a store is sqlite:PATH, postgres://HOST/DB, redis://HOST:PORT/DB, rediss:// "
                 "(TLS), redis+cluster://HOST,HOST, unix:SOCKET (Redis) or memory:, for "
                 "example sqlite:footfall.db");
    return ERR_CONFIG;
}

enum err store_open(const char *url, const struct store_env *env, struct store **out,
                    struct err_info *info)
{
    const struct scheme *scheme = find_scheme(url);

    return scheme ? scheme->open(url, env, out, info) : unknown_scheme(info);
}

enum err store_url_check(const char *url, struct err_info *info)
{
    const struct scheme *scheme = find_scheme(url);

    return scheme ? scheme->check(url, info) : unknown_scheme(info);
}

enum err store_schema_read(const char *url, struct schema_state *out, struct err_info *info)
{
    const struct scheme *scheme = find_scheme(url);

    if (!scheme)
        return unknown_scheme(info);
    if (scheme->schema_read)
        return scheme->schema_read(url, out, info);
    *out = (struct schema_state){.has_schema = false};
    return ERR_OK;
}

enum err store_schema_migrate(const char *url, struct err_info *info)
{
    const struct scheme *scheme = find_scheme(url);

    if (!scheme)
        return unknown_scheme(info);
    return scheme->schema_migrate ? scheme->schema_migrate(url, info) : ERR_OK;
}

bool store_url_is_private(const char *url)
{
    const struct scheme *scheme = find_scheme(url);

    return scheme && scheme->is_private;
}

/* Those name a file or a socket, whose name may have an @, and no login before it. */
static bool is_path_url(struct slice url)
{
    return slice_starts_with(url, SLICE("sqlite:")) || slice_starts_with(url, SLICE("unix:"));
}

/* The value of ?password=, and all up to the end of the last such value when there are more
 * (sslpassword=); the empty end of `url` when there is none. */
static struct slice find_query_password(const char *url)
{
    const char *query = strchr(url, '?');
    const char *name = query ? strstr(query, "password=") : NULL;
    const char *value = name ? name + strlen("password=") : url + strlen(url);
    const char *end = value;

    for (; name; name = strstr(end, "password=")) {
        end = name + strlen("password=");
        end += strcspn(end, "&");
    }
    return slice_of(value, (size_t)(end - value));
}

/*
 * Where the password before the host stands: scheme://user:PASSWORD@host. The last @ of all ends
 * it, since people forget to escape a / or ? or @ in it, or a slash before it; without a colon all
 * before the @ is taken for one. The empty end of `url` when there is none.
 */
static struct slice find_login_password(struct slice url)
{
    const char *start = memchr(url.ptr, ':', url.len);
    const char *at = memrchr(url.ptr, '@', url.len);
    const char *colon;

    if (!start || !at || is_path_url(url))
        return slice_from(url, url.len);
    start += strspn(start, ":/");
    if (start > at)
        return slice_from(url, url.len);
    colon = memchr(start, ':', (size_t)(at - start));
    return colon ? slice_of(colon + 1, (size_t)(at - (colon + 1)))
                 : slice_of(start, (size_t)(at - start));
}

void store_url_mask(const char *url, char *out, size_t size)
{
    struct slice query = find_query_password(url);
    struct slice login = find_login_password(slice_of(url, (size_t)(query.ptr - url)));
    const char *rest = login.ptr + login.len;

    (void)snprintf(out, size, "%.*s%s%.*s%s%s", (int)(login.ptr - url), url,
                   login.len > 0 ? "***" : "", (int)(query.ptr - rest), rest,
                   query.len > 0 ? "***" : "", query.ptr + query.len);
}
