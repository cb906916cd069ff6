/* What a token is: its scopes, and its record. */
#include "session/api_token.h"

#include <jansson.h>
#include <stdio.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "session/api_token_part.h"
#include "session/record_json.h"

/* ---- scopes --------------------------------------------------------------------------------- */

static const struct scope_name {
    enum api_scope scope;
    const char *name;
} scope_names[] = {
    {SCOPE_COUNT, "count"},       {SCOPE_STATS, "stats"},   {SCOPE_SITES, "sites"},
    {SCOPE_SESSIONS, "sessions"}, {SCOPE_EXPORT, "export"}, {SCOPE_SHARE, "share"},
};

#define SCOPES   (sizeof(scope_names) / sizeof(scope_names[0]))
#define ALL_BITS ((1U << SCOPES) - 1)
#define MAX_TEXT 64 /* of all scopes */

static unsigned scope_of(struct slice name)
{
    for (size_t i = 0; i < SCOPES; i++) {
        if (slice_eq(name, slice_str(scope_names[i].name)))
            return scope_names[i].scope;
    }
    return 0;
}

enum err api_scopes_parse(struct slice text, unsigned *out, struct err_info *info)
{
    unsigned scopes = 0;
    bool is_last = false;

    while (!is_last) {
        const char *comma = text.len > 0 ? memchr(text.ptr, ',', text.len) : NULL;
        size_t len = comma ? (size_t)(comma - text.ptr) : text.len;
        unsigned scope = scope_of(ascii_trim(slice_of(text.ptr, len)));

        if (scope == 0) {
            err_info_set(info, "scopes are some of count, stats, sites, sessions, export, with "
                               "commas between them");
            return ERR_INVALID;
        }
        scopes |= scope;
        is_last = !comma;
        if (comma)
            text = slice_from(text, len + 1);
    }
    *out = scopes;
    return ERR_OK;
}

void api_scopes_format(unsigned scopes, struct strbuf *out)
{
    bool is_first = true;

    for (size_t i = 0; i < SCOPES; i++) {
        if (!(scopes & scope_names[i].scope))
            continue;
        if (!is_first)
            strbuf_append_char(out, ',');
        strbuf_append(out, slice_str(scope_names[i].name));
        is_first = false;
    }
}

/* ---- which tokens may be -------------------------------------------------------------------- */

static enum err refuse(struct err_info *info, const char *why)
{
    err_info_set(info, "%s", why);
    return ERR_INVALID;
}

bool api_token_id_is_sound(struct slice id)
{
    for (size_t i = 0; i < id.len; i++) {
        if (!ascii_is_digit(id.ptr[i]) && !(id.ptr[i] >= 'a' && id.ptr[i] <= 'f'))
            return false;
    }
    return id.len == API_TOKEN_ID_TEXT;
}

enum err api_token_check(const struct api_token *token, struct err_info *info)
{
    struct slice name = slice_str(token->name);

    if (name.len == 0 || !utf8_is_clean(name))
        return refuse(info, "a token needs a name, UTF-8 without control characters");
    if (token->scopes == 0 || (token->scopes & ~ALL_BITS) != 0)
        return refuse(info, "a token needs a scope");
    if (!user_site_is_sound(slice_str(token->site)))
        return refuse(info, "a token is for the id of a site, or for *");
    if (token->scopes & SCOPE_SHARE &&
        (token->scopes != SCOPE_SHARE || strcmp(token->site, "*") == 0))
        return refuse(info, "a link is for one site, and has no other scope");
    if (!api_token_id_is_sound(slice_str(token->id)) ||
        (token->user[0] != '\0' && !user_id_is_sound(slice_str(token->user))) ||
        token->created_s < 0 || token->expires_s < 0 || token->last_used_s < 0)
        return refuse(info, "there is no such token");
    return ERR_OK;
}

/* ---- its record ----------------------------------------------------------------------------- */

#define TEXT(key_, field_)                                                                         \
    {                                                                                              \
        key_, RECORD_TEXT, offsetof(struct api_token, field_),                                     \
            sizeof(((struct api_token *)0)->field_)                                                \
    }
#define NUMBER(key_, field_)                                                                       \
    {                                                                                              \
        key_, RECORD_NUMBER, offsetof(struct api_token, field_), 0                                 \
    }

static const struct record_field fields[] = {
    TEXT("id", id),
    TEXT("name", name),
    TEXT("site", site),
    TEXT("user", user),
    NUMBER("created", created_s),
    NUMBER("expires", expires_s),
    NUMBER("last_used", last_used_s),
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

struct slice api_token_key(const char hash[static SECRET_HASH_TEXT + 1],
                           char room[static API_TOKEN_KEY_BYTES])
{
    return slice_of(room, (size_t)snprintf(room, API_TOKEN_KEY_BYTES, "token/accounts/%s", hash));
}

struct slice api_token_index_key(const struct api_token *token,
                                 char room[static API_TOKEN_KEY_BYTES])
{
    if (token->scopes != SCOPE_SHARE)
        return API_TOKENS_KEY;
    return slice_of(room,
                    (size_t)snprintf(room, API_TOKEN_KEY_BYTES, "links/accounts/%s", token->site));
}

static bool set_all(json_t *object, const struct api_token *token)
{
    char room[MAX_TEXT];
    struct strbuf scopes;

    strbuf_init_fixed(&scopes, room, sizeof(room));
    api_scopes_format(token->scopes, &scopes);
    return record_json_set(object, fields, FIELDS, token) &&
           json_object_set_new(object, "scopes", json_stringn(room, scopes.len)) == 0;
}

void api_token_encode(const struct api_token *token, struct strbuf *out)
{
    json_t *object = json_object();

    if (object && !set_all(object, token)) {
        json_decref(object);
        object = NULL;
    }
    record_json_append(object, out);
}

static bool get_token(const json_t *object, struct api_token *out)
{
    const json_t *scopes = json_object_get(object, "scopes");

    return json_object_size(object) == FIELDS + 1 && json_is_string(scopes) &&
           api_scopes_parse(slice_of(json_string_value(scopes), json_string_length(scopes)),
                            &out->scopes, NULL) == ERR_OK &&
           record_json_get(object, fields, FIELDS, out) && api_token_check(out, NULL) == ERR_OK;
}

enum err api_token_decode(struct slice json, struct api_token *out)
{
    json_t *object = NULL;
    enum err err = record_json_parse(json, &object);

    memset(out, 0, sizeof(*out));
    if (err == ERR_OK && !get_token(object, out))
        err = ERR_INVALID;
    json_decref(object);
    return err;
}

enum err api_token_write(const struct api_token *token, int64_t now_s, size_t index,
                         struct change_writes *out)
{
    uint32_t ttl_s = token->expires_s == 0 ? RECORD_FOREVER : (uint32_t)(token->expires_s - now_s);
    struct strbuf json;
    enum err err = ERR_NO_MEMORY;

    strbuf_init(&json, RECORD_MAX_VALUE);
    api_token_encode(token, &json);
    if (!json.failed)
        err = change_write(out, index, strbuf_slice(&json), ttl_s);
    strbuf_fini(&json);
    return err;
}
