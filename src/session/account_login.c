/* Beginning a session of a user. */
#include "session/account_store_part.h"
#include "session/session_names.h"

enum login_key { KEY_USER, KEY_RESET, KEY_SESSION, KEY_COUNT_ = KEY_SESSION + SESSION_BEGIN_KEYS };

/* Begins the session on the list as it is without those that end. */
static enum err begin_session(struct account_call *call, const struct record *now,
                              struct change_writes *out)
{
    struct record others[KEY_COUNT_];
    char room[SESSION_NAMES_TEXT];
    struct session_names names;
    bool was_there;

    memcpy(others, now, sizeof(others));
    session_names_read(now[KEY_SESSION].value, &names);
    was_there = session_names_remove(&names, slice_str(call->before));
    if (call->must_be_there && !was_there)
        return ERR_NOT_FOUND;
    if (call->also == ACCOUNT_END_SESSIONS)
        names.count = 0;
    others[KEY_SESSION].value = session_names_write(&names, room);
    return session_plan_begin(&call->owner, &call->secret, &call->fresh,
                              account_now_s(call->accounts), others, KEY_SESSION, out);
}

/* A code to set a new password with was for the old one. */
static enum err drop_reset(const struct account_call *call, const struct user *before,
                           struct change_writes *out)
{
    if (call->also != ACCOUNT_END_SESSIONS ||
        slice_eq(slice_str(call->user.password), slice_str(before->password)))
        return ERR_OK;
    return change_delete(out, KEY_RESET);
}

/* The user is written even when he stays as he is: so it is certain that nobody disabled him in
 * between. */
static enum err plan_login(void *ctx, const struct record *now, size_t count,
                           struct change_writes *out)
{
    struct account_call *call = ctx;
    struct user before;
    enum err err = account_plan_user(call, &now[KEY_USER]);

    (void)count;
    if (err == ERR_OK && call->user.is_disabled)
        err = account_refuse(call, "this user is disabled");
    if (err != ERR_OK)
        return err;
    before = call->user;
    err = account_plan_edit(call);
    if (err == ERR_OK &&
        (call->user.is_disabled || user_is_admin(&before) != user_is_admin(&call->user)))
        err = account_refuse(call, "a login does not change what a user may do");
    if (err == ERR_OK)
        err = account_write_user(call, KEY_USER, out);
    if (err == ERR_OK)
        err = drop_reset(call, &before, out);
    return err == ERR_OK ? begin_session(call, now, out) : err;
}

static bool begin_login(struct account_call *call)
{
    char user_room[USER_KEY_BYTES];
    char reset_room[USER_KEY_BYTES];
    char rooms[SESSION_BEGIN_KEYS * SESSION_KEY_BYTES];
    struct slice keys[KEY_COUNT_];

    keys[KEY_USER] = user_key(slice_str(call->id), user_room);
    keys[KEY_RESET] = account_reset_key(slice_str(call->id), reset_room);
    session_keys_begin(&call->owner, &call->secret, &keys[KEY_SESSION], rooms);
    return account_begin_change(call, keys, KEY_COUNT_, plan_login);
}

/* False without memory. */
static bool copy_session(struct account_call *call, const struct session *fresh)
{
    struct session *copy = &call->fresh;

    *copy = *fresh;
    copy->user = slice_str(call->owner.id);
    copy->data = arena_dup(&call->arena, fresh->data);
    copy->country = arena_dup(&call->arena, fresh->country);
    copy->device = arena_dup(&call->arena, fresh->device);
    return copy->data.ptr && copy->country.ptr && copy->device.ptr;
}

struct account_call *account_login(struct account_store *accounts, struct slice id,
                                   account_edit_fn *edit, void *edit_ctx,
                                   const struct login_before *before, const struct secret *secret,
                                   const struct session *fresh, account_done_fn *done, void *ctx)
{
    struct account_call *call =
        account_call_create(accounts, ACCOUNT_TELLS_USER, (union account_done){.user = done}, ctx);

    if (!call)
        return NULL;
    if (!user_id_is_sound(id))
        return account_call_fail(call, ERR_NOT_FOUND, "");
    memcpy(call->id, id.ptr, id.len);
    call->owner.realm = SESSION_OF_LOGIN;
    memcpy(call->owner.id, call->id, sizeof(call->id));
    call->edit = edit;
    call->edit_ctx = edit_ctx;
    call->secret = *secret;
    call->must_be_there = before->must_be_there;
    call->also = before->also;
    if (before->hash.len == SECRET_HASH_TEXT)
        memcpy(call->before, before->hash.ptr, before->hash.len);
    if (!copy_session(call, fresh)) {
        account_call_cancel(call);
        return NULL;
    }
    return account_call_begin(call, begin_login);
}
