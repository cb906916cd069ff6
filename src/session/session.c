#include "session/session.h"

#include <stddef.h>

#include <jansson.h>

#include "base/utf8.h"

/* Of a record, beside the data. */
#define MAX_HEAD (RECORD_MAX_VALUE - SESSION_MAX_DATA)

_Static_assert(2 * (SESSION_MAX_USER + SESSION_MAX_DEVICE) + 512 < MAX_HEAD,
               "texts may double when they are escaped");

/* The largest whole number that all readers of JSON understand. */
#define MAX_NUMBER  ((INT64_C(1) << 53) - 1)

#define MAX_SECONDS ((int64_t)SESSION_MAX_ABSOLUTE_S)

static const char *const strengths[] = {
    [SESSION_PENDING] = "pending",
    [SESSION_PASSWORD] = "password",
    [SESSION_SECOND_FACTOR] = "second-factor",
    [SESSION_PROXY] = "proxy",
};
#define STRENGTHS (sizeof(strengths) / sizeof(strengths[0]))

/* ---- what is sound -------------------------------------------------------------------------- */

/* Checks a text in JSON. ERR_NO_MEMORY is not taken for a fault of the text. */
static enum err parse(struct slice json, json_t **out)
{
    json_error_t error = {.text = ""};
    json_t *root = json_loadb(json.ptr ? json.ptr : "", json.len, JSON_REJECT_DUPLICATES, &error);

    /* Most failures for want of memory leave no text. */
    if (!root && (error.text[0] == '\0' || json_error_code(&error) == json_error_out_of_memory))
        return ERR_NO_MEMORY;
    if (!json_is_object(root)) {
        json_decref(root);
        return ERR_INVALID;
    }
    *out = root;
    return ERR_OK;
}

enum err session_check_data(struct slice data, struct err_info *info)
{
    json_t *object = NULL;
    enum err err = ERR_INVALID;

    if (slice_eq(data, SLICE("{}")))
        return ERR_OK;
    if (data.len <= SESSION_MAX_DATA)
        err = parse(data, &object);
    if (err == ERR_INVALID)
        err_info_set(info, "the data of a session is a JSON object of at most %d bytes",
                     SESSION_MAX_DATA);
    json_decref(object);
    return err;
}

static bool is_country(struct slice text)
{
    bool is_empty = text.len == 0;

    return is_empty || (text.len == 2 && text.ptr[0] >= 'A' && text.ptr[0] <= 'Z' &&
                        text.ptr[1] >= 'A' && text.ptr[1] <= 'Z');
}

static enum err refuse(struct err_info *info, const char *why)
{
    err_info_set(info, "%s", why);
    return ERR_INVALID;
}

enum err session_check(const struct session *session, struct err_info *info)
{
    if (session->user.len < 1 || session->user.len > SESSION_MAX_USER ||
        !utf8_is_clean(session->user))
        return refuse(info, "the user of a session is 1 to 256 bytes of UTF-8 without control "
                            "characters");
    if (!is_country(session->country))
        return refuse(info, "a country is two capital letters");
    if (session->device.len > SESSION_MAX_DEVICE || !utf8_is_clean(session->device))
        return refuse(info, "a device is at most 80 bytes of UTF-8 without control characters");
    if (session->idle_s < SESSION_MIN_IDLE_S)
        return refuse(info, "the idle time of a session is at least 60 seconds");
    if (session->absolute_s < session->idle_s || session->absolute_s > SESSION_MAX_ABSOLUTE_S)
        return refuse(info, "the absolute time of a session is between its idle time and 400 days");
    if (session->strength >= STRENGTHS)
        return refuse(info, "a session has no such strength");
    return session_check_data(session->data, info);
}

/* ---- writing -------------------------------------------------------------------------------- */

/* Of a text without control characters. */
static void append_text(struct strbuf *out, struct slice text)
{
    strbuf_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            strbuf_append_char(out, '\\');
        strbuf_append_char(out, text.ptr[i]);
    }
    strbuf_append_char(out, '"');
}

struct number {
    const char *key;
    int64_t value;
};

