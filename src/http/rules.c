#include "http/rules.h"

#include "http/field.h"
#include "http/target.h"

/* RFC 9112, section 3.2: HTTP/1.1 needs one Host; a second one was refused when it was read. */
static struct refusal check_host(const struct request *req, struct framing *framing)
{
    struct slice host = req->fields[FIELD_HOST];

    if (!host.ptr && framing->minor_version == 0)
        return REFUSAL_NONE;
    if (!host.ptr)
        return (struct refusal){400, "There is no Host field."};
    if (!host_is_valid(host))
        return (struct refusal){400, "The Host field names no valid host."};
    return REFUSAL_NONE;
}

static struct refusal check_transfer_encoding(const struct request *req, struct framing *framing)
{
    struct slice coding = req->fields[FIELD_TRANSFER_ENCODING];

    if (!coding.ptr)
        return REFUSAL_NONE;
    if (framing->minor_version == 0)
        return (struct refusal){400, "HTTP/1.0 has no Transfer-Encoding."};
    if (!field_text_eq(coding, SLICE("chunked")))
        return (struct refusal){400, "The only Transfer-Encoding known here is chunked."};
    if (req->fields[FIELD_CONTENT_LENGTH].ptr)
        return (struct refusal){400, "There are both Content-Length and Transfer-Encoding."};
    framing->body = BODY_CHUNKED;
    return REFUSAL_NONE;
}

/* 1*DIGIT, and below 2^63: RFC 9110, section 8.6. */
static bool parse_length(struct slice text, uint64_t *out)
{
    uint64_t number = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || number > (INT64_MAX - 9) / 10)
            return false;
        number = number * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *out = number;
    return text.len > 0;
}

static struct refusal check_content_length(const struct request *req, struct framing *framing)
{
    struct slice length = req->fields[FIELD_CONTENT_LENGTH];

    if (!length.ptr)
        return REFUSAL_NONE;
    if (!parse_length(length, &framing->content_length))
        return (struct refusal){400, "The Content-Length is no number."};
    if (framing->content_length > 0)
        framing->body = BODY_LENGTH;
    return REFUSAL_NONE;
}

static struct refusal check_content_encoding(const struct request *req, struct framing *framing)
{
    struct slice coding = req->fields[FIELD_CONTENT_ENCODING];

    if (framing->body == BODY_NONE || !coding.ptr || field_text_eq(coding, SLICE("identity")))
        return REFUSAL_NONE;
    return (struct refusal){415, "Bodies are taken without a Content-Encoding only."};
}

/* RFC 9110, section 10.1.1; a client of HTTP/1.0 that says it does not mean it. */
static struct refusal check_expect(const struct request *req, struct framing *framing)
{
    struct slice expect = req->fields[FIELD_EXPECT];

    if (!expect.ptr || framing->minor_version == 0)
        return REFUSAL_NONE;
    if (!field_text_eq(expect, SLICE("100-continue")))
        return (struct refusal){417, "The only expectation known here is 100-continue."};
    framing->expects_continue = framing->body != BODY_NONE;
    return REFUSAL_NONE;
}

/* RFC 9112, section 9.3. */
static struct refusal read_connection(const struct request *req, struct framing *framing)
{
    struct slice rest = req->fields[FIELD_CONNECTION];
    struct slice option;
    bool wants_close = false;

    framing->keep_alive = framing->minor_version > 0;
    while (field_list_next(&rest, &option)) {
        if (field_text_eq(option, SLICE("close")))
            wants_close = true;
        else if (field_text_eq(option, SLICE("keep-alive")))
            framing->keep_alive = true;
    }
    if (wants_close)
        framing->keep_alive = false;
    return REFUSAL_NONE;
}

typedef struct refusal rule_fn(const struct request *req, struct framing *framing);

/* In order: what comes later builds on what came before. */
static rule_fn *const rules[] = {
    check_host,   check_transfer_encoding, check_content_length, check_content_encoding,
    check_expect, read_connection,
};

struct refusal rules_check(struct request *req, struct slice target_host, unsigned minor_version,
                           struct framing *framing)
{
    *framing = (struct framing){.minor_version = minor_version};
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct refusal refusal = rules[i](req, framing);

        if (refusal.status)
            return refusal;
    }
    if (target_host.ptr)
        req->fields[FIELD_HOST] = target_host;
    return REFUSAL_NONE;
}
