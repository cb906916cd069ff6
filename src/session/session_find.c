/* Finding sessions: what comes in one turn of the loop goes together in one read. */
#include <assert.h>
#include <stdlib.h>

#include "session/session_store_part.h"

/* Of one find: those of the session, and the extra one. */
#define FIND_MAX_KEYS (SESSION_BEGIN_KEYS + 1)

/* Finds of one read. */
#define READ_MAX_FINDS (STORE_MAX_READ / FIND_MAX_KEYS)

/* So none is left behind that nobody would wake, when no read can be begun. */
_Static_assert(SESSION_MAX_FINDS <= READ_MAX_FINDS * SESSION_MAX_FIND_READS, "all fit");

struct find {
    struct session_call base;
    session_found_fn *done;
    void *ctx;
    struct session_owner owner;
    char hash[SECRET_HASH_TEXT + 1];
    size_t key_count;
    size_t first; /* of its records in its read */
    struct slice keys[FIND_MAX_KEYS];
    char room[FIND_MAX_KEYS * SESSION_KEY_BYTES];
};

static void wake(struct session_store *sessions)
{
    timer_move(sessions->env.timers, &sessions->turn, timers_now_ms(sessions->env.timers));
}

/* ---- telling -------------------------------------------------------------------------------- */

static void tell(struct session_store *sessions, const struct find *find, enum err err,
                 const struct record *records)
{
    const struct record *mine = records ? records + find->first : NULL;
    struct slice hash = slice_of(find->hash, SECRET_HASH_TEXT);
    const struct record *extra = NULL;
    struct session session;

    arena_reset(&sessions->arena);
    if (err == ERR_OK)
        err = session_look(mine, hash, &sessions->arena, &session);
    if (err != ERR_OK) {
        find->done(find->ctx, err, NULL, NULL);
        return;
    }
    session_touch(sessions, &find->owner, hash, &session);
    if (find->key_count > SESSION_BEGIN_KEYS)
        extra = mine + SESSION_BEGIN_KEYS;
    find->done(find->ctx, ERR_OK, &session, extra);
}

/* Whoever is told may cancel others of this read, and begin new finds: those wait. */
static void tell_all(struct session_find_read *read, enum err err, const struct record *records)
{
    struct session_store *sessions = read->queue->sessions;
    struct session_call *call;

    while ((call = session_call_take(&read->finds))) {
        tell(sessions, (struct find *)call, err, records);
        free(call);
    }
}

static void on_read(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct session_find_read *read = ctx;

    (void)count;
    read->op = NULL;
    tell_all(read, err, records);
    if (read->queue->waiting.first)
        wake(read->queue->sessions);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Moves the first that wait into the read. Returns how many keys they have. */
static size_t take_finds(struct session_find_read *read)
{
    struct session_find_queue *queue = read->queue;
    struct session_store *sessions = queue->sessions;
    size_t keys = 0;

    for (size_t i = 0; i < READ_MAX_FINDS && queue->waiting.first; i++) {
        struct session_call *call = queue->waiting.first;
        struct find *find = (struct find *)call;

        session_call_remove(call);
        session_call_add(&read->finds, call);
        sessions->finds_waiting--;
        find->first = keys;
        memcpy(sessions->keys + keys, find->keys, find->key_count * sizeof(find->keys[0]));
        keys += find->key_count;
    }
    return keys;
}

static void begin_read(struct session_find_read *read)
{
    struct session_find_queue *queue = read->queue;
    struct session_store *sessions = queue->sessions;
    size_t keys = take_finds(read);

    read->op = store_read(sessions->store, (unsigned)(queue - sessions->queues), sessions->keys,
                          keys, on_read, read);
    if (!read->op)
        tell_all(read, ERR_BUSY, NULL);
}

void session_find_turn(void *ctx)
{
    struct session_store *sessions = ctx;

    for (unsigned i = 0; i < sessions->shard_count; i++) {
        struct session_find_queue *queue = &sessions->queues[i];

        for (size_t k = 0; k < SESSION_MAX_FIND_READS && queue->waiting.first; k++) {
            if (!queue->reads[k].op)
                begin_read(&queue->reads[k]);
        }
    }
}

/* ---- the call ------------------------------------------------------------------------------- */

static void drop_find(struct session_call *call)
{
    struct session_store *sessions = call->sessions;
    struct session_find_queue *queue =
        &sessions->queues[session_shard(sessions, &((struct find *)call)->owner)];

    if (call->list == &queue->waiting)
        sessions->finds_waiting--;
    session_call_remove(call);
    free(call);
}

static void set_keys(struct find *find, struct slice extra)
{
    char *room = find->room + (size_t)SESSION_BEGIN_KEYS * SESSION_KEY_BYTES;

    session_keys_of_hash(&find->owner, slice_of(find->hash, SECRET_HASH_TEXT), find->keys,
                         find->room);
    find->key_count = SESSION_BEGIN_KEYS;
    if (extra.len == 0)
        return;
    memcpy(room, extra.ptr, extra.len);
    find->keys[find->key_count++] = slice_of(room, extra.len);
}

struct session_call *session_find(struct session_store *sessions, enum session_realm realm,
                                  const struct secret *secret, struct slice extra,
                                  session_found_fn *done, void *ctx)
{
    struct session_find_queue *queue;
    struct find *find = NULL;
    unsigned shard;

    if (sessions->finds_waiting < SESSION_MAX_FINDS && extra.len <= SESSION_KEY_BYTES)
        find = malloc(sizeof(*find));
    if (!find)
        return NULL;
    find->base.sessions = sessions;
    find->base.drop = drop_find;
    find->done = done;
    find->ctx = ctx;
    session_owner_of_secret(&find->owner, realm, secret);
    secret_hash(secret, session_secret_kind(realm), find->hash);
    set_keys(find, extra);
    shard = session_shard(sessions, &find->owner);
    assert(extra.len == 0 || store_shard_of(sessions->store, record_owner(extra)) == shard);
    queue = &sessions->queues[shard];
    session_call_add(&queue->waiting, &find->base);
    sessions->finds_waiting++;
    wake(sessions);
    return &find->base;
}
