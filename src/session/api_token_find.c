/* Finding tokens: all that are asked for in one turn of the loop are one read.
 *
 *     tokens -> who made them, as far as that is somebody -> tell
 *
 * A token is worth as much as its maker: when he is disabled or removed, it lets nobody in. */
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

static void tell_place(struct api_token_batch *batch, size_t place)
{
    enum err err = batch->found[place].err;
    struct api_token_call *find;

    if (!first_at(batch, place))
        return;
    if (err == ERR_OK)
        api_token_touch(batch->tokens, batch->hashes[place], &batch->found[place].token);
    while ((find = first_at(batch, place))) {
        if (err == ERR_OK)
            find->token = batch->found[place].token;
        api_token_call_finish(find, err);
    }
}

static void finish(struct api_token_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        tell_place(batch, i);
    api_token_batch_destroy(batch);
}

/* ---- who made them -------------------------------------------------------------------------- */

/* One of the command line, or that is not there, has none. */
static bool has_maker(const struct api_token_batch *batch, size_t place)
{
    return batch->found[place].err == ERR_OK && batch->found[place].token.user[0] != '\0';
}

static enum err judge_maker(enum err err, const struct record *record)
{
    struct user user;

    if (err == ERR_OK && record->version != RECORD_ABSENT)
        err = user_decode(record->value, &user, NULL);
    else if (err == ERR_OK)
        err = ERR_NOT_FOUND;
    if (err != ERR_OK)
        return err == ERR_INVALID ? ERR_NOT_FOUND : err;
    return user.is_disabled ? ERR_NOT_FOUND : ERR_OK;
}

static void on_makers(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct api_token_batch *batch = ctx;
    size_t at = 0;

    (void)count;
    batch->op = NULL;
    for (size_t i = 0; i < batch->count; i++) {
        if (!has_maker(batch, i))
            continue;
        batch->found[i].err = judge_maker(err, err == ERR_OK ? &records[at] : NULL);
        at++;
    }
    finish(batch);
}

static void find_makers(struct api_token_batch *batch)
{
    struct api_token_store *tokens = batch->tokens;
    char room[API_TOKEN_MAX_BATCH][USER_KEY_BYTES];
    struct slice keys[API_TOKEN_MAX_BATCH];
    size_t count = 0;

    for (size_t i = 0; i < batch->count; i++) {
        if (!has_maker(batch, i))
            continue;
        keys[count] = user_key(slice_str(batch->found[i].token.user), room[count]);
        count++;
    }
    if (count > 0)
        batch->op = store_read(tokens->store, tokens->shard, keys, count, on_makers, batch);
    if (count > 0 && !batch->op)
        on_makers(batch, ERR_BUSY, NULL, 0);
    else if (count == 0)
        finish(batch);
}

/* ---- reading -------------------------------------------------------------------------------- */

static void on_read(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct api_token_batch *batch = ctx;

    (void)count;
    batch->op = NULL;
    for (size_t i = 0; i < batch->count; i++)
        batch->found[i].err =
            err == ERR_OK ? look(batch->tokens, &records[i], &batch->found[i].token) : err;
    find_makers(batch);
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
        on_read(batch, ERR_BUSY, NULL, 0);
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
