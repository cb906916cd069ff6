#include "count/site.h"

#include <assert.h>
#include <stdlib.h>

#include "count/hit.h"
#include "count/site_field.h"
#include "count/site_list.h"

struct site *site_create_blank(void)
{
    struct site *site = calloc(1, sizeof(*site));

    for (size_t i = 0; site && i < site_field_count; i++) {
        const struct site_field *field = &site_fields[i];
        bool is_right =
            !field->fallback || field->set(field, site, slice_str(field->fallback), NULL);

        assert(is_right);
        (void)is_right;
    }
    return site;
}

enum err site_create(struct slice id, int64_t created_unix_s, struct site **out,
                     struct err_info *info)
{
    const struct site_field *field = site_field_find(SLICE("id"));
    struct site *site = site_create_blank();

    if (!site)
        return ERR_NO_MEMORY;
    if (!field->set(field, site, id, info)) {
        site_destroy(site);
        return ERR_INVALID;
    }
    site->created_unix_s = created_unix_s;
    *out = site;
    return ERR_OK;
}

struct site *site_default(void)
{
    struct site *site = NULL;

    return site_create(SLICE(SITE_DEFAULT), 0, &site, NULL) == ERR_OK ? site : NULL;
}

struct site *site_dup(const struct site *site)
{
    struct site *copy = malloc(sizeof(*copy));

    if (copy)
        *copy = *site;
    return copy;
}

void site_destroy(struct site *site)
{
    free(site);
}

static enum err tell_unknown(struct err_info *info)
{
    char keys[sizeof(info->text)];
    struct strbuf list;

    strbuf_init_fixed(&list, keys, sizeof(keys));
    for (size_t i = 0; i < site_field_count; i++) {
        if (!site_fields[i].is_fixed)
            site_list_append(&list, 0, slice_str(site_fields[i].key));
    }
    err_info_set(info, "a site has no such setting; it has %.*s", SLICE_ARG(strbuf_slice(&list)));
    return ERR_NOT_FOUND;
}

enum err site_set(struct site *site, struct slice key, struct slice value, struct err_info *info)
{
    const struct site_field *field = site_field_find(key);

    if (!field)
        return tell_unknown(info);
    if (field->is_fixed) {
        err_info_set(info, "%s: this cannot be changed", field->key);
        return ERR_INVALID;
    }
    return field->set(field, site, value, info) ? ERR_OK : ERR_INVALID;
}

enum err site_check(const struct site *site, struct err_info *info)
{
    struct zone *zone = NULL;
    enum err err = zone_open(site->zone, &zone, info);

    zone_close(zone);
    return err;
}

bool site_has_host(const struct site *site, struct slice host)
{
    for (size_t i = 0; i < site->domain_count; i++) {
        if (slice_eq(web_host_bare(slice_str(site->domains[i])), host))
            return true;
    }
    return false;
}

bool site_allows_origin(const struct site *site, struct slice origin)
{
    char text[WEB_ORIGIN_MAX + 1];

    if (site->origin_count == 0)
        return true;
    if (!web_origin_parse(origin, text))
        return false;
    for (size_t i = 0; i < site->origin_count; i++) {
        if (strcmp(site->origins[i], text) == 0)
            return true;
    }
    return false;
}

bool site_public_shows(enum site_public shown, bool is_page)
{
    switch (shown) {
    case SITE_PUBLIC_OFF:
        return false;
    case SITE_PUBLIC_TOTAL:
        return !is_page;
    case SITE_PUBLIC_PAGES:
        return true;
    }
    return false;
}
