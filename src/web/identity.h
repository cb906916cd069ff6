/**
 * Who asks: the users, logins and API tokens as a process reaches them, and what it needs to check
 * them. All of it is in the store; a process keeps the key of the vault, which never changes.
 */
#ifndef FOOTFALL_WEB_IDENTITY_H
#define FOOTFALL_WEB_IDENTITY_H

#include "http/request.h"
#include "session/account_store.h"
#include "session/api_token.h"
#include "session/guess.h"
#include "session/hasher.h"
#include "session/session_store.h"
#include "session/vault.h"

/** Of the configuration; borrowed for the life of the identity. */
struct identity_settings {
    const char *url;        /* FOOTFALL_URL: where browsers find this server; NULL: by Host */
    const char *secret_key; /* FOOTFALL_SECRET_KEY; NULL: the key is made and kept in the store */
    enum http_field auth_field; /* FOOTFALL_AUTH_HEADER: a trusted proxy says in it who asks;
                                   FIELD_COUNT_: nobody does */
    uint32_t idle_s;            /* of a login */
    uint32_t absolute_s;
};

struct identity {
    struct identity_settings settings;
    struct store *store;
    struct store_env env;
    struct changer *changer;
    struct session_store *sessions;
    struct account_store *accounts;
    struct api_token_store *tokens;
    struct guesses guesses;
    struct hasher *hasher;
    struct vault vault;
    bool has_vault;  /* false until the key was read, shortly after the start */
    bool awaits_key; /* the store has not said yet; until then pages answer 503 */
    struct change *key_change;
    struct timer key_timer;
    unsigned char new_key[VAULT_KEY_BYTES];
};

/** @param store  borrowed, outlives it. ERR_CONFIG: the secret key is none; ERR_NO_MEMORY */
enum err identity_create(const struct identity_settings *settings, struct store *store,
                         const struct store_env *env, struct identity **out,
                         struct err_info *info) MUST_CHECK;

/** NULL is fine. The loop has to be run until it has nothing left to do. */
void identity_destroy(struct identity *identity);

/** True when nothing is being changed, and nothing that was is in doubt. */
bool identity_is_idle(const struct identity *identity);

#endif
