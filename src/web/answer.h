/**
 * Answers in the forms that all resources share.
 */
#ifndef FOOTFALL_WEB_ANSWER_H
#define FOOTFALL_WEB_ANSWER_H

#include "base/err.h"
#include "base/strbuf.h"
#include "http/request.h"

/** Ceiling of a page or a JSON text of ours. */
#define ANSWER_MAX_BYTES 65536

/** Headers of an answer that leads elsewhere. */
#define ANSWER_MAX_LOCATION 2048

/** For answers that are about this moment: nobody may keep them. */
#define HEADER_NO_STORE "Cache-Control: no-store\r\n"

/** For answers that pages of other sites may read. */
#define HEADER_CORS                                                                                \
    "Access-Control-Allow-Origin: *\r\nCross-Origin-Resource-Policy: cross-origin\r\n"

/** 200 with `body`, which is copied. */
void answer_text(struct request *req, const char *headers, struct slice body);
void answer_json(struct request *req, int status, const char *headers, struct slice body);
void answer_csv(struct request *req, const char *headers, struct slice body);

/** 200 with a transparent picture of 1 by 1. */
void answer_pixel(struct request *req, const char *headers);

/**
 * An error: a page for browsers, else {"error":{"code","message","hint"}}.
 *
 * @param status   HTTP status; 503 and 504 carry Retry-After
 * @param message  what is wrong; one sentence; no visitor's text in it that is not ours to show
 * @param headers  further header lines; may be ""
 */
void answer_error(struct request *req, int status, const char *message, const char *headers);

/** The same for an error enum; `info` gives the message when it has one. */
void answer_err(struct request *req, enum err err, const struct err_info *info);

/** What an error enum means, as one sentence. */
const char *answer_message(enum err err);

/** Appends the member "error":{"code","message","hint"} of an object, for an HTTP status. */
void append_error(struct strbuf *out, int status, const char *message);

/** router.on_error. */
void answer_no_route(struct request *req, int status, struct slice allow, const char *reason);

/** True when the client is a browser that navigates: it names text/html. */
bool wants_html(const struct request *req);

/** True when the browser only fetches ahead (Sec-Purpose, Purpose, X-Moz): nobody has seen it. */
bool is_prefetch(const struct request *req);

/** Appends `text` as a JSON string with its quotes (RFC 8259, section 7); `text` is UTF-8. */
void append_json_string(struct strbuf *out, struct slice text);

/** Appends `text` as it stands in a query: all but letters, digits and "-._~/" percent-encoded (RFC
 * 3986, section 2). */
void append_percent(struct strbuf *out, struct slice text);

/** Appends `text` for HTML text and quoted attributes. */
void append_html(struct strbuf *out, struct slice text);

#endif
