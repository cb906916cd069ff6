#include "count/plan.h"

/* A site meets more pages in all its time than in any day. */
#define COUNTER_CAP_FACTOR 10

/* An id and what is known of it. */
struct plan_id {
    struct slice key;            /* of its record: hit/SITE/ID */
    bool is_stored;              /* counted before, as far as is known */
    struct slice path;           /* of the page it was counted for */
    struct planned_hit *counted; /* the hit of this plan that counts it; NULL: none yet */
    struct plan_id *next;
};

/* All additions of a plan to one counter. */
struct plan_fold {
    struct counter counter;
    int64_t delta;
    uint32_t cap;
    size_t index; /* of its addition in the commit */
    struct plan_fold *next;
    char key[]; /* in plan.folds */
};

void plan_init(struct plan *plan, struct arena *arena)
{
    *plan = (struct plan){.arena = arena};
    hashmap_init(&plan->ids);
    hashmap_init(&plan->folds);
    ledger_init(&plan->ledger, arena);
    plan_clear(plan);
}

void plan_fini(struct plan *plan)
{
    hashmap_fini(&plan->ids);
    hashmap_fini(&plan->folds);
    ledger_fini(&plan->ledger);
}

static void clear_folds(struct plan *plan)
{
    hashmap_clear(&plan->folds);
    plan->first_fold = NULL;
    plan->last_fold = &plan->first_fold;
    memset(plan->recent, 0, sizeof(plan->recent));
    plan->counted = 0;
    plan->duplicates = 0;
    plan->bots = 0;
}

void plan_clear(struct plan *plan)
{
    hashmap_clear(&plan->ids);
    ledger_clear(&plan->ledger);
    clear_folds(plan);
    plan->first = NULL;
    plan->last = &plan->first;
    plan->has_facts = false;
    plan->first_id = NULL;
    plan->last_id = &plan->first_id;
    plan->id_count = 0;
}

/* ---- ids ------------------------------------------------------------------------------------ */

static struct slice id_key(struct plan *plan, const struct hit_input *input)
{
    const struct slice kind = SLICE("hit/");
    size_t len = kind.len + input->site.len + 1 + input->id.len;
    char *key = arena_alloc(plan->arena, len);
    char *end = key;

    if (!key)
        return slice_of(NULL, 0);
    memcpy(end, kind.ptr, kind.len);
    end += kind.len;
    memcpy(end, input->site.ptr, input->site.len);
    end += input->site.len;
    *end++ = '/';
    memcpy(end, input->id.ptr, input->id.len);
    return slice_of(key, len);
}

static struct plan_id *find_id(struct plan *plan, const struct hit_input *input)
{
    struct slice key = id_key(plan, input);
    void **place = key.ptr ? hashmap_put(&plan->ids, key) : NULL;
    struct plan_id *id;

    if (!place)
        return NULL;
    if (*place)
        return *place;
    id = arena_alloc(plan->arena, sizeof(*id));
    if (!id) {
        hashmap_remove(&plan->ids, key);
        return NULL;
    }
    *id = (struct plan_id){.key = key};
    *place = id;
    *plan->last_id = id;
    plan->last_id = &id->next;
    plan->id_count++;
    return id;
}

enum err plan_hit(struct plan *plan, struct planned_hit *hit, const struct hit_facts *facts)
{
    const struct hit_input *input = &hit->input;
    enum err err = ledger_take(&plan->ledger, input->site, input->path, facts, &hit->ledger);

    if (err != ERR_OK)
        return err;
    if (facts) {
        hit->has_facts = true;
        hit->is_bot = facts->bot.len > 0;
        hit->is_event = facts->event.name.len > 0;
        hit->settings_version = facts->settings_version;
        hit->counter_cap = COUNTER_CAP_FACTOR * facts->page_cap;
        plan->has_facts = true;
    }
    if (hit->input.id.len > 0) {
        hit->id = find_id(plan, &hit->input);
        if (!hit->id)
            return ERR_NO_MEMORY;
    }
    hit->next = NULL;
    *plan->last = hit;
    plan->last = &hit->next;
    return ERR_OK;
}

