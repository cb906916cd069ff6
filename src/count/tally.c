#include "count/tally.h"

#include "count/tally_part.h"

void tally_init(struct tally *tally, struct arena *arena)
{
    *tally = (struct tally){.arena = arena};
    hashmap_init(&tally->sites);
    hashmap_init(&tally->profiles);
    hashmap_init(&tally->cells);
    hashmap_init(&tally->visitors);
    rollup_fold_init(&tally->fold);
    tally_clear(tally);
}

void tally_fini(struct tally *tally)
{
    hashmap_fini(&tally->sites);
    hashmap_fini(&tally->profiles);
    hashmap_fini(&tally->cells);
    hashmap_fini(&tally->visitors);
    rollup_fold_fini(&tally->fold);
}

void tally_clear(struct tally *tally)
{
    hashmap_clear(&tally->sites);
    hashmap_clear(&tally->profiles);
    hashmap_clear(&tally->cells);
    hashmap_clear(&tally->visitors);
    rollup_fold_clear(&tally->fold);
    tally->first_cell = NULL;
    tally->cell_count = 0;
    tally->first_visitor = NULL;
    tally->last_visitor = &tally->first_visitor;
    tally->key_count = 0;
    tally->recent = NULL;
}

/* ---- what hits have in common ---------------------------------------------------------------- */

