#include "web/identity.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/random.h"

/* The key that is made when none is set: 32 random bytes, by whichever process writes it first.
 * When one is set later, what was sealed before opens with it still. */
#define KEY_RECORD SLICE("key/accounts")

/* A store that is not connected yet is asked again so long after: until then the process is not
 * ready. */
#define KEY_AGAIN_MS 20

static void read_key(struct identity *identity);

static enum err plan_key(void *ctx, const struct record *now, size_t count,
                         struct change_writes *out)
{
    struct identity *identity = ctx;

    (void)count;
    if (now[0].version != RECORD_ABSENT && now[0].value.len != VAULT_KEY_BYTES)
        return ERR_INVALID;
    if (now[0].version != RECORD_ABSENT) {
        memcpy(identity->new_key, now[0].value.ptr, VAULT_KEY_BYTES);
        return ERR_OK;
    }
    if (identity->settings.secret_key)
        return ERR_NOT_FOUND;
    random_bytes(identity->new_key, VAULT_KEY_BYTES);
    return change_write(out, 0, slice_of(identity->new_key, VAULT_KEY_BYTES), RECORD_FOREVER);
}

static void take_key(struct identity *identity)
{
    if (identity->settings.secret_key)
        vault_add_old_key(identity->new_key, &identity->vault);
    else
        vault_from_key(identity->new_key, &identity->vault);
    sodium_memzero(identity->new_key, sizeof(identity->new_key));
}

static void on_key(void *ctx, enum err err)
{
    struct identity *identity = ctx;
    struct timers *timers = identity->env.timers;

    identity->key_change = NULL;
    identity->awaits_key = err != ERR_OK && err != ERR_INVALID && err != ERR_NOT_FOUND;
    identity->has_vault = err == ERR_OK || (identity->settings.secret_key && !identity->awaits_key);
    if (err == ERR_OK)
        take_key(identity);
    if (!identity->has_vault && err == ERR_INVALID)
        log_error("the record key/accounts is no key; nobody can log in");
    if (identity->awaits_key)
        timer_move(timers, &identity->key_timer, timers_now_ms(timers) + KEY_AGAIN_MS);
}

static void read_key(struct identity *identity)
{
    struct timers *timers = identity->env.timers;
    const struct slice key = KEY_RECORD;

    identity->key_change =
        change_start(identity->changer, store_shard_of(identity->store, record_owner(key)), &key, 1,
                     plan_key, on_key, identity);
    if (!identity->key_change)
        timer_move(timers, &identity->key_timer, timers_now_ms(timers) + KEY_AGAIN_MS);
}

static void on_key_time(void *ctx)
{
    read_key(ctx);
}

static bool create_parts(struct identity *identity)
{
    struct store *store = identity->store;
    const struct store_env *env = &identity->env;

    identity->changer = changer_create(store, env);
    if (!identity->changer)
        return false;
    identity->guesses = (struct guesses){.changer = identity->changer, .store = store};
    identity->sessions = session_store_create(store, env, identity->changer);
    identity->accounts = account_store_create(store, env, identity->changer);
    identity->tokens = api_token_store_create(store, env, identity->changer);
    identity->hasher = hasher_create(env->loop);
    return identity->sessions && identity->accounts && identity->tokens && identity->hasher &&
           timer_keep(env->timers, &identity->key_timer, on_key_time, identity) == ERR_OK;
}

enum err identity_create(const struct identity_settings *settings, struct store *store,
                         const struct store_env *env, struct identity **out, struct err_info *info)
{
    struct identity *identity = calloc(1, sizeof(*identity));
    enum err err = ERR_OK;

    if (!identity)
        return ERR_NO_MEMORY;
    *identity = (struct identity){.settings = *settings, .store = store, .env = *env};
    if (settings->secret_key)
        err = vault_from_setting(slice_str(settings->secret_key), &identity->vault, info);
    if (err == ERR_OK && !create_parts(identity))
        err = ERR_NO_MEMORY;
    if (err != ERR_OK) {
        identity_destroy(identity);
        return err;
    }
    identity->awaits_key = true;
    read_key(identity);
    *out = identity;
    return ERR_OK;
}

void identity_destroy(struct identity *identity)
{
    if (!identity)
        return;
    change_cancel(identity->key_change);
    timer_stop(identity->env.timers, &identity->key_timer);
    hasher_destroy(identity->hasher);
    session_store_destroy(identity->sessions);
    account_store_destroy(identity->accounts);
    api_token_store_destroy(identity->tokens);
    changer_destroy(identity->changer);
    sodium_memzero(identity, sizeof(*identity));
    free(identity);
}

bool identity_is_idle(const struct identity *identity)
{
    return changer_is_idle(identity->changer);
}
