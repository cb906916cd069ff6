/**
 * The record users/accounts: the ids of all users, and who of them is an owner of all sites and not
 * disabled. So a change sees in one record whether another one is left.
 *
 *     ID+;ID;ID;      ID: 16 hex digits; "+": he is one
 */
#ifndef FOOTFALL_SESSION_ACCOUNT_ROSTER_H
#define FOOTFALL_SESSION_ACCOUNT_ROSTER_H

#include "session/user.h"
#include "store/record.h"

#define ROSTER_MAX_TEXT ((size_t)USER_MAX * (USER_ID_TEXT + 2))

struct roster_entry {
    char id[USER_ID_TEXT + 1];
    bool is_admin;
};

struct roster {
    struct roster_entry entries[USER_MAX];
    size_t count;
};

/** ERR_INVALID: that is no such list. The slice that is nothing is an empty one. */
enum err roster_read(struct slice text, struct roster *out) MUST_CHECK;

struct slice roster_write(const struct roster *roster, char room[static ROSTER_MAX_TEXT]);

/** Adds him, or moves his mark. ERR_INVALID: there are USER_MAX. */
enum err roster_set(struct roster *roster, struct slice id, bool is_admin) MUST_CHECK;

/** Fine when he is not there. */
void roster_remove(struct roster *roster, struct slice id);

/** True when somebody else than `id` looks after users. */
bool roster_has_other_admin(const struct roster *roster, struct slice id);

#endif
