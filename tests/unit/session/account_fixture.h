/**
 * Two processes that look after users, sessions and API tokens, on one store in memory.
 */
#ifndef FOOTFALL_TESTS_ACCOUNT_FIXTURE_H
#define FOOTFALL_TESTS_ACCOUNT_FIXTURE_H

#include "session/account_store.h"
#include "session/api_token.h"
#include "store/memory.h"
#include "support/virtual_loop.h"

#define PROCESSES      2
#define MAX_ANSWERED   8
#define SOME_PASSWORD  "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$b25l"
#define OTHER_PASSWORD "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$dHdv"

struct account_process {
    struct store *store;
    struct changer *changer;
    struct account_store *accounts;
    struct session_store *sessions;
    struct api_token_store *tokens;
};

struct account_fixture {
    struct virtual_loop loop;
    struct memory_db *db;
    struct account_process processes[PROCESSES];
};

void account_fixture_init(struct account_fixture *f);

/** Also checks that what is in the store agrees. */
void account_fixture_fini(struct account_fixture *f);

/** What a call was told. */
struct answer {
    unsigned told;
    enum err err;
    char why[256];
    bool has_user;
    struct user user;
    bool is_any;
    char code[SECRET_TEXT + 1];
    bool has_token;
    struct api_token token;
    size_t count; /* of a list */
    char listed[MAX_ANSWERED][USER_MAX_EMAIL + 1];
};

account_done_fn on_user;
account_list_fn on_users;
account_any_fn on_any;
account_code_fn on_code;
api_token_done_fn on_token;
api_token_list_fn on_tokens;

/** Lets time pass until it is told, once. @return what it was told */
enum err wait_for(struct account_fixture *f, const struct answer *answer);

void pass_s(struct account_fixture *f, int64_t seconds);
int64_t now_s(const struct account_fixture *f);

/** A user with this role on all sites. */
struct user new_user(const char *email, enum role role);

/* Each of these calls and waits; what was told is in `answer`, which may be NULL. */
enum err add_user(struct account_fixture *f, int process, const char *email, enum role role,
                  struct answer *answer);
enum err find_user(struct account_fixture *f, int process, const char *who, struct answer *answer);
enum err change_user(struct account_fixture *f, int process, const char *who, account_edit_fn *edit,
                     void *edit_ctx, enum account_also also, struct answer *answer);
enum err remove_user(struct account_fixture *f, int process, const char *who,
                     struct answer *answer);

/** Begins a session; its token is in *secret. @param replaces  the hash of one that ends; "": none
 */
enum err log_in(struct account_fixture *f, int process, const char *id, account_edit_fn *edit,
                void *edit_ctx, const char *replaces, struct secret *secret);

/** True when the token lets its user in. */
bool is_logged_in(struct account_fixture *f, int process, const struct secret *secret);

/** A session as a login makes it. */
struct session new_session(void);

/* Edits. */
account_edit_fn disable;
account_edit_fn enable;
account_edit_fn demote;   /* takes the role on all sites away */
account_edit_fn set_role; /* ctx: enum role, on all sites */
account_edit_fn new_password;
account_edit_fn rename_user; /* ctx: the name */

/** A record as it is, borrowed. */
struct record look_at(struct account_fixture *f, struct slice key);

/** Writes a record past all processes; NULL: deletes it. */
void put(struct account_fixture *f, struct slice key, const char *value);

#endif
