/**
 * The list of a user's sessions as it is stored, in the record sessions/PLACE. It is read with
 * every request, so it is searched as it is; each entry has the same length:
 *
 *     HASH:EXPIRES;    43 letters of base64url; 11 digits: the absolute end, Unix time in seconds
 *     HASH?EXPIRES;    of a login whose second factor is still to come
 *
 * The oldest comes first. A value of another length is no list, and names nothing.
 */
#ifndef FOOTFALL_SESSION_SESSION_NAMES_H
#define FOOTFALL_SESSION_SESSION_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "session/secret.h"
#include "session/session_store.h"

#define SESSION_NAME_BYTES (SECRET_HASH_TEXT + 1 + 11 + 1)

struct session_name {
    char hash[SECRET_HASH_TEXT + 1];
    int64_t expires_s;
    bool is_pending; /* the second factor of the login is still to come */
};

#define SESSION_NAMES_MAX  SESSION_MAX_OF_APP
#define SESSION_NAMES_TEXT (SESSION_NAMES_MAX * SESSION_NAME_BYTES)

struct session_names {
    struct session_name names[SESSION_NAMES_MAX];
    size_t count;
};

/** True when `text` has the form of a hash. */
bool session_hash_is_sound(struct slice text);

/** True when the list names this hash. */
bool session_names_has(struct slice list, struct slice hash);

/** Reads the newest ones of a list; entries that cannot be read are left out. */
void session_names_read(struct slice list, struct session_names *out);

/** Writes the list to `room`. */
struct slice session_names_write(const struct session_names *names,
                                 char room[static SESSION_NAMES_TEXT]);

/** Adds one, the newest. When there are `max` of its kind already, pending or not, one of them
 * goes: one that has ended, else the oldest. */
void session_names_add(struct session_names *names, struct slice hash, int64_t expires_s,
                       bool is_pending, size_t max, int64_t now_s);

/** False: it is not there. */
bool session_names_remove(struct session_names *names, struct slice hash);

/** How long the record is needed: until the last one ends, and a while longer, since the clocks of
 * processes differ. */
uint32_t session_names_ttl_s(const struct session_names *names, int64_t now_s);

#endif
