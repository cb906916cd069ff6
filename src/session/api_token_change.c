/* Adding tokens, and revoking them. */
#include <sodium.h>

#include "base/random.h"
#include "session/api_token_part.h"

enum token_key { KEY_INDEX, KEY_TOKEN, KEY_COUNT_ };

static void on_changed(void *ctx, enum err err)
{
    struct api_token_call *call = ctx;

    call->change = NULL;
    api_token_call_finish(call, err == ERR_OK && call->is_gone ? ERR_NOT_FOUND : err);
}

static bool begin_change(struct api_token_call *call, change_plan_fn *plan)
{
    struct api_token_store *tokens = call->tokens;
    char index_room[API_TOKEN_KEY_BYTES];
    char room[API_TOKEN_KEY_BYTES];
    const struct slice keys[] = {
        [KEY_INDEX] = api_token_index_key(&call->token, index_room),
        [KEY_TOKEN] = api_token_key(call->hash, room),
    };

    call->change =
        change_start(tokens->changer, tokens->shard, keys, KEY_COUNT_, plan, on_changed, call);
    return call->change != NULL;
}

/* ---- adding --------------------------------------------------------------------------------- */

static void make_id(struct api_token_index *index, char out[static API_TOKEN_ID_TEXT + 1])
{
    unsigned char bytes[API_TOKEN_ID_TEXT / 2];

    do {
        random_bytes(bytes, sizeof(bytes));
        (void)sodium_bin2hex(out, API_TOKEN_ID_TEXT + 1, bytes, sizeof(bytes));
    } while (api_token_index_find(index, slice_of(out, API_TOKEN_ID_TEXT)));
}

static void name_in_index(struct api_token_call *call, struct api_token_index *index)
{
    struct api_token_entry *entry = &index->entries[index->count];

    make_id(index, call->token.id);
    index->count++;
    memcpy(entry->id, call->token.id, sizeof(entry->id));
    memcpy(entry->hash, call->hash, sizeof(entry->hash));
    entry->expires_s = call->token.expires_s;
}

static enum err plan_add(void *ctx, const struct record *now, size_t count,
                         struct change_writes *out)
{
    struct api_token_call *call = ctx;
    struct api_token_index index;
    enum err err = api_token_look_at_index(call, &now[KEY_INDEX], &index);

    (void)count;
    if (err != ERR_OK)
        return err;
    api_token_index_expire(&index, api_token_now_s(call->tokens));
    if (index.count == API_TOKEN_MAX || now[KEY_TOKEN].version != RECORD_ABSENT) {
        err_info_set(&call->why, "there are too many %s",
                     call->token.scopes == SCOPE_SHARE ? "links" : "API tokens");
        return ERR_INVALID;
    }
    name_in_index(call, &index);
    err = api_token_index_write(&index, KEY_INDEX, out);
    return err == ERR_OK ? api_token_write(&call->token, call->token.created_s, KEY_TOKEN, out)
                         : err;
}

/* Its id is made later. */
static enum err check_fresh(struct api_token_call *call)
{
    int64_t expires_s = call->token.expires_s;
    int64_t now_s = call->token.created_s;
    struct api_token token = call->token;

    memcpy(token.id, "00000000", sizeof(token.id));
    if (expires_s == 0 || (expires_s > now_s && expires_s <= now_s + (int64_t)API_TOKEN_MAX_TTL_S))
        return api_token_check(&token, &call->why);
    err_info_set(&call->why, "a token ends within 400 days from now, or never");
    return ERR_INVALID;
}

struct api_token_call *api_token_add(struct api_token_store *tokens, const struct secret *secret,
                                     const struct api_token *fresh, api_token_done_fn *done,
                                     void *ctx)
{
    struct api_token_call *call = api_token_call_create(tokens, &tokens->calls, ctx);
    enum err err;

    if (!call)
        return NULL;
    call->done = done;
    call->token = *fresh;
    call->token.created_s = api_token_now_s(tokens);
    call->token.last_used_s = 0;
    secret_hash(secret, SECRET_API_TOKEN, call->hash);
    err = check_fresh(call);
    return err == ERR_OK ? api_token_call_begun(call, begin_change(call, plan_add))
                         : api_token_call_fail(call, err);
}

