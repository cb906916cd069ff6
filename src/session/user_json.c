/* The record of a user. */
#include <jansson.h>
#include <sodium.h>
#include <stddef.h>

#include "session/record_json.h"
#include "session/user.h"

#define VARIANT         sodium_base64_VARIANT_ORIGINAL_NO_PADDING
#define BYTES_TEXT(len) sodium_base64_ENCODED_LEN(len, VARIANT)
#define TEXT(key_, field_)                                                                         \
    {                                                                                              \
        key_, RECORD_TEXT, offsetof(struct user, field_), sizeof(((struct user *)0)->field_)       \
    }
#define NUMBER(key_, field_)                                                                       \
    {                                                                                              \
        key_, RECORD_NUMBER, offsetof(struct user, field_), 0                                      \
    }

static const struct record_field fields[] = {
    TEXT("id", id),
    TEXT("email", email),
    TEXT("name", name),
    TEXT("language", language),
    TEXT("password", password),
    {"disabled", RECORD_FLAG, offsetof(struct user, is_disabled), 0},
    NUMBER("created", created_s),
    NUMBER("password_set", password_s),
    NUMBER("totp_step", totp_step),
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* And "grants" and "recovery"; "totp" only with a second factor. */
#define OTHER_KEYS 2

/* ---- reading -------------------------------------------------------------------------------- */

/* How many bytes; 0: they are none, or too many. */
static size_t get_bytes(const json_t *value, unsigned char *out, size_t size)
{
    size_t len = 0;

    if (!json_is_string(value) ||
        sodium_base642bin(out, size, json_string_value(value), json_string_length(value), NULL,
                          &len, NULL, VARIANT) != 0)
        return 0;
    return len;
}

static bool get_grants(json_t *grants, struct user *out)
{
    const char *site;
    json_t *value;

    json_object_foreach(grants, site, value)
    {
        enum role role;

        if (!json_is_string(value) ||
            role_parse(slice_of(json_string_value(value), json_string_length(value)), &role) !=
                ERR_OK ||
            role == ROLE_NONE || user_grant(out, slice_str(site), role) != ERR_OK)
            return false;
    }
    return json_is_object(grants);
}

static bool get_recovery(const json_t *codes, struct user *out)
{
    const json_t *code;
    size_t i;

    if (!json_is_array(codes) || json_array_size(codes) > RECOVERY_CODES)
        return false;
    json_array_foreach(codes, i, code)
    {
        if (get_bytes(code, out->recovery[i], RECOVERY_HASH_BYTES) != RECOVERY_HASH_BYTES)
            return false;
    }
    out->recovery_count = json_array_size(codes);
    return true;
}

static bool get_totp(const json_t *totp, struct user *out)
{
    out->has_totp = totp != NULL;
    if (totp)
        out->totp_len = get_bytes(totp, out->totp, sizeof(out->totp));
    return !totp || out->totp_len > 0;
}

static bool get_user(const json_t *object, struct user *out)
{
    const json_t *totp = json_object_get(object, "totp");
    size_t keys = FIELDS + OTHER_KEYS + (totp ? 1 : 0);

    return json_object_size(object) == keys && record_json_get(object, fields, FIELDS, out) &&
           get_grants(json_object_get(object, "grants"), out) &&
           get_recovery(json_object_get(object, "recovery"), out) && get_totp(totp, out) &&
           user_check(out, NULL) == ERR_OK;
}

enum err user_decode(struct slice json, struct user *out, struct err_info *info)
{
    json_t *object = NULL;
    enum err err = record_json_parse(json, &object);

    memset(out, 0, sizeof(*out));
    if (err == ERR_OK && !get_user(object, out))
        err = ERR_INVALID;
    if (err == ERR_INVALID)
        err_info_set(info, "the record of this user cannot be read");
    json_decref(object);
    return err;
}

/* ---- writing -------------------------------------------------------------------------------- */

/* NULL without memory. */
static json_t *make_bytes(const unsigned char *bytes, size_t len)
{
    char text[BYTES_TEXT(VAULT_MAX_SEALED)];

    return json_string(sodium_bin2base64(text, sizeof(text), bytes, len, VARIANT));
}

static json_t *make_grants(const struct user *user)
{
    json_t *grants = json_object();

    for (size_t i = 0; grants && i < user->grant_count; i++) {
        const struct grant *grant = &user->grants[i];

        if (json_object_set_new(grants, grant->site, json_string(role_name(grant->role))) == 0)
            continue;
        json_decref(grants);
        return NULL;
    }
    return grants;
}

static json_t *make_recovery(const struct user *user)
{
    json_t *codes = json_array();

    for (size_t i = 0; codes && i < user->recovery_count; i++) {
        if (json_array_append_new(codes, make_bytes(user->recovery[i], RECOVERY_HASH_BYTES)) == 0)
            continue;
        json_decref(codes);
        return NULL;
    }
    return codes;
}

static bool set_all(json_t *object, const struct user *user)
{
    return record_json_set(object, fields, FIELDS, user) &&
           json_object_set_new(object, "grants", make_grants(user)) == 0 &&
           json_object_set_new(object, "recovery", make_recovery(user)) == 0 &&
           (!user->has_totp ||
            json_object_set_new(object, "totp", make_bytes(user->totp, user->totp_len)) == 0);
}

void user_encode(const struct user *user, struct strbuf *out)
{
    json_t *object = json_object();

    if (object && !set_all(object, user)) {
        json_decref(object);
        object = NULL;
    }
    record_json_append(object, out);
}
