/**
 * Stores for a command that does one thing after another: calls that wait, on a loop of their own.
 *
 *     db_session_open -> db_session_store … -> db_scan … -> store_close … -> db_session_close
 *
 * A call that the store could not answer is tried again until patience ends.
 */
#ifndef FOOTFALL_CLI_DB_SESSION_H
#define FOOTFALL_CLI_DB_SESSION_H

#include "cli/db_page.h"
#include "process/config.h"
#include "process/loop.h"
#include "store/store.h"

/** A store that answers nothing for so many times the deadline of an operation is given up. */
#define DB_PATIENCE_TIMEOUTS 15

struct db_session {
    struct loop loop;
    uv_timer_t ticker; /* keeps the loop running, and lets who waits look at the time */
    const struct config *config;
    int64_t patience_ends_ms;
};

/** @param config  borrowed. ERR_NO_MEMORY: also without file descriptors */
enum err db_session_open(struct db_session *session, const struct config *config) MUST_CHECK;

/** After its stores were closed. */
void db_session_close(struct db_session *session);

/** What a store of this session is opened with. */
struct store_env db_session_env(struct db_session *session);

/**
 * Opens a store and waits until it can be used.
 *
 * @param needs_commits  false: it is only read
 * @param info           what is wrong
 * @return               ERR_CONFIG; ERR_UNAVAILABLE; ERR_NO_MEMORY
 */
enum err db_session_store(struct db_session *session, const char *url, bool needs_commits,
                          struct store **out, struct err_info *info) MUST_CHECK;

/** Runs the loop until *pending is 0; false when patience ended before. */
bool db_wait(struct db_session *session, const size_t *pending) MUST_CHECK;

/** For the callbacks that count *pending down. */
void db_told(struct db_session *session, size_t *pending);

/** Something went well: patience begins anew. */
void db_went_well(struct db_session *session);

/** Waits a moment before a call is tried again; false when patience has ended. */
bool db_pause(struct db_session *session) MUST_CHECK;

/** Reads the next step, at page->cursor. ERR_UNAVAILABLE, ERR_NO_MEMORY */
enum err db_scan(struct db_session *session, struct store *store, unsigned shard,
                 struct db_page *page) MUST_CHECK;

/** What is done with each step of a whole scan; anything but ERR_OK ends it. */
typedef enum err db_page_fn(void *ctx, unsigned shard, struct db_page *page);

/** Scans all shards. The same errors, and those of `on_page`. */
enum err db_scan_all(struct db_session *session, struct store *store, db_page_fn *on_page,
                     void *ctx) MUST_CHECK;

#endif