/* A hit has an id at most, and two keys of visitors: with BATCH_MAX_HITS ids all can be read. */
bool plan_is_full(const struct plan *plan)
{
    return plan->ledger.cell_count >= LEDGER_MAX_CELLS ||
           plan->ledger.key_count >= LEDGER_MAX_VISITORS;
}

static bool reads_settings(const struct plan *plan)
{
    return plan->has_facts && plan->settings_key.len > 0;
}

bool plan_is_stale(const struct plan *plan, const struct planned_hit *hit)
{
    return hit->has_facts && plan->settings_key.len > 0 &&
           hit->settings_version != plan->settings_version;
}

size_t plan_key_count(const struct plan *plan)
{
    return plan->id_count + plan->ledger.key_count + (reads_settings(plan) ? 1 : 0);
}

void plan_keys(const struct plan *plan, struct slice *out)
{
    if (reads_settings(plan))
        *out++ = plan->settings_key;
    out = ledger_keys(&plan->ledger, out);
    for (const struct plan_id *id = plan->first_id; id; id = id->next)
        *out++ = id->key;
}

enum err plan_learn(struct plan *plan, const struct record *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct plan_id *id;
        struct slice path;
        enum err err;

        if (slice_eq(records[i].key, plan->settings_key)) {
            plan->settings_version = records[i].version;
            continue;
        }
        if (ledger_learn(&plan->ledger, &records[i], &err)) {
            if (err != ERR_OK)
                return err;
            continue;
        }
        id = hashmap_get(&plan->ids, records[i].key);
        if (!id)
            continue;
        if (records[i].version == RECORD_ABSENT) {
            id->is_stored = false;
            continue;
        }
        /* Whatever wrote that, it is no page of ours; the id is used up all the same. */
        path = records[i].value.len <= HIT_MAX_PATH ? records[i].value : SLICE("");
        path = arena_dup(plan->arena, path);
        if (!path.ptr)
            return ERR_NO_MEMORY;
        id->is_stored = true;
        id->path = path;
    }
    return ERR_OK;
}

/* ---- counters ------------------------------------------------------------------------------- */

static struct plan_fold *fold_create(struct plan *plan, const struct counter *counter,
                                     struct slice key)
{
    struct plan_fold *made = arena_alloc(plan->arena, sizeof(*made) + key.len);
    void **place;

    if (!made)
        return NULL;
    *made = (struct plan_fold){.counter = *counter};
    memcpy(made->key, key.ptr, key.len);
    place = hashmap_put(&plan->folds, slice_of(made->key, key.len));
    if (!place)
        return NULL;
    *place = made;
    *plan->last_fold = made;
    plan->last_fold = &made->next;
    return made;
}

static struct plan_fold *fold_find(struct plan *plan, const struct counter *counter)
{
    struct plan_fold *found = plan->recent[counter->dimension];
    char text[COUNTER_KEY_MAX];
    struct slice key;

    if (found && slice_eq(found->counter.value, counter->value) &&
        slice_eq(found->counter.site, counter->site))
        return found;
    key = counter_key(counter, text);
    found = hashmap_get(&plan->folds, key);
    return found ? found : fold_create(plan, counter, key);
}

/* Adds to the one addition of this counter; NULL without memory. */
static struct plan_fold *fold(struct plan *plan, struct counter counter, int64_t delta)
{
    struct plan_fold *found = fold_find(plan, &counter);

    if (!found)
        return NULL;
    plan->recent[counter.dimension] = found;
    found->delta += delta;
    return found;
}

/* A duplicate moves nothing, but its counters are asked for: it is told the page that the id was
 * counted for, so that asking again never makes a new counter. */
static struct slice settle_path(struct planned_hit *hit)
{
    struct plan_id *id = hit->id;

    hit->is_duplicate = id && (id->is_stored || id->counted);
    if (hit->is_duplicate)
        return id->is_stored ? id->path : id->counted->input.path;
    if (id)
        id->counted = hit;
    return hit->input.path;
}

