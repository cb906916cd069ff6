/**
 * What account_*.c share.
 */
#ifndef FOOTFALL_SESSION_ACCOUNT_STORE_PART_H
#define FOOTFALL_SESSION_ACCOUNT_STORE_PART_H

#include "session/account_roster.h"
#include "session/account_store.h"

/** Calls under way in one process; beyond that they return NULL. */
#define ACCOUNT_MAX_CALLS 1024

struct account_store {
    struct store *store;
    struct store_env env;
    struct changer *changer;
    unsigned shard;
    struct account_call *calls;
    size_t call_count;
};

/** Which of the `done` functions a call has. */
enum account_tells {
    ACCOUNT_TELLS_USER,
    ACCOUNT_TELLS_LIST,
    ACCOUNT_TELLS_ANY,
    ACCOUNT_TELLS_CODE
};

union account_done {
    account_done_fn *user;
    account_list_fn *list;
    account_any_fn *any;
    account_code_fn *code;
};

/** A step of a call. False: it could not be begun, and nothing is in flight. */
typedef bool account_step_fn(struct account_call *call);

struct account_call {
    struct account_store *accounts;
    struct account_call *prev;
    struct account_call *next;

    enum account_tells tells;
    union account_done done;
    void *ctx;

    /* One of these three is in flight. */
    struct store_op *op;
    struct change *change;
    struct timer later; /* to tell `err` on the loop */

    enum err err;
    struct err_info why;
    account_step_fn *step; /* when the id is known */

    char email[USER_MAX_EMAIL + 1]; /* whom it is about; empty: by his id */
    char id[USER_ID_TEXT + 1];
    struct user user; /* as he is now, or will be */
    bool is_gone;     /* he was removed */
    bool is_any;      /* there is a user */

    account_edit_fn *edit; /* NULL: nothing */
    void *edit_ctx;
    enum account_also also;

    bool is_first;                   /* only when there is no user */
    bool has_code;                   /* and only by a code */
    char hash[SECRET_HASH_TEXT + 1]; /* of that code, or of a reset's */
    char code[SECRET_TEXT + 1];      /* to be told */
    char password[PASSWORD_HASH_TEXT];

    /* Of a login. */
    struct session_owner owner;
    struct secret secret;
    struct session fresh;              /* its texts are in the arena */
    char before[SECRET_HASH_TEXT + 1]; /* hash of the session before; empty: none */
    bool must_be_there;                /* it must */
    struct arena arena;                /* and what a list reads */

    /* Of a list. */
    struct user *users;
    size_t user_count;
};

/* ---- calls ---------------------------------------------------------------------------------- */

/** NULL: no memory, or too many. */
struct account_call *account_call_create(struct account_store *accounts, enum account_tells tells,
                                         union account_done done, void *ctx);

/** Begins with the step; `call`, or NULL when that cannot be: then it is gone. */
struct account_call *account_call_begin(struct account_call *call, account_step_fn *step);

/** Begins with the step as soon as the id is known of whom it is about. As above. */
struct account_call *account_call_seek(struct account_call *call, struct slice who,
                                       account_step_fn *step);

/** The same, told in a later turn. */
struct account_call *account_call_fail(struct account_call *call, enum err err, const char *why);

/** Tells, and ends it. */
void account_call_finish(struct account_call *call, enum err err);

/** The step after another one; ERR_BUSY when it cannot be begun. */
void account_call_go_on(struct account_call *call, account_step_fn *step);

int64_t account_now_s(const struct account_store *accounts);

/* ---- steps ---------------------------------------------------------------------------------- */

/** Reads one record. */
bool account_read(struct account_call *call, struct slice key, store_read_fn *done);

/** Begins a change that ends the call. */
bool account_begin_change(struct account_call *call, const struct slice *keys, size_t count,
                          change_plan_fn *plan);

/* ---- plans ---------------------------------------------------------------------------------- */

/** Sets `why` of the call. */
enum err account_refuse(struct account_call *call, const char *why) MUST_CHECK;

/** Reads the user that the call is about. ERR_NOT_FOUND: there is none. */
enum err account_plan_user(struct account_call *call, const struct record *record) MUST_CHECK;

/** Asks what he is to become; his id and e-mail stay. ERR_INVALID: he is not to be written so. */
enum err account_plan_edit(struct account_call *call) MUST_CHECK;

/** Reads the list of the users; ERR_INVALID, with `why`. */
enum err account_plan_roster(struct account_call *call, const struct record *record,
                             struct roster *out) MUST_CHECK;

/** Write them. */
enum err account_write_user(struct account_call *call, size_t index,
                            struct change_writes *out) MUST_CHECK;
enum err account_write_roster(const struct roster *roster, size_t index,
                              struct change_writes *out) MUST_CHECK;

/** True for one who looks after users. */
static inline bool account_is_admin(const struct user *user)
{
    return user_is_admin(user) && !user->is_disabled;
}

/** The record of a code to set a new password with. */
struct slice account_reset_key(struct slice id, char room[static USER_KEY_BYTES]);

#endif
