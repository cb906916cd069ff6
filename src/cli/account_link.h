/**
 * Links to pages of the server that the settings describe, with a code in them.
 */
#ifndef FOOTFALL_CLI_ACCOUNT_LINK_H
#define FOOTFALL_CLI_ACCOUNT_LINK_H

#include "process/config.h"

#define ACCOUNT_LINK_TEXT 700

/**
 * FOOTFALL_URL, else the first address that serve listens on; "localhost" for all interfaces.
 *
 * @param page  "setup", "reset"
 * @param code  letters that need no escapes
 */
void account_link(const struct config *config, const char *page, const char *code,
                  char out[static ACCOUNT_LINK_TEXT]);

#endif
