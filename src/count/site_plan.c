/* What a change reads, and what follows from it: what the site is to be, and which records that
 * takes. */
#include "count/settings_key.h"
#include "count/site_store_part.h"

/* ---- reading records ------------------------------------------------------------------------ */

static bool is_in_part(const struct site_change *change, const struct site_part *part, size_t i)
{
    return i >= change->read_from && change->records[i].shard == part->shard;
}

static void on_records(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct site_part *part = ctx;
    struct site_change *change = part->change;
    size_t n = 0;

    part->op = NULL;
    for (size_t i = 0; i < change->record_count && n < count; i++) {
        struct site_record *record = &change->records[i];

        if (!is_in_part(change, part, i))
            continue;
        record->version = records[n].version;
        record->value = arena_dup(&change->arena, records[n++].value);
        if (!record->value.ptr)
            err = ERR_NO_MEMORY;
    }
    site_change_landed(change, err, NULL);
}

static void read_part(struct site_change *change, struct site_part *part)
{
    struct slice keys[SITE_MAX_RECORDS];
    size_t count = 0;

    for (size_t i = 0; i < change->record_count; i++) {
        if (is_in_part(change, part, i))
            keys[count++] = change->records[i].key;
    }
    if (count == 0)
        return;
    part->op = store_read(change->sites->store, part->shard, keys, count, on_records, part);
    if (part->op)
        change->pending++;
    else
        change->err = ERR_UNAVAILABLE;
}

/* The records from `from` on. */
static void read_records(struct site_change *change, size_t from)
{
    change->read_from = from;
    for (unsigned i = 0; i < change->sites->shard_count; i++)
        read_part(change, &change->parts[i]);
}

static void add_record(struct site_change *change, enum site_record_kind kind, unsigned shard,
                       struct slice key)
{
    struct site_record *record = &change->records[change->record_count++];

    *record = (struct site_record){.kind = kind, .shard = shard};
    record->key = arena_dup(&change->arena, key);
    if (!record->key.ptr)
        change->err = ERR_NO_MEMORY;
}

/* ---- first: the site, settings/N, and its views --------------------------------------------- */

static void on_totals(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct site_change *change = ctx;

    change->totals = NULL;
    if (count == 1 && !change->is_read)
        change->views = totals[0];
    site_change_landed(change, err, NULL);
}

static void read_views(struct site_change *change)
{
    struct site_store *sites = change->sites;
    struct slice id = slice_str(change->id);
    const struct counter counter = {id, DIMENSION_TOTAL, SLICE("")};

    change->totals = store_totals(sites->store, store_shard_of(sites->store, id), &counter, 1,
                                  on_totals, change);
    if (change->totals)
        change->pending++;
    else
        change->err = ERR_UNAVAILABLE;
}

void site_change_read(struct site_change *change)
{
    struct store *store = change->sites->store;
    struct slice id = slice_str(change->id);
    char site[SITE_KEY_BYTES];
    char settings[SETTINGS_KEY_BYTES];

    arena_reset(&change->arena);
    change->record_count = 0;
    add_record(change, SITE_RECORD_SITE, store_shard_of(store, id), site_key(id, site));
    for (unsigned i = 0; i < change->sites->shard_count; i++)
        add_record(change, SITE_RECORD_SETTINGS, i, settings_key(store, i, settings));
    if (change->err != ERR_OK)
        return;
    read_records(change, 0);
    read_views(change);
}

/* ---- then: what it is to be ----------------------------------------------------------------- */

static bool is_default(const struct site_change *change)
{
    return strcmp(change->id, SITE_DEFAULT) == 0;
}

static enum err open_site(struct site_change *change, struct site **out)
{
    const struct site_record *record = &change->records[0];
    const struct stored_site stored = {.id = slice_str(change->id), .record = record->value};

    *out = NULL;
    if (record->version == RECORD_ABSENT && !is_default(change))
        return ERR_OK;
    return stored_site_open(&stored, out, &change->info);
}

static enum err edit(struct site_change *change, const struct site *now)
{
    struct strbuf json;
    enum err err;

