/**
 * Sessions as applications read them:
 *
 *     {"id":"…","user":"ada","data":{"cart":[17]},"version":1,"created":"2026-03-01T14:30:05Z",
 *     "seen":"…","expires":"…","idle":604800,"absolute":2592000,"country":"DE","device":""}
 */
#ifndef FOOTFALL_WEB_APP_SESSION_JSON_H
#define FOOTFALL_WEB_APP_SESSION_JSON_H

#include "base/strbuf.h"
#include "session/secret.h"
#include "session/session.h"

/** Room for one: texts may double when they are escaped. */
#define APP_SESSION_JSON_MAX                                                                       \
    (SESSION_MAX_DATA + 2 * (SESSION_MAX_USER + SESSION_MAX_DEVICE) + SECRET_TEXT + 512)

/** @param token  NULL: it is not told, as in all answers but the first */
void app_session_append(struct strbuf *out, const char *token, const char *id,
                        const struct session *session);

#endif
