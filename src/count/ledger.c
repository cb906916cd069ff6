#include "count/ledger.h"

#include "count/ledger_part.h"

void ledger_init(struct ledger *ledger, struct arena *arena)
{
    *ledger = (struct ledger){.arena = arena};
    hashmap_init(&ledger->sites);
    hashmap_init(&ledger->profiles);
    hashmap_init(&ledger->cells);
    hashmap_init(&ledger->visitors);
    rollup_fold_init(&ledger->fold);
    ledger_clear(ledger);
}

void ledger_fini(struct ledger *ledger)
{
    hashmap_fini(&ledger->sites);
    hashmap_fini(&ledger->profiles);
    hashmap_fini(&ledger->cells);
    hashmap_fini(&ledger->visitors);
    rollup_fold_fini(&ledger->fold);
}

void ledger_clear(struct ledger *ledger)
{
    hashmap_clear(&ledger->sites);
    hashmap_clear(&ledger->profiles);
    hashmap_clear(&ledger->cells);
    hashmap_clear(&ledger->visitors);
    rollup_fold_clear(&ledger->fold);
    ledger->first_cell = NULL;
    ledger->cell_count = 0;
    ledger->first_visitor = NULL;
    ledger->last_visitor = &ledger->first_visitor;
    ledger->key_count = 0;
    ledger->recent = NULL;
}

/* ---- what hits have in common ---------------------------------------------------------------- */

static struct ledger_site *find_site(struct ledger *ledger, struct slice id,
                                     const struct hit_facts *facts)
{
    struct ledger_site *site = hashmap_get(&ledger->sites, id);
    void **place;

    if (!site) {
        site = arena_alloc(ledger->arena, sizeof(*site));
        if (!site)
            return NULL;
        site->id = id;
        place = hashmap_put(&ledger->sites, id);
        if (!place)
            return NULL;
        *place = site;
    }
    site->page_cap = facts->page_cap; /* as it is now, for all of the batch */
    site->value_cap = facts->value_cap;
    return site;
}

#define VALUE_KEY_BYTES 9

static struct slice profile_key(const struct profile *profile,
                                char out[static PROFILE_MAX_VALUES * VALUE_KEY_BYTES])
{
    char *end = out;

    for (size_t i = 0; i < profile->count; i++) {
        *end++ = (char)profile->values[i].dimension;
        memcpy(end, &profile->values[i].id, sizeof(uint64_t));
        end += sizeof(uint64_t);
    }
    return slice_of(out, (size_t)(end - out));
}

static bool dup_texts(struct ledger *ledger, struct ledger_profile *profile,
                      const struct slice *texts)
{
    for (size_t i = 0; i < profile->values.count; i++) {
        profile->texts[i] = texts ? arena_dup(ledger->arena, texts[i]) : SLICE("");
        if (!profile->texts[i].ptr)
            return false;
    }
    profile->has_texts = texts != NULL;
    return true;
}

static struct ledger_profile *add_profile(struct ledger *ledger, const struct profile *values,
                                          struct slice key)
{
    struct ledger_profile *profile = arena_alloc(ledger->arena, sizeof(*profile));
    struct slice kept = arena_dup(ledger->arena, key);
    void **place = profile && kept.ptr ? hashmap_put(&ledger->profiles, kept) : NULL;

    if (!place)
        return NULL;
    profile->values = *values;
    profile->has_texts = false;
    *place = profile;
    return profile;
}

/* A profile that came from a visitor's record has no texts: they are stored already. */
static struct ledger_profile *find_profile(struct ledger *ledger, const struct profile *values,
                                           const struct slice *texts)
{
    char text[PROFILE_MAX_VALUES * VALUE_KEY_BYTES];
    struct slice key = profile_key(values, text);
    struct ledger_profile *profile = hashmap_get(&ledger->profiles, key);
    bool is_new = !profile;

    if (is_new)
        profile = add_profile(ledger, values, key);
    if (!profile)
        return NULL;
    if ((is_new || (texts && !profile->has_texts)) && !dup_texts(ledger, profile, texts)) {
        hashmap_remove(&ledger->profiles, key);
        return NULL;
    }
    return profile;
}

struct cell_key {
    struct ledger_site *site;
    const struct ledger_profile *profile;
    uint64_t page;
    int32_t hour;
    int32_t day;
};

_Static_assert(sizeof(struct cell_key) == 32, "no padding: it is a key");

static struct ledger_cell *add_cell(struct ledger *ledger, const struct cell_key *key)
{
    struct {
        struct ledger_cell cell;
        struct cell_key key;
    } *made = arena_alloc(ledger->arena, sizeof(*made));

    void **place;

