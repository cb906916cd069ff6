#include "store/postgres_url.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "store/postgres_text.h"

#define EXAMPLE   "postgres://user:password@127.0.0.1:5432/footfall?sslmode=verify-full"

#define MAX_BYTES 4096
#define MAX_PORT  65535

/* So much of what libpq says is shown; the sentence fits struct err_info then. */
#define SHOWN_BYTES 120

static enum err fail(struct err_info *info, const char *what)
{
    err_info_set(info, "%.*s, use for example " EXAMPLE, SHOWN_BYTES, what);
    return ERR_CONFIG;
}

/* libpq quotes the part of the url that it does not like, with the password in it if it must be;
 * the quotation is left out of every url that may have one. */
static enum err fail_by_libpq(struct err_info *info, const char *url, const char *message)
{
    char line[POSTGRES_LINE_BYTES];
    char *quotation;

    postgres_one_line(message, line, sizeof(line));
    quotation = strstr(line, ": \"");
    if (quotation && (strchr(url, '@') || strstr(url, "password")))
        *quotation = '\0';
    return fail(info, line);
}

/* ---- what is ours --------------------------------------------------------------------------- */

static bool parse_require(struct slice value, enum durability *out)
{
    if (slice_eq(value, SLICE("strict")))
        *out = DURABILITY_STRICT;
    else if (slice_eq(value, SLICE("relaxed")))
        *out = DURABILITY_RELAXED;
    else
        return false;
    return true;
}

/* Copies `url` without `require=…`, which libpq does not know, and reads that. */
static bool take_require(const char *url, char plain[static MAX_BYTES], enum durability *require)
{
    static const struct slice name = SLICE_INIT("require=");
    size_t len = strcspn(url, "?");
    const char *part = url + len;

    memcpy(plain, url, len);
    for (char separator = '?'; *part != '\0';) {
        struct slice item = slice_of(part + 1, strcspn(part + 1, "&"));

        part = item.ptr + item.len;
        if (slice_starts_with(item, name)) {
            if (!parse_require(slice_from(item, name.len), require))
                return false;
            continue;
        }
        plain[len++] = separator;
        memcpy(plain + len, item.ptr, item.len);
        len += item.len;
        separator = '&';
    }
    plain[len] = '\0';
    return true;
}

/* ---- what is libpq's ------------------------------------------------------------------------ */

/* Checks the form alone, so that its complaints come before those about values. */
static enum err check_form(const char *plain, struct err_info *info)
{
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(plain, &message);
    enum err err = ERR_OK;

    if (!options)
        err = message ? fail_by_libpq(info, plain, message) : ERR_NO_MEMORY;
    PQconninfoFree(options);
    PQfreemem(message);
    return err;
}

/*
 * libpq puts url, service file, variables and defaults together only inside a connection. One whose
 * last parameter to be checked is wrong has done that, and has not begun to connect; when it
 * complains of another parameter than that one, it is the user's.
 */
static enum err merge(const char *plain, PQconninfoOption **out, struct err_info *info)
{
    static const char *const names[] = {"dbname", "target_session_attrs", NULL};
    const char *const values[] = {plain, "nothing: only checked", NULL};
    PGconn *probe = PQconnectStartParams(names, values, 1);
    enum err err = ERR_OK;

    if (!probe)
        return ERR_NO_MEMORY;
    if (!strstr(PQerrorMessage(probe), "target_session_attrs"))
        err = fail_by_libpq(info, plain, PQerrorMessage(probe));
    if (err == ERR_OK)
        *out = PQconninfo(probe);
    PQfinish(probe);
    return err == ERR_OK && !*out ? ERR_NO_MEMORY : err;
}

/* libpq looks at them only when it connects. */
static bool are_ports(const char *list)
{
    for (const char *part = list;; part += strcspn(part, ",") + 1) {
        char *end;
        long port = strtol(part, &end, 10);

        if (end != part && (port < 1 || port > MAX_PORT))
            return false;
        if (*end == '\0')
            return true; /* an empty one is the default */
        if (*end != ',')
            return false;
    }
}

enum err postgres_url_parse(const char *url, struct postgres_target *out, struct err_info *info)
{
    struct postgres_target target = {.require = DURABILITY_LOSSY};
    char plain[MAX_BYTES];
    enum err err;

    if (strlen(url) >= sizeof(plain))
        return fail(info, "the store url is too long");
    if (!take_require(url, plain, &target.require))
        return fail(info, "require= is strict or relaxed");
    err = check_form(plain, info);
    if (err == ERR_OK)
        err = merge(plain, &target.options, info);
    if (err != ERR_OK)
        return err;
    if (!are_ports(postgres_target_value(&target, "port"))) {
        postgres_target_fini(&target);
        return fail(info, "a port is a number from 1 to 65535");
    }
    *out = target;
    return ERR_OK;
}

void postgres_target_fini(struct postgres_target *target)
{
    PQconninfoFree(target->options); /* NULL is fine */
    target->options = NULL;
}

const char *postgres_target_value(const struct postgres_target *target, const char *keyword)
{
    for (const PQconninfoOption *option = target->options; option->keyword; option++) {
        if (strcmp(option->keyword, keyword) == 0)
            return option->val ? option->val : "";
    }
    return "";
}

/* ---- for libpq again ------------------------------------------------------------------------ */

/* Where `name` stands; `count` when it does not. */
static size_t find(const struct postgres_keywords *keywords, const char *name)
{
    size_t i = 0;

    while (i < keywords->count && strcmp(keywords->names[i], name) != 0)
        i++;
    return i;
}

void postgres_keywords_set(struct postgres_keywords *keywords, const char *name, const char *value)
{
    size_t i = find(keywords, name);

    assert(i < POSTGRES_MAX_KEYWORDS); /* libpq 15 has 44 */
    keywords->names[i] = name;
    keywords->values[i] = value;
    if (i == keywords->count)
        keywords->names[++keywords->count] = NULL;
}

/* Kerberos' libraries read files and ask servers while the loop waits: only for who wants it. */
static bool is_default_gss(const PQconninfoOption *option)
{
    return strcmp(option->keyword, "gssencmode") == 0 && strcmp(option->val, "prefer") == 0;
}

/* What the service file says has been merged already. */
static bool is_service(const PQconninfoOption *option)
{
    return strcmp(option->keyword, "service") == 0;
}

void postgres_target_keywords(const struct postgres_target *target, struct postgres_keywords *out)
{
    static const struct {
        const char *name;
        const char *value;
        bool is_default; /* gives way to the target's */
    } ours[] = {
        {"target_session_attrs", "read-write", false},
        {"client_encoding", "UTF8", false},
        {"fallback_application_name", "footfall", true},
        {"gssencmode", "disable", true},
        /* A dead peer behind a silent network is found after a minute; operations have deadlines
         * of their own. */
        {"keepalives_idle", "30", true},
        {"keepalives_interval", "10", true},
        {"keepalives_count", "3", true},
        {"tcp_user_timeout", "30000", true},
    };

    *out = (struct postgres_keywords){.count = 0};
    for (const PQconninfoOption *option = target->options; option->keyword; option++) {
        if (option->val && option->val[0] != '\0' && !is_default_gss(option) && !is_service(option))
            postgres_keywords_set(out, option->keyword, option->val);
    }
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        if (!ours[i].is_default || find(out, ours[i].name) == out->count)
            postgres_keywords_set(out, ours[i].name, ours[i].value);
    }
}
