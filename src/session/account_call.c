/* The life of a call, and the steps that calls are made of. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "session/account_store_part.h"

/* Texts of a session, or the list of the users. */
#define CHUNK_BYTES 4096
#define MAX_BYTES   ((size_t)8 << 20)

int64_t account_now_s(const struct account_store *accounts)
{
    return clock_unix_ms(accounts->env.clock) / 1000;
}

/* ---- beginning and end ---------------------------------------------------------------------- */

struct account_call *account_call_create(struct account_store *accounts, enum account_tells tells,
                                         union account_done done, void *ctx)
{
    struct account_call *call =
        accounts->call_count < ACCOUNT_MAX_CALLS ? calloc(1, sizeof(*call)) : NULL;

    if (!call)
        return NULL;
    call->accounts = accounts;
    call->tells = tells;
    call->done = done;
    call->ctx = ctx;
    arena_init(&call->arena, CHUNK_BYTES, MAX_BYTES);
    call->next = accounts->calls;
    if (call->next)
        call->next->prev = call;
    accounts->calls = call;
    accounts->call_count++;
    return call;
}

/* The store may be gone afterwards. */
static void detach(struct account_call *call)
{
    if (call->prev)
        call->prev->next = call->next;
    else
        call->accounts->calls = call->next;
    if (call->next)
        call->next->prev = call->prev;
    call->accounts->call_count--;
    store_op_cancel(call->op);
    change_cancel(call->change);
    timer_stop(call->accounts->env.timers, &call->later);
}

/* It may hold secrets. */
static void release(struct account_call *call)
{
    arena_fini(&call->arena);
    sodium_memzero(call, sizeof(*call));
    free(call);
}

void account_call_cancel(struct account_call *call)
{
    if (!call)
        return;
    detach(call);
    release(call);
}

static void tell(const struct account_call *call, enum err err)
{
    bool is_done = err == ERR_OK;

    switch (call->tells) {
    case ACCOUNT_TELLS_USER:
        call->done.user(call->ctx, err, is_done ? "" : call->why.text,
                        is_done && !call->is_gone ? &call->user : NULL);
        break;
    case ACCOUNT_TELLS_LIST:
        call->done.list(call->ctx, err, is_done ? call->users : NULL,
                        is_done ? call->user_count : 0);
        break;
    case ACCOUNT_TELLS_ANY:
        call->done.any(call->ctx, err, is_done && call->is_any);
        break;
    case ACCOUNT_TELLS_CODE:
        call->done.code(call->ctx, err, is_done ? call->code : NULL);
        break;
    }
}

void account_call_finish(struct account_call *call, enum err err)
{
    detach(call);
    tell(call, err);
    release(call);
}

static void on_later(void *ctx)
{
    struct account_call *call = ctx;

    account_call_finish(call, call->err);
}

static bool tell_later(struct account_call *call)
{
    struct timers *timers = call->accounts->env.timers;

    return timer_start(timers, &call->later, timers_now_ms(timers), on_later, call) == ERR_OK;
}

struct account_call *account_call_begin(struct account_call *call, account_step_fn *step)
{
    if (step(call))
        return call;
    account_call_cancel(call);
    return NULL;
}

struct account_call *account_call_fail(struct account_call *call, enum err err, const char *why)
{
    call->err = err;
    err_info_set(&call->why, "%s", why);
    return account_call_begin(call, tell_later);
}

void account_call_go_on(struct account_call *call, account_step_fn *step)
{
    if (!step(call))
        account_call_finish(call, ERR_BUSY);
}

/* ---- reading -------------------------------------------------------------------------------- */

bool account_read(struct account_call *call, struct slice key, store_read_fn *done)
{
    call->op = store_read(call->accounts->store, call->accounts->shard, &key, 1, done, call);
    return call->op != NULL;
}

/* An e-mail that nobody has goes the same way, so that the time does not tell (A04): to the record
 * of an id that nobody can have. */
