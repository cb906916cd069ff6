/* Touching: a session that is used lives on. In the background, and nobody is told. */
#include <stdlib.h>

#include "session/session_store_part.h"

#define ARENA_CHUNK 1024

struct touch {
    struct session_call base;
    struct change *change;
    struct arena arena;
    char hash[SECRET_HASH_TEXT + 1];
};

/* A clock that was set back finds sessions seen in its future: those are touched too. */
static bool is_due(const struct session *session, int64_t now_s)
{
    int64_t step_s = session->idle_s / 20;
    int64_t past_s = now_s - session->seen_s;

    if (step_s > SESSION_TOUCH_S)
        step_s = SESSION_TOUCH_S;
    return past_s >= step_s || -past_s >= step_s;
}

static bool is_under_way(const struct session_store *sessions, struct slice hash)
{
    const struct session_call *call = sessions->touches.first;

    while (call && memcmp(((const struct touch *)call)->hash, hash.ptr, hash.len) != 0)
        call = call->next;
    return call != NULL;
}

static enum err plan_touch(void *ctx, const struct record *now, size_t count,
                           struct change_writes *out)
{
    struct touch *touch = ctx;
    int64_t now_s = session_now_s(touch->base.sessions);
    struct session session;
    enum err err;

    (void)count;
    arena_reset(&touch->arena);
    err = session_look(now, slice_of(touch->hash, SECRET_HASH_TEXT), &touch->arena, &session);
    if (err != ERR_OK || !is_due(&session, now_s))
        return err;
    session.seen_s = now_s;
    return session_plan_session(&session, SESSION_KEY_SESSION, out);
}

static void free_touch(struct touch *touch)
{
    touch->base.sessions->touch_count--;
    session_call_remove(&touch->base);
    arena_fini(&touch->arena);
    free(touch);
}

static void drop_touch(struct session_call *call)
{
    struct touch *touch = (struct touch *)call;

    change_cancel(touch->change);
    free_touch(touch);
}

/* What failed is done by one of the next requests. */
static void on_touched(void *ctx, enum err err)
{
    (void)err;
    free_touch(ctx);
}

void session_touch(struct session_store *sessions, const struct session_owner *owner,
                   struct slice hash, const struct session *session)
{
    char room[SESSION_BEGIN_KEYS * SESSION_KEY_BYTES];
    struct slice keys[SESSION_BEGIN_KEYS];
    struct touch *touch = NULL;

    if (!is_due(session, session_now_s(sessions)) || is_under_way(sessions, hash))
        return;
    if (sessions->touch_count < SESSION_MAX_TOUCHES)
        touch = calloc(1, sizeof(*touch));
    if (!touch)
        return;
    touch->base.sessions = sessions;
    touch->base.drop = drop_touch;
    memcpy(touch->hash, hash.ptr, SECRET_HASH_TEXT);
    arena_init(&touch->arena, ARENA_CHUNK, SESSION_ARENA_MAX);
    session_call_add(&sessions->touches, &touch->base);
    sessions->touch_count++;
    session_keys_of_hash(owner, hash, keys, room);
    touch->change = change_start(sessions->changer, session_shard(sessions, owner), keys,
                                 SESSION_BEGIN_KEYS, plan_touch, on_touched, touch);
    if (!touch->change)
        free_touch(touch);
}
