/**
 * The page where a site's dashboard is shared, for those that show it again with a message.
 */
#ifndef FOOTFALL_WEB_SITE_SHARE_H
#define FOOTFALL_WEB_SITE_SHARE_H

#include <jansson.h>

#include "count/site_store.h"

struct request;
struct task;

/** @param message  copied; NULL: none */
void site_share_show(struct request *req, struct slice id, int status, const char *message);

/** site_page_open(), with a site that lives as long as the request. */
bool site_share_open(struct task *task, enum err err, const struct stored_site *sites, size_t count,
                     struct site **out);

/** What the pages say of a site, and who may have it in a frame. NULL without memory. */
json_t *site_share_data(struct request *req, const struct site *site);

#endif