    if (!made)
        return NULL;
    made->key = *key;
    made->cell = (struct ledger_cell){
        .site = key->site,
        .profile = key->profile,
        .hour = key->hour,
        .day = key->day,
        .page = key->page,
        .path = SLICE(""),
        .title = SLICE(""),
        .next = ledger->first_cell,
    };
    place = hashmap_put(&ledger->cells, slice_of(&made->key, sizeof(made->key)));
    if (!place)
        return NULL;
    *place = &made->cell;
    ledger->first_cell = &made->cell;
    ledger->cell_count++;
    return &made->cell;
}

static struct ledger_cell *find_cell(struct ledger *ledger, const struct cell_key *key)
{
    struct ledger_cell *cell = ledger->recent;

    if (cell && cell->page == key->page && cell->profile == key->profile &&
        cell->hour == key->hour && cell->day == key->day && cell->site == key->site)
        return cell;
    cell = hashmap_get(&ledger->cells, slice_of(key, sizeof(*key)));
    if (!cell)
        cell = add_cell(ledger, key);
    ledger->recent = cell;
    return cell;
}

struct ledger_cell *ledger_visit_cell(struct ledger *ledger, const struct ledger_cell *hit,
                                      const struct visitor *visitor, uint64_t page)
{
    const struct cell_key key = {.site = hit->site,
                                 .profile = hit->profile,
                                 .page = page,
                                 .hour = visitor->hour,
                                 .day = visitor->day};

    return find_cell(ledger, &key);
}

static bool profiles_are_equal(const struct profile *a, const struct profile *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->values[i].id != b->values[i].id || a->values[i].dimension != b->values[i].dimension)
            return false;
    }
    return true;
}

struct ledger_cell *ledger_hit_cell(struct ledger *ledger, struct ledger_cell *hit,
                                    const struct visitor *visitor)
{
    struct cell_key key = {
        .site = hit->site, .page = hit->page, .hour = hit->hour, .day = hit->day};
    struct ledger_cell *cell;

    if (profiles_are_equal(&hit->profile->values, &visitor->profile))
        return hit;
    key.profile = find_profile(ledger, &visitor->profile, NULL);
    cell = key.profile ? find_cell(ledger, &key) : NULL;
    if (cell && cell->path.len == 0) {
        cell->path = hit->path;
        cell->title = hit->title;
    }
    return cell;
}

/* ---- visitors ------------------------------------------------------------------------------- */

/* visitor/SITE/KEY */
static struct slice visitor_record_key(struct ledger *ledger, struct slice site,
                                       const unsigned char key[static VISITOR_KEY_BYTES])
{
    const struct slice kind = SLICE("visitor/");
    size_t len = kind.len + site.len + 1 + VISITOR_KEY_BYTES;
    char *text = arena_alloc(ledger->arena, len);

    if (!text)
        return slice_of(NULL, 0);
    memcpy(text, kind.ptr, kind.len);
    memcpy(text + kind.len, site.ptr, site.len);
    text[kind.len + site.len] = '/';
    memcpy(text + kind.len + site.len + 1, key, VISITOR_KEY_BYTES);
    return slice_of(text, len);
}

static struct ledger_visitor *find_visitor(struct ledger *ledger, const struct ledger_site *site,
                                           const unsigned char key[static VISITOR_KEY_BYTES],
                                           uint32_t ttl_s)
{
    struct slice record_key = visitor_record_key(ledger, site->id, key);
    void **place = record_key.ptr ? hashmap_put(&ledger->visitors, record_key) : NULL;
    struct ledger_visitor *visitor;

    if (!place || *place)
        return place ? *place : NULL;
    visitor = arena_alloc(ledger->arena, sizeof(*visitor));
    if (!visitor) {
        hashmap_remove(&ledger->visitors, record_key);
        return NULL;
    }
    memset(visitor, 0, sizeof(*visitor));
    visitor->key = record_key;
    visitor->ttl_s = ttl_s;
    *place = visitor;
    *ledger->last_visitor = visitor;
    ledger->last_visitor = &visitor->next;
    ledger->key_count++;
    return visitor;
}

static struct ledger_visitor *recognise(struct ledger *ledger, const struct ledger_site *site,
                                        const struct visitor_keys *keys)
{
    struct ledger_visitor *visitor = find_visitor(ledger, site, keys->today, keys->ttl_s);

    if (!visitor || !keys->has_before || visitor->before)
        return visitor;
    visitor->before = find_visitor(ledger, site, keys->before, keys->ttl_s);
    return visitor->before ? visitor : NULL;
}

struct slice *ledger_keys(const struct ledger *ledger, struct slice *out)
{
    for (const struct ledger_visitor *visitor = ledger->first_visitor; visitor;
         visitor = visitor->next)
        *out++ = visitor->key;
    return out;
}

