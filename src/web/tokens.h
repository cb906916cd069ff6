/**
 * The page of API tokens, for those that show it again with a message.
 */
#ifndef FOOTFALL_WEB_TOKENS_H
#define FOOTFALL_WEB_TOKENS_H

#include "http/request.h"

/** @param message  copied; NULL: none */
void tokens_show(struct request *req, int status, const char *message);

#endif
