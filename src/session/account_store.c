#include "session/account_store.h"

#include <stdlib.h>

#include "session/account_store_part.h"

struct account_store *account_store_create(struct store *store, const struct store_env *env,
                                           struct changer *changer)
{
    struct account_store *accounts = calloc(1, sizeof(*accounts));

    if (!accounts)
        return NULL;
    accounts->store = store;
    accounts->env = *env;
    accounts->changer = changer;
    accounts->shard = store_shard_of(store, ACCOUNTS);
    return accounts;
}

void account_store_destroy(struct account_store *accounts)
{
    if (!accounts)
        return;
    while (accounts->calls)
        account_call_cancel(accounts->calls);
    free(accounts);
}

/* ---- one ------------------------------------------------------------------------------------ */

static void on_user(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct account_call *call = ctx;

    call->op = NULL;
    if (err == ERR_OK && count > 0)
        err = account_plan_user(call, &records[0]);
    account_call_finish(call, err);
}

static bool read_user(struct account_call *call)
{
    char room[USER_KEY_BYTES];

    return account_read(call, user_key(slice_str(call->id), room), on_user);
}

struct account_call *account_find(struct account_store *accounts, struct slice who,
                                  account_done_fn *done, void *ctx)
{
    struct account_call *call =
        account_call_create(accounts, ACCOUNT_TELLS_USER, (union account_done){.user = done}, ctx);

    return call ? account_call_seek(call, who, read_user) : NULL;
}

/* ---- any ------------------------------------------------------------------------------------ */

static void on_any(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct account_call *call = ctx;
    struct roster roster = {.count = 0};

    call->op = NULL;
    if (err == ERR_OK && count > 0)
        err = account_plan_roster(call, &records[0], &roster);
    call->is_any = roster.count > 0;
    account_call_finish(call, err);
}

static bool read_any(struct account_call *call)
{
    return account_read(call, USERS_KEY, on_any);
}

struct account_call *account_any(struct account_store *accounts, account_any_fn *done, void *ctx)
{
    struct account_call *call =
        account_call_create(accounts, ACCOUNT_TELLS_ANY, (union account_done){.any = done}, ctx);

    return call ? account_call_begin(call, read_any) : NULL;
}

/* ---- all ------------------------------------------------------------------------------------ */

static int compare_emails(const void *a, const void *b)
{
    return slice_compare(slice_str(((const struct user *)a)->email),
                         slice_str(((const struct user *)b)->email));
}

/* One that cannot be read is left out: the others are to be seen all the same. */
static enum err keep(struct account_call *call, const struct record *records, size_t count)
{
    call->users = arena_alloc(&call->arena, count * sizeof(*call->users));
    if (!call->users)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        enum err err = ERR_INVALID;

        if (records[i].version != RECORD_ABSENT)
            err = user_decode(records[i].value, &call->users[call->user_count], NULL);
        if (err == ERR_NO_MEMORY)
            return err;
        call->user_count += err == ERR_OK ? 1 : 0;
    }
    qsort(call->users, call->user_count, sizeof(*call->users), compare_emails);
    return ERR_OK;
}

static void on_users(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct account_call *call = ctx;

    call->op = NULL;
    if (err == ERR_OK)
        err = keep(call, records, count);
    account_call_finish(call, err);
}

/* ERR_BUSY: the store takes no more. */
static enum err read_users(struct account_call *call, const struct roster *roster)
{
    struct slice *keys = arena_alloc(&call->arena, roster->count * sizeof(*keys));
    char *room = arena_alloc(&call->arena, roster->count * USER_KEY_BYTES);

    if (!keys || !room)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < roster->count; i++)
        keys[i] = user_key(slice_str(roster->entries[i].id), room + i * USER_KEY_BYTES);
    call->op = store_read(call->accounts->store, call->accounts->shard, keys, roster->count,
                          on_users, call);
    return call->op ? ERR_OK : ERR_BUSY;
}

static void on_roster(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct account_call *call = ctx;
    struct roster roster = {.count = 0};

    call->op = NULL;
    if (err == ERR_OK && count > 0)
        err = account_plan_roster(call, &records[0], &roster);
    if (err == ERR_OK && roster.count > 0)
        err = read_users(call, &roster);
    if (!call->op)
        account_call_finish(call, err);
}

static bool read_roster(struct account_call *call)
{
    return account_read(call, USERS_KEY, on_roster);
}

struct account_call *account_list(struct account_store *accounts, account_list_fn *done, void *ctx)
{
    struct account_call *call =
        account_call_create(accounts, ACCOUNT_TELLS_LIST, (union account_done){.list = done}, ctx);

    return call ? account_call_begin(call, read_roster) : NULL;
}
