#include "count/fact_maker.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "count/agent_memo.h"
#include "count/bucket.h"
#include "count/campaign.h"
#include "count/country.h"
#include "count/country_code.h"
#include "count/language.h"
#include "count/screen.h"
#include "count/source.h"
#include "count/spam.h"
#include "count/value_memo.h"

/* Texts that have to be put together for one hit: some of them at most 2 KiB long. */
#define CHUNK_BYTES 4096
#define MAX_BYTES   65536

/* See directory_load.c: a record outlives its day by a visit, so that it can go on. */
#define RECORD_GRACE_S 3600

struct fact_maker {
    const struct countries *countries;
    const struct spam_list *spam;
    struct agent_memo *agents;
    struct arena arena; /* for one hit */
    char country[2];
    char language[LANGUAGE_SIZE];
    struct value_memo ids;
};

/* What one call works on. */
struct making {
    struct fact_maker *maker;
    const struct hit_claim *claim;
    const struct page *page;
    const struct site *site;
    struct hit_facts *facts;
};

/* ---- values --------------------------------------------------------------------------------- */

static void add_value(struct making *m, enum dimension dimension, struct slice text)
{
    struct profile *profile = &m->facts->profile;

    if (text.len == 0)
        return;
    m->facts->texts[profile->count] = text;
    profile->values[profile->count++] =
        (struct profile_value){dimension, value_memo_id(&m->maker->ids, text)};
}

/* The hosts of the site are those it is reached by, and the page's. */
static enum err find_source(struct making *m, struct source *out)
{
    struct slice hosts[SITE_MAX_HOSTS + 1];
    struct source_own own = {.hosts = hosts};

    for (size_t i = 0; i < m->site->domain_count; i++)
        hosts[own.count++] = slice_str(m->site->domains[i]);
    if (m->page->host.len > 0)
        hosts[own.count++] = m->page->host;
    return source_of_referrer(m->claim->referrer, &own, &m->maker->arena, out);
}

static enum err add_origin(struct making *m, struct slice *referrer_host)
{
    struct slice query = m->page->query.len > 0 ? m->page->query : m->claim->query;
    struct campaign campaign;
    struct source source;
    enum err err = find_source(m, &source);

    if (err == ERR_OK)
        err = campaign_read(query, &m->maker->arena, &campaign);
    if (err != ERR_OK)
        return err;
    *referrer_host = source.host;
    if (site_collects(m->site, SITE_COLLECT_SOURCE))
        add_value(m, DIMENSION_SOURCE, campaign_source(&campaign, source.name));
    if (!site_collects(m->site, SITE_COLLECT_CAMPAIGN))
        return ERR_OK;
    add_value(m, DIMENSION_MEDIUM, campaign.medium);
    add_value(m, DIMENSION_CAMPAIGN, campaign.name);
    add_value(m, DIMENSION_TERM, campaign.term);
    add_value(m, DIMENSION_CONTENT, campaign.content);
    return ERR_OK;
}

bool fact_maker_country(const struct fact_maker *maker, const struct address *address,
                        char out[static 2])
{
    return maker->countries && countries_find(maker->countries, address, out);
}

static bool find_country(const struct making *m, char out[static 2])
{
    uint16_t code = country_code_read(m->claim->country);

    if (code != COUNTRY_NONE) {
        country_code_write(code, out);
        return true;
    }
    return m->claim->address && fact_maker_country(m->maker, m->claim->address, out);
}

static void add_place(struct making *m)
{
    struct fact_maker *maker = m->maker;

    if (site_collects(m->site, SITE_COLLECT_COUNTRY) && find_country(m, maker->country))
        add_value(m, DIMENSION_COUNTRY, slice_of(maker->country, sizeof(maker->country)));
    if (site_collects(m->site, SITE_COLLECT_LANGUAGE) &&
        language_find(m->claim->languages, maker->language))
        add_value(m, DIMENSION_LANGUAGE, slice_str(maker->language));
}

static void add_agent(struct making *m, const struct agent *agent)
{
    if (site_collects(m->site, SITE_COLLECT_BROWSER)) {
        add_value(m, DIMENSION_BROWSER, agent->browser);
        add_value(m, DIMENSION_BROWSER_VERSION, agent->browser_version);
    }
    if (site_collects(m->site, SITE_COLLECT_SYSTEM)) {
        add_value(m, DIMENSION_SYSTEM, agent->system);
        add_value(m, DIMENSION_SYSTEM_VERSION, agent->system_version);
    }
}

/* What the agent says of the device comes first: a width says little about a phone turned round. */
static void add_device(struct making *m, const struct agent *agent)
{
    struct screen screen;
    bool has_screen = screen_parse(m->claim->screen, &screen);
    enum device_class device = agent->device;

    if (device == DEVICE_OTHER && has_screen)
        device = screen_device(&screen);
    if (site_collects(m->site, SITE_COLLECT_DEVICE) && device != DEVICE_OTHER)
        add_value(m, DIMENSION_DEVICE, slice_str(device_class_name(device)));
    if (site_collects(m->site, SITE_COLLECT_SIZE) && has_screen)
        add_value(m, DIMENSION_SIZE, slice_str(screen_size_name(screen_size(&screen))));
}

/* ---- bots ----------------------------------------------------------------------------------- */

static enum bot_reason find_bot(const struct making *m, const struct agent *agent,
                                struct slice referrer_host)
{
    enum bot_reason hinted = bot_reason_of_hint(m->claim->bot_hint);

