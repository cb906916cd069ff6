#include "cli/site_session.h"

#include <stdio.h>
#include <unistd.h>

#include "base/random.h"
#include "cli/db.h"
#include "process/signals.h"
#include "store/sqlite.h"

/* ---- opening -------------------------------------------------------------------------------- */

static enum exit_code check_url(const struct config *config, bool changes, const char *name)
{
    const char *path = sqlite_url_path(config->store);

    if (store_url_is_private(config->store))
        return db_fail(EXIT_CODE_CONFIG, "a memory store ends with its process: it has no sites to "
                                         "look after; name a file or a server, for example "
                                         "FOOTFALL_STORE=sqlite:footfall.db");
    /* To ask would make it, empty. */
    if (path && !changes && access(path, F_OK) != 0)
        return db_fail(EXIT_CODE_UNAVAILABLE, "%s is not there", name);
    return EXIT_CODE_OK;
}

static enum exit_code open_store(struct site_session *session, bool changes, const char *name)
{
    const char *url = session->db.config->store;
    struct err_info info = {.text = "out of memory"};
    enum err err = db_session_store(&session->db, url, changes, &session->store, &info);

    if (err == ERR_OK)
        return EXIT_CODE_OK;
    if (err == ERR_CONFIG)
        return db_fail(EXIT_CODE_CONFIG, "%s: %s", name, info.text);
    return db_fail(err == ERR_UNAVAILABLE ? EXIT_CODE_UNAVAILABLE : EXIT_CODE_FAILED,
                   "%s cannot be used: %s", name, info.text);
}

static enum exit_code open_sites(struct site_session *session, bool changes, const char *name)
{
    enum exit_code code = open_store(session, changes, name);
    struct store_env env = db_session_env(&session->db);

    if (code != EXIT_CODE_OK)
        return code;
    session->sites = site_store_create(session->store, &env);
    if (session->sites)
        return EXIT_CODE_OK;
    store_close(session->store);
    return db_fail(EXIT_CODE_FAILED, "out of memory");
}

enum exit_code site_session_open(struct site_session *session, const struct config *config,
                                 bool changes)
{
    char name[200];
    enum exit_code code;

    store_url_mask(config->store, name, sizeof(name));
    code = check_url(config, changes, name);
    if (code != EXIT_CODE_OK)
        return code;
    random_init();
    signals_init();
    log_off(); /* what is said here tells, not the log */
    *session = (struct site_session){.store = NULL};
    if (db_session_open(&session->db, config) != ERR_OK)
        return db_fail(EXIT_CODE_FAILED, "out of memory or file descriptors");
    code = open_sites(session, changes, name);
    if (code != EXIT_CODE_OK)
        db_session_close(&session->db);
    return code;
}

void site_session_close(struct site_session *session)
{
    site_store_destroy(session->sites);
    store_close(session->store);
    db_session_close(&session->db);
}

/* ---- calls that wait ------------------------------------------------------------------------ */

/* One call, as often as it takes. */
struct call {
    struct site_session *session;
    size_t pending;
    enum err err;
    struct err_info info;
    sites_read_fn *on_read;
    site_changed_fn *on_changed;
    void *ctx;
};

static enum exit_code complain(const struct call *call)
{
    const char *why = call->info.text[0] != '\0' ? call->info.text : err_name(call->err);

    if (call->err == ERR_OK)
        return EXIT_CODE_OK;
    if (call->err == ERR_NO_MEMORY)
        return db_fail(EXIT_CODE_FAILED, "out of memory");
    if (call->err == ERR_UNAVAILABLE)
        return db_fail(EXIT_CODE_UNAVAILABLE, "the store does not answer: %s", why);
    if (call->err == ERR_UNKNOWN)
        return db_fail(EXIT_CODE_UNAVAILABLE, "the store does not answer: nobody knows whether it "
                                              "was done; run the same command again");
    return db_fail(EXIT_CODE_FAILED, "%s", why);
}

static void on_read(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct call *call = ctx;

    call->err = err;
    if (err == ERR_OK)
        call->on_read(call->ctx, err, sites, count);
    db_told(&call->session->db, &call->pending);
}

enum exit_code site_session_read(struct site_session *session, struct slice id, sites_read_fn *done,
                                 void *ctx)
{
    struct call call = {.session = session, .on_read = done, .ctx = ctx};

    do {
        struct site_reading *reading = id.len > 0
                                           ? site_store_find(session->sites, id, on_read, &call)
                                           : site_store_list(session->sites, on_read, &call);

        call.err = reading ? ERR_UNAVAILABLE : ERR_NO_MEMORY;
        call.pending = reading ? 1 : 0;
        if (!db_wait(&session->db, &call.pending))
            site_reading_cancel(reading);
    } while (call.err == ERR_UNAVAILABLE && db_pause(&session->db));
    return complain(&call);
}

static void on_changed(void *ctx, const struct site_outcome *outcome)
{
    struct call *call = ctx;

    call->err = outcome->err;
    err_info_set(&call->info, "%s", outcome->why);
    if (outcome->err == ERR_OK)
        call->on_changed(call->ctx, outcome);
    db_told(&call->session->db, &call->pending);
}

/* What was done in part is finished by asking again. */
enum exit_code site_session_change(struct site_session *session, struct slice id,
                                   site_edit_fn *edit, void *edit_ctx, site_changed_fn *done,
                                   void *ctx)
{
    struct call call = {.session = session, .on_changed = done, .ctx = ctx};

    do {
        struct site_change *change =
            site_store_change(session->sites, id, edit, edit_ctx, on_changed, &call);

        call.err = change ? ERR_UNKNOWN : ERR_NO_MEMORY;
        call.pending = change ? 1 : 0;
        if (!db_wait(&session->db, &call.pending))
            site_change_cancel(change);
    } while (call.err == ERR_UNAVAILABLE && db_pause(&session->db));
    return complain(&call);
}
