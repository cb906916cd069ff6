/* The record of a site. */
#include <assert.h>

#include <jansson.h>

#include "count/site.h"
#include "count/site_field.h"
#include "count/site_list.h"

/* ---- reading -------------------------------------------------------------------------------- */

static enum err refuse_form(const struct site_field *field, const char *form, struct err_info *info)
{
    err_info_set(info, "%s has to be %s in JSON", field->key, form);
    return ERR_INVALID;
}

static enum err set(const struct site_field *field, struct site *site, struct slice text,
                    struct err_info *info)
{
    return field->set(field, site, text, info) ? ERR_OK : ERR_INVALID;
}

static struct slice text_of(const json_t *value)
{
    return slice_of(json_string_value(value), json_string_length(value));
}

static enum err read_number(const struct site_field *field, struct site *site, const json_t *value,
                            struct err_info *info)
{
    char text[20];

    if (!json_is_integer(value))
        return refuse_form(field, "a whole number", info);
    return set(field, site, slice_of(text, format_int(text, json_integer_value(value))), info);
}

/* One text of all items. A comma within one would make two of it. */
static enum err join(const struct site_field *field, const json_t *list, struct strbuf *out,
                     struct err_info *info)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        struct slice text = text_of(item);

        if (!json_is_string(item) || memchr(text.ptr, ',', text.len))
            return refuse_form(field, "a list of texts", info);
        site_list_append(out, 0, text);
    }
    if (out->failed)
        return refuse_form(field, "a list of fewer texts", info);
    return ERR_OK;
}

static enum err read_list(const struct site_field *field, struct site *site, const json_t *value,
                          struct err_info *info)
{
    char storage[SITE_FIELD_MAX_TEXT];
    struct strbuf text;
    enum err err;

    if (!json_is_array(value))
        return refuse_form(field, "a list of texts", info);
    strbuf_init_fixed(&text, storage, sizeof(storage));
    err = join(field, value, &text, info);
    return err == ERR_OK ? set(field, site, strbuf_slice(&text), info) : err;
}

static enum err read_field(const struct site_field *field, struct site *site, const json_t *value,
                           struct err_info *info)
{
    switch (field->form) {
    case SITE_FIELD_TEXT:
        return json_is_string(value) ? set(field, site, text_of(value), info)
                                     : refuse_form(field, "a text", info);
    case SITE_FIELD_NUMBER:
        return read_number(field, site, value, info);
    case SITE_FIELD_LIST:
        return read_list(field, site, value, info);
    }
    return ERR_INVALID;
}

static enum err read_fields(struct site *site, const json_t *object, struct err_info *info)
{
    enum err err = ERR_OK;

    for (size_t i = 0; i < site_field_count && err == ERR_OK; i++) {
        const json_t *value = json_object_get(object, site_fields[i].key);

        if (value)
            err = read_field(&site_fields[i], site, value, info);
    }
    if (err == ERR_OK && site->id[0] == '\0') {
        err_info_set(info, "id is missing");
        return ERR_INVALID;
    }
    return err;
}

static enum err parse(struct slice json, json_t **out, struct err_info *info)
{
    json_error_t error = {.text = ""};
    json_t *object = NULL;

    if (json.len <= SITE_MAX_JSON) {
        object = json_loadb(json.ptr ? json.ptr : "", json.len, JSON_REJECT_DUPLICATES, &error);
        /* Most failures for want of memory leave no text. */
        if (!object &&
            (error.text[0] == '\0' || json_error_code(&error) == json_error_out_of_memory))
            return ERR_NO_MEMORY;
    }
    if (!json_is_object(object)) {
        json_decref(object);
        err_info_set(info, "the settings of a site are a JSON object of at most %d bytes",
                     SITE_MAX_JSON);
        return ERR_INVALID;
    }
    *out = object;
    return ERR_OK;
}

enum err site_decode(struct slice json, struct site **out, struct err_info *info)
{
    struct site *site = NULL;
    json_t *object = NULL;
    enum err err = parse(json, &object, info);

    if (err != ERR_OK)
        return err;
    site = site_create_blank();
    err = site ? read_fields(site, object, info) : ERR_NO_MEMORY;
    json_decref(object);
    if (err == ERR_OK)
        *out = site;
    else
        site_destroy(site);
    return err;
}

/* ---- writing -------------------------------------------------------------------------------- */

static json_t *make_list(struct slice text)
{
    struct site_list_reader reader = site_list_read(text);
    json_t *list = json_array();
    struct slice item;

    while (list && site_list_next(&reader, &item)) {
        if (json_array_append_new(list, json_stringn(item.ptr, item.len)) == 0)
            continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *make_number(const struct site_field *field, const struct site *site)
{
    int64_t number;

    memcpy(&number, (const char *)site + field->offset, sizeof(number));
    return json_integer(number);
}

/* NULL without memory. */
static json_t *make_value(const struct site_field *field, const struct site *site)
{
    char storage[SITE_FIELD_MAX_TEXT];
    struct strbuf text;

    strbuf_init_fixed(&text, storage, sizeof(storage));
    field->format(field, site, &text);
    assert(!text.failed);
    switch (field->form) {
    case SITE_FIELD_TEXT:
        return json_stringn(storage, text.len);
    case SITE_FIELD_NUMBER:
        return make_number(field, site);
    case SITE_FIELD_LIST:
        return make_list(strbuf_slice(&text));
    }
    return NULL;
}

static json_t *make_object(const struct site *site)
{
    json_t *object = json_object();

    for (size_t i = 0; object && i < site_field_count; i++) {
        const struct site_field *field = &site_fields[i];

        if (json_object_set_new(object, field->key, make_value(field, site)) == 0)
            continue;
        json_decref(object);
        return NULL;
    }
    return object;
}

static int on_json(const char *bytes, size_t len, void *ctx)
{
    struct strbuf *out = ctx;

    strbuf_append(out, slice_of(bytes, len));
    return out->failed ? -1 : 0;
}

enum err site_encode(const struct site *site, struct strbuf *out)
{
    json_t *object = make_object(site);
    bool is_written = object && json_dump_callback(object, on_json, out, JSON_COMPACT) == 0;

    json_decref(object);
    return is_written ? ERR_OK : ERR_NO_MEMORY;
}