    if (m->claim->counts_bots)
        return BOT_NONE;
    if (hinted != BOT_NONE)
        return hinted;
    if (agent->bot != BOT_NONE && !(agent->bot == BOT_NO_AGENT && m->claim->is_told))
        return agent->bot;
    if (referrer_host.len > 0 && spam_list_has(m->maker->spam, referrer_host))
        return BOT_REFERRER_SPAM;
    return BOT_NONE;
}

/* ---- visitors ------------------------------------------------------------------------------- */

static bool is_private(const struct making *m, enum site_privacy wanted)
{
    return (m->claim->has_gpc && m->site->gpc == wanted) ||
           (m->claim->has_dnt && m->site->dnt == wanted);
}

static void make_key(const struct making *m, const unsigned char *salt, const struct agent *agent,
                     unsigned char out[static VISITOR_KEY_BYTES])
{
    struct slice id = slice_str(m->site->id);

    if (m->claim->session.len > 0)
        visitor_key_of_session(out, salt, id, m->claim->session);
    else
        visitor_key(out, salt, id, m->claim->address, agent->digest);
}

static bool is_recognisable(const struct making *m)
{
    return (m->claim->address || m->claim->session.len > 0) && !m->claim->is_late &&
           !is_private(m, SITE_PRIVACY_NO_VISITOR);
}

static void recognise(struct making *m, const struct site_now *now, int64_t unix_s,
                      const struct agent *agent)
{
    struct visitor_keys *keys = &m->facts->visitor;

    keys->is_known = is_recognisable(m);
    if (!keys->is_known)
        return;
    keys->has_before = now->salt_before != NULL;
    keys->ttl_s = (uint32_t)(now->moment.day_ends_unix_s - unix_s + RECORD_GRACE_S);
    make_key(m, now->salt, agent, keys->today);
    if (keys->has_before)
        make_key(m, now->salt_before, agent, keys->before);
}

static bool is_unwanted(const struct making *m)
{
    if (is_private(m, SITE_PRIVACY_NO_COUNT))
        return true;
    if (m->claim->event.name.len > 0 && !site_collects(m->site, SITE_COLLECT_EVENT))
        return true;
    return m->claim->address && !m->claim->is_wanted &&
           m->site->ignored_set.count + m->site->ignored_set.has_unix > 0 &&
           address_set_has(&m->site->ignored_set, m->claim->address);
}

/* ---- making --------------------------------------------------------------------------------- */

static struct slice clean_title(const struct making *m)
{
    struct slice title = m->claim->title;

    if (title.len == 0 || title.len > NAME_MAX_TITLE || !utf8_is_clean(title) ||
        !site_collects(m->site, SITE_COLLECT_TITLE))
        return SLICE("");
    return title;
}

static enum err make(struct making *m, const struct site_now *now, int64_t unix_s)
{
    const struct agent *agent = agent_memo_find(m->maker->agents, m->claim->user_agent);
    struct hit_facts *facts = m->facts;
    struct slice referrer_host;
    enum bot_reason bot;
    enum err err = agent ? add_origin(m, &referrer_host) : ERR_NO_MEMORY;

    if (err != ERR_OK)
        return err;
    add_place(m);
    add_agent(m, agent);
    add_device(m, agent);
    bot = find_bot(m, agent, referrer_host);
    facts->bot = bot == BOT_NONE ? SLICE("") : slice_str(bot_reason_name(bot));
    facts->moment = now->moment;
    facts->unix_s = unix_s;
    facts->settings_version = now->version;
    facts->page = m->claim->has_page ? value_memo_id(&m->maker->ids, m->page->path) : VALUE_NONE;
    facts->title = clean_title(m);
    facts->event = m->claim->event;
    facts->page_cap = (uint32_t)m->site->page_cap;
    facts->value_cap = (uint32_t)m->site->value_cap;
    recognise(m, now, unix_s, agent);
    return ERR_OK;
}

const struct agent *fact_maker_agent(struct fact_maker *maker, struct slice user_agent)
{
    return agent_memo_find(maker->agents, user_agent);
}

enum err fact_maker_make(struct fact_maker *maker, const struct hit_claim *claim,
                         const struct page *page, const struct site_now *site, int64_t unix_s,
                         struct hit_facts *out, bool *is_ignored)
{
    struct making m = {
        .maker = maker, .claim = claim, .page = page, .site = site->settings, .facts = out};

    arena_reset(&maker->arena);
    out->profile.count = 0;
    *is_ignored = is_unwanted(&m);
    return *is_ignored ? ERR_OK : make(&m, site, unix_s);
}

struct fact_maker *fact_maker_create(const struct countries *countries,
                                     const struct spam_list *spam)
{
    struct fact_maker *maker = calloc(1, sizeof(*maker));

    if (!maker)
        return NULL;
    maker->countries = countries;
    maker->spam = spam;
    arena_init(&maker->arena, CHUNK_BYTES, MAX_BYTES);
    maker->agents = agent_memo_create();
    if (!maker->agents) {
        fact_maker_destroy(maker);
        return NULL;
    }
    return maker;
}

void fact_maker_destroy(struct fact_maker *maker)
{
    if (!maker)
        return;
    agent_memo_destroy(maker->agents);
    arena_fini(&maker->arena);
    free(maker);
}
