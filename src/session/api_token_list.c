#include "session/api_token_part.h"

/* Those that have ended, or cannot be read, are left out. */
static enum err keep(struct api_token_call *call, const struct record *records, size_t count)
{
    call->found = arena_alloc(&call->arena, count * sizeof(*call->found));
    if (!call->found)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        enum err err = ERR_INVALID;

        if (records[i].version != RECORD_ABSENT)
            err = api_token_decode(records[i].value, &call->found[call->found_count]);
        if (err == ERR_NO_MEMORY)
            return err;
        call->found_count += err == ERR_OK ? 1 : 0;
    }
    return ERR_OK;
}

static void on_tokens(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct api_token_call *call = ctx;

    call->op = NULL;
    if (err == ERR_OK)
        err = keep(call, records, count);
    api_token_call_finish(call, err);
}

static bool read_tokens(struct api_token_call *call, const struct api_token_index *index)
{
    struct api_token_store *tokens = call->tokens;
    char room[API_TOKEN_MAX][API_TOKEN_KEY_BYTES];
    struct slice keys[API_TOKEN_MAX];

    for (size_t i = 0; i < index->count; i++)
        keys[i] = api_token_key(index->entries[i].hash, room[i]);
    call->op = store_read(tokens->store, tokens->shard, keys, index->count, on_tokens, call);
    return call->op != NULL;
}

static void on_index_to_list(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct api_token_call *call = ctx;
    struct api_token_index index = {.count = 0};

    call->op = NULL;
    if (err == ERR_OK && count > 0)
        err = api_token_look_at_index(call, &records[0], &index);
    if (err == ERR_OK && index.count > 0 && !read_tokens(call, &index))
        err = ERR_BUSY;
    if (!call->op)
        api_token_call_finish(call, err);
}

struct api_token_call *api_token_list(struct api_token_store *tokens, api_token_list_fn *done,
                                      void *ctx)
{
    struct api_token_call *call = api_token_call_create(tokens, &tokens->calls, ctx);

    if (!call)
        return NULL;
    call->list_done = done;
    return api_token_call_begun(call, api_token_read_index(call, on_index_to_list));
}

struct api_token_call *api_token_list_links(struct api_token_store *tokens, struct slice site,
                                            api_token_list_fn *done, void *ctx)
{
    struct api_token_call *call = api_token_call_create(tokens, &tokens->calls, ctx);

    if (!call)
        return NULL;
    call->list_done = done;
    if (!api_token_call_of_links(call, site))
        return api_token_call_fail(call, ERR_NOT_FOUND);
    return api_token_call_begun(call, api_token_read_index(call, on_index_to_list));
}
