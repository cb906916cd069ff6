#include "session/session_store.h"

#include <stdlib.h>

#include "session/session_store_part.h"

#define ARENA_CHUNK 4096

struct session_store *session_store_create(struct store *store, const struct store_env *env,
                                           struct changer *changer)
{
    struct session_store *sessions = calloc(1, sizeof(*sessions));

    if (!sessions)
        return NULL;
    sessions->store = store;
    sessions->env = *env;
    sessions->changer = changer;
    sessions->shard_count = store_shard_count(store);
    for (unsigned i = 0; i < sessions->shard_count; i++) {
        struct session_find_queue *queue = &sessions->queues[i];

        queue->sessions = sessions;
        for (size_t k = 0; k < SESSION_MAX_FIND_READS; k++)
            queue->reads[k].queue = queue;
    }
    arena_init(&sessions->arena, ARENA_CHUNK, SESSION_ARENA_MAX);
    sessions->keys = malloc(STORE_MAX_READ * sizeof(*sessions->keys));
    if (sessions->keys &&
        timer_keep(env->timers, &sessions->turn, session_find_turn, sessions) == ERR_OK)
        return sessions;
    session_store_destroy(sessions);
    return NULL;
}

static void drop_all(struct session_call_list *list)
{
    while (list->first)
        list->first->drop(list->first);
}

static void drop_finds(struct session_find_queue *queue)
{
    drop_all(&queue->waiting);
    for (size_t i = 0; i < SESSION_MAX_FIND_READS; i++) {
        drop_all(&queue->reads[i].finds);
        store_op_cancel(queue->reads[i].op);
    }
}

void session_store_destroy(struct session_store *sessions)
{
    if (!sessions)
        return;
    drop_all(&sessions->calls);
    drop_all(&sessions->touches);
    for (unsigned i = 0; i < sessions->shard_count; i++)
        drop_finds(&sessions->queues[i]);
    timer_stop(sessions->env.timers, &sessions->turn);
    arena_fini(&sessions->arena);
    free(sessions->keys);
    free(sessions);
}

void session_call_cancel(struct session_call *call)
{
    if (call)
        call->drop(call);
}

void session_call_add(struct session_call_list *list, struct session_call *call)
{
    call->list = list;
    call->next = NULL;
    call->prev = list->last;
    if (list->last)
        list->last->next = call;
    else
        list->first = call;
    list->last = call;
}

void session_call_remove(struct session_call *call)
{
    if (call->prev)
        call->prev->next = call->next;
    else
        call->list->first = call->next;
    if (call->next)
        call->next->prev = call->prev;
    else
        call->list->last = call->prev;
    call->list = NULL;
}

struct session_call *session_call_take(struct session_call_list *list)
{
    struct session_call *call = list->first;

    if (!call)
        return NULL;
    list->first = call->next;
    if (call->next)
        call->next->prev = NULL;
    else
        list->last = NULL;
    call->list = NULL;
    return call;
}

int64_t session_now_s(const struct session_store *sessions)
{
    return clock_unix_ms(sessions->env.clock) / 1000;
}
