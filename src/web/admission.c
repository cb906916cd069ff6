#include "web/admission.h"

#include <sodium.h>

#include "base/ascii.h"
#include "base/query.h"
#include "count/hit.h"
#include "http/cookie.h"
#include "web/admission_refuse.h"
#include "web/answer.h"
#include "web/page.h"
#include "web/same_origin.h"
#include "web/web.h"

#define SAFE_METHODS (HTTP_GET | HTTP_HEAD | HTTP_OPTIONS)

/* A request that waits to be let in; lives as long as the request. */
struct admission {
    struct who who; /* what handlers are given */
    struct request *req;
    const struct route *route;
    struct session_call *finding_session;
    struct api_token_call *finding_token;
    struct account_call *finding_user;
    struct site_reading *finding_site;
    void (*otherwise)(struct admission *admission); /* for who may not look at that site */
};

static const struct who nobody = {.kind = WHO_NOBODY};

const struct who *admission_who(const struct request *req)
{
    return req->admission ? req->admission : &nobody;
}

void admission_renew(struct request *req, const struct secret *secret)
{
    struct who *who = &((struct admission *)req->admission)->who;

    who->secret = *secret;
    secret_hash(secret, SECRET_LOGIN, who->session_hash);
}

static const struct identity *identity_of(const struct request *req)
{
    return ((const struct web *)req->app)->identity;
}

static void on_request_end(void *ctx)
{
    struct admission *admission = ctx;

    session_call_cancel(admission->finding_session);
    api_token_call_cancel(admission->finding_token);
    account_call_cancel(admission->finding_user);
    site_reading_cancel(admission->finding_site);
    sodium_memzero(&admission->who, sizeof(admission->who));
}

/* ---- letting in ----------------------------------------------------------------------------- */

static void let_in(struct admission *admission)
{
    admission->route->handler(admission->req);
}

static bool is_from_here(const struct request *req)
{
    const char *url = identity_of(req)->settings.url;
    const struct origin_claim claim = {
        .method = req->method,
        .sec_fetch_site = req->fields[FIELD_SEC_FETCH_SITE],
        .origin = req->fields[FIELD_ORIGIN],
        .referer = req->fields[FIELD_REFERER],
        .host = req->fields[FIELD_HOST],
        .url = url ? slice_str(url) : SLICE(""),
        .is_secure = request_is_secure(req),
    };

    return same_origin_check(&claim) == ORIGIN_SAME;
}

bool admission_is_recent(const struct request *req)
{
    const struct web *web = req->app;
    const struct session *session = &admission_who(req)->session;

    return session->strength == SESSION_PROXY ||
           clock_unix_ms(web->clock) / 1000 - session->proved_s <= RECENT_S;
}

/* ---- a visitor ------------------------------------------------------------------------------ */

static bool is_for_visitors(const struct admission *admission)
{
    return (admission->route->policy & POLICY_VISITOR) && (admission->req->method & SAFE_METHODS);
}

/* Who comes without a link sees what is shown to everybody. */
static bool is_shown(const struct admission *admission, const struct site *site)
{
    const struct api_token *link = &admission->who.token;

    return link->scopes == SCOPE_SHARE ? link_is_of_site(link, site)
                                       : site->public_dashboard != SITE_DASHBOARD_OFF;
}

static void refuse_nobody(struct admission *admission)
{
    admission_refuse_nobody(admission->req, admission->route);
}

static void on_site(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct admission *admission = ctx;
    struct site *site = NULL;
    bool may_look;

    admission->finding_site = NULL;
    if (err == ERR_OK && count > 0)
        err = stored_site_open(&sites[0], &site, NULL);
    may_look = err == ERR_OK && site && is_shown(admission, site);
    site_destroy(site);
    if (may_look) {
        admission->who.kind = WHO_VISITOR;
        let_in(admission);
    } else if (err == ERR_OK || err == ERR_INVALID) {
        admission->otherwise(admission);
    } else {
        answer_err(admission->req, err, NULL);
    }
}

/* Whose site it is not is told the same as where there is none. */
static void find_site(struct admission *admission, struct slice site,
                      void (*otherwise)(struct admission *admission))
{
    const struct web *web = admission->req->app;

    if (hit_check_site(site, NULL) != ERR_OK) {
        otherwise(admission);
        return;
    }
    admission->otherwise = otherwise;
    admission->who.site = site;
    admission->finding_site = site_store_find(web->sites, site, on_site, admission);
    if (!admission->finding_site)
        answer_err(admission->req, ERR_BUSY, NULL);
}

/* No id of a site has to be encoded. */
static struct slice site_named(const struct request *req)
{
    struct query_reader reader = query_reader_init(req->query);
    struct query_pair pair;

    while (query_next(&reader, &pair)) {
        if (slice_eq(pair.name, SLICE("site")))
            return pair.value;
    }
    return SLICE("");
}

/* ---- somebody ------------------------------------------------------------------------------- */

