/* Adding a user. Two who add the first one, or one with the same e-mail, write the same records: of
 * any number one wins. */
#include "session/account_setup.h"
#include "session/account_store_part.h"

enum add_key { KEY_USERS, KEY_EMAIL, KEY_USER, KEY_SETUP, KEY_COUNT_ };

/* Whether he may be the first one. */
static enum err check_first(struct account_call *call, const struct record *setup)
{
    if (call->has_code &&
        !setup_code_is_in(setup->value, call->hash, account_now_s(call->accounts)))
        return ERR_NOT_FOUND;
    if (!account_is_admin(&call->user))
        return account_refuse(call, "the first user has to be an owner of all sites");
    return ERR_OK;
}

static enum err check(struct account_call *call, const struct record *now,
                      const struct roster *roster)
{
    if (call->is_first && roster->count > 0)
        return ERR_STALE;
    if (roster->count == 0)
        return check_first(call, &now[KEY_SETUP]);
    if (roster->count == USER_MAX)
        return account_refuse(call, "there are too many users");
    if (now[KEY_EMAIL].version != RECORD_ABSENT)
        return account_refuse(call, "there is a user with this e-mail address already");
    return ERR_OK;
}

static enum err plan_add(void *ctx, const struct record *now, size_t count,
                         struct change_writes *out)
{
    struct account_call *call = ctx;
    struct slice id = slice_str(call->id);
    struct roster roster;
    enum err err = account_plan_roster(call, &now[KEY_USERS], &roster);

    (void)count;
    if (err == ERR_OK)
        err = check(call, now, &roster);
    if (err == ERR_OK)
        err = roster_set(&roster, id, account_is_admin(&call->user));
    if (err == ERR_OK)
        err = account_write_roster(&roster, KEY_USERS, out);
    if (err == ERR_OK)
        err = change_write(out, KEY_EMAIL, id, RECORD_FOREVER);
    if (err == ERR_OK)
        err = account_write_user(call, KEY_USER, out);
    if (err == ERR_OK)
        err = change_delete(out, KEY_SETUP); /* codes are for the first user */
    return err;
}

static bool begin_add(struct account_call *call)
{
    char email_room[USER_KEY_BYTES];
    char user_room[USER_KEY_BYTES];
    const struct slice keys[] = {
        [KEY_USERS] = USERS_KEY,
        [KEY_EMAIL] = user_email_key(slice_str(call->user.email), email_room),
        [KEY_USER] = user_key(slice_str(call->id), user_room),
        [KEY_SETUP] = SETUP_KEY,
    };

    return account_begin_change(call, keys, KEY_COUNT_, plan_add);
}

struct account_call *account_add(struct account_store *accounts, const struct user *user,
                                 struct slice code, bool first, account_done_fn *done, void *ctx)
{
    struct account_call *call =
        account_call_create(accounts, ACCOUNT_TELLS_USER, (union account_done){.user = done}, ctx);
    struct err_info info = {""};

    if (!call)
        return NULL;
    call->user = *user;
    user_make_id(call->id);
    memcpy(call->user.id, call->id, sizeof(call->id));
    if (user_email_check(slice_str(user->email), call->user.email, &info) != ERR_OK ||
        user_check(&call->user, &info) != ERR_OK)
        return account_call_fail(call, ERR_INVALID, info.text);
    call->has_code = code.len > 0;
    call->is_first = first || call->has_code;
    if (call->has_code && !setup_code_hash(code, call->hash))
        return account_call_fail(call, ERR_NOT_FOUND, "");
    return account_call_begin(call, begin_add);
}
