#include "web/form.h"

#include "base/percent.h"
#include "base/query.h"
#include "base/utf8.h"

/* A byte takes three when it is encoded. */
#define ENCODED_MAX(bytes_) (3 * (bytes_))

struct form {
    struct request *req; /* for memory */
    struct form_field *fields;
    size_t count;
    struct err_info *info;
};

static struct form_field *find(const struct form *form, struct slice encoded_name)
{
    char storage[ENCODED_MAX(FORM_NAME_MAX)];
    struct slice name;

    if (encoded_name.len > sizeof(storage))
        return NULL;
    name = percent_decode(encoded_name, PERCENT_FORM, storage);
    for (size_t i = 0; name.ptr && i < form->count; i++) {
        if (slice_eq(name, form->fields[i].name))
            return &form->fields[i];
    }
    return NULL;
}

static enum err refuse(const struct form *form, const struct form_field *field, const char *why)
{
    err_info_set(form->info, "The field \"%.*s\" %s.", SLICE_ARG(field->name), why);
    return ERR_INVALID;
}

static enum err refuse_length(const struct form *form, const struct form_field *field)
{
    err_info_set(form->info, "The field \"%.*s\" is too long: it may have %zu bytes.",
                 SLICE_ARG(field->name), field->max);
    return ERR_INVALID;
}

/* Browsers end lines with CRLF, which then are two commas. */
static void join_lines(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\r' || text[i] == '\n')
            text[i] = ',';
    }
}

/* Lengths are looked at before memory is asked for. */
static enum err read_value(const struct form *form, struct slice encoded, struct form_field *field)
{
    struct slice value;
    char *storage;

    if (field->value.ptr)
        return refuse(form, field, "comes twice");
    if (encoded.len > ENCODED_MAX(field->max))
        return refuse_length(form, field);
    storage = request_alloc(form->req, encoded.len);
    if (!storage)
        return ERR_NO_MEMORY;
    value = percent_decode(encoded, PERCENT_FORM, storage);
    if (!value.ptr)
        return refuse(form, field, "has a % without two hexadecimal digits");
    if (value.len > field->max)
        return refuse_length(form, field);
    if (field->is_list)
        join_lines(storage, value.len);
    if (!utf8_is_clean(value))
        return refuse(form, field, "is no text in UTF-8, or has control characters in it");
    field->value = value;
    return ERR_OK;
}

static enum err read_all(const struct form *form, struct slice encoded)
{
    struct query_reader reader = query_reader_init(encoded);
    struct query_pair pair;

    while (query_next(&reader, &pair)) {
        struct form_field *field = find(form, pair.name);
        enum err err;

        if (!field) {
            err_info_set(form->info, "There is a field that this form does not have.");
            return ERR_INVALID;
        }
        err = read_value(form, pair.value, field);
        if (err != ERR_OK)
            return err;
    }
    for (size_t i = 0; i < form->count; i++) {
        if (form->fields[i].is_required && form->fields[i].value.len == 0)
            return refuse(form, &form->fields[i], "is missing");
    }
    return ERR_OK;
}

static void clear(const struct form *form)
{
    for (size_t i = 0; i < form->count; i++)
        form->fields[i].value = slice_of(NULL, 0);
}

enum err form_read(struct request *req, struct slice encoded, struct form_field *fields,
                   size_t count, struct err_info *info)
{
    struct form form = {req, fields, count, info};
    enum err err;

    clear(&form);
    err = read_all(&form, encoded);
    if (err != ERR_OK)
        clear(&form);
    return err;
}
