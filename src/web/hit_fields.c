#include "web/hit_fields.h"

#include <math.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "count/rfc3339.h"

/* A name that is longer, or has control characters, is not repeated to its sender. */
#define MAX_SHOWN_NAME 40

/* Of a property: true, or a number with all its digits. */
#define MAX_PLAIN_VALUE 32

/* Width, height, scale; further ones are not looked at. */
#define MAX_SIZES 3

/* Seconds since 1970 beyond which no calendar goes. */
#define MAX_UNIX_S 1e12

/* A field that is being read. */
struct reading {
    const struct hit_field *field;
    struct arena *arena;
    struct hit_fields *out;
    struct err_info *info;
};

typedef enum err read_fn(const struct reading *r, json_t *value);

static enum err refuse(const struct reading *r, const char *form)
{
    err_info_set(r->info, "%s has to be %s", r->field->name, form);
    return ERR_INVALID;
}

static void *place(const struct reading *r)
{
    return (char *)r->out + r->field->offset;
}

/* ---- texts ---------------------------------------------------------------------------------- */

static enum err keep(const struct reading *r, struct slice text, size_t max_bytes,
                     struct slice *out)
{
    if (text.len > max_bytes) {
        err_info_set(r->info, "%s is too long: at most %zu bytes are taken", r->field->name,
                     max_bytes);
        return ERR_INVALID;
    }
    *out = arena_dup(r->arena, text);
    return out->ptr ? ERR_OK : ERR_NO_MEMORY;
}

static struct slice text_of(const json_t *value)
{
    return slice_of(json_string_value(value), json_string_length(value));
}

static enum err read_text(const struct reading *r, json_t *value)
{
    if (!json_is_string(value))
        return refuse(r, "a text");
    return keep(r, text_of(value), r->field->max_bytes, place(r));
}

/* Sizes that make no sense become texts that make none: screen_parse() sees to them. */
static void append_size(struct strbuf *out, const json_t *number)
{
    double size = json_number_value(number);

    if (out->len > 0)
        strbuf_append_char(out, ',');
    if (fabs(size) < 1e9)
        strbuf_append_int(out, (int64_t)size);
}

static enum err read_size(const struct reading *r, json_t *value)
{
    char storage[64];
    struct strbuf text;

    if (json_is_string(value))
        return read_text(r, value);
    if (!json_is_number(value) && !json_is_array(value))
        return refuse(r, "a width, a text as \"1920,1080\", or a list as [1920,1080]");
    strbuf_init_fixed(&text, storage, sizeof(storage));
    if (json_is_number(value))
        append_size(&text, value);
    for (size_t i = 0; i < json_array_size(value) && i < MAX_SIZES; i++) {
        if (!json_is_number(json_array_get(value, i)))
            return refuse(r, "a list of numbers");
        append_size(&text, json_array_get(value, i));
    }
    return keep(r, strbuf_slice(&text), sizeof(storage), place(r));
}

/* ---- numbers -------------------------------------------------------------------------------- */

static enum err read_time(const struct reading *r, json_t *value)
{
    struct hit_fields *out = r->out;

    out->has_time = true;
    if (json_is_number(value) && fabs(json_number_value(value)) < MAX_UNIX_S) {
        out->unix_s = (int64_t)floor(json_number_value(value));
        return ERR_OK;
    }
    if (json_is_string(value) && rfc3339_parse(text_of(value), &out->unix_s))
        return ERR_OK;
    return refuse(r, "a time as \"2026-03-01T14:30:05Z\", or seconds since 1970");
}

static enum err read_whole(const struct reading *r, json_t *value)
{
    int64_t *out = place(r);

    if (!json_is_integer(value))
        return refuse(r, "a whole number");
    *out = json_integer_value(value);
    return ERR_OK;
}

static enum err read_number(const struct reading *r, json_t *value)
{
    if (!json_is_number(value))
        return refuse(r, "a number");
    r->out->has_value = true;
    r->out->value = json_number_value(value);
    return ERR_OK;
}

