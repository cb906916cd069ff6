/* Codes to set a new password with. */
#include <sodium.h>

#include "session/account_store_part.h"

enum reset_key { KEY_USER, KEY_RESET, KEY_SESSIONS, KEY_COUNT_ };

static bool begin(struct account_call *call, size_t count, change_plan_fn *plan)
{
    char user_room[USER_KEY_BYTES];
    char reset_room[USER_KEY_BYTES];
    char sessions_room[SESSION_KEY_BYTES];
    struct slice id = slice_str(call->id);

    call->owner.realm = SESSION_OF_LOGIN;
    memcpy(call->owner.id, call->id, sizeof(call->id));
    const struct slice keys[] = {
        [KEY_USER] = user_key(id, user_room),
        [KEY_RESET] = account_reset_key(id, reset_room),
        [KEY_SESSIONS] = session_key_all(&call->owner, sessions_room),
    };
    return account_begin_change(call, keys, count, plan);
}

/* ---- making one ----------------------------------------------------------------------------- */

/* The user is written as he is, so that he is certainly still there. */
static enum err plan_make(void *ctx, const struct record *now, size_t count,
                          struct change_writes *out)
{
    struct account_call *call = ctx;
    enum err err = account_plan_user(call, &now[KEY_USER]);

    (void)count;
    if (err == ERR_OK)
        err = account_write_user(call, KEY_USER, out);
    if (err == ERR_OK)
        err = change_write(out, KEY_RESET, slice_str(call->hash), RESET_TTL_S);
    return err;
}

static bool begin_make(struct account_call *call)
{
    struct secret secret;

    secret_make(&secret, slice_str(call->id));
    secret_format(&secret, call->code);
    secret_hash(&secret, SECRET_RESET, call->hash);
    sodium_memzero(&secret, sizeof(secret));
    return begin(call, KEY_SESSIONS, plan_make);
}

struct account_call *account_make_reset(struct account_store *accounts, struct slice who,
                                        account_code_fn *done, void *ctx)
{
    struct account_call *call =
        account_call_create(accounts, ACCOUNT_TELLS_CODE, (union account_done){.code = done}, ctx);

    return call ? account_call_seek(call, who, begin_make) : NULL;
}

/* ---- using it ------------------------------------------------------------------------------- */

static bool is_right(const struct account_call *call, const struct record *reset)
{
    return reset->version != RECORD_ABSENT && reset->value.len == SECRET_HASH_TEXT &&
           sodium_memcmp(reset->value.ptr, call->hash, SECRET_HASH_TEXT) == 0;
}

static enum err plan_use(void *ctx, const struct record *now, size_t count,
                         struct change_writes *out)
{
    struct account_call *call = ctx;
    enum err err;

    (void)count;
    if (!is_right(call, &now[KEY_RESET]))
        return ERR_NOT_FOUND;
    err = account_plan_user(call, &now[KEY_USER]);
    if (err != ERR_OK)
        return err;
    memcpy(call->user.password, call->password, sizeof(call->password));
    call->user.password_s = account_now_s(call->accounts);
    err = account_write_user(call, KEY_USER, out);
    if (err == ERR_OK)
        err = change_delete(out, KEY_RESET);
    return err == ERR_OK ? session_plan_end_all(now, KEY_SESSIONS, out) : err;
}

static bool begin_use(struct account_call *call)
{
    return begin(call, KEY_COUNT_, plan_use);
}

struct account_call *account_reset(struct account_store *accounts, const struct secret *code,
                                   const char *password_hash, account_done_fn *done, void *ctx)
{
    struct account_call *call =
        account_call_create(accounts, ACCOUNT_TELLS_USER, (union account_done){.user = done}, ctx);
    struct slice hash = slice_str(password_hash);

    if (!call)
        return NULL;
    if (hash.len >= sizeof(call->password))
        return account_call_fail(call, ERR_INVALID, "the hash of the password is too long");
    memcpy(call->password, hash.ptr, hash.len);
    secret_owner(code, call->id);
    secret_hash(code, SECRET_RESET, call->hash);
    return account_call_begin(call, begin_use);
}
