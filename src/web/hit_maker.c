#include "web/hit_maker.h"

#include "web/admission.h"
#include "web/counting.h"

/* What one call works on. */
struct making {
    const struct hit_fields *fields;
    const struct hit_sender *sender;
    struct arena *arena;
    struct hit_request *out;
    struct err_info *info;
};

enum err hit_refuse(struct run_hit *hit, const struct err_info *info, struct arena *arena)
{
    struct slice why = arena_dup(arena, slice_of(info->text, strlen(info->text) + 1));

    if (!why.ptr)
        return ERR_NO_MEMORY;
    run_hit_refuse(hit, 400, why.ptr);
    return ERR_OK;
}

/* ---- senders -------------------------------------------------------------------------------- */

static bool keep(struct arena *arena, struct slice *text)
{
    *text = arena_dup(arena, text->ptr ? *text : SLICE(""));
    return text->ptr != NULL;
}

static bool keep_address(struct arena *arena, const struct address **address)
{
    struct address *copy = arena_alloc(arena, sizeof(*copy));

    if (!copy)
        return false;
    *copy = **address;
    *address = copy;
    return true;
}

/* It lives as long as the request. */
static struct slice only_site_of(const struct who *who)
{
    struct slice site = slice_str(who->token.site);

    return who->kind != WHO_PROGRAM || slice_eq(site, SLICE("*")) ? SLICE("") : site;
}

enum err hit_sender_of(const struct request *req, struct arena *arena, struct hit_sender *out)
{
    const struct web *web = req->app;
    const struct who *who = admission_who(req);
    enum err err;

    *out = (struct hit_sender){.has_token = who->kind == WHO_PROGRAM,
                               .only_site = only_site_of(who),
                               .site = SLICE(""),
                               .now_unix_s = clock_unix_ms(web->clock) / 1000};
    counting_claim_fields(req, &out->claim);
    err = counting_host(req, arena, &out->host);
    if (err != ERR_OK)
        return err;
    return keep(arena, &out->host) && keep(arena, &out->claim.user_agent) &&
                   keep(arena, &out->claim.languages) && keep_address(arena, &out->claim.address)
               ? ERR_OK
               : ERR_NO_MEMORY;
}

/* ---- rights --------------------------------------------------------------------------------- */

static bool needs_token(const struct hit_fields *fields, int64_t now_unix_s)
{
    return fields->ip.len > 0 || fields->user_agent.len > 0 || fields->country.len > 0 ||
           fields->session.len > 0 ||
           (fields->has_time && fields->unix_s < now_unix_s - HIT_RECENT_S);
}

/* ---- the parts of a hit --------------------------------------------------------------------- */

static enum err refuse(struct making *m, const char *why)
{
    err_info_set(m->info, "%s", why);
    return ERR_INVALID;
}

static enum err make_time(struct making *m)
{
    int64_t unix_s = m->fields->unix_s;
    int64_t now_unix_s = m->sender->now_unix_s;

    m->out->unix_s = now_unix_s;
    if (!m->fields->has_time)
        return ERR_OK;
    if (unix_s > now_unix_s + HIT_AHEAD_S)
        return refuse(m, "the time of the hit is in the future");
    if (unix_s < now_unix_s - HIT_MAX_AGE_S)
        return refuse(m, "the time of the hit is more than ten years ago");
    if (unix_s < now_unix_s)
        m->out->unix_s = unix_s;
    return ERR_OK;
}

static enum err make_event(struct making *m)
{
    const struct hit_fields *fields = m->fields;
    struct event *event = &m->out->claim.event;

    *event = (struct event){.name = fields->is_event ? event_name(fields->path) : fields->event,
                            .properties = fields->properties,
                            .property_count = fields->property_count,
                            .value = fields->value,
                            .has_value = fields->has_value};
    if (fields->is_event || fields->event.len > 0)
        return event_check(event, m->info);
    if (fields->property_count > 0 || fields->has_value)
        return refuse(m, "only an event has properties and a value: its name goes into event");
    return ERR_OK;
}

/* An event may do without a page. */
static enum err make_page(struct making *m)
{
    struct hit_request *out = m->out;
    struct slice path = m->fields->path.len > 0 ? m->fields->path : m->fields->url;

