#include "store/redis_row_plan.h"

#include "base/hashmap.h"
#include "store/redis_command.h"
#include "store/redis_row.h"

/* ---- planning ------------------------------------------------------------------------------- */

struct planner {
    struct redis_row_plan plan;
    const struct commit *commit;
    struct arena *arena;
    struct hashmap open_groups; /* key of a list -> the group that takes more of it */
    struct hashmap sites;       /* site -> its place in the plan's sites, from 1 on */
    size_t *group_of;           /* for each addition */
};

static bool is_same_list(const struct rollup *a, const struct rollup *b)
{
    return a->bucket == b->bucket && a->dimension == b->dimension &&
           (a->page == VALUE_NONE) == (b->page == VALUE_NONE) && slice_eq(a->site, b->site);
}

static bool takes(const struct redis_row_group *group, const struct rollup_addition *addition)
{
    return group->count < REDIS_GROUP_MAX && group->cap == addition->cap;
}

static enum err find_site(struct planner *p, struct slice site, size_t *out)
{
    void **place = hashmap_put(&p->sites, site);

    if (!place)
        return ERR_NO_MEMORY;
    if (!*place) {
        p->plan.sites[p->plan.site_count++] = site;
        *place = p->plan.sites + p->plan.site_count;
    }
    *out = (size_t)((struct slice *)*place - p->plan.sites) - 1;
    return ERR_OK;
}

static struct redis_row_group *begin_group(struct planner *p,
                                           const struct rollup_addition *addition)
{
    struct redis_row_group *group = &p->plan.groups[p->plan.group_count];

    *group = (struct redis_row_group){.list = &addition->rollup, .cap = addition->cap};
    if (find_site(p, addition->rollup.site, &group->site) != ERR_OK)
        return NULL;
    p->plan.group_count++;
    return group;
}

/* A list with more rows than a group takes, or with several caps, has several groups: the map
 * holds the newest. */
static struct redis_row_group *open_group(struct planner *p, const struct rollup_addition *addition)
{
    char text[ROLLUP_KEY_MAX];
    struct slice key = rollup_list_key(&addition->rollup, text);
    struct redis_row_group *found = hashmap_get(&p->open_groups, key);
    struct redis_row_group *group;
    void **place;

    if (found && takes(found, addition))
        return found;
    group = begin_group(p, addition);
    if (!found) /* else its entry keeps the key it has */
        key = arena_dup(p->arena, key);
    place = group && key.ptr ? hashmap_put(&p->open_groups, key) : NULL;
    if (!place)
        return NULL;
    *place = group;
    return group;
}

static enum err add(struct planner *p, size_t i, struct redis_row_group **last)
{
    const struct rollup_addition *addition = &p->commit->rollups[i];

    if (!*last || !is_same_list((*last)->list, &addition->rollup) || !takes(*last, addition))
        *last = open_group(p, addition);
    if (!*last)
        return ERR_NO_MEMORY;
    (*last)->count++;
    p->group_of[i] = (size_t)(*last - p->plan.groups);
    return ERR_OK;
}

/* The groups know how many they are: each gets its places, then each addition its place. */
static void put_in_order(struct planner *p)
{
    size_t place = 0;

    for (size_t g = 0; g < p->plan.group_count; g++) {
        p->plan.groups[g].first = place;
        place += p->plan.groups[g].count;
        p->plan.groups[g].count = 0;
    }
    for (size_t i = 0; i < p->commit->rollup_count; i++) {
        struct redis_row_group *group = &p->plan.groups[p->group_of[i]];

        p->plan.order[group->first + group->count++] = i;
    }
}

static bool allocate(struct planner *p, size_t count)
{
    p->plan.order = arena_alloc(p->arena, count * sizeof(*p->plan.order));
    p->plan.groups = arena_alloc(p->arena, count * sizeof(*p->plan.groups));
    p->plan.sites = arena_alloc(p->arena, count * sizeof(*p->plan.sites));
    p->group_of = arena_alloc(p->arena, count * sizeof(*p->group_of));
    return p->plan.order && p->plan.groups && p->plan.sites && p->group_of;
}

enum err redis_row_plan_make(struct redis_row_plan *plan, const struct commit *commit,
                             struct arena *arena)
{
    struct planner p = {.commit = commit, .arena = arena};
    struct redis_row_group *last = NULL;
    enum err err = ERR_OK;

    *plan = (struct redis_row_plan){0};
    if (commit->rollup_count == 0)
        return ERR_OK;
    if (!allocate(&p, commit->rollup_count))
        return ERR_NO_MEMORY;
    hashmap_init(&p.open_groups);
    hashmap_init(&p.sites);
    for (size_t i = 0; i < commit->rollup_count && err == ERR_OK; i++)
        err = add(&p, i, &last);
    hashmap_fini(&p.open_groups);
    hashmap_fini(&p.sites);
    if (err != ERR_OK)
        return err;
    put_in_order(&p);
    *plan = p.plan;
    return ERR_OK;
}

/* ---- encoding ------------------------------------------------------------------------------- */

#define HEAD_BYTES 10

