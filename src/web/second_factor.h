/**
 * Second factors, as /account/second-factor shows and changes them.
 */
#ifndef FOOTFALL_WEB_SECOND_FACTOR_H
#define FOOTFALL_WEB_SECOND_FACTOR_H

#include "http/request.h"
#include "session/user.h"

/** Recovery codes that were just made: the texts are shown once, the hashes stored. */
struct recovery_set {
    char texts[RECOVERY_CODES][RECOVERY_CODE_TEXT];
    unsigned char hashes[RECOVERY_CODES][RECOVERY_HASH_BYTES];
};

void recovery_set_make(struct recovery_set *out);

/** They take the place of those the user had. */
void recovery_set_give(const struct recovery_set *set, struct user *user);

/** The page that shows them. @param headers  further lines */
void second_factor_show_codes(struct request *req, const struct recovery_set *set,
                              const char *message, struct slice headers);

/** True when there is one to speak of: a proxy that logs people in sees to that itself; then this
 * is answered. */
bool second_factor_is_ours(struct request *req);

#endif
