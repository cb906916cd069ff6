#include "cli/site_session.h"

#include "cli/db.h"

/* ---- opening -------------------------------------------------------------------------------- */

enum exit_code site_session_open(struct site_session *session, const struct config *config,
                                 bool changes)
{
    enum exit_code code = store_session_open(&session->of, config, changes, "sites");
    struct store_env env;

    if (code != EXIT_CODE_OK)
        return code;
    env = db_session_env(&session->of.db);
    session->sites = site_store_create(session->of.store, &env);
    if (session->sites)
        return EXIT_CODE_OK;
    store_session_close(&session->of);
    return db_fail(EXIT_CODE_FAILED, "out of memory");
}

void site_session_close(struct site_session *session)
{
    site_store_destroy(session->sites);
    store_session_close(&session->of);
}

/* ---- calls that wait ------------------------------------------------------------------------ */

struct call {
    struct store_call of;
    struct site_store *sites;
    struct slice id;
    site_edit_fn *edit;
    void *edit_ctx;
    sites_read_fn *on_read;
    site_changed_fn *on_changed;
    void *ctx;
};

static enum exit_code ask(struct site_session *session, struct call *call)
{
    enum err err = store_session_wait(&session->of, &call->of);

    return store_session_told(err, call->of.info.text);
}

static void on_read(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct call *call = ctx;

    if (err == ERR_OK)
        call->on_read(call->ctx, err, sites, count);
    store_call_told(&call->of, err, "");
}

static void *begin_reading(struct store_call *of)
{
    struct call *call = (struct call *)of;

    return call->id.len > 0 ? site_store_find(call->sites, call->id, on_read, call)
                            : site_store_list(call->sites, on_read, call);
}

static void cancel_reading(void *reading)
{
    site_reading_cancel(reading);
}

enum exit_code site_session_read(struct site_session *session, struct slice id, sites_read_fn *done,
                                 void *ctx)
{
    struct call call = {.of = {.begin = begin_reading, .cancel = cancel_reading},
                        .sites = session->sites,
                        .id = id,
                        .on_read = done,
                        .ctx = ctx};

    return ask(session, &call);
}

static void on_changed(void *ctx, const struct site_outcome *outcome)
{
    struct call *call = ctx;

    if (outcome->err == ERR_OK)
        call->on_changed(call->ctx, outcome);
    store_call_told(&call->of, outcome->err, outcome->why);
}

static void *begin_change(struct store_call *of)
{
    struct call *call = (struct call *)of;

    return site_store_change(call->sites, call->id, call->edit, call->edit_ctx, on_changed, call);
}

static void cancel_change(void *change)
{
    site_change_cancel(change);
}

enum exit_code site_session_change(struct site_session *session, struct slice id,
                                   site_edit_fn *edit, void *edit_ctx, site_changed_fn *done,
                                   void *ctx)
{
    struct call call = {.of = {.begin = begin_change, .cancel = cancel_change, .changes = true},
                        .sites = session->sites,
                        .id = id,
                        .edit = edit,
                        .edit_ctx = edit_ctx,
                        .on_changed = done,
                        .ctx = ctx};

    return ask(session, &call);
}