static void refuse_pending(struct admission *admission)
{
    admission_refuse_pending(admission->req, admission->route);
}

/* Somebody is logged in: may he do this? Where he may not look as who he is he may as anybody. */
static void judge_user(struct admission *admission)
{
    struct request *req = admission->req;
    unsigned policy = admission->route->policy;
    bool is_pending = admission->who.session.strength == SESSION_PENDING;

    if (!(req->method & SAFE_METHODS) && !is_from_here(req))
        answer_error(req, 403, "This must be sent by a page of this server.", "");
    else if (is_pending && is_for_visitors(admission))
        find_site(admission, site_named(req), refuse_pending);
    else if (is_pending && !(policy & (POLICY_PENDING | POLICY_MAYBE)))
        refuse_pending(admission);
    else if (policy & POLICY_ADMIN && !user_is_admin(&admission->who.user))
        admission_refuse_role(req, admission->route);
    else if (policy & POLICY_RECENT && !admission_is_recent(req))
        admission_refuse_old(req, admission->route);
    else if (is_for_visitors(admission) && !who_may(&admission->who, site_named(req), ROLE_VIEWER))
        find_site(admission, site_named(req), let_in);
    else if (policy & (POLICY_USER | POLICY_ADMIN | POLICY_MAYBE) || is_pending)
        let_in(admission);
    else if (policy & POLICY_PENDING) /* the login is complete */
        page_redirect(req, SLICE("/dashboard"), SLICE(""));
    else
        answer_error(req, 403, "This address is for programs with an API token.", "");
}

/* ---- nobody --------------------------------------------------------------------------------- */

static bool is_for_guests(const struct admission *admission)
{
    const struct web *web = admission->req->app;

    return web->has_guests && (admission->route->policy & POLICY_GUEST) &&
           (admission->req->method & SAFE_METHODS);
}

static void let_nobody(struct admission *admission)
{
    struct request *req = admission->req;

    admission->who.kind = is_for_guests(admission) ? WHO_GUEST : WHO_NOBODY;
    if (admission->who.kind == WHO_NOBODY && is_for_visitors(admission))
        find_site(admission, site_named(req), refuse_nobody);
    else if (admission->who.kind == WHO_NOBODY && !(admission->route->policy & POLICY_MAYBE))
        admission_refuse_nobody(req, admission->route);
    else if (!(req->method & SAFE_METHODS) && admission->route->policy & POLICY_PAGE &&
             !is_from_here(req))
        answer_error(req, 403, "This must be sent by a page of this server.", "");
    else
        let_in(admission);
}

/* ---- a login -------------------------------------------------------------------------------- */

/* The texts of a session that is told for the length of a call. */
static bool keep_session(struct request *req, const struct session *session, struct session *out)
{
    *out = *session;
    out->user = request_dup(req, session->user);
    out->country = request_dup(req, session->country);
    out->device = request_dup(req, session->device);
    out->data = SLICE("");
    return out->user.ptr && out->country.ptr && out->device.ptr;
}

static void on_session(void *ctx, enum err err, const struct session *session,
                       const struct record *extra)
{
    struct admission *admission = ctx;
    struct who *who = &admission->who;
    struct err_info info;

    admission->finding_session = NULL;
    if (err == ERR_OK &&
        (extra->version == RECORD_ABSENT ||
         user_decode(extra->value, &who->user, &info) != ERR_OK || who->user.is_disabled))
        err = ERR_NOT_FOUND;
    if (err == ERR_OK && !keep_session(admission->req, session, &who->session))
        err = ERR_NO_MEMORY;
    if (err == ERR_OK) {
        who->kind = WHO_USER;
        judge_user(admission);
    } else if (err == ERR_NOT_FOUND) {
        let_nobody(admission);
    } else {
        answer_err(admission->req, err, NULL);
    }
}

static void find_session(struct admission *admission)
{
    const struct identity *identity = identity_of(admission->req);
    char id[SECRET_OWNER_TEXT + 1];
    char room[USER_KEY_BYTES];

    secret_owner(&admission->who.secret, id);
    secret_hash(&admission->who.secret, SECRET_LOGIN, admission->who.session_hash);
    admission->finding_session =
        session_find(identity->sessions, SESSION_OF_LOGIN, &admission->who.secret,
                     user_key(slice_str(id), room), on_session, admission);
    if (!admission->finding_session)
        answer_err(admission->req, ERR_BUSY, NULL);
}

/* ---- a trusted proxy ------------------------------------------------------------------------ */

static void answer_no_user(struct request *req)
{
    answer_error(req, 403,
                 "The proxy in front names somebody who is no user here; \"footfall user add\" "
                 "adds one.",
                 "");
}

