/* POST /sites/add: a new site, of which the domain is enough. */
#include <stdio.h>

#include "base/ascii.h"
#include "web/answer.h"
#include "web/form_post.h"
#include "web/page.h"
#include "web/resources.h"
#include "web/site_pages.h"
#include "web/task.h"

/* A whole address may be pasted. */
#define MAX_TYPED 2000

struct adding {
    struct task task;
    char id[SITE_MAX_ID + 1];
    char domain[WEB_HOST_MAX + 1];
    struct slice name;
    struct slice zone;
};

/* ---- the site ------------------------------------------------------------------------------- */

static enum err set(struct site *site, const char *key, struct slice value, struct err_info *info)
{
    return value.len > 0 ? site_set(site, slice_str(key), value, info) : ERR_OK;
}

static enum err fill(const struct adding *adding, struct site *site, struct err_info *info)
{
    enum err err = set(site, "domains", slice_str(adding->domain), info);

    if (err == ERR_OK)
        err = set(site, "name", adding->name, info);
    if (err == ERR_OK)
        err = set(site, "zone", adding->zone, info);
    return err == ERR_OK ? site_page_check(site, info) : err;
}

/* A form that is sent twice has added the site. */
static enum err keep(const struct adding *adding, const struct site *now, struct site **out,
                     struct err_info *info)
{
    if (site_has_host(now, web_host_bare(slice_str(adding->domain)))) {
        *out = site_dup(now);
        return *out ? ERR_OK : ERR_NO_MEMORY;
    }
    err_info_set(info, "there is a site with the id %s already; give this one another id",
                 adding->id);
    return ERR_INVALID;
}

static enum err edit(void *ctx, const struct site *now, struct site **out, struct err_info *info)
{
    const struct adding *adding = ctx;
    struct site *site = NULL;
    enum err err;

    if (now)
        return keep(adding, now, out, info);
    err = site_create(slice_str(adding->id), task_now_s(&adding->task), &site, info);
    if (err == ERR_OK)
        err = fill(adding, site, info);
    if (err == ERR_OK)
        *out = site;
    else
        site_destroy(site);
    return err;
}

static void on_added(void *ctx, const struct site_outcome *outcome)
{
    struct adding *adding = ctx;
    struct request *req = adding->task.req;

    adding->task.change = NULL;
    if (outcome->err == ERR_INVALID) {
        sites_page_show(req, 400, outcome->why);
    } else if (outcome->err != ERR_OK) {
        answer_err(req, outcome->err, NULL);
    } else {
        site_log(req, slice_str(adding->id), "added");
        site_page_redirect(req, "/sites/start", slice_str(adding->id), "added");
    }
}

/* ---- the form ------------------------------------------------------------------------------- */

/* The host of what was typed or pasted: "https://example.com/blog" is example.com. */
static struct slice host_of(struct slice typed)
{
    const char *scheme = memmem(typed.ptr, typed.len, "://", 3);
    size_t len = 0;

    if (scheme)
        typed = slice_from(typed, (size_t)(scheme - typed.ptr) + 3);
    while (len < typed.len && !strchr("/?#:", typed.ptr[len]))
        len++;
    return slice_of(typed.ptr, len);
}

/* example.com is example-com. */
static void make_id(struct adding *adding)
{
    struct slice host = web_host_bare(slice_str(adding->domain));
    size_t len = host.len < SITE_MAX_ID ? host.len : SITE_MAX_ID;

    memcpy(adding->id, host.ptr, len);
    for (size_t i = 0; i < len; i++)
        if (adding->id[i] == '.')
            adding->id[i] = '-';
    adding->id[len] = '\0';
}

enum { FIELD_OF_DOMAIN, FIELD_OF_NAME, FIELD_OF_ZONE, FIELD_OF_ID, FORM_FIELDS };

static bool take(struct adding *adding, const struct form_field *fields)
{
    struct slice id = fields[FIELD_OF_ID].value;

    if (!web_host_parse(host_of(ascii_trim(fields[FIELD_OF_DOMAIN].value)), adding->domain))
        return false;
    adding->name = ascii_trim(fields[FIELD_OF_NAME].value);
    adding->zone = ascii_trim(fields[FIELD_OF_ZONE].value);
    if (id.len > 0)
        (void)snprintf(adding->id, sizeof(adding->id), "%.*s", SLICE_ARG(id));
    else
        make_id(adding);
    return true;
}

void site_post_add(struct request *req)
{
    const struct web *web = req->app;
    struct form_field fields[FORM_FIELDS] = {
        [FIELD_OF_DOMAIN] = {.name = SLICE("domain"), .max = MAX_TYPED, .is_required = true},
        [FIELD_OF_NAME] = {.name = SLICE("name"), .max = SITE_MAX_NAME},
        [FIELD_OF_ZONE] = {.name = SLICE("zone"), .max = ZONE_MAX_NAME},
        [FIELD_OF_ID] = {.name = SLICE("id"), .max = SITE_MAX_ID},
    };
    struct adding *adding = task_start(req, sizeof(*adding));

    if (!adding || !form_post_take(req, fields, FORM_FIELDS))
        return;
    if (!take(adding, fields)) {
        sites_page_show(req, 400, "this is not the name of a host; a right one is example.com");
        return;
    }
    adding->task.change =
        site_store_change(web->sites, slice_str(adding->id), edit, adding, on_added, adding);
    task_wait(&adding->task, adding->task.change);
}
