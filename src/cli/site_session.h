/**
 * The sites of a store, for a command that does one thing: calls of site_store.h that wait. What
 * the store could not answer is asked again until patience ends (db_session.h).
 */
#ifndef FOOTFALL_CLI_SITE_SESSION_H
#define FOOTFALL_CLI_SITE_SESSION_H

#include "cli/store_session.h"
#include "count/site_store.h"

struct site_session {
    struct store_session of;
    struct site_store *sites;
};

/**
 * Opens the store of the settings; complains on standard error.
 *
 * @param changes  false: it is only read
 * @return         with anything but EXIT_CODE_OK there is nothing to close
 */
enum exit_code site_session_open(struct site_session *session, const struct config *config,
                                 bool changes);
void site_session_close(struct site_session *session);

/** site_store_list(), or site_store_find() when `id` is not empty. `done` is told what there is; an
 * error is told on standard error. */
enum exit_code site_session_read(struct site_session *session, struct slice id, sites_read_fn *done,
                                 void *ctx);

/** site_store_change(). Likewise. */
enum exit_code site_session_change(struct site_session *session, struct slice id,
                                   site_edit_fn *edit, void *edit_ctx, site_changed_fn *done,
                                   void *ctx);

#endif