static void on_user(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct admission *admission = ctx;
    struct who *who = &admission->who;

    (void)why;
    admission->finding_user = NULL;
    if (err == ERR_NOT_FOUND || (err == ERR_OK && user->is_disabled)) {
        answer_no_user(admission->req);
    } else if (err != ERR_OK) {
        answer_err(admission->req, err, NULL);
    } else {
        who->kind = WHO_USER;
        who->user = *user;
        who->session = (struct session){.strength = SESSION_PROXY};
        judge_user(admission);
    }
}

static bool is_named_by_proxy(const struct request *req, struct slice *who)
{
    enum http_field field = identity_of(req)->settings.auth_field;

    if (field == FIELD_COUNT_ || !req->is_by_trusted_proxy || !req->fields[field].ptr)
        return false;
    *who = ascii_trim(req->fields[field]);
    return who->len > 0;
}

/* What has no @ would be looked for as an id. */
static void find_user(struct admission *admission, struct slice email)
{
    if (!memchr(email.ptr, '@', email.len)) {
        answer_no_user(admission->req);
        return;
    }
    admission->finding_user =
        account_find(identity_of(admission->req)->accounts, email, on_user, admission);
    if (!admission->finding_user)
        answer_err(admission->req, ERR_BUSY, NULL);
}

/* ---- a program ------------------------------------------------------------------------------ */

static void on_token(void *ctx, enum err err, const char *why, const struct api_token *token)
{
    struct admission *admission = ctx;

    (void)why;
    admission->finding_token = NULL;
    if (err == ERR_NOT_FOUND) {
        admission_refuse_nobody(admission->req, admission->route);
    } else if (err != ERR_OK) {
        answer_err(admission->req, err, NULL);
    } else if (token->scopes == SCOPE_SHARE && is_for_visitors(admission)) {
        admission->who.token = *token;
        find_site(admission, slice_str(admission->who.token.site), refuse_nobody);
    } else if (!(admission->route->policy & POLICY_TOKEN(token->scopes))) {
        admission_refuse_scope(admission->req);
    } else {
        admission->who.kind = WHO_PROGRAM;
        admission->who.token = *token;
        let_in(admission);
    }
}

/* "Bearer TOKEN": the scheme in any case, spaces behind it (RFC 6750, section 2.1; RFC 9110, 11.1).
 */
bool request_bearer(const struct request *req, struct slice *token)
{
    const struct slice scheme = SLICE("bearer ");
    struct slice field = req->fields[FIELD_AUTHORIZATION];

    if (!field.ptr || field.len < scheme.len ||
        ascii_compare(slice_of(field.ptr, scheme.len), scheme) != 0)
        return false;
    *token = ascii_trim(slice_from(field, scheme.len));
    return true;
}

static void find_token(struct admission *admission, struct slice text)
{
    if (!secret_parse(text, &admission->who.secret)) {
        admission_refuse_nobody(admission->req, admission->route);
        return;
    }
    admission->finding_token = api_token_find(identity_of(admission->req)->tokens,
                                              &admission->who.secret, on_token, admission);
    if (!admission->finding_token)
        answer_err(admission->req, ERR_BUSY, NULL);
}

/* ---- the way in ----------------------------------------------------------------------------- */

static void find_who(struct admission *admission)
{
    struct request *req = admission->req;
    unsigned policy = admission->route->policy;
    struct slice text;

    if (policy >> POLICY_SCOPE_SHIFT && request_bearer(req, &text))
        find_token(admission, text);
    else if (policy & POLICY_LOGIN && is_named_by_proxy(req, &text))
        find_user(admission, text);
    else if (policy & POLICY_LOGIN &&
             cookie_find(req->fields[FIELD_COOKIE], login_cookie_name(req), &text) &&
             secret_parse(text, &admission->who.secret))
        find_session(admission);
    else
        let_nobody(admission);
}

/* Nothing has to be found out: the hot path of hits. */
static bool is_open(const struct request *req, unsigned policy)
{
    struct slice text;

    return policy & POLICY_ANYONE ||
           (policy & POLICY_MAYBE && !(policy & POLICY_LOGIN) &&
            !(policy >> POLICY_SCOPE_SHIFT && request_bearer(req, &text)));
}

void admission_admit(struct request *req, const struct route *route)
{
    struct admission *admission;

    if (is_open(req, route->policy)) {
        route->handler(req);
        return;
    }
    /* Tokens of forms, and marks of browsers, are made with the key of the vault: without it they
     * would be refused by the other processes, and anybody could make them. */
    if (route->policy & POLICY_PAGE && !identity_of(req)->has_vault) {
        answer_err(req, ERR_UNAVAILABLE, NULL);
        return;
    }
    admission = request_alloc(req, sizeof(*admission));
    if (admission) {
        memset(admission, 0, sizeof(*admission));
        admission->req = req;
        admission->route = route;
    }
    if (!admission || !request_keep(req) || !request_defer(req, on_request_end, admission)) {
        answer_err(req, ERR_NO_MEMORY, NULL);
        return;
    }
    req->admission = &admission->who;
    find_who(admission);
}
