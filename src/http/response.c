#include "http/response.h"

struct status_line {
    int status;
    struct slice line;
};

#define STATUS(status_, text_)                                                                     \
    {                                                                                              \
        status_, SLICE_INIT("HTTP/1.1 " #status_ " " text_ "\r\n")                                 \
    }

/* The most frequent first. */
static const struct status_line status_lines[] = {
    STATUS(200, "OK"),
    STATUS(304, "Not Modified"),
    STATUS(404, "Not Found"),
    STATUS(503, "Service Unavailable"),
    STATUS(201, "Created"),
    STATUS(202, "Accepted"),
    STATUS(204, "No Content"),
    STATUS(301, "Moved Permanently"),
    STATUS(302, "Found"),
    STATUS(303, "See Other"),
    STATUS(307, "Temporary Redirect"),
    STATUS(308, "Permanent Redirect"),
    STATUS(400, "Bad Request"),
    STATUS(401, "Unauthorized"),
    STATUS(403, "Forbidden"),
    STATUS(405, "Method Not Allowed"),
    STATUS(406, "Not Acceptable"),
    STATUS(408, "Request Timeout"),
    STATUS(409, "Conflict"),
    STATUS(410, "Gone"),
    STATUS(412, "Precondition Failed"),
    STATUS(413, "Content Too Large"),
    STATUS(414, "URI Too Long"),
    STATUS(415, "Unsupported Media Type"),
    STATUS(417, "Expectation Failed"),
    STATUS(421, "Misdirected Request"),
    STATUS(422, "Unprocessable Content"),
    STATUS(429, "Too Many Requests"),
    STATUS(431, "Request Header Fields Too Large"),
    STATUS(500, "Internal Server Error"),
    STATUS(501, "Not Implemented"),
    STATUS(502, "Bad Gateway"),
    STATUS(504, "Gateway Timeout"),
    STATUS(505, "HTTP Version Not Supported"),
};

#define STATUS_LINE_COUNT (sizeof(status_lines) / sizeof(status_lines[0]))

static void put_status_line(struct strbuf *out, int status)
{
    for (size_t i = 0; i < STATUS_LINE_COUNT; i++) {
        if (status_lines[i].status == status) {
            strbuf_append(out, status_lines[i].line);
            return;
        }
    }
    /* The reason phrase may be empty: RFC 9112, section 4. */
    strbuf_append(out, SLICE("HTTP/1.1 "));
    strbuf_append_int(out, status);
    strbuf_append(out, SLICE(" \r\n"));
}

static bool may_have_content(int status)
{
    return status != 204 && status != 304;
}

bool response_has_body(const struct response *response, const struct response_form *form)
{
    return !form->is_for_head && may_have_content(response->status);
}

void response_put_head(struct strbuf *out, const struct response *response,
                       const struct response_form *form)
{
    put_status_line(out, response->status);
    strbuf_append(out, form->date_line);
    if (response->content_type.len > 0) {
        strbuf_append(out, SLICE("Content-Type: "));
        strbuf_append(out, response->content_type);
        strbuf_append(out, SLICE("\r\n"));
    }
    if (may_have_content(response->status)) {
        strbuf_append(out, SLICE("Content-Length: "));
        strbuf_append_int(out, (int64_t)response->body.len);
        strbuf_append(out, SLICE("\r\n"));
    }
    if (!form->keeps_alive)
        strbuf_append(out, SLICE("Connection: close\r\n"));
    else if (form->says_keep_alive)
        strbuf_append(out, SLICE("Connection: keep-alive\r\n"));
    strbuf_append(out, response->headers);
    strbuf_append(out, SLICE("\r\n"));
}

void response_plain_error(struct request *req, int status, struct slice allow, const char *reason)
{
    char text[128];
    struct strbuf headers;

    strbuf_init_fixed(&headers, text, sizeof(text));
    if (allow.len > 0) {
        strbuf_append(&headers, SLICE("Allow: "));
        strbuf_append(&headers, allow);
        strbuf_append(&headers, SLICE("\r\n"));
    }
    request_respond(req, &(struct response){
                             .status = status,
                             .content_type = SLICE("text/plain; charset=utf-8"),
                             .headers = strbuf_slice(&headers),
                             .body = slice_str(reason),
                         });
}
