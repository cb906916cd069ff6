#include "session/record_json.h"

#include <jansson.h>
#include <stdint.h>

#include "store/record.h"

/* ---- reading -------------------------------------------------------------------------------- */

/* Without memory the library may leave out a letter of a text, and say nothing. So what was read
 * has to be what would be written. */
static bool is_whole(const json_t *object, struct slice json)
{
    char again[RECORD_MAX_VALUE];

    return json_dumpb(object, again, sizeof(again), JSON_COMPACT) == json.len &&
           memcmp(again, json.ptr, json.len) == 0;
}

enum err record_json_parse(struct slice json, struct json_t **out)
{
    json_error_t error = {.text = ""};
    json_t *object;

    if (json.len == 0 || json.len > RECORD_MAX_VALUE)
        return ERR_INVALID;
    object = json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES, &error);
    /* Most failures for want of memory leave no text. */
    if (!object && (error.text[0] == '\0' || json_error_code(&error) == json_error_out_of_memory))
        return ERR_NO_MEMORY;
    if (!json_is_object(object) || !is_whole(object, json)) {
        json_decref(object);
        return ERR_INVALID;
    }
    *out = object;
    return ERR_OK;
}

static bool get_text(const json_t *value, char *out, size_t size)
{
    size_t len = json_string_length(value);

    if (!json_is_string(value) || len >= size)
        return false;
    memcpy(out, json_string_value(value), len);
    out[len] = '\0';
    return true;
}

static bool get_number(const json_t *value, char *out)
{
    int64_t number = json_integer_value(value);

    memcpy(out, &number, sizeof(number));
    return json_is_integer(value) && number >= 0;
}

static bool get_flag(const json_t *value, char *out)
{
    bool flag = json_is_true(value);

    memcpy(out, &flag, sizeof(flag));
    return json_is_boolean(value);
}

static bool get_field(const json_t *object, const struct record_field *field, char *out)
{
    const json_t *value = json_object_get(object, field->key);

    switch (field->form) {
    case RECORD_TEXT:
        return get_text(value, out, field->size);
    case RECORD_NUMBER:
        return get_number(value, out);
    case RECORD_FLAG:
        return get_flag(value, out);
    }
    return false;
}

bool record_json_get(const struct json_t *object, const struct record_field *fields, size_t count,
                     void *out)
{
    for (size_t i = 0; i < count; i++) {
        if (!get_field(object, &fields[i], (char *)out + fields[i].offset))
            return false;
    }
    return true;
}

/* ---- writing -------------------------------------------------------------------------------- */

/* NULL without memory. */
static json_t *make_value(const struct record_field *field, const char *in)
{
    int64_t number;
    bool flag;

    switch (field->form) {
    case RECORD_TEXT:
        return json_string(in);
    case RECORD_NUMBER:
        memcpy(&number, in, sizeof(number));
        return json_integer(number);
    case RECORD_FLAG:
        memcpy(&flag, in, sizeof(flag));
        return json_boolean(flag);
    }
    return NULL;
}

bool record_json_set(struct json_t *object, const struct record_field *fields, size_t count,
                     const void *in)
{
    for (size_t i = 0; i < count; i++) {
        json_t *value = make_value(&fields[i], (const char *)in + fields[i].offset);

        if (json_object_set_new(object, fields[i].key, value) != 0)
            return false;
    }
    return true;
}

static int on_json(const char *bytes, size_t len, void *ctx)
{
    struct strbuf *out = ctx;

    strbuf_append(out, slice_of(bytes, len));
    return out->failed ? -1 : 0;
}

void record_json_append(struct json_t *object, struct strbuf *out)
{
    if (!object || json_dump_callback(object, on_json, out, JSON_COMPACT) != 0)
        out->failed = true;
    json_decref(object);
}
