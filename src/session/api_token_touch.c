/* Noting that a token was used, in the background: nobody waits for it, and nobody is told. */
#include "session/api_token_part.h"

/* On top of the token as it is: one that was revoked meanwhile does not come back. */
static enum err plan_touch(void *ctx, const struct record *now, size_t count,
                           struct change_writes *out)
{
    const struct api_token_touch *touch = ctx;
    int64_t now_s = api_token_now_s(touch->tokens);
    struct api_token token;
    enum err err;

    (void)count;
    if (now[0].version == RECORD_ABSENT)
        return ERR_OK;
    err = api_token_decode(now[0].value, &token);
    if (err != ERR_OK || now_s - token.last_used_s < API_TOKEN_TOUCH_S ||
        (token.expires_s != 0 && token.expires_s <= now_s))
        return err;
    token.last_used_s = now_s;
    return api_token_write(&token, now_s, 0, out);
}

static void on_touched(void *ctx, enum err err)
{
    struct api_token_touch *touch = ctx;

    (void)err; /* the next use notes it */
    touch->change = NULL;
}

/* NULL: it is being noted, or too many are. */
static struct api_token_touch *find_free(struct api_token_store *tokens, const char *hash)
{
    struct api_token_touch *found = NULL;

    for (size_t i = 0; i < API_TOKEN_MAX_TOUCHES; i++) {
        struct api_token_touch *touch = &tokens->touches[i];

        if (!touch->change)
            found = touch;
        else if (memcmp(touch->hash, hash, SECRET_HASH_TEXT) == 0)
            return NULL;
    }
    return found;
}

void api_token_touch(struct api_token_store *tokens, const char hash[static SECRET_HASH_TEXT + 1],
                     const struct api_token *token)
{
    struct api_token_touch *touch;
    char room[API_TOKEN_KEY_BYTES];
    struct slice key = api_token_key(hash, room);

    if (api_token_now_s(tokens) - token->last_used_s < API_TOKEN_TOUCH_S)
        return;
    touch = find_free(tokens, hash);
    if (!touch)
        return;
    touch->tokens = tokens;
    memcpy(touch->hash, hash, sizeof(touch->hash));
    touch->change =
        change_start(tokens->changer, tokens->shard, &key, 1, plan_touch, on_touched, touch);
}
