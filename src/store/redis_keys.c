#include "store/redis_keys.h"

#include "base/hashmap.h"

#define DEFAULT_SITE SLICE("default")

static const struct {
    struct slice name; /* the site follows */

    enum { KEY_STRING, KEY_HASH } kind;
} dimensions[] = {
    [DIMENSION_TOTAL] = {SLICE_INIT("total:"), KEY_STRING},
    [DIMENSION_PAGE] = {SLICE_INIT("page:"), KEY_HASH},
};

struct redis_prefix redis_prefix_alone(void)
{
    return (struct redis_prefix){.text = "footfall:", .len = 9};
}

struct redis_prefix redis_prefix_of_shard(unsigned shard)
{
    struct redis_prefix prefix = {.text = "footfall:{00}:", .len = 14};

    prefix.text[10] = (char)('0' + shard / 10);
    prefix.text[11] = (char)('0' + shard % 10);
    return prefix;
}

/* Writes prefix and name to `out`; returns what is behind them. */
static char *put_start(char *out, const struct redis_prefix *prefix, struct slice name)
{
    memcpy(out, prefix->text, prefix->len);
    memcpy(out + prefix->len, name.ptr, name.len);
    return out + prefix->len + name.len;
}

struct slice redis_writer_key(const struct redis_prefix *prefix, const struct writer_id *writer,
                              char out[static REDIS_WRITER_KEY_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    char *at = put_start(out, prefix, SLICE("writer:"));

    for (size_t i = 0; i < sizeof(writer->bytes); i++) {
        *at++ = digits[writer->bytes[i] >> 4];
        *at++ = digits[writer->bytes[i] & 15];
    }
    return slice_of(out, (size_t)(at - out));
}

struct slice redis_record_prefix(const struct redis_prefix *prefix,
                                 char out[static REDIS_RECORD_PREFIX_BYTES])
{
    return slice_of(out, (size_t)(put_start(out, prefix, SLICE("record:")) - out));
}

struct slice redis_listed_key(const struct redis_prefix *prefix,
                              char out[static REDIS_RECORD_PREFIX_BYTES])
{
    return slice_of(out, (size_t)(put_start(out, prefix, SLICE("listed")) - out));
}

struct slice redis_probe_key(const struct redis_prefix *prefix,
                             char out[static REDIS_RECORD_PREFIX_BYTES])
{
    return slice_of(out, (size_t)(put_start(out, prefix, SLICE("probe")) - out));
}

static struct slice site_key(const struct redis_prefix *prefix, struct slice name,
                             struct slice site, char out[static REDIS_SITE_KEY_BYTES])
{
    char *at = put_start(out, prefix, name);

    memcpy(at, site.ptr, site.len);
    return slice_of(out, (size_t)(at - out) + site.len);
}

struct slice redis_total_key(const struct redis_prefix *prefix, struct slice site,
                             const char *total_key, char out[static REDIS_SITE_KEY_BYTES])
{
    if (total_key && total_key[0] && slice_eq(site, DEFAULT_SITE))
        return slice_str(total_key);
    return site_key(prefix, dimensions[DIMENSION_TOTAL].name, site, out);
}

struct slice redis_pages_key(const struct redis_prefix *prefix, struct slice site,
                             char out[static REDIS_SITE_KEY_BYTES])
{
    return site_key(prefix, dimensions[DIMENSION_PAGE].name, site, out);
}

struct slice redis_names_key(const struct redis_prefix *prefix, struct slice site,
                             char out[static REDIS_SITE_KEY_BYTES])
{
    return site_key(prefix, SLICE("name:"), site, out);
}

struct slice redis_lists_key(const struct redis_prefix *prefix, struct slice site,
                             char out[static REDIS_SITE_KEY_BYTES])
{
    return site_key(prefix, SLICE("lists:"), site, out);
}

/* ---- planning ------------------------------------------------------------------------------- */

struct planner {
    struct redis_plan plan;
    struct hashmap open_groups; /* key -> the group that takes more of it */
    size_t *group_of;           /* for each counter; NO_GROUP for strings */
    const struct counter *last; /* of the counter before, when that went in a group */
    struct redis_group *last_group;
    struct arena *arena;
    const char *total_key;
};

#define NO_GROUP SIZE_MAX

static struct slice group_key(const struct planner *p, const struct counter *counter,
                              char out[static REDIS_SITE_KEY_BYTES])
{
    return site_key(&p->plan.prefix, dimensions[counter->dimension].name, counter->site, out);
}

static enum err add_string(struct planner *p, const struct counter *counter)
{
    char text[REDIS_SITE_KEY_BYTES];
    struct slice *key = &p->plan.string_keys[p->plan.string_count++];

    *key = redis_total_key(&p->plan.prefix, counter->site, p->total_key, text);
    if (key->ptr == text)
        *key = arena_dup(p->arena, *key);
    return key->ptr ? ERR_OK : ERR_NO_MEMORY;
}

static bool has_room(const struct redis_group *group, uint32_t cap)
{
    return group->count < REDIS_GROUP_MAX && group->cap == cap;
}

/* A hash with more fields than a group takes has several groups, and so has one with several caps:
 * the map holds the newest. */
static struct redis_group *open_group(struct planner *p, const struct counter *counter,
                                      uint32_t cap)
{
    char text[REDIS_SITE_KEY_BYTES];
    struct slice key = group_key(p, counter, text);
    struct redis_group *found = hashmap_get(&p->open_groups, key);
    struct redis_group *group = &p->plan.groups[p->plan.group_count];
    void **place;

    if (found && has_room(found, cap))
        return found;
    group->key = found ? found->key : arena_dup(p->arena, key);
    group->cap = cap;
    group->count = 0;
    place = group->key.ptr ? hashmap_put(&p->open_groups, group->key) : NULL;
    if (!place)
        return NULL;
    *place = group;
    p->plan.group_count++;
    return group;
}

static bool is_like_last(const struct planner *p, const struct counter *counter, uint32_t cap)
{
    return p->last && p->last->dimension == counter->dimension && has_room(p->last_group, cap) &&
           slice_eq(p->last->site, counter->site);
}

static enum err add_field(struct planner *p, const struct counter *counter, uint32_t cap, size_t i)
{
    if (!is_like_last(p, counter, cap))
        p->last_group = open_group(p, counter, cap);
    p->last = counter;
    if (!p->last_group)
        return ERR_NO_MEMORY;
    p->last_group->count++;
    p->group_of[i] = (size_t)(p->last_group - p->plan.groups);
    return ERR_OK;
}

static enum err add(struct planner *p, const struct counter *counter, uint32_t cap, size_t i)
{
    if (dimensions[counter->dimension].kind == KEY_HASH)
        return add_field(p, counter, cap, i);
    p->group_of[i] = NO_GROUP;
    return add_string(p, counter);
}

/* The groups know how many they are: each gets its places, then each counter its place. */
static void put_in_order(struct planner *p)
{
    size_t place = p->plan.string_count;
    size_t string_place = 0;

    for (size_t g = 0; g < p->plan.group_count; g++) {
        p->plan.groups[g].first = place;
        place += p->plan.groups[g].count;
        p->plan.groups[g].count = 0;
    }
    for (size_t i = 0; i < p->plan.count; i++) {
        struct redis_group *group;

        if (p->group_of[i] == NO_GROUP) {
            p->plan.order[string_place++] = i;
            continue;
        }
        group = &p->plan.groups[p->group_of[i]];
        p->plan.order[group->first + group->count++] = i;
    }
}

static bool allocate(struct planner *p, size_t count)
{
    p->plan.count = count;
    p->plan.order = arena_alloc(p->arena, count * sizeof(*p->plan.order));
    p->plan.string_keys = arena_alloc(p->arena, count * sizeof(*p->plan.string_keys));
    p->plan.groups = arena_alloc(p->arena, count * sizeof(*p->plan.groups));
    p->group_of = arena_alloc(p->arena, count * sizeof(*p->group_of));
    return p->plan.order && p->plan.string_keys && p->plan.groups && p->group_of;
}

enum err redis_plan_make(struct redis_plan *plan, const void *counters, redis_counter_fn *at,
                         size_t count, const struct redis_prefix *prefix, const char *total_key,
                         struct arena *arena)
{
    struct planner p = {.plan = {.prefix = *prefix}, .arena = arena, .total_key = total_key};
    enum err err = allocate(&p, count) ? ERR_OK : ERR_NO_MEMORY;

    hashmap_init(&p.open_groups);
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        uint32_t cap;
        const struct counter *counter = at(counters, i, &cap);

        err = add(&p, counter, cap, i);
    }
    hashmap_fini(&p.open_groups);
    if (err != ERR_OK)
        return err;
    put_in_order(&p);
    *plan = p.plan;
    return ERR_OK;
}
