/**
 * Sessions in the store: logins of Footfall's own users, and sessions that other applications keep
 * here. Any process finds them by the token that the client carries; none keeps anything of them.
 *
 *     session/PLACE/HASH   see session.h. Expires after the idle time; touched once a minute
 *     life/PLACE/HASH      "1". Expires after the absolute time, and is never written again
 *     sessions/PLACE       the hashes of a user's sessions, the oldest first, with their absolute
 *                          ends: plain text, see session_names.h. Expires after the last of them
 *
 * A session is there while both of its records are and the list names it. So both limits are kept
 * by the store's clock: no process's clock can lengthen a session. And since the list decides,
 * ending all sessions of a user is one write. They are in one shard. PLACE is
 *
 *     accounts/USER        of a login: USER is the id of the user. One shard, that of the accounts
 *     OWNER/-              of an application: OWNER is a hash of application and user
 *
 * A revocation holds for every request that begins after it was answered, in every process, since
 * each request reads the store.
 */
#ifndef FOOTFALL_SESSION_SESSION_STORE_H
#define FOOTFALL_SESSION_SESSION_STORE_H

#include "session/secret.h"
#include "session/session.h"
#include "store/change.h"

/** A user has at most so many sessions; one more ends the oldest (S10). */
#define SESSION_MAX_OF_LOGIN 20
#define SESSION_MAX_OF_APP   50

/** Logins whose second factor is still to come live so long, and are not among those: who knows a
 * password alone ends no session with it. */
#define SESSION_PENDING_S   600
#define SESSION_MAX_PENDING 5

/** A session that is used is written at most so often: 60 s, or a twentieth of its idle time. */
#define SESSION_TOUCH_S 60

enum session_realm { SESSION_OF_LOGIN, SESSION_OF_APP };

/** Whose a session is, and what follows from it. */
struct session_owner {
    enum session_realm realm;
    char id[SECRET_OWNER_TEXT + 1]; /* 16 hex digits */
};

/** The owner id of an application's user. @param application  who keeps them: a site id, or "*" */
void session_owner_of_app(struct session_owner *out, struct slice application, struct slice user);

/** True when this token is of a session that the application keeps for this user. */
bool session_is_of_app(const struct secret *secret, struct slice application, struct slice user);

struct session_store;

/** @param store, changer  borrowed, outlive it. NULL without memory */
struct session_store *session_store_create(struct store *store, const struct store_env *env,
                                           struct changer *changer);

/** Nobody is told any more. Not inside a `done` of this store. NULL is fine. */
void session_store_destroy(struct session_store *sessions);

/* Calls. Each `done` is called once, never inside the call; a call that returns NULL did nothing
 * (no memory, too much in flight). A session_call is canceled with session_call_cancel(). */

struct session_call;

/** `done` is not called; it may be done all the same. Not of a call that was told. NULL is fine. */
void session_call_cancel(struct session_call *call);

/**
 * @param err      ERR_OK; ERR_NOT_FOUND: there is none, any more or ever; ERR_STALE: it has another
 *                 version (update); ERR_INVALID: what was given is not as session_check() wants it,
 *                 or the token has begun a session before; ERR_UNAVAILABLE; ERR_UNKNOWN; ERR_BUSY;
 *                 ERR_NO_MEMORY
 * @param session  of a beginning with ERR_OK, and of an update with ERR_OK or ERR_STALE: as it is
 *                 now; else NULL. Borrowed for the call
 */
typedef void session_done_fn(void *ctx, enum err err, const struct session *session);

/**
 * Begins a session, in one commit with the list of its user's sessions.
 *
 * @param fresh   its user, data, limits, place, device, strength, and when it was proved (0: now);
 * the rest is made here
 * @param secret  the token; made with secret_make() for owner->id
 */
struct session_call *session_create(struct session_store *sessions,
                                    const struct session_owner *owner, const struct secret *secret,
                                    const struct session *fresh, session_done_fn *done, void *ctx);

/**
 * Finds a session by its token and, when it is due, touches it; the touch is not waited for. The
 * checks of one turn of the loop are one read of the store.
 *
 * Who asks for an application has to see to it that the session is its own: session_is_of_app().
 *
 * @param err    ERR_OK; ERR_NOT_FOUND; ERR_UNAVAILABLE; ERR_BUSY; ERR_NO_MEMORY
 * @param extra  the key of one more record of the same shard to be read in the same step, such as
 *               the user's, at most SESSION_KEY_BYTES; empty: none, and `done` is told NULL
 */
typedef void session_found_fn(void *ctx, enum err err, const struct session *session,
                              const struct record *extra);
struct session_call *session_find(struct session_store *sessions, enum session_realm realm,
                                  const struct secret *secret, struct slice extra,
                                  session_found_fn *done, void *ctx);

/**
 * Changes the data of a session, when its version is still the one that was read.
 *
 * @param version  session->version as it was read
 * @param data     a JSON object of at most SESSION_MAX_DATA bytes
 */
struct session_call *session_update(struct session_store *sessions, enum session_realm realm,
                                    const struct secret *secret, uint64_t version,
                                    struct slice data, session_done_fn *done, void *ctx);

/** A session and its hash, which names it where its token must not be told. */
struct listed_session {
    char hash[SECRET_HASH_TEXT + 1];
    struct session session;
};

typedef void session_list_fn(void *ctx, enum err err, const struct listed_session *list,
                             size_t count);

/** A user's sessions, those that are still there, the newest first. */
struct session_call *session_list(struct session_store *sessions, const struct session_owner *owner,
                                  session_list_fn *done, void *ctx);

/** Ends the one with this hash (ERR_NOT_FOUND: there is none); `session` is not told. */
struct session_call *session_end(struct session_store *sessions, const struct session_owner *owner,
                                 struct slice hash, session_done_fn *done, void *ctx);

/** Ends all of a user's sessions, but the one with the hash `keep` (empty: none is kept). ERR_OK
 * also when there were none. */
struct session_call *session_end_all(struct session_store *sessions,
                                     const struct session_owner *owner, struct slice keep,
                                     session_done_fn *done, void *ctx);

/* ---- for changes that write sessions together with something else ---------------------------- */

/* A login is begun in the commit that checks that its user still may; disabling a user ends his
 * sessions in the commit that disables him. Such a change has the keys of session_keys_*() among
 * its own, in this order, and calls session_plan_*() with the index of the first. */

#define SESSION_KEY_BYTES 128

/** For a beginning: sessions/PLACE, session/… and life/… of the new one. The three keys point into
 * `room`. */
#define SESSION_BEGIN_KEYS 3
void session_keys_begin(const struct session_owner *owner, const struct secret *secret,
                        struct slice keys[static SESSION_BEGIN_KEYS],
                        char room[static SESSION_BEGIN_KEYS * SESSION_KEY_BYTES]);

/** Writes the new session and the list; the records of the oldest, when there are too many, go by
 * themselves: a session that its list does not name is none. */
enum err session_plan_begin(const struct session_owner *owner, const struct secret *secret,
                            const struct session *fresh, int64_t now_s, const struct record *now,
                            size_t first, struct change_writes *out) MUST_CHECK;

/** For an ending of all: sessions/PLACE. */
struct slice session_key_all(const struct session_owner *owner,
                             char room[static SESSION_KEY_BYTES]);

/** Ends all: deletes the list. */
enum err session_plan_end_all(const struct record *now, size_t index,
                              struct change_writes *out) MUST_CHECK;

#endif
