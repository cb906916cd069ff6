/* Finding tokens: all that are asked for in one turn of the loop are one read. */
#include <stdlib.h>

#include "session/api_token_part.h"

void api_token_batch_destroy(struct api_token_batch *batch)
{
    struct api_token_store *tokens = batch->tokens;

    while (batch->finds)
        api_token_call_cancel(batch->finds);
    store_op_cancel(batch->op);
    timer_stop(tokens->env.timers, &batch->timer);
    if (batch->prev)
        batch->prev->next = batch->next;
    else
        tokens->batches = batch->next;
    if (batch->next)
        batch->next->prev = batch->prev;
    free(batch);
}

/* ---- telling -------------------------------------------------------------------------------- */

/* NULL: none any more; others are canceled while one is told. */
static struct api_token_call *first_at(const struct api_token_batch *batch, size_t place)
{
    struct api_token_call *find = batch->finds;

    while (find && find->place != place)
        find = find->next;
    return find;
}

static enum err look(const struct api_token_store *tokens, const struct record *record,
                     struct api_token *out)
{
    enum err err = ERR_INVALID;

    if (record->version != RECORD_ABSENT)
        err = api_token_decode(record->value, out);
    /* The store's clock ends it; this is for one that was written by a clock that is behind. */
    if (err == ERR_OK && out->expires_s != 0 && out->expires_s <= api_token_now_s(tokens))
        err = ERR_INVALID;
    return err == ERR_INVALID ? ERR_NOT_FOUND : err;
}

static void tell_place(struct api_token_batch *batch, size_t place, enum err err,
                       const struct record *record)
{
    struct api_token token;
    struct api_token_call *find;

    if (!first_at(batch, place))
        return;
    if (err == ERR_OK)
        err = look(batch->tokens, record, &token);
    if (err == ERR_OK)
        api_token_touch(batch->tokens, batch->hashes[place], &token);
    while ((find = first_at(batch, place))) {
        if (err == ERR_OK)
            find->token = token;
        api_token_call_finish(find, err);
    }
}

static void finish(struct api_token_batch *batch, enum err err, const struct record *records)
{
    for (size_t i = 0; i < batch->count; i++)
        tell_place(batch, i, err, err == ERR_OK ? &records[i] : NULL);
    api_token_batch_destroy(batch);
}

/* ---- reading -------------------------------------------------------------------------------- */

static void on_read(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct api_token_batch *batch = ctx;

    (void)count;
    batch->op = NULL;
    finish(batch, err, records);
}

static void begin(void *ctx)
{
    struct api_token_batch *batch = ctx;
    struct api_token_store *tokens = batch->tokens;
    char room[API_TOKEN_MAX_BATCH][API_TOKEN_KEY_BYTES];
    struct slice keys[API_TOKEN_MAX_BATCH];

    batch->is_begun = true;
    if (!batch->finds) {
        api_token_batch_destroy(batch);
        return;
    }
    for (size_t i = 0; i < batch->count; i++)
        keys[i] = api_token_key(batch->hashes[i], room[i]);
    batch->op = store_read(tokens->store, tokens->shard, keys, batch->count, on_read, batch);
    if (!batch->op)
        finish(batch, ERR_BUSY, NULL);
}

/* ---- asking --------------------------------------------------------------------------------- */

/* NULL without memory. */
static struct api_token_batch *make_batch(struct api_token_store *tokens)
{
    struct timers *timers = tokens->env.timers;
    struct api_token_batch *batch = calloc(1, sizeof(*batch));

    if (!batch)
        return NULL;
    batch->tokens = tokens;
    if (timer_start(timers, &batch->timer, timers_now_ms(timers), begin, batch) != ERR_OK) {
        free(batch);
        return NULL;
    }
    batch->next = tokens->batches;
    if (batch->next)
        batch->next->prev = batch;
    tokens->batches = batch;
    return batch;
}

/* Its place among the hashes of the batch, or the one behind them. */
static size_t place_of(const struct api_token_batch *batch, const char *hash)
{
    size_t i = 0;

    while (i < batch->count && memcmp(batch->hashes[i], hash, SECRET_HASH_TEXT) != 0)
        i++;
    return i;
}

/* The one that waits for the end of this turn, and has room for the hash; NULL without memory. */
static struct api_token_batch *find_batch(struct api_token_store *tokens, const char *hash)
{
    struct api_token_batch *batch = tokens->batches;

    if (batch && !batch->is_begun && place_of(batch, hash) < API_TOKEN_MAX_BATCH)
        return batch;
    return make_batch(tokens);
}

struct api_token_call *api_token_find(struct api_token_store *tokens, const struct secret *secret,
                                      api_token_done_fn *done, void *ctx)
{
    char hash[SECRET_HASH_TEXT + 1];
    struct api_token_batch *batch;
    struct api_token_call *call;

    secret_hash(secret, SECRET_API_TOKEN, hash);
    batch = find_batch(tokens, hash);
    call = batch ? api_token_call_create(tokens, &batch->finds, ctx) : NULL;
    if (!call)
        return NULL; /* a batch of nobody ends by itself */
    call->done = done;
    call->place = place_of(batch, hash);
    if (call->place == batch->count)
        memcpy(batch->hashes[batch->count++], hash, sizeof(hash));
    return call;
}
