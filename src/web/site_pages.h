/**
 * The pages about sites, for those that show them again with a message.
 */
#ifndef FOOTFALL_WEB_SITE_PAGES_H
#define FOOTFALL_WEB_SITE_PAGES_H

#include <jansson.h>

#include "count/site_store.h"
#include "session/user.h"
#include "web/site_form.h"

struct task;

/** The list. @param message  copied; NULL: none */
void sites_page_show(struct request *req, int status, const char *message);

/** One of them, to change it. @param typed  shown instead of what it has; lives as long as the
 * request; NULL: none */
void site_page_show(struct request *req, struct slice id, int status, const char *message,
                    const struct site_texts *typed);

/** Goes to a page about the site, "/sites/site", which then says what was done (its word). */
void site_page_redirect(struct request *req, const char *path, struct slice id, const char *done);

/** True when who asks may do this with the site; false: it was answered. A site that one may not
 * see is as one that is not there. */
bool site_page_admits(struct request *req, struct slice id, enum role role);

void site_page_not_there(struct request *req);

/** Reads {"site","done"} of a query; false: it was answered. */
bool site_page_query(struct request *req, enum role role, struct slice *id, struct slice *done);

/** The site that was read: `out` is to be freed with site_destroy(). False: it was answered. */
bool site_page_open(struct task *task, enum err err, const struct stored_site *sites, size_t count,
                    struct site **out);

/** What people call it: its name, else its id. */
const char *site_title(const struct site *site);

/** site_check(), for what was typed: a zone that the machine does not know is ERR_INVALID. */
enum err site_page_check(const struct site *site, struct err_info *info) MUST_CHECK;

/** What came of a change that did not succeed; `typed` as above. */
void site_page_failed(struct request *req, struct slice id, const struct site_outcome *outcome,
                      const struct site_texts *typed);

/** Writes to the log who changed which site (A10). */
void site_log(const struct request *req, struct slice id, const char *what);

#endif
