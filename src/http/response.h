/**
 * The head of an answer, put together from prepared pieces.
 */
#ifndef FOOTFALL_HTTP_RESPONSE_H
#define FOOTFALL_HTTP_RESPONSE_H

#include "base/strbuf.h"
#include "http/request.h"

/** How an answer has to look, apart from what the handler says. */
struct response_form {
    struct slice date_line;
    bool is_for_head;     /* the request was HEAD: no body is sent */
    bool keeps_alive;     /* else "Connection: close" */
    bool says_keep_alive; /* to HTTP/1.0, which does not take it for granted */
};

/** Appends the head with its empty line. */
void response_put_head(struct strbuf *out, const struct response *response,
                       const struct response_form *form);

/** False for HEAD, 204 and 304 (RFC 9110, section 6.4.1). */
bool response_has_body(const struct response *response, const struct response_form *form);

/** Answers an error as plain text: for a router without on_error. */
void response_plain_error(struct request *req, int status, struct slice allow, const char *reason);

#endif
