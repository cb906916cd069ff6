/* /auth: says to a proxy in front of an application whose session a request belongs to (nginx
 * auth_request, Caddy forward_auth, Traefik ForwardAuth).
 *
 *     cookie __Host-session, else cookie session, else Authorization: Bearer
 *     -> 200, without a body
 *            X-User             all but visible ASCII, and %, percent-encoded
 *            X-Session-Id
 *            X-Session-Expires  RFC 3339, UTC
 *            X-Session-Data     JSON; left out when it is long, or has other than printable ASCII
 *     -> 401 there is no session; 503 nobody knows
 *
 * Sessions count that were made with a token of all sites; with ?site=ID those that were made with
 * one of that site. So a user of one application is nobody in another. */
#include <sodium.h>

#include "base/ascii.h"
#include "count/rfc3339.h"
#include "count/site.h"
#include "http/cookie.h"
#include "web/admission.h"
#include "web/answer.h"
#include "web/form.h"
#include "web/resources.h"
#include "web/web.h"

#define MAX_DATA_BYTES 1024

/* A user may be three times as long when he is encoded. */
#define MAX_HEADERS (MAX_DATA_BYTES + 3 * SESSION_MAX_USER + 256)

/* Lives as long as its request. */
struct auth {
    struct request *req;
    struct session_call *finding;
    struct secret secret;
    struct slice application;
};

static void on_request_end(void *ctx)
{
    struct auth *auth = ctx;

    session_call_cancel(auth->finding);
    sodium_memzero(&auth->secret, sizeof(auth->secret));
}

/* ---- answers -------------------------------------------------------------------------------- */

static void refuse(struct request *req)
{
    answer_error(req, 401, "There is no session, or it has ended.",
                 "WWW-Authenticate: Bearer realm=\"session\"\r\n");
}

static bool is_visible(char c)
{
    return c > ' ' && c <= '~';
}

static void append_user(struct strbuf *out, struct slice user)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < user.len; i++) {
        unsigned char c = (unsigned char)user.ptr[i];

        if (is_visible(user.ptr[i]) && c != '%') {
            strbuf_append_char(out, user.ptr[i]);
        } else {
            strbuf_append_char(out, '%');
            strbuf_append_char(out, hex[c >> 4]);
            strbuf_append_char(out, hex[c & 15]);
        }
    }
}

static bool fits_a_header(struct slice data)
{
    for (size_t i = 0; i < data.len; i++) {
        if (data.ptr[i] != ' ' && !is_visible(data.ptr[i]))
            return false;
    }
    return data.len <= MAX_DATA_BYTES;
}

static void let_in(struct auth *auth, const struct session *session)
{
    char expires[RFC3339_UTC_TEXT + 1];
    char id[SECRET_HASH_TEXT + 1];
    char room[MAX_HEADERS];
    struct strbuf headers;

    rfc3339_format(session->expires_s, expires);
    secret_hash(&auth->secret, SECRET_SESSION, id);
    strbuf_init_fixed(&headers, room, sizeof(room));
    strbuf_append(&headers, SLICE(HEADER_NO_STORE "X-User: "));
    append_user(&headers, session->user);
    strbuf_append(&headers, SLICE("\r\nX-Session-Id: "));
    strbuf_append(&headers, slice_of(id, SECRET_HASH_TEXT));
    strbuf_append(&headers, SLICE("\r\nX-Session-Expires: "));
    strbuf_append(&headers, slice_of(expires, RFC3339_UTC_TEXT));
    if (fits_a_header(session->data)) {
        strbuf_append(&headers, SLICE("\r\nX-Session-Data: "));
        strbuf_append(&headers, session->data);
    }
    strbuf_append(&headers, SLICE("\r\n"));
    if (headers.failed)
        answer_err(auth->req, ERR_NO_MEMORY, NULL);
    else
        request_respond(auth->req,
                        &(struct response){.status = 200, .headers = strbuf_slice(&headers)});
}

static void on_found(void *ctx, enum err err, const struct session *session,
                     const struct record *extra)
{
    struct auth *auth = ctx;

    (void)extra;
    auth->finding = NULL;
    if (err == ERR_OK && session_is_of_app(&auth->secret, auth->application, session->user))
        let_in(auth, session);
    else if (err == ERR_OK || err == ERR_NOT_FOUND)
        refuse(auth->req);
    else
        answer_err(auth->req, err, NULL);
}

/* ---- the question --------------------------------------------------------------------------- */

/* The first one that is there decides, also when it is none. */
static bool shows_session(const struct request *req, struct secret *secret)
{
    struct slice cookie = req->fields[FIELD_COOKIE];
    struct slice text;

    return (cookie_find(cookie, SLICE("__Host-session"), &text) ||
            cookie_find(cookie, SLICE("session"), &text) || request_bearer(req, &text)) &&
           secret_parse(text, secret);
}

static void find(struct auth *auth)
{
    const struct web *web = auth->req->app;

    auth->finding = session_find(web->identity->sessions, SESSION_OF_APP, &auth->secret, SLICE(""),
                                 on_found, auth);
    if (!auth->finding)
        answer_err(auth->req, ERR_BUSY, NULL);
}

void auth_get(struct request *req)
{
    struct form_field site = {.name = SLICE("site"), .max = SITE_MAX_ID};
    struct err_info info = {""};
    enum err err = form_read(req, req->query, &site, 1, &info);
    struct auth *auth;

    if (err != ERR_OK) {
        answer_err(req, err, &info);
        return;
    }
    auth = request_alloc(req, sizeof(*auth));
    if (auth)
        *auth = (struct auth){.req = req, .application = site.value.ptr ? site.value : SLICE("*")};
    if (!auth || !request_defer(req, on_request_end, auth))
        answer_err(req, ERR_NO_MEMORY, NULL);
    else if (!shows_session(req, &auth->secret))
        refuse(req);
    else
        find(auth);
}
