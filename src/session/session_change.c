/* Calls that change sessions: each is one change of the store. */
#include <stdlib.h>

#include "session/session_store_part.h"

#define ARENA_CHUNK 1024

enum call_kind { CALL_CREATE, CALL_UPDATE, CALL_END, CALL_END_ALL };

struct call {
    struct session_call base;
    enum call_kind kind;
    struct change *change;
    session_done_fn *done;
    void *ctx;
    struct session_owner owner;
    struct secret secret;            /* of a beginning */
    char hash[SECRET_HASH_TEXT + 1]; /* empty: none */
    uint64_t version;                /* of an update */
    struct session given;            /* of a beginning: all; of an update: its data */
    struct session session;          /* as it is to be told */
    bool has_session;
    struct arena arena;   /* of what was given */
    struct arena reading; /* of what was read by the plan */
};

static struct slice hash_of(const struct call *call)
{
    return slice_str(call->hash);
}

/* ---- plans ---------------------------------------------------------------------------------- */

static enum err plan_create(struct call *call, const struct record *now, struct change_writes *out)
{
    int64_t now_s = session_now_s(call->base.sessions);

    call->session = session_begun(&call->given, now_s);
    call->has_session = true;
    return session_plan_begin(&call->owner, &call->secret, &call->given, now_s, now, 0, out);
}

static enum err plan_update(struct call *call, const struct record *now, struct change_writes *out)
{
    enum err err = session_check_data(call->given.data, NULL);

    arena_reset(&call->reading);
    call->has_session = false;
    if (err == ERR_OK)
        err = session_look(now, hash_of(call), &call->reading, &call->session);
    if (err != ERR_OK)
        return err;
    call->has_session = true;
    if (call->session.version != call->version)
        return ERR_STALE;
    call->session.version++;
    call->session.data = call->given.data;
    call->session.seen_s = session_now_s(call->base.sessions);
    return session_plan_session(&call->session, SESSION_KEY_SESSION, out);
}

static enum err plan_end(struct call *call, const struct record *now, struct change_writes *out)
{
    struct session_names names;
    enum err err;

    session_names_read(now[SESSION_KEY_LIST].value, &names);
    if (call->hash[0] == '\0' || !session_names_remove(&names, hash_of(call)))
        return ERR_NOT_FOUND;
    err = session_plan_names(&names, session_now_s(call->base.sessions), SESSION_KEY_LIST, out);
    if (err == ERR_OK)
        err = change_delete(out, SESSION_KEY_SESSION);
    return err == ERR_OK ? change_delete(out, SESSION_KEY_LIFE) : err;
}

static enum err plan_end_all(struct call *call, const struct record *now, struct change_writes *out)
{
    struct session_names names;
    bool is_kept;
    size_t i = 0;

    session_names_read(now[SESSION_KEY_LIST].value, &names);
    while (i < names.count && !slice_eq(slice_str(names.names[i].hash), hash_of(call)))
        i++;
    is_kept = i < names.count;
    if (!is_kept)
        return session_plan_end_all(now, SESSION_KEY_LIST, out);
    if (names.count == 1)
        return ERR_OK;
    names.names[0] = names.names[i];
    names.count = 1;
    return session_plan_names(&names, session_now_s(call->base.sessions), SESSION_KEY_LIST, out);
}

static enum err plan_call(void *ctx, const struct record *now, size_t count,
                          struct change_writes *out)
{
    struct call *call = ctx;

    (void)count;
    switch (call->kind) {
    case CALL_CREATE:
        return plan_create(call, now, out);
    case CALL_UPDATE:
        return plan_update(call, now, out);
    case CALL_END:
        return plan_end(call, now, out);
    case CALL_END_ALL:
        return plan_end_all(call, now, out);
    }
    return ERR_INVALID;
}

/* ---- the life of a call --------------------------------------------------------------------- */

static void free_call(struct call *call)
{
    arena_fini(&call->arena);
    arena_fini(&call->reading);
    free(call);
}

static void take_out(struct call *call)
{
    call->base.sessions->call_count--;
    session_call_remove(&call->base);
}

static void drop_call(struct session_call *base)
{
    struct call *call = (struct call *)base;

    change_cancel(call->change);
    take_out(call);
    free_call(call);
}

