#include <sodium.h>

#include "session/session_store_part.h"

/* The longest: session/accounts/USER/HASH. */
_Static_assert(sizeof("session/accounts/") + SECRET_OWNER_TEXT + sizeof("/") + SECRET_HASH_TEXT <=
                   SESSION_KEY_BYTES,
               "room for every key");
_Static_assert(SESSION_KEY_BYTES <= RECORD_MAX_KEY, "keys of records");

enum secret_kind session_secret_kind(enum session_realm realm)
{
    return realm == SESSION_OF_LOGIN ? SECRET_LOGIN : SECRET_SESSION;
}

void session_owner_of_secret(struct session_owner *out, enum session_realm realm,
                             const struct secret *secret)
{
    out->realm = realm;
    secret_owner(secret, out->id);
}

void session_owner_of_app(struct session_owner *out, struct slice application, struct slice user)
{
    static const unsigned char domain[crypto_generichash_KEYBYTES] = "footfall session owner";
    unsigned char hash[crypto_generichash_BYTES];
    uint64_t len = application.len;
    crypto_generichash_state state;

    /* The length first, so that no other pair makes the same bytes. */
    (void)crypto_generichash_init(&state, domain, sizeof(domain), sizeof(hash));
    (void)crypto_generichash_update(&state, (const unsigned char *)&len, sizeof(len));
    (void)crypto_generichash_update(&state, (const unsigned char *)application.ptr,
                                    application.len);
    (void)crypto_generichash_update(&state, (const unsigned char *)user.ptr, user.len);
    (void)crypto_generichash_final(&state, hash, sizeof(hash));
    out->realm = SESSION_OF_APP;
    (void)sodium_bin2hex(out->id, sizeof(out->id), hash, SECRET_OWNER_BYTES);
}

bool session_is_of_app(const struct secret *secret, struct slice application, struct slice user)
{
    struct session_owner of_token;
    struct session_owner of_app;

    session_owner_of_secret(&of_token, SESSION_OF_APP, secret);
    session_owner_of_app(&of_app, application, user);
    return memcmp(of_token.id, of_app.id, SECRET_OWNER_TEXT) == 0;
}

static size_t append(char *room, size_t len, struct slice text)
{
    memcpy(room + len, text.ptr, text.len);
    return len + text.len;
}

/* KIND/PLACE. */
static size_t append_place(char *room, struct slice kind, const struct session_owner *owner)
{
    struct slice id = slice_of(owner->id, SECRET_OWNER_TEXT);
    bool is_login = owner->realm == SESSION_OF_LOGIN;
    size_t len = append(room, 0, kind);

    len = append(room, len, is_login ? SLICE("accounts/") : id);
    return append(room, len, is_login ? id : SLICE("/-"));
}

static struct slice key_of_hash(char *room, struct slice kind, const struct session_owner *owner,
                                struct slice hash)
{
    size_t len = append_place(room, kind, owner);

    len = append(room, len, SLICE("/"));
    return slice_of(room, append(room, len, hash));
}

struct slice session_key_all(const struct session_owner *owner, char room[static SESSION_KEY_BYTES])
{
    return slice_of(room, append_place(room, SLICE("sessions/"), owner));
}

void session_keys_of_hash(const struct session_owner *owner, struct slice hash,
                          struct slice keys[static SESSION_BEGIN_KEYS],
                          char room[static SESSION_BEGIN_KEYS * SESSION_KEY_BYTES])
{
    keys[SESSION_KEY_LIST] = session_key_all(owner, room);
    keys[SESSION_KEY_SESSION] =
        key_of_hash(room + SESSION_KEY_BYTES, SLICE("session/"), owner, hash);
    keys[SESSION_KEY_LIFE] =
        key_of_hash(room + (size_t)2 * SESSION_KEY_BYTES, SLICE("life/"), owner, hash);
}

void session_keys_begin(const struct session_owner *owner, const struct secret *secret,
                        struct slice keys[static SESSION_BEGIN_KEYS],
                        char room[static SESSION_BEGIN_KEYS * SESSION_KEY_BYTES])
{
    char hash[SECRET_HASH_TEXT + 1];

    secret_hash(secret, session_secret_kind(owner->realm), hash);
    session_keys_of_hash(owner, slice_of(hash, SECRET_HASH_TEXT), keys, room);
}

unsigned session_shard(const struct session_store *sessions, const struct session_owner *owner)
{
    return store_shard_of(sessions->store, owner->realm == SESSION_OF_LOGIN
                                               ? SLICE("accounts")
                                               : slice_of(owner->id, SECRET_OWNER_TEXT));
}
