/* What a value of each field has to look like, and how it is written. */
#include <stdio.h>

#include "base/utf8.h"
#include "count/site_field.h"
#include "count/site_list.h"

/* As much of a wrong value as a message repeats. */
#define MAX_SHOWN 64

/* ---- messages ------------------------------------------------------------------------------- */

static bool is_printable(struct slice text)
{
    return text.len <= MAX_SHOWN && utf8_is_clean(text);
}

/* "KEY: "VALUE" is not WHAT". Values that would spoil the message are not repeated. */
static bool refuse(const struct site_field *field, struct slice value, const char *what,
                   struct err_info *info)
{
    if (is_printable(value))
        err_info_set(info, "%s: \"%.*s\" is not %s; a right value is %s", field->key,
                     SLICE_ARG(value), what, field->example);
    else
        err_info_set(info, "%s: this is not %s; a right value is %s", field->key, what,
                     field->example);
    return false;
}

/* ---- texts ---------------------------------------------------------------------------------- */

static void keep_text(char *out, struct slice text)
{
    if (text.len > 0)
        memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
}

static bool is_id(struct slice text)
{
    if (text.len == 0 || text.len > SITE_MAX_ID)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return true;
}

bool site_set_id(const struct site_field *field, struct site *site, struct slice text,
                 struct err_info *info)
{
    if (!is_id(text))
        return refuse(field, text, "1 to 64 of the characters a-z, 0-9, - and _", info);
    keep_text(site->id, text);
    return true;
}

void site_format_id(const struct site_field *field, const struct site *site, struct strbuf *out)
{
    (void)field;
    strbuf_append(out, slice_str(site->id));
}

bool site_set_name(const struct site_field *field, struct site *site, struct slice text,
                   struct err_info *info)
{
    if (text.len > SITE_MAX_NAME || !utf8_is_clean(text))
        return refuse(field, text, "at most 100 bytes of UTF-8 without control characters", info);
    keep_text(site->name, text);
    return true;
}

void site_format_name(const struct site_field *field, const struct site *site, struct strbuf *out)
{
    (void)field;
    strbuf_append(out, slice_str(site->name));
}

bool site_set_zone(const struct site_field *field, struct site *site, struct slice text,
                   struct err_info *info)
{
    if (!zone_is_name(text))
        return refuse(field, text, "a time zone of the tz database", info);
    keep_text(site->zone, text);
    return true;
}

void site_format_zone(const struct site_field *field, const struct site *site, struct strbuf *out)
{
    (void)field;
    strbuf_append(out, slice_str(site->zone));
}

/* ---- hosts and addresses -------------------------------------------------------------------- */

static bool refuse_count(const struct site_field *field, int max, struct err_info *info)
{
    err_info_set(info, "%s: at most %d are taken", field->key, max);
    return false;
}

bool site_set_domains(const struct site_field *field, struct site *site, struct slice text,
                      struct err_info *info)
{
    struct site_list_reader reader = site_list_read(text);
    char domains[SITE_MAX_HOSTS][WEB_HOST_MAX + 1] = {""};
    struct slice item;
    size_t count = 0;

    while (site_list_next(&reader, &item)) {
        if (count == SITE_MAX_HOSTS)
            return refuse_count(field, SITE_MAX_HOSTS, info);
        if (!web_host_parse(item, domains[count++]))
            return refuse(field, item, "the name of a host", info);
    }
    memcpy(site->domains, domains, sizeof(domains));
    site->domain_count = count;
    return true;
}

void site_format_domains(const struct site_field *field, const struct site *site,
                         struct strbuf *out)
{
    size_t start = out->len;

    (void)field;
    for (size_t i = 0; i < site->domain_count; i++)
        site_list_append(out, start, slice_str(site->domains[i]));
    site_list_end(out, start);
}

bool site_set_origins(const struct site_field *field, struct site *site, struct slice text,
                      struct err_info *info)
{
    struct site_list_reader reader = site_list_read(text);
    char origins[SITE_MAX_ORIGINS][WEB_ORIGIN_MAX + 1] = {""};
    struct slice item;
    size_t count = 0;

