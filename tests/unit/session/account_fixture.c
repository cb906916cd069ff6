#include "account_fixture.h"

#include <stdio.h>

#include "base/log.h"
#include "base/random.h"
#include "session/account_roster.h"
#include "store/memory_db.h"
#include "support/cmocka.h"

#define STORE_MS 1000

static void process_init(struct account_fixture *f, struct account_process *process)
{
    const struct store_env env = {
        .timers = &f->loop.timers, .clock = &f->loop.clock, .timeout_ms = STORE_MS};

    assert_int_equal(memory_open_on(f->db, &env, &process->store), ERR_OK);
    process->changer = changer_create(process->store, &env);
    assert_non_null(process->changer);
    process->accounts = account_store_create(process->store, &env, process->changer);
    assert_non_null(process->accounts);
    process->sessions = session_store_create(process->store, &env, process->changer);
    assert_non_null(process->sessions);
    process->tokens = api_token_store_create(process->store, &env, process->changer);
    assert_non_null(process->tokens);
}

void account_fixture_init(struct account_fixture *f)
{
    random_init();
    log_setup(LOG_LOGFMT, LOG_ERROR);
    *f = (struct account_fixture){.db = memory_db_create()};
    assert_non_null(f->db);
    virtual_loop_init(&f->loop);
    for (int i = 0; i < PROCESSES; i++)
        process_init(f, &f->processes[i]);
}

/* Each user in the list is there, with his e-mail and the right mark; nobody else is. */
static void check_agreement(struct account_fixture *f)
{
    char room[USER_KEY_BYTES];
    struct roster roster;
    size_t position = 0;
    size_t users = 0;
    size_t emails = 0;

    if (roster_read(look_at(f, USERS_KEY).value, &roster) != ERR_OK)
        return; /* a test has put something else there */
    for (size_t i = 0; i < roster.count; i++) {
        struct slice id = slice_str(roster.entries[i].id);
        struct record record = look_at(f, user_key(id, room));
        struct user user;

        if (user_decode(record.value, &user, NULL) != ERR_OK)
            return;
        assert_int_equal(roster.entries[i].is_admin, user_is_admin(&user) && !user.is_disabled);
        record = look_at(f, user_email_key(slice_str(user.email), room));
        assert_true(slice_eq(record.value, id));
    }
    for (const struct hashmap_entry *entry; (entry = hashmap_next(&f->db->records, &position));) {
        users += slice_starts_with(entry->key, SLICE("user/")) ? 1 : 0;
        emails += slice_starts_with(entry->key, SLICE("email/")) ? 1 : 0;
    }
    assert_int_equal(users, roster.count);
    assert_int_equal(emails, roster.count);
}

void account_fixture_fini(struct account_fixture *f)
{
    check_agreement(f);
    for (int i = 0; i < PROCESSES; i++) {
        struct account_process *process = &f->processes[i];

        account_store_destroy(process->accounts);
        session_store_destroy(process->sessions);
        api_token_store_destroy(process->tokens);
        changer_destroy(process->changer);
        store_close(process->store);
    }
    memory_db_destroy(f->db);
    virtual_loop_fini(&f->loop);
}

/* ---- what is told --------------------------------------------------------------------------- */

static struct answer *heard(void *ctx, enum err err, const char *why)
{
    struct answer *answer = ctx;

    answer->told++;
    answer->err = err;
    (void)snprintf(answer->why, sizeof(answer->why), "%s", why);
    return answer;
}

void on_user(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct answer *answer = heard(ctx, err, why);

    assert_true(err == ERR_OK || !user);
    answer->has_user = user != NULL;
    if (user)
        answer->user = *user;
}

void on_users(void *ctx, enum err err, const struct user *users, size_t count)
{
    struct answer *answer = heard(ctx, err, "");

    answer->count = count;
    for (size_t i = 0; i < count && i < MAX_ANSWERED; i++)
        memcpy(answer->listed[i], users[i].email, sizeof(users[i].email));
}

void on_any(void *ctx, enum err err, bool is_any)
{
    heard(ctx, err, "")->is_any = is_any;
}

void on_code(void *ctx, enum err err, const char *code)
{
    struct answer *answer = heard(ctx, err, "");

    assert_true((code != NULL) == (err == ERR_OK));
    (void)snprintf(answer->code, sizeof(answer->code), "%s", code ? code : "");
}

void on_token(void *ctx, enum err err, const char *why, const struct api_token *token)
{
    struct answer *answer = heard(ctx, err, why);

    assert_true((token != NULL) == (err == ERR_OK));
    answer->has_token = token != NULL;
    if (token)
        answer->token = *token;
}

void on_tokens(void *ctx, enum err err, const struct api_token *list, size_t count)
{
    struct answer *answer = heard(ctx, err, "");

    answer->count = count;
    for (size_t i = 0; i < count && i < MAX_ANSWERED; i++)
        (void)snprintf(answer->listed[i], sizeof(answer->listed[i]), "%s", list[i].name);
}

enum err wait_for(struct account_fixture *f, const struct answer *answer)
{
    virtual_loop_settle(&f->loop);
    while (answer->told == 0) {
        assert_true(timers_next_ms(&f->loop.timers) != TIMER_NEVER);
        f->loop.now_ms = timers_next_ms(&f->loop.timers);
        virtual_loop_settle(&f->loop);
    }
    assert_int_equal(answer->told, 1);
    return answer->err;
}

