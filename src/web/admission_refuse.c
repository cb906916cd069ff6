/* Programs are told what is wrong; browsers are led to where it is mended. */
#include "web/admission_refuse.h"

#include "web/admission.h"
#include "web/answer.h"
#include "web/page.h"

#define CHALLENGE "WWW-Authenticate: Bearer realm=\"Footfall\""

/* The page that a form was on: "/users" of "/users/add". */
static struct slice page_of(const struct request *req)
{
    const char *end = memchr(req->path.ptr + 1, '/', req->path.len - 1);

    if (req->method == HTTP_GET || !end)
        return req->path;
    return slice_of(req->path.ptr, (size_t)(end - req->path.ptr));
}

/* Of a longer one only the path is kept. */
#define MAX_NEXT 512

static void append_next(struct strbuf *text, const struct request *req)
{
    struct slice page = page_of(req);

    append_percent(text, page);
    if (req->method != HTTP_GET || req->query.len == 0 || page.len + req->query.len >= MAX_NEXT)
        return;
    strbuf_append(text, SLICE("%3F"));
    append_percent(text, req->query);
}

/* A page of this server is gone to, and from it to where the browser wanted to go. */
static void lead_to_login(struct request *req, const char *reason)
{
    char headers[ANSWER_MAX_LOCATION];
    struct strbuf text;

    strbuf_init_fixed(&text, headers, sizeof(headers));
    strbuf_printf(&text, "Location: /login%s", reason);
    if (page_of(req).len < MAX_NEXT) {
        strbuf_append(&text, reason[0] == '?' ? SLICE("&next=") : SLICE("?next="));
        append_next(&text, req);
    }
    strbuf_append(&text, SLICE("\r\n" HEADER_NO_STORE));
    request_respond(req, &(struct response){.status = 303, .headers = strbuf_slice(&text)});
}

void admission_refuse_nobody(struct request *req, const struct route *route)
{
    if (route->policy & POLICY_PAGE)
        lead_to_login(req, "");
    else if (req->fields[FIELD_AUTHORIZATION].ptr)
        answer_error(req, 401, "This is no API token that is valid here.",
                     CHALLENGE ", error=\"invalid_token\"\r\n");
    else
        answer_error(req, 401, "This address wants an API token: \"footfall token add\" makes one.",
                     CHALLENGE "\r\n");
}

void admission_refuse_pending(struct request *req, const struct route *route)
{
    if (route->policy & POLICY_PAGE)
        lead_to_login(req, "/code");
    else
        answer_error(req, 401, "The second factor of this login is still to come.",
                     CHALLENGE "\r\n");
}

void admission_refuse_old(struct request *req, const struct route *route)
{
    if (route->policy & POLICY_PAGE)
        lead_to_login(req, "?again=1");
    else
        answer_error(req, 403, "This wants the password anew: log in again.", "");
}

void admission_refuse_scope(struct request *req)
{
    answer_error(req, 403, "The API token has not the scope that this address wants.",
                 CHALLENGE ", error=\"insufficient_scope\"\r\n");
}

void admission_refuse_role(struct request *req, const struct route *route)
{
    const char *message = "Only an owner of all sites may do this.";

    if (route->policy & POLICY_PAGE)
        page_refuse(req, 403, message);
    else
        answer_error(req, 403, message, "");
}