    while (site_list_next(&reader, &item)) {
        if (count == SITE_MAX_ORIGINS)
            return refuse_count(field, SITE_MAX_ORIGINS, info);
        if (!web_origin_parse(item, origins[count++]))
            return refuse(field, item, "an origin", info);
    }
    memcpy(site->origins, origins, sizeof(origins));
    site->origin_count = count;
    return true;
}

void site_format_origins(const struct site_field *field, const struct site *site,
                         struct strbuf *out)
{
    size_t start = out->len;

    (void)field;
    for (size_t i = 0; i < site->origin_count; i++)
        site_list_append(out, start, slice_str(site->origins[i]));
    site_list_end(out, start);
}

/* The items again, each with one blank before it; false when one is empty, or there is no room. */
static bool join(struct slice text, struct strbuf *out)
{
    struct site_list_reader reader = site_list_read(text);
    struct slice item;

    while (site_list_next(&reader, &item)) {
        if (item.len == 0)
            return false;
        site_list_append(out, 0, item);
    }
    return !out->failed;
}

bool site_set_ignored(const struct site_field *field, struct site *site, struct slice text,
                      struct err_info *info)
{
    char storage[SITE_MAX_IGNORED];
    struct address_set set;
    struct strbuf joined;

    strbuf_init_fixed(&joined, storage, sizeof(storage));
    if (!join(text, &joined) || address_set_parse(strbuf_slice(&joined), &set, NULL) != ERR_OK)
        return refuse(field, text, "a list of at most 64 addresses and networks, and 1000 bytes",
                      info);
    keep_text(site->ignored, strbuf_slice(&joined));
    site->ignored_set = set;
    return true;
}

void site_format_ignored(const struct site_field *field, const struct site *site,
                         struct strbuf *out)
{
    size_t start = out->len;

    (void)field;
    strbuf_append(out, slice_str(site->ignored));
    site_list_end(out, start);
}

/* ---- words ---------------------------------------------------------------------------------- */

static const struct slice collect_words[SITE_COLLECT_COUNT_] = {
    [SITE_COLLECT_SOURCE] = SLICE_INIT("source"),
    [SITE_COLLECT_CAMPAIGN] = SLICE_INIT("campaign"),
    [SITE_COLLECT_COUNTRY] = SLICE_INIT("country"),
    [SITE_COLLECT_LANGUAGE] = SLICE_INIT("language"),
    [SITE_COLLECT_BROWSER] = SLICE_INIT("browser"),
    [SITE_COLLECT_SYSTEM] = SLICE_INIT("system"),
    [SITE_COLLECT_DEVICE] = SLICE_INIT("device"),
    [SITE_COLLECT_SIZE] = SLICE_INIT("size"),
    [SITE_COLLECT_EVENT] = SLICE_INIT("event"),
    [SITE_COLLECT_TITLE] = SLICE_INIT("title"),
};

const struct site_choices site_collect_choices = {
    .words = collect_words,
    .count = SITE_COLLECT_COUNT_,
    .text = "all, none, source, campaign, country, language, browser, system, device, size, event "
            "or title",
};

#define COLLECT_ALL ((1U << SITE_COLLECT_COUNT_) - 1)

/* 0: there is no such word. */
static unsigned collect_bits(struct slice word)
{
    if (slice_eq(word, SLICE("all")))
        return COLLECT_ALL;
    for (unsigned i = 0; i < SITE_COLLECT_COUNT_; i++) {
        if (slice_eq(word, collect_words[i]))
            return 1U << i;
    }
    return 0;
}

bool site_set_collect(const struct site_field *field, struct site *site, struct slice text,
                      struct err_info *info)
{
    struct site_list_reader reader = site_list_read(text);
    struct slice item;
    unsigned collect = 0;

    while (site_list_next(&reader, &item)) {
        unsigned bits = collect_bits(item);

        if (bits == 0)
            return refuse(field, item, field->choices->text, info);
        collect |= bits;
    }
    site->collect = collect;
    return true;
}