void pass_s(struct account_fixture *f, int64_t seconds)
{
    virtual_loop_pass(&f->loop, seconds * 1000);
}

int64_t now_s(const struct account_fixture *f)
{
    return clock_unix_ms(&f->loop.clock) / 1000;
}

/* ---- calls ---------------------------------------------------------------------------------- */

struct user new_user(const char *email, enum role role)
{
    struct user user = {.password = SOME_PASSWORD};

    (void)snprintf(user.email, sizeof(user.email), "%s", email);
    assert_int_equal(user_grant(&user, SLICE("*"), role), ERR_OK);
    return user;
}

static struct answer *cleared(struct answer *answer, struct answer *other)
{
    struct answer *used = answer ? answer : other;

    memset(used, 0, sizeof(*used));
    return used;
}

enum err add_user(struct account_fixture *f, int process, const char *email, enum role role,
                  struct answer *answer)
{
    struct user user = new_user(email, role);
    struct answer other;
    struct answer *used = cleared(answer, &other);

    assert_non_null(
        account_add(f->processes[process].accounts, &user, SLICE(""), false, on_user, used));
    return wait_for(f, used);
}

enum err find_user(struct account_fixture *f, int process, const char *who, struct answer *answer)
{
    struct answer other;
    struct answer *used = cleared(answer, &other);

    assert_non_null(account_find(f->processes[process].accounts, slice_str(who), on_user, used));
    return wait_for(f, used);
}

enum err change_user(struct account_fixture *f, int process, const char *who, account_edit_fn *edit,
                     void *edit_ctx, enum account_also also, struct answer *answer)
{
    struct answer other;
    struct answer *used = cleared(answer, &other);

    assert_non_null(account_change(f->processes[process].accounts, slice_str(who), edit, edit_ctx,
                                   also, on_user, used));
    return wait_for(f, used);
}

enum err remove_user(struct account_fixture *f, int process, const char *who, struct answer *answer)
{
    struct answer other;
    struct answer *used = cleared(answer, &other);

    assert_non_null(account_remove(f->processes[process].accounts, slice_str(who), on_user, used));
    return wait_for(f, used);
}

struct session new_session(void)
{
    return (struct session){
        .data = SLICE("{}"),
        .country = SLICE("DE"),
        .device = SLICE("Firefox on Linux"),
        .idle_s = SESSION_IDLE_S,
        .absolute_s = SESSION_ABSOLUTE_S,
        .strength = SESSION_PASSWORD,
    };
}

enum err log_in(struct account_fixture *f, int process, const char *id, account_edit_fn *edit,
                void *edit_ctx, const char *replaces, struct secret *secret)
{
    const struct login_before before = {.hash = slice_str(replaces)};
    struct session fresh = new_session();
    struct answer answer = {.told = 0};

    secret_make(secret, slice_str(id));
    assert_non_null(account_login(f->processes[process].accounts, slice_str(id), edit, edit_ctx,
                                  &before, secret, &fresh, on_user, &answer));
    return wait_for(f, &answer);
}

static void on_session(void *ctx, enum err err, const struct session *session,
                       const struct record *extra)
{
    (void)extra;
    assert_true((err == ERR_OK) == (session != NULL));
    heard(ctx, err, "");
}

bool is_logged_in(struct account_fixture *f, int process, const struct secret *secret)
{
    struct answer answer = {.told = 0};

    assert_non_null(session_find(f->processes[process].sessions, SESSION_OF_LOGIN, secret,
                                 SLICE(""), on_session, &answer));
    return wait_for(f, &answer) == ERR_OK;
}

/* ---- edits ---------------------------------------------------------------------------------- */

enum err enable(void *ctx, struct user *user, struct err_info *info)
{
    (void)ctx;
    (void)info;
    user->is_disabled = false;
    return ERR_OK;
}

enum err disable(void *ctx, struct user *user, struct err_info *info)
{
    (void)ctx;
    (void)info;
    user->is_disabled = true;
    return ERR_OK;
}

enum err set_role(void *ctx, struct user *user, struct err_info *info)
{
    (void)info;
    return user_grant(user, SLICE("*"), *(const enum role *)ctx);
}

enum err demote(void *ctx, struct user *user, struct err_info *info)
{
    enum role role = ROLE_EDITOR;

    (void)ctx;
    return set_role(&role, user, info);
}

enum err new_password(void *ctx, struct user *user, struct err_info *info)
{
    (void)ctx;
    (void)info;
    (void)snprintf(user->password, sizeof(user->password), "%s", OTHER_PASSWORD);
    return ERR_OK;
}

enum err rename_user(void *ctx, struct user *user, struct err_info *info)
{
    (void)info;
    (void)snprintf(user->name, sizeof(user->name), "%s", (const char *)ctx);
    return ERR_OK;
}

/* ---- records -------------------------------------------------------------------------------- */

struct record look_at(struct account_fixture *f, struct slice key)
{
    return memory_record_look(f->db, key, clock_unix_ms(&f->loop.clock));
}

void put(struct account_fixture *f, struct slice key, const char *value)
{
    const struct record_write write = {
        .key = key, .value = slice_str(value), .ttl_s = RECORD_FOREVER};
    struct memory_record *record;

    memory_record_remove(f->db, key);
    if (!value)
        return;
    record = memory_record_create(&write, random_nonzero_u64() / 2, clock_unix_ms(&f->loop.clock));
    assert_non_null(record);
    assert_int_equal(hashmap_reserve(&f->db->records, 1), ERR_OK);
    memory_record_put(f->db, record);
}
