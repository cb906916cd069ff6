#include "cli/store_session.h"

#include <unistd.h>

#include "base/random.h"
#include "cli/db.h"
#include "process/signals.h"
#include "store/sqlite.h"

/* ---- opening -------------------------------------------------------------------------------- */

static enum exit_code check_url(const struct config *config, bool changes, const char *what,
                                const char *name)
{
    const char *path = sqlite_url_path(config->store);

    if (store_url_is_private(config->store))
        return db_fail(EXIT_CODE_CONFIG,
                       "a memory store ends with its process: it has no %s to look after; name a "
                       "file or a server, for example FOOTFALL_STORE=sqlite:footfall.db",
                       what);
    /* To ask would make it, empty. */
    if (path && !changes && access(path, F_OK) != 0)
        return db_fail(EXIT_CODE_UNAVAILABLE, "%s is not there", name);
    return EXIT_CODE_OK;
}

static enum exit_code open_store(struct store_session *session, bool changes, const char *name)
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

enum exit_code store_session_open(struct store_session *session, const struct config *config,
                                  bool changes, const char *what)
{
    char name[200];
    enum exit_code code;

    store_url_mask(config->store, name, sizeof(name));
    code = check_url(config, changes, what, name);
    if (code != EXIT_CODE_OK)
        return code;
    random_init();
    signals_init();
    log_off(); /* what is said here tells, not the log */
    *session = (struct store_session){.store = NULL};
    if (db_session_open(&session->db, config) != ERR_OK)
        return db_fail(EXIT_CODE_FAILED, "out of memory or file descriptors");
    code = open_store(session, changes, name);
    if (code != EXIT_CODE_OK)
        db_session_close(&session->db);
    return code;
}

void store_session_close(struct store_session *session)
{
    store_close(session->store);
    db_session_close(&session->db);
}

/* ---- calls that wait ------------------------------------------------------------------------ */

void store_call_told(struct store_call *call, enum err err, const char *why)
{
    call->err = err;
    err_info_set(&call->info, "%s", why);
    db_told(&call->session->db, &call->pending);
}

/* What was done in part is finished by asking again. */
enum err store_session_wait(struct store_session *session, struct store_call *call)
{
    call->session = session;
    do {
        void *begun = call->begin(call);

        call->info.text[0] = '\0';
        call->err = call->changes ? ERR_UNKNOWN : ERR_UNAVAILABLE;
        if (!begun)
            call->err = ERR_NO_MEMORY;
        call->pending = begun ? 1 : 0;
        if (!db_wait(&session->db, &call->pending))
            call->cancel(begun);
    } while ((call->err == ERR_UNAVAILABLE || call->err == ERR_BUSY) && db_pause(&session->db));
    return call->err;
}

enum exit_code store_session_told(enum err err, const char *why)
{
    const char *reason = why[0] != '\0' ? why : err_name(err);

    if (err == ERR_OK)
        return EXIT_CODE_OK;
    if (err == ERR_NO_MEMORY)
        return db_fail(EXIT_CODE_FAILED, "out of memory");
    if (err == ERR_UNAVAILABLE)
        return db_fail(EXIT_CODE_UNAVAILABLE, "the store does not answer: %s", reason);
    if (err == ERR_UNKNOWN)
        return db_fail(EXIT_CODE_UNAVAILABLE, "the store does not answer: nobody knows whether it "
                                              "was done; run the same command again");
    return db_fail(EXIT_CODE_FAILED, "%s", reason);
}