/* The lengths of a text and of a title. */
#define LENGTH_BYTES 4

static const struct rollup_addition *addition_at(const struct commit *commit,
                                                 const struct redis_row_plan *plan, size_t place)
{
    return &commit->rollups[plan->order[place]];
}

static char *put_number(char *out, uint32_t number, size_t bytes)
{
    for (size_t i = bytes; i > 0; i--) {
        out[i - 1] = (char)(unsigned char)number;
        number >>= 8;
    }
    return out + bytes;
}

/* Names are only of rows of the site, and there is none without a text. */
static bool has_name(const struct rollup_addition *addition)
{
    return addition->rollup.page == VALUE_NONE && addition->text.len > 0;
}

static size_t count_name_bytes(const struct commit *commit, const struct redis_row_plan *plan,
                               const struct redis_row_group *group)
{
    size_t bytes = 0;

    for (size_t i = 0; i < group->count; i++) {
        const struct rollup_addition *addition = addition_at(commit, plan, group->first + i);

        if (has_name(addition))
            bytes += addition->text.len + addition->title.len;
    }
    return bytes;
}

static size_t delta_width(const struct commit *commit, const struct redis_row_plan *plan,
                          const struct redis_row_group *group)
{
    size_t width = 1;

    for (size_t i = 0; i < group->count && width < 8; i++) {
        size_t own = redis_metrics_width(&addition_at(commit, plan, group->first + i)->delta);

        width = own > width ? own : width;
    }
    return width;
}

static void put_head(struct strbuf *out, const struct commit *commit,
                     const struct redis_row_plan *plan, const struct redis_row_group *group,
                     bool has_names)
{
    size_t width = delta_width(commit, plan, group);
    char *at = redis_arg_space(out, HEAD_BYTES + REDIS_METRICS * width * group->count);

    if (!at)
        return;
    at = put_number(at, group->cap, 4);
    at = put_number(at, (uint32_t)group->count, 2);
    at = put_number(at, (uint32_t)group->site, 2);
    at = put_number(at, has_names, 1);
    at = put_number(at, group->list->bucket >= REDIS_FIRST_MINUTE, 1);
    for (size_t i = 0; i < group->count; i++)
        at = redis_metrics_put(at, &addition_at(commit, plan, group->first + i)->delta, width);
}

static char *put_text(char *out, struct slice text)
{
    if (text.len > 0)
        memcpy(out, text.ptr, text.len);
    return out + text.len;
}

static void put_names(struct strbuf *out, const struct commit *commit,
                      const struct redis_row_plan *plan, const struct redis_row_group *group,
                      size_t name_bytes)
{
    char *at = redis_arg_space(out, LENGTH_BYTES * group->count + name_bytes);
    char *text = at ? at + LENGTH_BYTES * group->count : NULL;

    for (size_t i = 0; at && i < group->count; i++) {
        const struct rollup_addition *addition = addition_at(commit, plan, group->first + i);
        bool is_named = has_name(addition);

        at = put_number(at, is_named ? (uint32_t)addition->text.len : 0, 2);
        at = put_number(at, is_named ? (uint32_t)addition->title.len : 0, 2);
        if (is_named)
            text = put_text(put_text(text, addition->text), addition->title);
    }
}

static void put_group(struct strbuf *out, const struct commit *commit,
                      const struct redis_row_plan *plan, const struct redis_row_group *group)
{
    size_t name_bytes = count_name_bytes(commit, plan, group);
    char field[REDIS_FIELD_BYTES];

    put_head(out, commit, plan, group, name_bytes > 0);
    for (size_t i = 0; i < group->count; i++)
        redis_arg(out, redis_field(&addition_at(commit, plan, group->first + i)->rollup, field));
    if (name_bytes > 0)
        put_names(out, commit, plan, group, name_bytes);
}

size_t redis_row_plan_keys(const struct redis_row_plan *plan)
{
    return 2 * plan->site_count + plan->group_count;
}

size_t redis_row_plan_args(const struct redis_row_plan *plan, const struct commit *commit)
{
    size_t args = plan->group_count + commit->rollup_count;

    for (size_t g = 0; g < plan->group_count; g++)
        args += count_name_bytes(commit, plan, &plan->groups[g]) > 0;
    return args;
}

void redis_row_plan_put_keys(struct strbuf *out, const struct redis_row_plan *plan,
                             const struct redis_prefix *prefix)
{
    char key[REDIS_LIST_KEY_BYTES];
    char site_key[REDIS_SITE_KEY_BYTES];

    for (size_t i = 0; i < plan->site_count; i++) {
        redis_arg(out, redis_names_key(prefix, plan->sites[i], site_key));
        redis_arg(out, redis_lists_key(prefix, plan->sites[i], site_key));
    }
    for (size_t g = 0; g < plan->group_count; g++)
        redis_arg(out, redis_list_key(prefix, plan->groups[g].list, key));
}

void redis_row_plan_put_args(struct strbuf *out, const struct redis_row_plan *plan,
                             const struct commit *commit)
{
    for (size_t g = 0; g < plan->group_count; g++)
        put_group(out, commit, plan, &plan->groups[g]);
}