/* Bots and events are in statistics only. */
static bool is_apart(const struct planned_hit *hit)
{
    return hit->is_bot || hit->is_event;
}

static enum err plan_counters(struct plan *plan, struct planned_hit *hit, struct slice path,
                              int64_t delta)
{
    struct slice site = hit->input.site;

    hit->page = NULL;
    hit->site = fold(plan, (struct counter){site, DIMENSION_TOTAL, SLICE("")}, delta);
    if (!hit->site)
        return ERR_NO_MEMORY;
    hit->site_rank = hit->site->delta;
    if (is_apart(hit)) /* it makes no counter of a page either */
        return ERR_OK;
    hit->page = fold(plan, (struct counter){site, DIMENSION_PAGE, path}, delta);
    if (!hit->page)
        return ERR_NO_MEMORY;
    hit->page->cap = hit->counter_cap;
    hit->page_rank = hit->page->delta;
    return ERR_OK;
}

static enum err plan_one(struct plan *plan, struct planned_hit *hit)
{
    struct slice path = settle_path(hit);
    bool is_counted = !hit->is_duplicate && !hit->is_bot;
    enum err err = plan_counters(plan, hit, path, is_counted && !hit->is_event ? 1 : 0);

    plan->counted += is_counted ? 1 : 0;
    plan->duplicates += hit->is_duplicate ? 1 : 0;
    plan->bots += !hit->is_duplicate && hit->is_bot ? 1 : 0;
    if (err != ERR_OK || hit->is_duplicate)
        return err;
    return ledger_count(&plan->ledger, &hit->ledger);
}

static enum err add_folds(struct plan *plan, struct commit *commit)
{
    enum err err = ERR_OK;

    for (struct plan_fold *f = plan->first_fold; f && err == ERR_OK; f = f->next) {
        f->index = commit->addition_count;
        err = commit_add(
            commit, &(struct addition){.counter = f->counter, .delta = f->delta, .cap = f->cap});
    }
    commit->totals_wanted = commit->addition_count;
    return err;
}

static enum err write_ids(struct plan *plan, struct commit *commit)
{
    enum err err = ERR_OK;

    for (struct plan_id *id = plan->first_id; id && err == ERR_OK; id = id->next) {
        if (!id->counted)
            continue;
        err = commit_write(commit, &(struct record_write){.key = id->key,
                                                          .value = id->counted->input.path,
                                                          .expect_version = RECORD_ABSENT,
                                                          .ttl_s = HIT_ID_TTL_S});
    }
    return err;
}

enum err plan_commit(struct plan *plan, struct commit *commit)
{
    enum err err = ERR_OK;

    clear_folds(plan);
    ledger_begin(&plan->ledger);
    for (struct plan_id *id = plan->first_id; id; id = id->next)
        id->counted = NULL;
    for (struct planned_hit *hit = plan->first; hit && err == ERR_OK; hit = hit->next) {
        if (!hit->is_dropped)
            err = plan_one(plan, hit);
    }
    if (err == ERR_OK)
        err = add_folds(plan, commit);
    if (err == ERR_OK)
        err = ledger_commit(&plan->ledger, commit);
    return err == ERR_OK ? write_ids(plan, commit) : err;
}

/* Of n hits that moved a counter together, the one of rank r got the number total - (n - r). A
 * duplicate's rank is the number of hits before it, so it is told the newest number before it. */
static int64_t own_number(const struct plan_fold *f, int64_t rank, const int64_t *totals)
{
    if (totals[f->index] == COUNTER_NOT_MADE)
        return 0;
    return totals[f->index] - (f->delta - rank);
}

int64_t plan_page_count(const struct planned_hit *hit, const int64_t *totals)
{
    return hit->page ? own_number(hit->page, hit->page_rank, totals) : 0;
}

int64_t plan_site_count(const struct planned_hit *hit, const int64_t *totals)
{
    return own_number(hit->site, hit->site_rank, totals);
}