    site_destroy(change->after);
    change->after = NULL;
    err = change->edit(change->edit_ctx, now, &change->after, &change->info);
    if (err != ERR_OK || !change->after)
        return err;
    strbuf_init(&json, SITE_MAX_JSON);
    err = site_encode(change->after, &json);
    if (err == ERR_OK)
        change->json = arena_dup(&change->arena, strbuf_slice(&json));
    strbuf_fini(&json);
    return err == ERR_OK && !change->json.ptr ? ERR_NO_MEMORY : err;
}

/* Of all domains, "www." left aside; each host once. */
static void add_hosts(struct site_change *change, const struct site *site, bool is_wanted)
{
    struct store *store = change->sites->store;

    for (size_t i = 0; site && i < site->domain_count && change->err == ERR_OK; i++) {
        struct slice host = web_host_bare(slice_str(site->domains[i]));
        bool is_there = !is_wanted && change->after && site_has_host(change->after, host);
        char text[DOMAIN_KEY_BYTES];
        struct slice key;

        if (host.len > DOMAIN_MAX_HOST) {
            err_info_set(&change->info, "domains: a name of more than %d bytes is not taken",
                         DOMAIN_MAX_HOST);
            change->err = ERR_INVALID;
            return;
        }
        key = domain_key(host, text);
        for (size_t n = 0; n < change->record_count && !is_there; n++)
            is_there = slice_eq(change->records[n].key, key);
        if (is_there)
            continue;
        add_record(change, SITE_RECORD_HOST, store_shard_of(store, record_owner(key)), key);
        change->records[change->record_count - 1].is_wanted = is_wanted;
    }
}

void site_change_edit(struct site_change *change)
{
    struct site *now;
    size_t hosts = change->record_count;

    change->err = open_site(change, &now);
    if (change->err == ERR_OK && !change->done) /* canceled: nobody is to be asked any more */
        change->err = ERR_STALE;
    if (change->err == ERR_OK)
        change->err = edit(change, now);
    if (change->err == ERR_OK)
        add_hosts(change, change->after, true);
    if (change->err == ERR_OK)
        add_hosts(change, now, false);
    if (change->is_read)
        site_destroy(now);
    else
        change->before = now;
    change->is_read = true;
    if (change->err == ERR_OK)
        read_records(change, hosts);
}

/* ---- then: whose the domains are ------------------------------------------------------------ */

static void check_hosts(struct site_change *change)
{
    const size_t kind_len = strlen("domain/");

    for (size_t i = 0; i < change->record_count; i++) {
        const struct site_record *record = &change->records[i];

        if (!record->is_wanted || record->version == RECORD_ABSENT ||
            slice_eq(record->value, slice_str(change->id)))
            continue;
        err_info_set(&change->info, "domains: %.*s belongs to the site %.*s",
                     SLICE_ARG(slice_from(record->key, kind_len)), SLICE_ARG(record->value));
        change->err = ERR_INVALID;
        return;
    }
}

static void on_others(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct site_change *change = ctx;

    change->list = NULL;
    for (size_t i = 0; i < count && err == ERR_OK && !change->has_domains; i++) {
        struct site *site = NULL;

        if (slice_eq(sites[i].id, slice_str(change->id)))
            continue;
        /* A record that cannot be read may have some. */
        err = stored_site_open(&sites[i], &site, NULL);
        change->has_domains = err == ERR_INVALID || (site && site->domain_count > 0);
        err = err == ERR_INVALID ? ERR_OK : err;
        site_destroy(site);
    }
    site_change_landed(change, err, NULL);
}

/* Whether any site has domains is only asked when this one has none, and there were some. */
void site_change_check(struct site_change *change)
{
    bool had_some = false;

    check_hosts(change);
    for (size_t i = 0; i < change->record_count; i++)
        had_some |=
            change->records[i].kind == SITE_RECORD_SETTINGS && change->records[i].value.len > 0;
    change->has_domains = change->after && change->after->domain_count > 0;
    if (change->err != ERR_OK || change->has_domains || !had_some)
        return;
    change->list = site_store_list_records(change->sites, on_others, change);
    if (change->list)
        change->pending++;
    else
        change->err = ERR_UNAVAILABLE;
}
