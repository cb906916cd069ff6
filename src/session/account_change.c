/* Changing a user, and removing one. */
#include "session/account_store_part.h"

enum change_key { KEY_USER, KEY_USERS, KEY_SESSIONS, KEY_RESET, KEY_EMAIL, KEY_COUNT_ };

/* The last owner of all sites stays one. */
static enum err check_last(struct account_call *call, bool was_admin, bool is_admin,
                           const struct roster *roster)
{
    if (!was_admin || is_admin || roster_has_other_admin(roster, slice_str(call->id)))
        return ERR_OK;
    return account_refuse(call, "this is the last owner of all sites, and has to stay one");
}

static bool begin(struct account_call *call, size_t count, change_plan_fn *plan)
{
    const struct session_owner *owner = &call->owner;
    char rooms[3][USER_KEY_BYTES];
    char sessions_room[SESSION_KEY_BYTES];
    struct slice id = slice_str(call->id);

    call->owner.realm = SESSION_OF_LOGIN;
    memcpy(call->owner.id, call->id, sizeof(call->id));
    const struct slice keys[] = {
        [KEY_USER] = user_key(id, rooms[0]),
        [KEY_USERS] = USERS_KEY,
        [KEY_SESSIONS] = session_key_all(owner, sessions_room),
        [KEY_RESET] = account_reset_key(id, rooms[1]),
        [KEY_EMAIL] = user_email_key(slice_str(call->user.email), rooms[2]),
    };
    return account_begin_change(call, keys, count, plan);
}

/* ---- changing ------------------------------------------------------------------------------- */

static enum err write_roster(struct account_call *call, struct roster *roster,
                             struct change_writes *out)
{
    enum err err = roster_set(roster, slice_str(call->id), account_is_admin(&call->user));

    if (err == ERR_INVALID)
        return account_refuse(call, "there are too many users");
    return account_write_roster(roster, KEY_USERS, out);
}

/* Who is disabled is so everywhere, at once. A code to set a new password with was for the old
 * one. */
static enum err write_others(struct account_call *call, const struct user *before,
                             const struct record *now, struct change_writes *out)
{
    bool is_disabled_now = call->user.is_disabled && !before->is_disabled;
    enum err err = ERR_OK;

    if (is_disabled_now || call->also == ACCOUNT_END_SESSIONS)
        err = session_plan_end_all(now, KEY_SESSIONS, out);
    if (err == ERR_OK && !slice_eq(slice_str(call->user.password), slice_str(before->password)))
        err = change_delete(out, KEY_RESET);
    return err;
}

static enum err plan_change(void *ctx, const struct record *now, size_t count,
                            struct change_writes *out)
{
    struct account_call *call = ctx;
    struct roster roster;
    struct user before;
    bool was_admin;
    bool is_admin;
    enum err err = account_plan_user(call, &now[KEY_USER]);

    (void)count;
    before = call->user;
    if (err == ERR_OK)
        err = account_plan_roster(call, &now[KEY_USERS], &roster);
    if (err == ERR_OK)
        err = account_plan_edit(call);
    if (err != ERR_OK)
        return err;
    was_admin = account_is_admin(&before);
    is_admin = account_is_admin(&call->user);
    err = check_last(call, was_admin, is_admin, &roster);
    if (err == ERR_OK && was_admin != is_admin)
        err = write_roster(call, &roster, out);
    if (err == ERR_OK)
        err = account_write_user(call, KEY_USER, out);
    return err == ERR_OK ? write_others(call, &before, now, out) : err;
}

static bool begin_change(struct account_call *call)
{
    return begin(call, KEY_EMAIL, plan_change);
}

struct account_call *account_change(struct account_store *accounts, struct slice who,
                                    account_edit_fn *edit, void *edit_ctx, enum account_also also,
                                    account_done_fn *done, void *ctx)
{
    struct account_call *call =
        account_call_create(accounts, ACCOUNT_TELLS_USER, (union account_done){.user = done}, ctx);

    if (!call)
        return NULL;
    call->edit = edit;
    call->edit_ctx = edit_ctx;
    call->also = also;
    return account_call_seek(call, who, begin_change);
}

/* ---- removing ------------------------------------------------------------------------------- */

static enum err delete_all(const struct record *now, struct change_writes *out)
{
    static const enum change_key keys[] = {KEY_USER, KEY_RESET, KEY_EMAIL};
    enum err err = session_plan_end_all(now, KEY_SESSIONS, out);

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && err == ERR_OK; i++)
        err = change_delete(out, keys[i]);
    return err;
}

static enum err plan_remove(void *ctx, const struct record *now, size_t count,
                            struct change_writes *out)
{
    struct account_call *call = ctx;
    struct slice id = slice_str(call->id);
    struct roster roster;
    enum err err = account_plan_user(call, &now[KEY_USER]);

    (void)count;
    if (err == ERR_OK)
        err = account_plan_roster(call, &now[KEY_USERS], &roster);
    if (err == ERR_OK)
        err = check_last(call, account_is_admin(&call->user), false, &roster);
    if (err != ERR_OK)
        return err;
    roster_remove(&roster, id);
    call->is_gone = true;
    err = account_write_roster(&roster, KEY_USERS, out);
    return err == ERR_OK ? delete_all(now, out) : err;
}

static bool begin_remove(struct account_call *call)
{
    return begin(call, KEY_COUNT_, plan_remove);
}

/* His e-mail, which stays his as long as he is there, tells the key of its record. */
static void on_user_to_remove(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct account_call *call = ctx;

    call->op = NULL;
    if (err == ERR_OK && count > 0)
        err = account_plan_user(call, &records[0]);
    if (err == ERR_OK)
        account_call_go_on(call, begin_remove);
    else
        account_call_finish(call, err);
}

static bool read_user_to_remove(struct account_call *call)
{
    char room[USER_KEY_BYTES];

    return account_read(call, user_key(slice_str(call->id), room), on_user_to_remove);
}

struct account_call *account_remove(struct account_store *accounts, struct slice who,
                                    account_done_fn *done, void *ctx)
{
    struct account_call *call =
        account_call_create(accounts, ACCOUNT_TELLS_USER, (union account_done){.user = done}, ctx);

    return call ? account_call_seek(call, who, read_user_to_remove) : NULL;
}
