#include "web/json_body.h"

#include "http/media_type.h"

bool json_body_is_named(const struct request *req)
{
    return media_type_is_named(req->fields[FIELD_CONTENT_TYPE], SLICE("application/json"));
}

/* Brackets and commas outside texts. Of what is no JSON the number may be anything. */
static size_t count_values(struct slice body)
{
    bool is_in_text = false;
    size_t count = 0;

    for (size_t i = 0; i < body.len; i++) {
        char c = body.ptr[i];

        if (c == '"')
            is_in_text = !is_in_text;
        else if (is_in_text)
            i += c == '\\' ? 1 : 0; /* what is escaped ends no text */
        else
            count += c == ',' || c == '[' || c == '{' ? 1 : 0;
    }
    return count;
}

static const char *reason_of(const json_error_t *error)
{
    return json_error_code(error) == json_error_duplicate_key ? "an object has a key twice"
                                                              : "the body is no JSON";
}

enum err json_body_parse(struct slice body, json_t **out, struct err_info *info)
{
    json_error_t error = {.text = ""};
    json_t *root;

    if (count_values(body) > JSON_BODY_MAX_VALUES) {
        err_info_set(info, "the body has too many values: at most %d are taken",
                     JSON_BODY_MAX_VALUES);
        return ERR_INVALID;
    }
    root = json_loadb(body.ptr ? body.ptr : "", body.len, JSON_REJECT_DUPLICATES, &error);
    if (root) {
        *out = root;
        return ERR_OK;
    }
    /* Most failures for want of memory leave no text. */
    if (error.text[0] == '\0' || json_error_code(&error) == json_error_out_of_memory)
        return ERR_NO_MEMORY;
    err_info_set(info, "%s: line %d, column %d", reason_of(&error), error.line, error.column);
    return ERR_INVALID;
}
