#include "http/cookie.h"

#include "http/field.h"

/* Of a token (RFC 9110, section 5.6.2). */
static bool is_name_char(char c)
{
    return c > ' ' && c < 0x7f && !memchr("()<>@,;:\\\"/[]?={}", c, 17);
}

/* cookie-octet (RFC 6265, section 4.1.1). */
static bool is_value_char(char c)
{
    return c > ' ' && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\';
}

static bool all(struct slice text, bool (*is_fine)(char c))
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_fine(text.ptr[i]))
            return false;
    }
    return true;
}

static bool value_is_valid(struct slice value)
{
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        value = slice_of(value.ptr + 1, value.len - 2);
    return all(value, is_value_char);
}

/* The next pair, up to ';', off the front; false at the end. Without '=' it has no name. */
static bool take_pair(struct slice *rest, struct slice *name, struct slice *value)
{
    const char *end;
    const char *equals;
    struct slice pair = *rest;

    if (rest->len == 0)
        return false;
    end = memchr(rest->ptr, ';', rest->len);
    if (end)
        pair.len = (size_t)(end - rest->ptr);
    *rest = slice_from(*rest, end ? pair.len + 1 : pair.len);
    equals = memchr(pair.ptr, '=', pair.len);
    if (equals) {
        *name = field_trim(slice_of(pair.ptr, (size_t)(equals - pair.ptr)));
        *value = field_trim(slice_from(pair, (size_t)(equals - pair.ptr) + 1));
    } else {
        *name = slice_of(pair.ptr, 0);
        *value = field_trim(pair);
    }
    return true;
}

bool cookie_find(struct slice field, struct slice name, struct slice *value)
{
    struct slice found = slice_of(NULL, 0);
    struct slice other;
    struct slice text;

    if (name.len == 0)
        return false;
    while (take_pair(&field, &other, &text)) {
        if (!slice_eq(other, name))
            continue;
        if (found.ptr)
            return false;
        found = text;
    }
    if (!found.ptr || !value_is_valid(found))
        return false;
    *value = found;
    return true;
}

/* Browsers know these in any case. */
static bool needs_secure(struct slice name)
{
    static const struct slice prefixes[] = {SLICE_INIT("__host-"), SLICE_INIT("__secure-")};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (name.len >= prefixes[i].len &&
            field_text_eq(slice_of(name.ptr, prefixes[i].len), prefixes[i]))
            return true;
    }
    return false;
}

void cookie_append_set(struct strbuf *out, const struct cookie *c)
{
    if (c->name.len == 0 || !all(c->name, is_name_char) || !value_is_valid(c->value) ||
        (!c->secure && needs_secure(c->name))) {
        out->failed = true;
        return;
    }
    strbuf_append(out, SLICE("Set-Cookie: "));
    strbuf_append(out, c->name);
    strbuf_append_char(out, '=');
    strbuf_append(out, c->value);
    strbuf_append(out, SLICE("; Path=/"));
    if (c->max_age_s >= 0) {
        strbuf_append(out, SLICE("; Max-Age="));
        strbuf_append_int(out, c->max_age_s);
    }
    if (c->http_only)
        strbuf_append(out, SLICE("; HttpOnly"));
    if (c->secure)
        strbuf_append(out, SLICE("; Secure"));
    strbuf_append(out, c->same_site == COOKIE_STRICT ? SLICE("; SameSite=Strict\r\n")
                                                     : SLICE("; SameSite=Lax\r\n"));
}
