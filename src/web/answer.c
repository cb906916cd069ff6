#include "web/answer.h"

#include <stdio.h>

#include "base/ascii.h"
#include "http/media_type.h"

/* Error pages: nothing is loaded, nothing runs. */
#define PAGE_HEADERS                                                                               \
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; base-uri 'none'\r\n"     \
    "Referrer-Policy: same-origin\r\n"

#define HEADER_NOSNIFF "X-Content-Type-Options: nosniff\r\n"

/* All headers of one answer of ours fit, Allow included. */
#define MAX_HEADERS 512

static const struct {
    int status;
    const char *code;
    const char *hint;
} statuses[] = {
    {400, "bad_request", "Mend the request; nothing was done."},
    {401, "unauthorized", "Send the token as Authorization: Bearer TOKEN."},
    {403, "forbidden", "See the settings of the site, or of the server."},
    {404, "not_found", "See the list of addresses in the manual."},
    {405, "method_not_allowed", "Use a method that the Allow header names."},
    {408, "timeout", "Send the request faster."},
    {409, "conflict", "Read it again, and decide anew."},
    {413, "too_large", "Send a smaller body."},
    {414, "uri_too_long", "Send a shorter address."},
    {415, "unsupported_media_type",
     "Send the type that the address takes, without Content-Encoding."},
    {417, "expectation_failed", "Send no Expect other than 100-continue."},
    {429, "too_many", "Wait, then try again."},
    {431, "headers_too_large", "Send fewer or shorter header fields."},
    {501, "not_implemented", "Use another method or transfer coding."},
    {503, "unavailable", "Nothing was counted. Try again."},
    {504, "unknown", "It may have been counted. Try again with the same id: it counts once."},
    {505, "version_not_supported", "Use HTTP/1.1."},
};

static const char *code_of(int status, const char **hint)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (statuses[i].status == status) {
            *hint = statuses[i].hint;
            return statuses[i].code;
        }
    }
    *hint = "";
    return "error";
}

bool wants_html(const struct request *req)
{
    return media_type_is_named(req->fields[FIELD_ACCEPT], SLICE("text/html"));
}

static bool has_word(struct slice text, struct slice word)
{
    return text.ptr && memmem(text.ptr, text.len, word.ptr, word.len);
}

bool is_prefetch(const struct request *req)
{
    return has_word(req->fields[FIELD_SEC_PURPOSE], SLICE("prefetch")) ||
           has_word(req->fields[FIELD_PURPOSE], SLICE("prefetch")) ||
           has_word(req->fields[FIELD_PURPOSE], SLICE("preview")) ||
           has_word(req->fields[FIELD_X_MOZ], SLICE("prefetch"));
}

void append_json_string(struct strbuf *out, struct slice text)
{
    size_t plain = 0;

    strbuf_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        strbuf_append(out, slice_of(text.ptr + plain, i - plain));
        plain = i + 1;
        if (c < 0x20)
            strbuf_printf(out, "\\u%04x", c);
        else
            strbuf_printf(out, "\\%c", c);
    }
    if (plain < text.len)
        strbuf_append(out, slice_from(text, plain));
    strbuf_append_char(out, '"');
}

void append_percent(struct strbuf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (ascii_is_letter(c) || ascii_is_digit(c) || (c != '\0' && strchr("-._~/", c)))
            strbuf_append_char(out, c);
        else
            strbuf_printf(out, "%%%02X", (unsigned char)c);
    }
}

void append_html(struct strbuf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&':
            strbuf_append(out, SLICE("&amp;"));
            break;
        case '<':
            strbuf_append(out, SLICE("&lt;"));
            break;
        case '>':
            strbuf_append(out, SLICE("&gt;"));
            break;
        case '"':
            strbuf_append(out, SLICE("&quot;"));
            break;
        case '\'':
            strbuf_append(out, SLICE("&#39;"));
            break;
        default:
            strbuf_append_char(out, text.ptr[i]);
        }
    }
}

static void respond(struct request *req, int status, struct slice type, const char *headers,
                    struct slice body)
{
    char storage[MAX_HEADERS];
    struct strbuf lines;