static void on_changed(void *ctx, enum err err)
{
    struct call *call = ctx;
    bool is_told = call->has_session && (err == ERR_OK || err == ERR_STALE);

    take_out(call);
    call->done(call->ctx, err, is_told ? &call->session : NULL);
    free_call(call);
}

static struct call *make_call(struct session_store *sessions, enum call_kind kind,
                              session_done_fn *done, void *ctx)
{
    struct call *call = NULL;

    if (sessions->call_count < SESSION_MAX_CALLS)
        call = calloc(1, sizeof(*call));
    if (!call)
        return NULL;
    call->base.sessions = sessions;
    call->base.drop = drop_call;
    call->kind = kind;
    call->done = done;
    call->ctx = ctx;
    arena_init(&call->arena, ARENA_CHUNK, SESSION_ARENA_MAX);
    arena_init(&call->reading, ARENA_CHUNK, SESSION_ARENA_MAX);
    return call;
}

/* A call without a hash has the list alone. */
static struct session_call *start(struct call *call, bool is_list_alone)
{
    struct session_store *sessions = call->base.sessions;
    char room[SESSION_BEGIN_KEYS * SESSION_KEY_BYTES];
    struct slice keys[SESSION_BEGIN_KEYS];

    session_keys_of_hash(&call->owner, hash_of(call), keys, room);
    call->change =
        change_start(sessions->changer, session_shard(sessions, &call->owner), keys,
                     is_list_alone ? 1 : SESSION_BEGIN_KEYS, plan_call, on_changed, call);
    if (!call->change) {
        free_call(call);
        return NULL;
    }
    session_call_add(&sessions->calls, &call->base);
    sessions->call_count++;
    return &call->base;
}

/* ---- the calls ------------------------------------------------------------------------------ */

static bool copy(struct arena *arena, struct slice *text)
{
    *text = arena_dup(arena, *text);
    return text->ptr != NULL;
}

struct session_call *session_create(struct session_store *sessions,
                                    const struct session_owner *owner, const struct secret *secret,
                                    const struct session *fresh, session_done_fn *done, void *ctx)
{
    struct call *call = make_call(sessions, CALL_CREATE, done, ctx);

    if (!call)
        return NULL;
    call->owner = *owner;
    call->secret = *secret;
    call->given = *fresh;
    secret_hash(secret, session_secret_kind(owner->realm), call->hash);
    if (!copy(&call->arena, &call->given.user) || !copy(&call->arena, &call->given.data) ||
        !copy(&call->arena, &call->given.country) || !copy(&call->arena, &call->given.device)) {
        free_call(call);
        return NULL;
    }
    return start(call, false);
}

struct session_call *session_update(struct session_store *sessions, enum session_realm realm,
                                    const struct secret *secret, uint64_t version,
                                    struct slice data, session_done_fn *done, void *ctx)
{
    struct call *call = make_call(sessions, CALL_UPDATE, done, ctx);

    if (!call)
        return NULL;
    session_owner_of_secret(&call->owner, realm, secret);
    secret_hash(secret, session_secret_kind(realm), call->hash);
    call->version = version;
    call->given.data = data;
    if (!copy(&call->arena, &call->given.data)) {
        free_call(call);
        return NULL;
    }
    return start(call, false);
}

/* A hash comes from outside; what has not its form is the hash of no session. */
static void set_hash(struct call *call, struct slice hash)
{
    if (session_hash_is_sound(hash))
        memcpy(call->hash, hash.ptr, hash.len);
}

struct session_call *session_end(struct session_store *sessions, const struct session_owner *owner,
                                 struct slice hash, session_done_fn *done, void *ctx)
{
    struct call *call = make_call(sessions, CALL_END, done, ctx);

    if (!call)
        return NULL;
    call->owner = *owner;
    set_hash(call, hash);
    return start(call, call->hash[0] == '\0');
}

struct session_call *session_end_all(struct session_store *sessions,
                                     const struct session_owner *owner, struct slice keep,
                                     session_done_fn *done, void *ctx)
{
    struct call *call = make_call(sessions, CALL_END_ALL, done, ctx);

    if (!call)
        return NULL;
    call->owner = *owner;
    set_hash(call, keep);
    return start(call, true);
}