static enum err read_boolean(const struct reading *r, json_t *value)
{
    bool *out = place(r);

    if (json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= 1)
        *out = json_integer_value(value) == 1;
    else if (json_is_boolean(value))
        *out = json_is_true(value);
    else
        return refuse(r, "true or false");
    return ERR_OK;
}

/* ---- properties ----------------------------------------------------------------------------- */

static enum err keep_plain(const struct reading *r, json_t *value, struct slice *out)
{
    char text[MAX_PLAIN_VALUE];
    size_t len = json_dumpb(value, text, sizeof(text), JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

    if (len == 0 || len > sizeof(text))
        return refuse(r, "an object of shorter numbers");
    return keep(r, slice_of(text, len), sizeof(text), out);
}

static enum err keep_value(const struct reading *r, json_t *value, struct slice *out)
{
    if (json_is_string(value))
        return keep(r, text_of(value), EVENT_MAX_PROPERTY_VALUE, out);
    if (json_is_number(value) || json_is_boolean(value))
        return keep_plain(r, value, out);
    return refuse(r, "an object of texts, numbers, true and false");
}

static enum err read_properties(const struct reading *r, json_t *value)
{
    struct hit_fields *out = r->out;
    enum err err = ERR_OK;

    if (!json_is_object(value))
        return refuse(r, "an object");
    if (json_object_size(value) > EVENT_MAX_PROPERTIES) {
        err_info_set(r->info, "%s has %zu entries; at most %d are taken", r->field->name,
                     json_object_size(value), EVENT_MAX_PROPERTIES);
        return ERR_INVALID;
    }
    for (void *at = json_object_iter(value); at && err == ERR_OK;
         at = json_object_iter_next(value, at)) {
        struct event_property *property = &out->properties[out->property_count++];

        err =
            keep(r, slice_str(json_object_iter_key(at)), EVENT_MAX_PROPERTY_NAME, &property->name);
        if (err == ERR_OK)
            err = keep_value(r, json_object_iter_value(at), &property->value);
    }
    return err;
}

/* ---- the hit -------------------------------------------------------------------------------- */

static read_fn *const readers[] = {
    [HIT_FORM_TEXT] = read_text,
    [HIT_FORM_SIZE] = read_size,
    [HIT_FORM_TIME] = read_time,
    [HIT_FORM_WHOLE] = read_whole,
    [HIT_FORM_NUMBER] = read_number,
    [HIT_FORM_BOOLEAN] = read_boolean,
    [HIT_FORM_PROPERTIES] = read_properties,
};

static const struct hit_field *find(const struct hit_field *table, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    }
    return NULL;
}

static enum err refuse_name(struct slice name, struct err_info *info)
{
    if (name.len <= MAX_SHOWN_NAME && utf8_is_clean(name))
        err_info_set(info, "a hit has no field \"%.*s\"", SLICE_ARG(name));
    else
        err_info_set(info, "one of the fields is none of a hit");
    return ERR_INVALID;
}

enum err hit_fields_read(json_t *hit, const struct hit_field *table, size_t count,
                         struct arena *arena, struct hit_fields *out, struct err_info *info)
{
    struct reading r = {.arena = arena, .out = out, .info = info};
    enum err err = ERR_OK;

    memset(out, 0, sizeof(*out));
    if (!json_is_object(hit)) {
        err_info_set(info, "a hit has to be an object");
        return ERR_INVALID;
    }
    for (void *at = json_object_iter(hit); at && err == ERR_OK;
         at = json_object_iter_next(hit, at)) {
        json_t *value = json_object_iter_value(at);

        r.field = find(table, count, json_object_iter_key(at));
        if (!r.field)
            return refuse_name(slice_str(json_object_iter_key(at)), info);
        if (!json_is_null(value))
            err = readers[r.field->form](&r, value);
    }
    return err;
}