    strbuf_init_fixed(&lines, storage, sizeof(storage));
    strbuf_append(&lines, SLICE(HEADER_NOSNIFF));
    strbuf_append(&lines, slice_str(headers));
    request_respond(req, &(struct response){.status = status,
                                            .content_type = type,
                                            .headers = strbuf_slice(&lines),
                                            .body = body});
}

void answer_text(struct request *req, const char *headers, struct slice body)
{
    respond(req, 200, SLICE("text/plain; charset=utf-8"), headers, body);
}

void answer_json(struct request *req, int status, const char *headers, struct slice body)
{
    respond(req, status, SLICE("application/json"), headers, body);
}

void answer_csv(struct request *req, const char *headers, struct slice body)
{
    respond(req, 200, SLICE("text/csv; charset=utf-8; header=present"), headers, body);
}

/* GIF89a, 43 bytes. */
static const char pixel[] = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\4\1\0\0\0\0,\0\0\0\0\1\0"
                            "\1\0\0\2\2D\1\0;";
_Static_assert(sizeof(pixel) - 1 == 43, "the pixel has 43 bytes");

void answer_pixel(struct request *req, const char *headers)
{
    request_respond(req, &(struct response){.status = 200,
                                            .content_type = SLICE("image/gif"),
                                            .headers = slice_str(headers),
                                            .body = slice_of(pixel, sizeof(pixel) - 1)});
}

void append_error(struct strbuf *out, int status, const char *message)
{
    const char *hint;
    const char *code = code_of(status, &hint);

    strbuf_append(out, SLICE("\"error\":{\"code\":"));
    append_json_string(out, slice_str(code));
    strbuf_append(out, SLICE(",\"message\":"));
    append_json_string(out, slice_str(message));
    strbuf_append(out, SLICE(",\"hint\":"));
    append_json_string(out, slice_str(hint));
    strbuf_append_char(out, '}');
}

static void append_error_json(struct strbuf *out, int status, const char *message)
{
    strbuf_append_char(out, '{');
    append_error(out, status, message);
    strbuf_append(out, SLICE("}\n"));
}

static void append_error_page(struct strbuf *out, int status, const char *message)
{
    const char *hint;

    (void)code_of(status, &hint);
    strbuf_printf(out,
                  "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n"
                  "<title>%d – Footfall</title>\n<h1>%d</h1>\n<p>",
                  status, status);
    append_html(out, slice_str(message));
    strbuf_append(out, SLICE("</p>\n<p>"));
    append_html(out, slice_str(hint));
    strbuf_append(out, SLICE("</p>\n</html>\n"));
}

void answer_error(struct request *req, int status, const char *message, const char *headers)
{
    bool is_page = wants_html(req);
    char storage[2048];
    char lines[MAX_HEADERS];
    struct strbuf body;

    strbuf_init_fixed(&body, storage, sizeof(storage));
    if (is_page)
        append_error_page(&body, status, message);
    else
        append_error_json(&body, status, message);
    (void)snprintf(lines, sizeof(lines), HEADER_NO_STORE "%s%s%s",
                   status == 503 || status == 504 ? "Retry-After: 1\r\n" : "",
                   is_page ? PAGE_HEADERS : HEADER_CORS, headers);
    respond(req, status, is_page ? SLICE("text/html; charset=utf-8") : SLICE("application/json"),
            lines, strbuf_slice(&body));
}

const char *answer_message(enum err err)
{
    static const char *const messages[ERR_COUNT_] = {
        [ERR_NO_MEMORY] = "The server is out of memory.",
        [ERR_BUSY] = "The server is busy: too much waits already.",
        [ERR_UNAVAILABLE] = "The store cannot be reached.",
        [ERR_STALE] = "The settings of the site have just changed.",
        [ERR_UNKNOWN] = "The store did not answer in time.",
    };

    return messages[err] ? messages[err] : err_name(err);
}

void answer_err(struct request *req, enum err err, const struct err_info *info)
{
    answer_error(req, err_http_status(err),
                 info && info->text[0] ? info->text : answer_message(err), "");
}

void answer_no_route(struct request *req, int status, struct slice allow, const char *reason)
{
    char headers[128] = "";

    if (allow.len > 0)
        (void)snprintf(headers, sizeof(headers), "Allow: %.*s\r\n", SLICE_ARG(allow));
    answer_error(req, status, reason, headers);
}