    if (m->fields->path.len > 0 && m->fields->url.len > 0)
        return refuse(m, "path and url are two ways to say the same: send one of them");
    out->claim.has_page = path.len > 0 && !m->fields->is_event;
    if (out->claim.has_page)
        return page_normalize(path, m->arena, &out->page, m->info);
    out->page = (struct page){.path = SLICE("/"), .host = SLICE(""), .query = SLICE("")};
    return out->claim.event.name.len > 0 ? ERR_OK : refuse(m, "path, or url, is missing");
}

static enum err make_site(struct making *m)
{
    struct hit_request *out = m->out;
    bool is_foreign = m->sender->has_token || out->page.host.len > 0;

    out->no_site = ERR_INVALID;
    out->site = m->fields->site.len > 0 ? m->fields->site : m->sender->site;
    if (out->site.len == 0 && out->page.host.len == 0)
        out->site = m->sender->only_site;
    out->host = is_foreign ? out->page.host : m->sender->host;
    out->id = m->fields->id;
    if (out->site.len > 0 && hit_check_site(out->site, m->info) != ERR_OK)
        return ERR_INVALID;
    return hit_check_id(out->id, m->info);
}

/* What an application says of a visitor. */
static enum err make_told(struct making *m)
{
    const struct hit_fields *fields = m->fields;
    struct hit_claim *claim = &m->out->claim;
    struct address *address;

    claim->is_told = true;
    claim->user_agent = fields->user_agent;
    claim->languages = fields->language;
    claim->country = fields->country;
    claim->session = fields->session;
    if (fields->ip.len == 0)
        return ERR_OK;
    address = arena_alloc(m->arena, sizeof(*address));
    if (!address)
        return ERR_NO_MEMORY;
    claim->address = address;
    return address_parse(fields->ip, address) ? ERR_OK
                                              : refuse(m, "ip is no address, as 192.0.2.1 or ::1");
}

static void make_own(struct making *m)
{
    const struct hit_claim *own = &m->sender->claim;
    struct hit_claim *claim = &m->out->claim;

    claim->user_agent = own->user_agent;
    claim->languages = m->fields->language.len > 0 ? m->fields->language : own->languages;
    claim->address = own->address;
    claim->has_gpc = own->has_gpc;
    claim->has_dnt = own->has_dnt;
}

static enum err make(struct making *m)
{
    struct hit_claim *claim = &m->out->claim;
    enum err err = make_time(m);

    claim->title = m->fields->title;
    claim->referrer = m->fields->referrer;
    claim->query = m->fields->query;
    claim->screen = m->fields->size;
    claim->bot_hint = m->fields->bot;
    if (err == ERR_OK)
        err = make_event(m);
    if (err == ERR_OK)
        err = make_page(m);
    if (err == ERR_OK)
        err = make_site(m);
    if (err != ERR_OK)
        return err;
    if (m->sender->has_token)
        return make_told(m);
    make_own(m);
    return ERR_OK;
}

/* ---- the hit -------------------------------------------------------------------------------- */

/* An event's properties outlive the fields only as a copy. */
static enum err keep_properties(struct event *event, struct arena *arena)
{
    struct event_property *copy = NULL;

    if (event->property_count > 0) {
        copy = arena_alloc(arena, event->property_count * sizeof(*copy));
        if (!copy)
            return ERR_NO_MEMORY;
        memcpy(copy, event->properties, event->property_count * sizeof(*copy));
    }
    event->properties = copy;
    return ERR_OK;
}

enum err hit_make(const struct hit_fields *fields, const struct hit_sender *sender,
                  struct arena *arena, struct run_hit *out)
{
    struct err_info info = {""};
    struct making m = {
        .fields = fields, .sender = sender, .arena = arena, .out = &out->request, .info = &info};
    enum err err;

    if (!sender->has_token && needs_token(fields, sender->now_unix_s)) {
        run_hit_refuse(out, 401,
                       "ip, user_agent, and a time over 5 minutes ago need an API token with the "
                       "scope count");
        return ERR_OK;
    }
    err = make(&m);
    if (err == ERR_OK)
        err = keep_properties(&out->request.claim.event, arena);
    return err == ERR_INVALID ? hit_refuse(out, &info, arena) : err;
}
