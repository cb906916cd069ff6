/**
 * The first user: while there is none, a worker prints a setup code when it starts, or makes the
 * user that the settings name.
 *
 * Each start prints a code of its own; all are good until one is used (account_store.h).
 */
#ifndef FOOTFALL_PROCESS_FIRST_USER_H
#define FOOTFALL_PROCESS_FIRST_USER_H

#include "process/config.h"
#include "web/identity.h"

struct first_user {
    const struct config *config;
    struct identity *identity;
    const char *url; /* of this server, for the link */
    struct account_call *call;
    struct hash_order *hashing;
    struct timer timer;
    struct user user;
    char password[PASSWORD_MAX_BYTES + sizeof("\r\n")];
};

/** @param url  where the server is reached when FOOTFALL_URL is not set; borrowed */
void first_user_start(struct first_user *first, const struct config *config,
                      struct identity *identity, const char *url);

/** One that was not started is fine, when it is all zeros. */
void first_user_stop(struct first_user *first);

#endif
