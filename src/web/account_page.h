/**
 * The page of one's own account, for those that show it again with a message.
 */
#ifndef FOOTFALL_WEB_ACCOUNT_PAGE_H
#define FOOTFALL_WEB_ACCOUNT_PAGE_H

#include "http/request.h"

/** @param message  NULL: none */
void account_show(struct request *req, int status, const char *message);

#endif