static void on_email(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct account_call *call = ctx;
    struct slice id = count > 0 ? records[0].value : SLICE("");

    call->op = NULL;
    if (!user_id_is_sound(id))
        id = SLICE("----------------");
    if (err != ERR_OK) {
        account_call_finish(call, err);
        return;
    }
    memcpy(call->id, id.ptr, id.len);
    account_call_go_on(call, call->step);
}

static bool read_email(struct account_call *call)
{
    char room[USER_KEY_BYTES];

    return account_read(call, user_email_key(slice_str(call->email), room), on_email);
}

struct account_call *account_call_seek(struct account_call *call, struct slice who,
                                       account_step_fn *step)
{
    call->step = step;
    if (user_id_is_sound(who)) {
        memcpy(call->id, who.ptr, who.len);
        return account_call_begin(call, step);
    }
    if (user_email_check(who, call->email, NULL) == ERR_OK)
        return account_call_begin(call, read_email);
    return account_call_fail(call, ERR_NOT_FOUND, "");
}

/* ---- changing ------------------------------------------------------------------------------- */

static void on_changed(void *ctx, enum err err)
{
    struct account_call *call = ctx;

    call->change = NULL;
    account_call_finish(call, err);
}

bool account_begin_change(struct account_call *call, const struct slice *keys, size_t count,
                          change_plan_fn *plan)
{
    struct account_store *accounts = call->accounts;

    call->change =
        change_start(accounts->changer, accounts->shard, keys, count, plan, on_changed, call);
    return call->change != NULL;
}

enum err account_refuse(struct account_call *call, const char *why)
{
    err_info_set(&call->why, "%s", why);
    return ERR_INVALID;
}

/* An e-mail and an id belong together for good: a user who was found by his e-mail and is gone now
 * was removed with it. */
enum err account_plan_user(struct account_call *call, const struct record *record)
{
    enum err err;

    call->why.text[0] = '\0';
    if (record->version == RECORD_ABSENT)
        return ERR_NOT_FOUND;
    err = user_decode(record->value, &call->user, &call->why);
    if (err == ERR_OK && !slice_eq(slice_str(call->user.id), slice_str(call->id)))
        return account_refuse(call, "the record of this user is one of somebody else");
    return err;
}

enum err account_plan_edit(struct account_call *call)
{
    char email[USER_MAX_EMAIL + 1];
    enum err err;

    if (!call->edit)
        return ERR_OK;
    memcpy(email, call->user.email, sizeof(email));
    err = call->edit(call->edit_ctx, &call->user, &call->why);
    if (err != ERR_OK)
        return err;
    memcpy(call->user.id, call->id, sizeof(call->id));
    memcpy(call->user.email, email, sizeof(email));
    return user_check(&call->user, &call->why);
}

enum err account_plan_roster(struct account_call *call, const struct record *record,
                             struct roster *out)
{
    if (roster_read(record->value, out) == ERR_OK)
        return ERR_OK;
    return account_refuse(call, "the list of the users cannot be read");
}

enum err account_write_user(struct account_call *call, size_t index, struct change_writes *out)
{
    struct strbuf json;
    enum err err = ERR_NO_MEMORY;

    strbuf_init(&json, RECORD_MAX_VALUE);
    user_encode(&call->user, &json);
    if (!json.failed)
        err = change_write(out, index, strbuf_slice(&json), RECORD_FOREVER);
    if (json.ptr)
        sodium_memzero(json.ptr, json.len);
    strbuf_fini(&json);
    return err;
}

enum err account_write_roster(const struct roster *roster, size_t index, struct change_writes *out)
{
    char room[ROSTER_MAX_TEXT];

    return change_write(out, index, roster_write(roster, room), RECORD_FOREVER);
}

struct slice account_reset_key(struct slice id, char room[static USER_KEY_BYTES])
{
    return slice_of(room,
                    (size_t)snprintf(room, USER_KEY_BYTES, "reset/accounts/%.*s", SLICE_ARG(id)));
}