/* ---- revoking ------------------------------------------------------------------------------- */

/* A record that cannot be read is deleted all the same. */
static enum err take_token(struct api_token_call *call, const struct record *record)
{
    char id[API_TOKEN_ID_TEXT + 1];
    enum err err;

    memcpy(id, call->token.id, sizeof(id));
    call->is_gone = record->version == RECORD_ABSENT;
    err = call->is_gone ? ERR_INVALID : api_token_decode(record->value, &call->token);
    if (err == ERR_INVALID)
        memset(&call->token, 0, sizeof(call->token));
    memcpy(call->token.id, id, sizeof(id));
    return err == ERR_NO_MEMORY ? err : ERR_OK;
}

static enum err plan_revoke(void *ctx, const struct record *now, size_t count,
                            struct change_writes *out)
{
    struct api_token_call *call = ctx;
    struct api_token_entry *entry;
    struct api_token_index index;
    enum err err = api_token_look_at_index(call, &now[KEY_INDEX], &index);

    (void)count;
    if (err != ERR_OK)
        return err;
    entry = api_token_index_find(&index, slice_of(call->token.id, API_TOKEN_ID_TEXT));
    if (!entry || memcmp(entry->hash, call->hash, SECRET_HASH_TEXT) != 0)
        return ERR_NOT_FOUND;
    err = take_token(call, &now[KEY_TOKEN]);
    if (err != ERR_OK)
        return err;
    api_token_index_remove(&index, entry);
    err = api_token_index_write(&index, KEY_INDEX, out);
    return err == ERR_OK ? change_delete(out, KEY_TOKEN) : err;
}

/* Its hash, which is the key of its record, is in the index only. */
static void on_index_to_revoke(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct api_token_call *call = ctx;
    const struct api_token_entry *entry = NULL;
    struct api_token_index index;

    call->op = NULL;
    if (err == ERR_OK && count > 0)
        err = api_token_look_at_index(call, &records[0], &index);
    if (err == ERR_OK)
        entry = api_token_index_find(&index, slice_of(call->token.id, API_TOKEN_ID_TEXT));
    if (entry) {
        memcpy(call->hash, entry->hash, sizeof(call->hash));
        err = begin_change(call, plan_revoke) ? ERR_OK : ERR_BUSY;
    } else if (err == ERR_OK) {
        err = ERR_NOT_FOUND;
    }
    if (!call->change)
        api_token_call_finish(call, err);
}

static struct api_token_call *begin_revoke(struct api_token_call *call, struct slice id)
{
    if (!api_token_id_is_sound(id))
        return api_token_call_fail(call, ERR_NOT_FOUND);
    memcpy(call->token.id, id.ptr, id.len);
    return api_token_call_begun(call, api_token_read_index(call, on_index_to_revoke));
}

struct api_token_call *api_token_revoke(struct api_token_store *tokens, struct slice id,
                                        api_token_done_fn *done, void *ctx)
{
    struct api_token_call *call = api_token_call_create(tokens, &tokens->calls, ctx);

    if (!call)
        return NULL;
    call->done = done;
    return begin_revoke(call, id);
}

struct api_token_call *api_token_revoke_link(struct api_token_store *tokens, struct slice site,
                                             struct slice id, api_token_done_fn *done, void *ctx)
{
    struct api_token_call *call = api_token_call_create(tokens, &tokens->calls, ctx);

    if (!call)
        return NULL;
    call->done = done;
    if (!api_token_call_of_links(call, site))
        return api_token_call_fail(call, ERR_NOT_FOUND);
    return begin_revoke(call, id);
}
