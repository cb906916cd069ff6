/**
 * Setup codes, and the record setup/accounts that they are in: their hashes and when each ends, in
 * the form of a list of sessions (session_names.h). Who begins a change with such a code proves
 * that he sees what the program prints.
 */
#ifndef FOOTFALL_SESSION_ACCOUNT_SETUP_H
#define FOOTFALL_SESSION_ACCOUNT_SETUP_H

#include "session/account_store.h"

#define SETUP_KEY SLICE("setup/accounts")

/** Makes one, NUL-terminated. */
void setup_code_make(char out[static SETUP_CODE_TEXT]);

/** Its hash; case, spaces and hyphens do not matter. False: it is no code. */
bool setup_code_hash(struct slice code, char out[static SECRET_HASH_TEXT + 1]);

/** True when the record has this hash, and it has not ended. Takes as long wherever it is. */
bool setup_code_is_in(struct slice record, const char hash[static SECRET_HASH_TEXT + 1],
                      int64_t now_s);

#endif
