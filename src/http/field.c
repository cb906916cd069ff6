#include "http/field.h"

struct known_field {
    struct slice name; /* in lower case */
    enum field_repeat repeat;
};

#define FIELD(name_, repeat_)                                                                      \
    {                                                                                              \
        SLICE_INIT(name_), repeat_                                                                 \
    }

static const struct known_field known[FIELD_COUNT_] = {
    [FIELD_ACCEPT] = FIELD("accept", FIELD_JOIN),
    [FIELD_ACCEPT_ENCODING] = FIELD("accept-encoding", FIELD_JOIN),
    [FIELD_ACCEPT_LANGUAGE] = FIELD("accept-language", FIELD_JOIN),
    [FIELD_AUTHORIZATION] = FIELD("authorization", FIELD_ONCE),
    [FIELD_CONNECTION] = FIELD("connection", FIELD_JOIN),
    [FIELD_CONTENT_ENCODING] = FIELD("content-encoding", FIELD_JOIN),
    [FIELD_CONTENT_LENGTH] = FIELD("content-length", FIELD_ONCE),
    [FIELD_CONTENT_TYPE] = FIELD("content-type", FIELD_FIRST),
    [FIELD_COOKIE] = FIELD("cookie", FIELD_CRUMB),
    [FIELD_DNT] = FIELD("dnt", FIELD_FIRST),
    [FIELD_EXPECT] = FIELD("expect", FIELD_JOIN),
    [FIELD_FORWARDED] = FIELD("forwarded", FIELD_JOIN),
    [FIELD_HOST] = FIELD("host", FIELD_ONCE),
    [FIELD_IF_NONE_MATCH] = FIELD("if-none-match", FIELD_JOIN),
    [FIELD_ORIGIN] = FIELD("origin", FIELD_FIRST),
    [FIELD_PURPOSE] = FIELD("purpose", FIELD_FIRST),
    [FIELD_REFERER] = FIELD("referer", FIELD_FIRST),
    /* No list, and so a joined one means nothing: better than to believe the first of two. */
    [FIELD_REMOTE_USER] = FIELD("remote-user", FIELD_ONCE),
    [FIELD_SEC_FETCH_SITE] = FIELD("sec-fetch-site", FIELD_JOIN),
    [FIELD_SEC_GPC] = FIELD("sec-gpc", FIELD_FIRST),
    [FIELD_SEC_PURPOSE] = FIELD("sec-purpose", FIELD_FIRST),
    [FIELD_TRANSFER_ENCODING] = FIELD("transfer-encoding", FIELD_ONCE),
    [FIELD_USER_AGENT] = FIELD("user-agent", FIELD_FIRST),
    [FIELD_X_AUTH_REQUEST_EMAIL] = FIELD("x-auth-request-email", FIELD_ONCE),
    [FIELD_X_FORWARDED_EMAIL] = FIELD("x-forwarded-email", FIELD_ONCE),
    [FIELD_X_FORWARDED_FOR] = FIELD("x-forwarded-for", FIELD_JOIN),
    [FIELD_X_FORWARDED_PROTO] = FIELD("x-forwarded-proto", FIELD_JOIN),
    [FIELD_X_FORWARDED_USER] = FIELD("x-forwarded-user", FIELD_ONCE),
    [FIELD_X_MOZ] = FIELD("x-moz", FIELD_FIRST),
    [FIELD_X_REMOTE_USER] = FIELD("x-remote-user", FIELD_ONCE),
};

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c | 0x20);
    return c;
}

bool field_text_eq(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    }
    return true;
}

enum http_field field_find(struct slice name)
{
    /* Lengths and first letters differ for nearly all, so this compares text about once. */
    for (size_t i = 0; i < FIELD_COUNT_; i++) {
        if (known[i].name.len == name.len && lower(name.ptr[0]) == known[i].name.ptr[0] &&
            field_text_eq(known[i].name, name))
            return (enum http_field)i;
    }
    return FIELD_COUNT_;
}

enum field_repeat field_repeat(enum http_field field)
{
    return known[field].repeat;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

struct slice field_trim(struct slice value)
{
    while (value.len > 0 && is_space(value.ptr[0]))
        value = slice_from(value, 1);
    while (value.len > 0 && is_space(value.ptr[value.len - 1]))
        value.len--;
    return value;
}

bool field_list_next(struct slice *rest, struct slice *element)
{
    while (rest->len > 0) {
        const char *comma = memchr(rest->ptr, ',', rest->len);
        size_t len = comma ? (size_t)(comma - rest->ptr) : rest->len;

        *element = field_trim(slice_of(rest->ptr, len));
        *rest = slice_from(*rest, comma ? len + 1 : len);
        if (element->len > 0)
            return true;
    }
    return false;
}
