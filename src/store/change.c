#include "store/change.h"

#include <assert.h>
#include <stdlib.h>

#include "store/change_part.h"

/* ---- lists ---------------------------------------------------------------------------------- */

void change_list_add(struct change_list *list, struct change *change)
{
    change->prev = list->last;
    change->next = NULL;
    if (list->last)
        list->last->next = change;
    else
        list->first = change;
    list->last = change;
}

void change_list_add_first(struct change_list *list, struct change *change)
{
    change->prev = NULL;
    change->next = list->first;
    if (list->first)
        list->first->prev = change;
    else
        list->last = change;
    list->first = change;
}

void change_list_remove(struct change_list *list, struct change *change)
{
    if (list->first == change)
        list->first = change->next;
    else
        change->prev->next = change->next;
    if (list->last == change)
        list->last = change->prev;
    else
        change->next->prev = change->prev;
    change->prev = NULL;
    change->next = NULL;
}

struct change *change_list_take(struct change_list *list)
{
    struct change *change = list->first;

    if (change)
        change_list_remove(list, change);
    return change;
}

/* ---- telling -------------------------------------------------------------------------------- */

/* `done` may lead to the end of the round, and of `change`: it is not used afterwards. */
static void tell(struct change *change, enum err err)
{
    change->is_detached = true;
    change->done(change->ctx, err);
}

void change_end(struct change *change, enum err err)
{
    change->shard->changer->count--;
    if (!change->is_detached)
        tell(change, err);
    free(change);
}

/* ---- deadlines ------------------------------------------------------------------------------ */

/* NULL: none is due. */
static struct change *first_due(const struct change_list *list, int64_t now_ms)
{
    struct change *change = list->first;

    while (change && (change->is_detached || change->deadline_ms > now_ms))
        change = change->next;
    return change;
}

/* They stay in the round, since their commit may be on its way. */
static void expire_round(struct change_shard *shard, int64_t now_ms)
{
    struct change *change;

    while ((change = first_due(&shard->round, now_ms)))
        tell(change, shard->state == CHANGE_COMMITTING ? ERR_UNKNOWN : ERR_UNAVAILABLE);
}

static void expire_waiting(struct change_shard *shard, int64_t now_ms)
{
    struct change *change;

    while ((change = first_due(&shard->waiting, now_ms))) {
        change_list_remove(&shard->waiting, change);
        change->is_waiting = false;
        change_end(change, ERR_UNAVAILABLE);
    }
}

static int64_t earliest_ms(const struct change_list *list, int64_t before_ms)
{
    for (const struct change *change = list->first; change; change = change->next) {
        /* It is taken for one that was freed, as if prev and next of a list did not fit together.
         * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        if (!change->is_detached && change->deadline_ms < before_ms)
            before_ms = change->deadline_ms;
    }
    return before_ms;
}

static void on_deadline(void *ctx)
{
    struct change_shard *shard = ctx;
    int64_t now_ms = timers_now_ms(shard->changer->env.timers);

    expire_round(shard, now_ms);
    expire_waiting(shard, now_ms);
    timer_move(shard->changer->env.timers, &shard->deadline,
               earliest_ms(&shard->waiting, earliest_ms(&shard->round, TIMER_NEVER)));
}

/* ---- changes -------------------------------------------------------------------------------- */

/* What a shard needs is made with its first change. */
static bool is_ready(struct change_shard *shard)
{
    struct changer *changer = shard->changer;
    struct timers *timers = changer->env.timers;

    if (!shard->writer)
        shard->writer = writer_create(changer->store, shard->shard, &changer->env);
    if (!shard->writer)
        return false;
    if (!timer_is_active(&shard->wake) &&
        timer_keep(timers, &shard->wake, change_round_begin, shard) != ERR_OK)
        return false;
    return timer_is_active(&shard->deadline) ||
           timer_keep(timers, &shard->deadline, on_deadline, shard) == ERR_OK;
}

static struct change *change_create(const struct slice *keys, size_t count)
{
    size_t key_bytes = 0;
    struct change *change;
    char *bytes;

    for (size_t i = 0; i < count; i++) {
        assert(keys[i].len > 0 && keys[i].len <= RECORD_MAX_KEY);
        key_bytes += keys[i].len;
    }
    change = calloc(1, sizeof(*change) + count * sizeof(change->keys[0]) + key_bytes);
    if (!change)
        return NULL;
    change->key_count = count;
    bytes = (char *)&change->keys[count];
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes, keys[i].ptr, keys[i].len);
        change->keys[i] = slice_of(bytes, keys[i].len);
        bytes += keys[i].len;
    }
    return change;
}

static void enqueue(struct change_shard *shard, struct change *change)
{
    struct timers *timers = shard->changer->env.timers;
    int64_t now_ms = timers_now_ms(timers);

    change->shard = shard;
    change->deadline_ms = now_ms + 2 * shard->changer->env.timeout_ms;
    change->is_waiting = true;
    change_list_add(&shard->waiting, change);
    shard->changer->count++;
    if (shard->state == CHANGE_IDLE)
        timer_move(timers, &shard->wake, now_ms);
    if (shard->deadline.at_ms > change->deadline_ms)
        timer_move(timers, &shard->deadline, change->deadline_ms);
}

struct change *change_start(struct changer *changer, unsigned shard, const struct slice *keys,
                            size_t count, change_plan_fn *plan, change_done_fn *done, void *ctx)
{
    struct change *change;

    assert(shard < changer->shard_count);
    assert(count > 0 && count <= CHANGE_MAX_KEYS);
    if (changer->count >= CHANGE_MAX_WAITING || !is_ready(&changer->shards[shard]))
        return NULL;
    change = change_create(keys, count);
    if (!change)
        return NULL;
    change->plan = plan;
    change->done = done;
    change->ctx = ctx;
    enqueue(&changer->shards[shard], change);
    return change;
}

void change_cancel(struct change *change)
{
    if (!change)
        return;
    change->is_detached = true;
    if (!change->is_waiting)
        return;
    change_list_remove(&change->shard->waiting, change);
    change_end(change, ERR_OK); /* tells nobody */
}

/* ---- the changer ---------------------------------------------------------------------------- */

struct changer *changer_create(struct store *store, const struct store_env *env)
{
    unsigned count = store_shard_count(store);
    struct changer *changer = calloc(1, sizeof(*changer) + count * sizeof(changer->shards[0]));

    if (!changer)
        return NULL;
    changer->store = store;
    changer->env = *env;
    changer->shard_count = count;
    for (unsigned i = 0; i < count; i++) {
        changer->shards[i].changer = changer;
        changer->shards[i].shard = i;
    }
    return changer;
}

static void free_all(struct change_list *list)
{
    struct change *change;

    while ((change = change_list_take(list)))
        free(change);
}

void changer_destroy(struct changer *changer)
{
    if (!changer)
        return;
    for (unsigned i = 0; i < changer->shard_count; i++) {
        struct change_shard *shard = &changer->shards[i];

        store_op_cancel(shard->read);
        writer_destroy(shard->writer);
        timer_stop(changer->env.timers, &shard->wake);
        timer_stop(changer->env.timers, &shard->deadline);
        commit_unref(shard->commit);
        free_all(&shard->waiting);
        free_all(&shard->round);
    }
    free(changer);
}

bool changer_is_idle(const struct changer *changer)
{
    if (changer->count > 0)
        return false;
    for (unsigned i = 0; i < changer->shard_count; i++) {
        const struct writer *writer = changer->shards[i].writer;

        if (writer && !writer_is_settled(writer))
            return false;
    }
    return true;
}