void site_format_collect(const struct site_field *field, const struct site *site,
                         struct strbuf *out)
{
    size_t start = out->len;

    (void)field;
    if (site->collect == COLLECT_ALL) {
        strbuf_append(out, SLICE("all"));
        return;
    }
    for (unsigned i = 0; i < SITE_COLLECT_COUNT_; i++) {
        if (site_collects(site, (enum site_collect)i))
            site_list_append(out, start, collect_words[i]);
    }
    site_list_end(out, start);
}

static const struct slice privacy_words[] = {
    [SITE_PRIVACY_IGNORE] = SLICE_INIT("ignore"),
    [SITE_PRIVACY_NO_VISITOR] = SLICE_INIT("no-visitor"),
    [SITE_PRIVACY_NO_COUNT] = SLICE_INIT("no-count"),
};

static const struct slice public_words[] = {
    [SITE_PUBLIC_OFF] = SLICE_INIT("off"),
    [SITE_PUBLIC_TOTAL] = SLICE_INIT("total"),
    [SITE_PUBLIC_PAGES] = SLICE_INIT("pages"),
};

static const struct slice dashboard_words[] = {
    [SITE_DASHBOARD_OFF] = SLICE_INIT("off"),
    [SITE_DASHBOARD_ON] = SLICE_INIT("on"),
    [SITE_DASHBOARD_ANYWHERE] = SLICE_INIT("anywhere"),
};

const struct site_choices site_privacy_choices = {
    .words = privacy_words,
    .count = sizeof(privacy_words) / sizeof(privacy_words[0]),
    .text = "ignore, no-visitor or no-count",
};

const struct site_choices site_public_choices = {
    .words = public_words,
    .count = sizeof(public_words) / sizeof(public_words[0]),
    .text = "off, total or pages",
};

const struct site_choices site_dashboard_choices = {
    .words = dashboard_words,
    .count = sizeof(dashboard_words) / sizeof(dashboard_words[0]),
    .text = "off, on or anywhere",
};

_Static_assert(sizeof(enum site_privacy) == sizeof(unsigned), "choices are stored as one");
_Static_assert(sizeof(enum site_public) == sizeof(unsigned), "choices are stored as one");
_Static_assert(sizeof(enum site_dashboard) == sizeof(unsigned), "choices are stored as one");

bool site_set_choice(const struct site_field *field, struct site *site, struct slice text,
                     struct err_info *info)
{
    for (unsigned i = 0; i < field->choices->count; i++) {
        if (!slice_eq(text, field->choices->words[i]))
            continue;
        memcpy((char *)site + field->offset, &i, sizeof(i));
        return true;
    }
    return refuse(field, text, field->choices->text, info);
}

void site_format_choice(const struct site_field *field, const struct site *site, struct strbuf *out)
{
    unsigned choice;

    memcpy(&choice, (const char *)site + field->offset, sizeof(choice));
    strbuf_append(out, field->choices->words[choice]);
}

/* ---- numbers -------------------------------------------------------------------------------- */

/* Decimal digits only, at most 18, which fit. */
static bool parse_number(struct slice text, int64_t *out)
{
    int64_t number = 0;

    if (text.len == 0 || text.len > 18)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        number = number * 10 + (text.ptr[i] - '0');
    }
    *out = number;
    return true;
}

bool site_set_number(const struct site_field *field, struct site *site, struct slice text,
                     struct err_info *info)
{
    int64_t number;

    if (!parse_number(text, &number) || number < field->min || number > field->max) {
        char wanted[64];

        (void)snprintf(wanted, sizeof(wanted), "a whole number from %lld to %lld",
                       (long long)field->min, (long long)field->max);
        return refuse(field, text, wanted, info);
    }
    memcpy((char *)site + field->offset, &number, sizeof(number));
    return true;
}

void site_format_number(const struct site_field *field, const struct site *site, struct strbuf *out)
{
    int64_t number;

    memcpy(&number, (const char *)site + field->offset, sizeof(number));
    strbuf_append_int(out, number);
}
