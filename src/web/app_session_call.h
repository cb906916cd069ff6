/**
 * What the calls to sessions of applications have in common. The application is the site of the API
 * token, "*" for one of all sites; it finds no sessions but its own.
 */
#ifndef FOOTFALL_WEB_APP_SESSION_CALL_H
#define FOOTFALL_WEB_APP_SESSION_CALL_H

#include "http/request.h"
#include "session/session_store.h"

struct app_call;

/** Goes on with a session that was found, and is the application's own. */
typedef void app_found_fn(struct app_call *call, const struct session *session);

/** A request that waits for the store; lives as long as the request. */
struct app_call {
    struct request *req;
    struct session_store *sessions;
    struct session_call *waiting; /* NULL: none */
    struct secret secret;
    char id[SECRET_HASH_TEXT + 1]; /* of the session */
    app_found_fn *found;
    uint64_t version; /* of an update: what was read */
    struct slice data;
};

/** NULL without memory; then the request was answered. */
struct app_call *app_call_start(struct request *req);

/** Who keeps this user's sessions here. */
void app_call_owner(const struct app_call *call, struct slice user, struct session_owner *out);

/** Takes the secret of a session, and its id. */
void app_call_take_secret(struct app_call *call, const struct secret *secret);

/** Waits for what was begun; NULL: it was not, and the request is answered. */
void app_call_wait(struct app_call *call, struct session_call *begun);

/** Finds the session of a token, and goes on; without one the request is answered 404. */
void app_call_find(struct app_call *call, struct slice token, app_found_fn *found);

/** Answers. */
void app_call_tell(struct app_call *call, const struct session *session);
void app_call_tell_revoked(struct app_call *call);
void app_call_fail(struct app_call *call, enum err err);

#endif
