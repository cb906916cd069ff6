#include <stdlib.h>

#include "session/api_token_part.h"

#define CHUNK_BYTES 4096
#define MAX_BYTES   ((size_t)1 << 20)

int64_t api_token_now_s(const struct api_token_store *tokens)
{
    return clock_unix_ms(tokens->env.clock) / 1000;
}

struct api_token_store *api_token_store_create(struct store *store, const struct store_env *env,
                                               struct changer *changer)
{
    struct api_token_store *tokens = calloc(1, sizeof(*tokens));

    if (!tokens)
        return NULL;
    tokens->store = store;
    tokens->env = *env;
    tokens->changer = changer;
    tokens->shard = store_shard_of(store, ACCOUNTS);
    return tokens;
}

void api_token_store_destroy(struct api_token_store *tokens)
{
    if (!tokens)
        return;
    /* Each takes the first one out of the list, which the analyzer does not see. */
    while (tokens->calls)
        api_token_call_cancel(tokens->calls); /* NOLINT(clang-analyzer-unix.Malloc): see above */
    while (tokens->batches)
        api_token_batch_destroy(tokens->batches);
    for (size_t i = 0; i < API_TOKEN_MAX_TOUCHES; i++)
        change_cancel(tokens->touches[i].change);
    free(tokens);
}

/* ---- calls ---------------------------------------------------------------------------------- */

struct api_token_call *api_token_call_create(struct api_token_store *tokens,
                                             struct api_token_call **list, void *ctx)
{
    struct api_token_call *call =
        tokens->call_count < API_TOKEN_MAX_CALLS ? calloc(1, sizeof(*call)) : NULL;

    if (!call)
        return NULL;
    call->tokens = tokens;
    call->list = list;
    call->ctx = ctx;
    arena_init(&call->arena, CHUNK_BYTES, MAX_BYTES);
    call->next = *list;
    if (call->next)
        call->next->prev = call;
    *list = call;
    tokens->call_count++;
    return call;
}

static void detach(struct api_token_call *call)
{
    if (call->prev)
        call->prev->next = call->next;
    else
        *call->list = call->next;
    if (call->next)
        call->next->prev = call->prev;
    call->tokens->call_count--;
    store_op_cancel(call->op);
    change_cancel(call->change);
    timer_stop(call->tokens->env.timers, &call->later);
}

static void release(struct api_token_call *call)
{
    arena_fini(&call->arena);
    free(call);
}

void api_token_call_cancel(struct api_token_call *call)
{
    if (!call)
        return;
    detach(call);
    release(call);
}

void api_token_call_finish(struct api_token_call *call, enum err err)
{
    bool is_done = err == ERR_OK;

    detach(call);
    if (call->done)
        call->done(call->ctx, err, is_done ? "" : call->why.text, is_done ? &call->token : NULL);
    else
        call->list_done(call->ctx, err, is_done ? call->found : NULL,
                        is_done ? call->found_count : 0);
    release(call);
}

struct api_token_call *api_token_call_begun(struct api_token_call *call, bool is_begun)
{
    if (is_begun)
        return call;
    api_token_call_cancel(call);
    return NULL;
}

static void on_later(void *ctx)
{
    struct api_token_call *call = ctx;

    api_token_call_finish(call, call->err);
}

struct api_token_call *api_token_call_fail(struct api_token_call *call, enum err err)
{
    struct timers *timers = call->tokens->env.timers;

    call->err = err;
    return api_token_call_begun(
        call, timer_start(timers, &call->later, timers_now_ms(timers), on_later, call) == ERR_OK);
}

/* ---- the index ------------------------------------------------------------------------------ */

bool api_token_call_of_links(struct api_token_call *call, struct slice site)
{
    if (!user_site_is_sound(site) || slice_eq(site, SLICE("*")))
        return false;
    memcpy(call->token.site, site.ptr, site.len);
    call->token.scopes = SCOPE_SHARE;
    return true;
}

bool api_token_read_index(struct api_token_call *call, store_read_fn *done)
{
    struct api_token_store *tokens = call->tokens;
    char room[API_TOKEN_KEY_BYTES];
    struct slice key = api_token_index_key(&call->token, room);

    call->op = store_read(tokens->store, tokens->shard, &key, 1, done, call);
    return call->op != NULL;
}

enum err api_token_look_at_index(struct api_token_call *call, const struct record *record,
                                 struct api_token_index *out)
{
    enum err err = api_token_index_read(record->value, out);

    if (err != ERR_OK)
        err_info_set(&call->why, "the list of the tokens cannot be read");
    return err;
}
