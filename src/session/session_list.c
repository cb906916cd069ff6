/* Listing a user's sessions: their names are read, then the sessions. */
#include <stdlib.h>

#include "session/session_store_part.h"

#define ARENA_CHUNK 8192

/* Of each: the session, and its life. */
#define LIST_KEYS 2

struct listing {
    struct session_call base;
    struct store_op *op;
    session_list_fn *done;
    void *ctx;
    struct session_owner owner;
    unsigned shard;
    struct session_names names;
    struct arena arena;
};

static void free_listing(struct listing *listing)
{
    listing->base.sessions->call_count--;
    session_call_remove(&listing->base);
    arena_fini(&listing->arena);
    free(listing);
}

static void drop_listing(struct session_call *call)
{
    struct listing *listing = (struct listing *)call;

    store_op_cancel(listing->op);
    free_listing(listing);
}

static void finish(struct listing *listing, enum err err, const struct listed_session *list,
                   size_t count)
{
    listing->done(listing->ctx, err, err == ERR_OK ? list : NULL, err == ERR_OK ? count : 0);
    free_listing(listing);
}

/* ERR_NOT_FOUND: that one is not there any more. */
static enum err take(struct listing *listing, size_t i, const struct record *records,
                     struct listed_session *out)
{
    const struct record *mine = records + i * LIST_KEYS;

    if (mine[0].version == RECORD_ABSENT || mine[1].version == RECORD_ABSENT)
        return ERR_NOT_FOUND;
    memcpy(out->hash, listing->names.names[i].hash, sizeof(out->hash));
    return session_read(mine[0].value, &listing->arena, &out->session);
}

static void on_sessions(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct listing *listing = ctx;
    struct listed_session *list = NULL;
    size_t found = 0;

    (void)count;
    listing->op = NULL;
    if (err == ERR_OK) {
        list = arena_alloc(&listing->arena, (listing->names.count + 1) * sizeof(*list));
        err = list ? ERR_OK : ERR_NO_MEMORY;
    }
    for (size_t i = listing->names.count; i > 0 && err == ERR_OK; i--) {
        err = take(listing, i - 1, records, &list[found]);
        found += err == ERR_OK ? 1 : 0;
        err = err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    finish(listing, err, list, found);
}

static enum err read_sessions(struct listing *listing)
{
    char room[SESSION_NAMES_MAX][SESSION_BEGIN_KEYS * SESSION_KEY_BYTES];
    struct slice keys[SESSION_NAMES_MAX * LIST_KEYS];

    for (size_t i = 0; i < listing->names.count; i++) {
        struct slice of_one[SESSION_BEGIN_KEYS];

        session_keys_of_hash(&listing->owner, slice_str(listing->names.names[i].hash), of_one,
                             room[i]);
        keys[i * LIST_KEYS] = of_one[SESSION_KEY_SESSION];
        keys[i * LIST_KEYS + 1] = of_one[SESSION_KEY_LIFE];
    }
    listing->op = store_read(listing->base.sessions->store, listing->shard, keys,
                             listing->names.count * LIST_KEYS, on_sessions, listing);
    return listing->op ? ERR_OK : ERR_BUSY;
}

static void on_names(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct listing *listing = ctx;

    (void)count;
    listing->op = NULL;
    if (err == ERR_OK)
        session_names_read(records[0].value, &listing->names);
    if (err == ERR_OK && listing->names.count > 0) {
        err = read_sessions(listing);
        if (err == ERR_OK)
            return;
    }
    finish(listing, err, NULL, 0);
}

struct session_call *session_list(struct session_store *sessions, const struct session_owner *owner,
                                  session_list_fn *done, void *ctx)
{
    char room[SESSION_KEY_BYTES];
    struct slice key = session_key_all(owner, room);
    struct listing *listing = NULL;

    if (sessions->call_count < SESSION_MAX_CALLS)
        listing = calloc(1, sizeof(*listing));
    if (!listing)
        return NULL;
    listing->base.sessions = sessions;
    listing->base.drop = drop_listing;
    listing->done = done;
    listing->ctx = ctx;
    listing->owner = *owner;
    listing->shard = session_shard(sessions, owner);
    arena_init(&listing->arena, ARENA_CHUNK,
               SESSION_ARENA_MAX + (size_t)SESSION_NAMES_MAX * RECORD_MAX_VALUE);
    session_call_add(&sessions->calls, &listing->base);
    sessions->call_count++;
    listing->op = store_read(sessions->store, listing->shard, &key, 1, on_names, listing);
    if (listing->op)
        return &listing->base;
    free_listing(listing);
    return NULL;
}
