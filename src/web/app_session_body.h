/**
 * The bodies of the calls to sessions of applications: one JSON object, its members named in one
 * table. What a call does not know is refused (Z02).
 */
#ifndef FOOTFALL_WEB_APP_SESSION_BODY_H
#define FOOTFALL_WEB_APP_SESSION_BODY_H

#include <jansson.h>

#include "http/request.h"
#include "session/session.h"

/** Bytes of a body: the data of a session fit, all of their letters escaped. */
#define APP_SESSION_MAX_BODY 65536

/** Or'ed: the members that a call needs, or takes. */
enum app_session_member {
    MEMBER_TOKEN = 1 << 0,
    MEMBER_USER = 1 << 1,
    MEMBER_DATA = 1 << 2,
    MEMBER_IDLE = 1 << 3,
    MEMBER_ABSOLUTE = 1 << 4,
    MEMBER_COUNTRY = 1 << 5,
    MEMBER_DEVICE = 1 << 6,
    MEMBER_VERSION = 1 << 7,
    MEMBER_ID = 1 << 8,
    MEMBER_EXCEPT = 1 << 9,
};

struct app_session_body {
    json_t *root;
    unsigned given;     /* of enum app_session_member */
    struct slice token; /* texts live as long as `root`; empty when absent */
    struct slice user;  /* when it is there, of 1 to SESSION_MAX_USER bytes */
    struct slice data;  /* without blanks between its parts, else as it was sent; of the request */
    struct slice country;
    struct slice device;
    struct slice id;
    struct slice except; /* when it is there, in the form of an id */
    int64_t idle_s;      /* numbers are not negative; 0 when absent */
    int64_t absolute_s;
    int64_t version;
};

/**
 * Reads the body of a request; answers it when that cannot be done (400, 413, 415, 503).
 *
 * @param must  members that have to be there
 * @param may   those that may be there, too
 * @return      true: to be given back with app_session_body_fini()
 */
bool app_session_body_read(struct request *req, unsigned must, unsigned may,
                           struct app_session_body *out);

void app_session_body_fini(struct app_session_body *body);

#endif