void session_encode(const struct session *session, struct strbuf *out)
{
    const struct number numbers[] = {
        {"created", session->created_s},
        {"seen", session->seen_s},
        {"proved", session->proved_s},
        {"expires", session->expires_s},
        {"idle", session->idle_s},
        {"absolute", session->absolute_s},
        {"version", (int64_t)session->version},
    };

    strbuf_append(out, SLICE("{\"user\":"));
    append_text(out, session->user);
    strbuf_append(out, SLICE(",\"country\":"));
    append_text(out, session->country);
    strbuf_append(out, SLICE(",\"device\":"));
    append_text(out, session->device);
    strbuf_append(out, SLICE(",\"strength\":"));
    append_text(out, slice_str(strengths[session->strength]));
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        strbuf_append(out, SLICE(",\""));
        strbuf_append(out, slice_str(numbers[i].key));
        strbuf_append(out, SLICE("\":"));
        strbuf_append_int(out, numbers[i].value);
    }
    strbuf_append(out, SLICE("}\n"));
    strbuf_append(out, session->data);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* The members of the first object, all of which have to be there. */
struct reading {
    const json_t *object;
    struct arena *arena;
    enum err err; /* the first one */
};

static void fail(struct reading *r, enum err err)
{
    if (r->err == ERR_OK)
        r->err = err;
}

static struct slice look_text(struct reading *r, const char *key)
{
    const json_t *value = json_object_get(r->object, key);

    if (!json_is_string(value)) {
        fail(r, ERR_INVALID);
        return SLICE("");
    }
    return slice_of(json_string_value(value), json_string_length(value));
}

static struct slice read_text(struct reading *r, const char *key, size_t max_bytes)
{
    struct slice text = look_text(r, key);

    if (text.len > max_bytes) {
        fail(r, ERR_INVALID);
        return SLICE("");
    }
    text = arena_dup(r->arena, text);
    if (!text.ptr)
        fail(r, ERR_NO_MEMORY);
    return text;
}

static int64_t read_number(struct reading *r, const char *key, int64_t max)
{
    const json_t *value = json_object_get(r->object, key);
    int64_t number = json_integer_value(value);

    if (json_is_integer(value) && number >= 0 && number <= max)
        return number;
    fail(r, ERR_INVALID);
    return 0;
}

static enum session_strength read_strength(struct reading *r)
{
    struct slice text = look_text(r, "strength");

    for (size_t i = 0; i < STRENGTHS; i++) {
        if (slice_eq(text, slice_str(strengths[i])))
            return (enum session_strength)i;
    }
    fail(r, ERR_INVALID);
    return SESSION_PENDING;
}

#define MEMBERS 11

static enum err read_members(struct reading *r, struct session *out)
{
    *out = (struct session){
        .user = read_text(r, "user", SESSION_MAX_USER),
        .country = read_text(r, "country", 2),
        .device = read_text(r, "device", SESSION_MAX_DEVICE),
        .strength = read_strength(r),
        .created_s = read_number(r, "created", MAX_NUMBER),
        .seen_s = read_number(r, "seen", MAX_NUMBER),
        .proved_s = read_number(r, "proved", MAX_NUMBER),
        .expires_s = read_number(r, "expires", MAX_NUMBER),
        .idle_s = (uint32_t)read_number(r, "idle", MAX_SECONDS),
        .absolute_s = (uint32_t)read_number(r, "absolute", MAX_SECONDS),
        .version = (uint64_t)read_number(r, "version", MAX_NUMBER),
    };
    if (json_object_size(r->object) != MEMBERS || out->version < 1)
        fail(r, ERR_INVALID);
    return r->err;
}

static enum err read_head(struct slice json, struct arena *arena, struct session *out)
{
    json_t *object = NULL;
    enum err err = parse(json, &object);

    if (err == ERR_OK)
        err = read_members(&(struct reading){object, arena, ERR_OK}, out);
    json_decref(object);
    return err;
}

enum err session_decode(struct slice json, struct arena *arena, struct session *out)
{
    /* In JSON no text has a line feed within, so this is the end of the first object. */
    const char *end = json.len > 0 ? memchr(json.ptr, '\n', json.len) : NULL;
    size_t len = end ? (size_t)(end - json.ptr) : 0;
    enum err err = ERR_INVALID;

    if (len > 0 && len <= MAX_HEAD)
        err = read_head(slice_of(json.ptr, len), arena, out);
    if (err != ERR_OK)
        return err;
    out->data = slice_from(json, len + 1);
    err = session_check(out, NULL);
    if (err != ERR_OK)
        return err;
    out->data = arena_dup(arena, out->data);
    return out->data.ptr ? ERR_OK : ERR_NO_MEMORY;
}
