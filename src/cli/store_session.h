/**
 * The store of the settings, for a command that asks or changes one thing: it is opened, or
 * somebody is told why not; and what its answers are worth as an exit code.
 */
#ifndef FOOTFALL_CLI_STORE_SESSION_H
#define FOOTFALL_CLI_STORE_SESSION_H

#include "cli/db_session.h"
#include "process/exit_code.h"

struct store_session {
    struct db_session db;
    struct store *store;
};

/**
 * Opens the store of the settings; complains on standard error. A memory store is refused, since it
 * ends with its process.
 *
 * @param changes  false: it is only read
 * @param what     what is looked after: "sites"
 * @return         with anything but EXIT_CODE_OK there is nothing to close
 */
enum exit_code store_session_open(struct store_session *session, const struct config *config,
                                  bool changes, const char *what);

/** After what uses the store. */
void store_session_close(struct store_session *session);

/**
 * A call that is waited for, and made again while the store does not answer, until patience ends.
 * The call's own structure begins with this one.
 */
struct store_call {
    /** Begins it, once more. NULL: it cannot be begun. */
    void *(*begin)(struct store_call *call);
    void (*cancel)(void *begun);
    bool changes; /* when nobody knows, it may be done all the same */
    struct store_session *session;
    size_t pending;
    enum err err;
    struct err_info info;
};

/** Begins, and waits. What was said of ERR_OK was said once. */
enum err store_session_wait(struct store_session *session, struct store_call *call);

/** For the callbacks: what came of it. @param why  a sentence, or empty; copied */
void store_call_told(struct store_call *call, enum err err, const char *why);

/** The exit code of an error; complains, but for ERR_OK. @param why  a sentence, or empty */
enum exit_code store_session_told(enum err err, const char *why);

#endif