bool ledger_learn(struct ledger *ledger, const struct record *record, enum err *err)
{
    struct ledger_visitor *visitor = hashmap_get(&ledger->visitors, record->key);

    *err = ERR_OK;
    if (!visitor)
        return false;
    visitor->stored = arena_dup(ledger->arena, record->value);
    visitor->version = record->version;
    if (!visitor->stored.ptr)
        *err = ERR_NO_MEMORY;
    return true;
}

/* What cannot be read is another program's: it is written over. */
static void recall(struct ledger_visitor *visitor)
{
    visitor->is_known =
        visitor->version != RECORD_ABSENT && visitor_decode(visitor->stored, &visitor->now);
    visitor->is_written = false;
    visitor->is_removed = false;
    if (!visitor->is_known)
        memset(&visitor->now, 0, sizeof(visitor->now));
}

/* ---- taking in ------------------------------------------------------------------------------ */

static enum err take_extra(struct ledger *ledger, const struct hit_facts *facts,
                           struct ledger_hit *out)
{
    struct ledger_extra *extra;

    if (facts->bot.len == 0 && facts->event.name.len == 0)
        return ERR_OK;
    extra = ledger_extra_create(ledger->arena, facts);
    if (!extra)
        return ERR_NO_MEMORY;
    out->extra = extra;
    return ERR_OK;
}

static enum err take_visitor(struct ledger *ledger, const struct ledger_site *site,
                             const struct hit_facts *facts, struct ledger_hit *out)
{
    if (!facts->visitor.is_known || facts->bot.len > 0)
        return ERR_OK;
    out->visitor = recognise(ledger, site, &facts->visitor);
    return out->visitor ? ERR_OK : ERR_NO_MEMORY;
}

static struct ledger_cell *take_cell(struct ledger *ledger, struct ledger_site *site,
                                     struct slice path, const struct hit_facts *facts)
{
    struct cell_key key = {
        .site = site, .page = facts->page, .hour = facts->moment.hour, .day = facts->moment.day};
    struct ledger_cell *cell;

    key.profile = find_profile(ledger, &facts->profile, facts->texts);
    cell = key.profile ? find_cell(ledger, &key) : NULL;
    if (!cell)
        return NULL;
    cell->path = path;
    if (facts->title.len > 0 && !slice_eq(facts->title, cell->title)) {
        cell->title = arena_dup(ledger->arena, facts->title);
        if (!cell->title.ptr)
            return NULL;
    }
    return cell;
}

enum err ledger_take(struct ledger *ledger, struct slice site_id, struct slice path,
                     const struct hit_facts *facts, struct ledger_hit *out)
{
    struct ledger_site *site;
    enum err err;

    *out = (struct ledger_hit){.cell = NULL};
    if (!facts)
        return ERR_OK;
    site = find_site(ledger, site_id, facts);
    if (!site)
        return ERR_NO_MEMORY;
    out->moment = facts->moment;
    out->unix_s = facts->unix_s;
    err = take_extra(ledger, facts, out);
    if (err == ERR_OK)
        err = take_visitor(ledger, site, facts, out);
    if (err != ERR_OK)
        return err;
    out->cell = take_cell(ledger, site, path, facts);
    return out->cell ? ERR_OK : ERR_NO_MEMORY;
}

/* ---- counting ------------------------------------------------------------------------------- */

void ledger_begin(struct ledger *ledger)
{
    rollup_fold_clear(&ledger->fold);
    for (struct ledger_cell *cell = ledger->first_cell; cell; cell = cell->next) {
        cell->of_site = (struct metrics){0};
        cell->of_page = (struct metrics){0};
    }
    for (struct ledger_visitor *visitor = ledger->first_visitor; visitor; visitor = visitor->next)
        recall(visitor);
}

static enum err write_visitor(const struct ledger_visitor *visitor, struct commit *commit)
{
    struct record_write write = {
        .key = visitor->key, .expect_version = visitor->version, .ttl_s = visitor->ttl_s};
    char storage[VISITOR_MAX_BYTES];
    struct strbuf value;

    if (!visitor->is_written)
        return commit_write(commit, &write);
    strbuf_init_fixed(&value, storage, sizeof(storage));
    visitor_encode(&visitor->now, &value);
    write.value = strbuf_slice(&value);
    return commit_write(commit, &write);
}

enum err ledger_commit(struct ledger *ledger, struct commit *commit)
{
    enum err err = ledger_spread(ledger);

    for (size_t i = 0; i < ledger->fold.count && err == ERR_OK; i++) {
        if (!metrics_are_zero(&ledger->fold.items[i].delta))
            err = commit_roll_up(commit, &ledger->fold.items[i]);
    }
    for (struct ledger_visitor *visitor = ledger->first_visitor; visitor && err == ERR_OK;
         visitor = visitor->next) {
        if (visitor->is_written || visitor->is_removed)
            err = write_visitor(visitor, commit);
    }
    return err;
}