static struct tally_site *find_site(struct tally *tally, struct slice id,
                                    const struct hit_facts *facts)
{
    struct tally_site *site = hashmap_get(&tally->sites, id);
    void **place;

    if (!site) {
        site = arena_alloc(tally->arena, sizeof(*site));
        if (!site)
            return NULL;
        site->id = id;
        place = hashmap_put(&tally->sites, id);
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

static bool dup_texts(struct tally *tally, struct tally_profile *profile, const struct slice *texts)
{
    for (size_t i = 0; i < profile->values.count; i++) {
        profile->texts[i] = texts ? arena_dup(tally->arena, texts[i]) : SLICE("");
        if (!profile->texts[i].ptr)
            return false;
    }
    profile->has_texts = texts != NULL;
    return true;
}

static struct tally_profile *add_profile(struct tally *tally, const struct profile *values,
                                         struct slice key)
{
    struct tally_profile *profile = arena_alloc(tally->arena, sizeof(*profile));
    struct slice kept = arena_dup(tally->arena, key);
    void **place = profile && kept.ptr ? hashmap_put(&tally->profiles, kept) : NULL;

    if (!place)
        return NULL;
    profile->values = *values;
    profile->has_texts = false;
    *place = profile;
    return profile;
}

/* A profile that came from a visitor's record has no texts: they are stored already. */
static struct tally_profile *find_profile(struct tally *tally, const struct profile *values,
                                          const struct slice *texts)
{
    char text[PROFILE_MAX_VALUES * VALUE_KEY_BYTES];
    struct slice key = profile_key(values, text);
    struct tally_profile *profile = hashmap_get(&tally->profiles, key);
    bool is_new = !profile;

    if (is_new)
        profile = add_profile(tally, values, key);
    if (!profile)
        return NULL;
    if ((is_new || (texts && !profile->has_texts)) && !dup_texts(tally, profile, texts)) {
        hashmap_remove(&tally->profiles, key);
        return NULL;
    }
    return profile;
}

struct cell_key {
    struct tally_site *site;
    const struct tally_profile *profile;
    uint64_t page;
    int32_t hour;
    int32_t day;
};

_Static_assert(sizeof(struct cell_key) == 32, "no padding: it is a key");

static struct tally_cell *add_cell(struct tally *tally, const struct cell_key *key)
{
    struct {
        struct tally_cell cell;
        struct cell_key key;
    } *made = arena_alloc(tally->arena, sizeof(*made));

    void **place;

    if (!made)
        return NULL;
    made->key = *key;
    made->cell = (struct tally_cell){
        .site = key->site,
        .profile = key->profile,
        .hour = key->hour,
        .day = key->day,
        .page = key->page,
        .path = SLICE(""),
        .title = SLICE(""),
        .next = tally->first_cell,
    };
    place = hashmap_put(&tally->cells, slice_of(&made->key, sizeof(made->key)));
    if (!place)
        return NULL;
    *place = &made->cell;
    tally->first_cell = &made->cell;
    tally->cell_count++;
    return &made->cell;
}

static struct tally_cell *find_cell(struct tally *tally, const struct cell_key *key)
{
    struct tally_cell *cell = tally->recent;

    if (cell && cell->page == key->page && cell->profile == key->profile &&
        cell->hour == key->hour && cell->day == key->day && cell->site == key->site)
        return cell;
    cell = hashmap_get(&tally->cells, slice_of(key, sizeof(*key)));
    if (!cell)
        cell = add_cell(tally, key);
    tally->recent = cell;
    return cell;
}

struct tally_cell *tally_visit_cell(struct tally *tally, const struct tally_cell *hit,
                                    const struct visitor *visitor, uint64_t page)
{
    const struct cell_key key = {.site = hit->site,
                                 .profile = hit->profile,
                                 .page = page,
                                 .hour = visitor->hour,
                                 .day = visitor->day};

    return find_cell(tally, &key);
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

struct tally_cell *tally_hit_cell(struct tally *tally, struct tally_cell *hit,
                                  const struct visitor *visitor)
{
    struct cell_key key = {
        .site = hit->site, .page = hit->page, .hour = hit->hour, .day = hit->day};
    struct tally_cell *cell;

    if (profiles_are_equal(&hit->profile->values, &visitor->profile))
        return hit;
    key.profile = find_profile(tally, &visitor->profile, NULL);
    cell = key.profile ? find_cell(tally, &key) : NULL;
    if (cell && cell->path.len == 0) {
        cell->path = hit->path;
        cell->title = hit->title;
    }
    return cell;
}

/* ---- visitors ------------------------------------------------------------------------------- */

/* visitor/SITE/KEY */
static struct slice visitor_record_key(struct tally *tally, struct slice site,
                                       const unsigned char key[static VISITOR_KEY_BYTES])
{
    const struct slice kind = SLICE("visitor/");
    size_t len = kind.len + site.len + 1 + VISITOR_KEY_BYTES;
    char *text = arena_alloc(tally->arena, len);

    if (!text)
        return slice_of(NULL, 0);
    memcpy(text, kind.ptr, kind.len);
    memcpy(text + kind.len, site.ptr, site.len);
    text[kind.len + site.len] = '/';
    memcpy(text + kind.len + site.len + 1, key, VISITOR_KEY_BYTES);
    return slice_of(text, len);
}

static struct tally_visitor *find_visitor(struct tally *tally, const struct tally_site *site,
                                          const unsigned char key[static VISITOR_KEY_BYTES],
                                          uint32_t ttl_s)
{
    struct slice record_key = visitor_record_key(tally, site->id, key);
    void **place = record_key.ptr ? hashmap_put(&tally->visitors, record_key) : NULL;
    struct tally_visitor *visitor;

    if (!place || *place)
        return place ? *place : NULL;
    visitor = arena_alloc(tally->arena, sizeof(*visitor));
    if (!visitor) {
        hashmap_remove(&tally->visitors, record_key);
        return NULL;
    }
    memset(visitor, 0, sizeof(*visitor));
    visitor->key = record_key;
    visitor->ttl_s = ttl_s;
    *place = visitor;
    *tally->last_visitor = visitor;
    tally->last_visitor = &visitor->next;
    tally->key_count++;
    return visitor;
}

static struct tally_visitor *recognise(struct tally *tally, const struct tally_site *site,
                                       const struct visitor_keys *keys)
{
    struct tally_visitor *visitor = find_visitor(tally, site, keys->today, keys->ttl_s);

    if (!visitor || !keys->has_before || visitor->before)
        return visitor;
    visitor->before = find_visitor(tally, site, keys->before, keys->ttl_s);
    return visitor->before ? visitor : NULL;
}

struct slice *tally_keys(const struct tally *tally, struct slice *out)
{
    for (const struct tally_visitor *visitor = tally->first_visitor; visitor;
         visitor = visitor->next)
        *out++ = visitor->key;
    return out;
}

bool tally_learn(struct tally *tally, const struct record *record, enum err *err)
{
    struct tally_visitor *visitor = hashmap_get(&tally->visitors, record->key);

    *err = ERR_OK;
    if (!visitor)
        return false;
    visitor->stored = arena_dup(tally->arena, record->value);
    visitor->version = record->version;
    if (!visitor->stored.ptr)
        *err = ERR_NO_MEMORY;
    return true;
}

/* What cannot be read is another program's: it is written over. */
static void recall(struct tally_visitor *visitor)
{
    visitor->is_known =
        visitor->version != RECORD_ABSENT && visitor_decode(visitor->stored, &visitor->now);
    visitor->is_written = false;
    visitor->is_removed = false;
    if (!visitor->is_known)
        memset(&visitor->now, 0, sizeof(visitor->now));
}

/* ---- taking in ------------------------------------------------------------------------------ */

static enum err take_extra(struct tally *tally, const struct hit_facts *facts,
                           struct tallied_hit *out)
{
    struct tally_extra *extra;

    if (facts->bot.len == 0 && facts->event.name.len == 0)
        return ERR_OK;
    extra = tally_extra_create(tally->arena, facts);
    if (!extra)
        return ERR_NO_MEMORY;
    out->extra = extra;
    return ERR_OK;
}

static enum err take_visitor(struct tally *tally, const struct tally_site *site,
                             const struct hit_facts *facts, struct tallied_hit *out)
{
    if (!facts->visitor.is_known || facts->bot.len > 0)
        return ERR_OK;
    out->visitor = recognise(tally, site, &facts->visitor);
    return out->visitor ? ERR_OK : ERR_NO_MEMORY;
}

static struct tally_cell *take_cell(struct tally *tally, struct tally_site *site, struct slice path,
                                    const struct hit_facts *facts)
{
    struct cell_key key = {
        .site = site, .page = facts->page, .hour = facts->moment.hour, .day = facts->moment.day};
    struct tally_cell *cell;

    key.profile = find_profile(tally, &facts->profile, facts->texts);
    cell = key.profile ? find_cell(tally, &key) : NULL;
    if (!cell)
        return NULL;
    cell->path = path;
    if (facts->title.len > 0 && !slice_eq(facts->title, cell->title)) {
        cell->title = arena_dup(tally->arena, facts->title);
        if (!cell->title.ptr)
            return NULL;
    }
    return cell;
}

enum err tally_take(struct tally *tally, struct slice site_id, struct slice path,
                    const struct hit_facts *facts, struct tallied_hit *out)
{
    struct tally_site *site;
    enum err err;

    *out = (struct tallied_hit){.cell = NULL};
    if (!facts)
        return ERR_OK;
    site = find_site(tally, site_id, facts);
    if (!site)
        return ERR_NO_MEMORY;
    out->moment = facts->moment;
    out->unix_s = facts->unix_s;
    err = take_extra(tally, facts, out);
    if (err == ERR_OK)
        err = take_visitor(tally, site, facts, out);
    if (err != ERR_OK)
        return err;
    out->cell = take_cell(tally, site, path, facts);
    return out->cell ? ERR_OK : ERR_NO_MEMORY;
}

/* ---- counting ------------------------------------------------------------------------------- */

void tally_begin(struct tally *tally)
{
    rollup_fold_clear(&tally->fold);
    for (struct tally_cell *cell = tally->first_cell; cell; cell = cell->next) {
        cell->of_site = (struct metrics){0};
        cell->of_page = (struct metrics){0};
    }
    for (struct tally_visitor *visitor = tally->first_visitor; visitor; visitor = visitor->next)
        recall(visitor);
}

static enum err write_visitor(const struct tally_visitor *visitor, struct commit *commit)
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

enum err tally_commit(struct tally *tally, struct commit *commit)
{
    enum err err = tally_spread(tally);

    for (size_t i = 0; i < tally->fold.count && err == ERR_OK; i++) {
        if (!metrics_are_zero(&tally->fold.items[i].delta))
            err = commit_roll_up(commit, &tally->fold.items[i]);
    }
    for (struct tally_visitor *visitor = tally->first_visitor; visitor && err == ERR_OK;
         visitor = visitor->next) {
        if (visitor->is_written || visitor->is_removed)
            err = write_visitor(visitor, commit);
    }
    return err;
}
