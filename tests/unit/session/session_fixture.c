#include "session_fixture.h"

#include "base/log.h"
#include "base/random.h"
#include "store/memory_db.h"
#include "support/cmocka.h"

#define STORE_MS 1000

static int64_t mono_us(void *ctx)
{
    return clock_mono_us(&((struct process *)ctx)->loop->clock);
}

static int64_t unix_ms(void *ctx)
{
    const struct process *process = ctx;

    return clock_unix_ms(&process->loop->clock) + process->wrong_ms;
}

static void process_init(struct session_fixture *f, struct process *process)
{
    struct store_env env = {
        .timers = &f->loop.timers, .clock = &f->loop.clock, .timeout_ms = STORE_MS};

    process->loop = &f->loop;
    process->clock = (struct clock){.mono_us = mono_us, .unix_ms = unix_ms, .ctx = process};
    assert_int_equal(memory_open_on(f->db, &env, &process->store), ERR_OK);
    env.clock = &process->clock;
    process->changer = changer_create(process->store, &env);
    assert_non_null(process->changer);
    process->guesses = (struct guesses){.changer = process->changer, .store = process->store};
    process->sessions = session_store_create(process->store, &env, process->changer);
    assert_non_null(process->sessions);
}

void session_fixture_init(struct session_fixture *f)
{
    random_init();
    log_setup(LOG_LOGFMT, LOG_ERROR);
    *f = (struct session_fixture){.db = memory_db_create()};
    assert_non_null(f->db);
    virtual_loop_init(&f->loop);
    for (int i = 0; i < PROCESSES; i++)
        process_init(f, &f->processes[i]);
}

void session_fixture_fini(struct session_fixture *f)
{
    for (int i = 0; i < PROCESSES; i++) {
        session_store_destroy(f->processes[i].sessions);
        changer_destroy(f->processes[i].changer);
        store_close(f->processes[i].store);
    }
    memory_db_destroy(f->db);
    virtual_loop_fini(&f->loop);
}

/* ---- what is told --------------------------------------------------------------------------- */

static void keep_text(char *out, size_t size, struct slice text)
{
    assert_true(text.len < size);
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
}

static void keep_session(struct told *told, const struct session *session)
{
    told->has_session = session != NULL;
    if (!session)
        return;
    told->version = session->version;
    told->seen_s = session->seen_s;
    keep_text(told->user, sizeof(told->user), session->user);
    keep_text(told->data, sizeof(told->data), session->data);
}

void on_done(void *ctx, enum err err, const struct session *session)
{
    struct told *told = ctx;

    told->count++;
    told->err = err;
    keep_session(told, session);
}

void on_found(void *ctx, enum err err, const struct session *session, const struct record *extra)
{
    struct told *told = ctx;

    assert_true((session != NULL) == (err == ERR_OK));
    on_done(ctx, err, session);
    told->has_extra = extra != NULL;
    if (extra)
        keep_text(told->extra, sizeof(told->extra), extra->value);
}

void on_listed(void *ctx, enum err err, const struct listed_session *list, size_t count)
{
    struct told *told = ctx;

    told->count++;
    told->err = err;
    told->listed = count;
    for (size_t i = 0; i < count; i++)
        memcpy(told->hashes[i], list[i].hash, sizeof(list[i].hash));
    if (count > 0)
        keep_session(told, &list[0].session);
}

enum err wait_for(struct session_fixture *f, const struct told *told)
{
    while (told->count == 0) {
        virtual_loop_settle(&f->loop);
        if (told->count == 0) {
            assert_true(timers_next_ms(&f->loop.timers) != TIMER_NEVER);
            f->loop.now_ms = timers_next_ms(&f->loop.timers);
        }
    }
    virtual_loop_settle(&f->loop);
    assert_int_equal(told->count, 1);
    return told->err;
}

/* ---- calls ---------------------------------------------------------------------------------- */

struct session session_of(const char *user, uint32_t idle_s, uint32_t absolute_s)
{
    return (struct session){
        .user = slice_str(user),
        .data = SLICE("{\"n\":1}"),
        .country = SLICE("DE"),
        .device = SLICE("Firefox on Linux"),
        .idle_s = idle_s,
        .absolute_s = absolute_s,
        .strength = SESSION_PASSWORD,
    };
}

struct session_owner owner_of_login(const char *id)
{
    struct session_owner owner = {.realm = SESSION_OF_LOGIN};

    assert_int_equal(strlen(id), SECRET_OWNER_TEXT);
    memcpy(owner.id, id, sizeof(owner.id));
    return owner;
}

enum err begin(struct session_fixture *f, int process, const struct session_owner *owner,
               const struct session *fresh, struct secret *secret)
{
    struct told told = {.count = 0};

    secret_make(secret, slice_str(owner->id));
    assert_non_null(
        session_create(f->processes[process].sessions, owner, secret, fresh, on_done, &told));
    assert_int_equal(told.count, 0);
    return wait_for(f, &told);
}

enum err find(struct session_fixture *f, int process, enum session_realm realm,
              const struct secret *secret, struct told *told)
{
    struct told mine = {.count = 0};

    told = told ? told : &mine;
    *told = (struct told){.count = 0};
    assert_non_null(
        session_find(f->processes[process].sessions, realm, secret, SLICE(""), on_found, told));
    assert_int_equal(told->count, 0);
    return wait_for(f, told);
}

enum err update(struct session_fixture *f, int process, enum session_realm realm,
                const struct secret *secret, uint64_t version, const char *data, struct told *told)
{
    *told = (struct told){.count = 0};
    assert_non_null(session_update(f->processes[process].sessions, realm, secret, version,
                                   slice_str(data), on_done, told));
    return wait_for(f, told);
}

enum err list(struct session_fixture *f, int process, const struct session_owner *owner,
              struct told *told)
{
    *told = (struct told){.count = 0};
    assert_non_null(session_list(f->processes[process].sessions, owner, on_listed, told));
    return wait_for(f, told);
}

enum err end(struct session_fixture *f, int process, const struct session_owner *owner,
             const char *hash)
{
    struct told told = {.count = 0};

    assert_non_null(
        session_end(f->processes[process].sessions, owner, slice_str(hash), on_done, &told));
    return wait_for(f, &told);
}

enum err end_all(struct session_fixture *f, int process, const struct session_owner *owner,
                 const char *keep)
{
    struct told told = {.count = 0};

    assert_non_null(
        session_end_all(f->processes[process].sessions, owner, slice_str(keep), on_done, &told));
    return wait_for(f, &told);
}

void pass_s(struct session_fixture *f, int64_t seconds)
{
    virtual_loop_pass(&f->loop, seconds * 1000);
}

void hash_of(const struct secret *secret, enum session_realm realm,
             char out[static SECRET_HASH_TEXT + 1])
{
    secret_hash(secret, realm == SESSION_OF_LOGIN ? SECRET_LOGIN : SECRET_SESSION, out);
}

static enum err plan_put(void *ctx, const struct record *now, size_t count,
                         struct change_writes *out)
{
    const struct slice *value = ctx;

    (void)now;
    (void)count;
    return value->ptr ? change_write(out, 0, *value, RECORD_FOREVER) : change_delete(out, 0);
}

static void on_put(void *ctx, enum err err)
{
    (void)ctx;
    assert_int_equal(err, ERR_OK);
}

void put_record(struct session_fixture *f, struct slice key, struct slice value)
{
    assert_non_null(change_start(f->processes[0].changer, 0, &key, 1, plan_put, on_put, &value));
    virtual_loop_settle(&f->loop);
}
