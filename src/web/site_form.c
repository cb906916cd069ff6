#include "web/site_form.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#include "count/site_list.h"
#include "web/answer.h"
#include "web/form_post.h"
#include "web/site_words.h"

static bool is_of_form(const struct site_field *field)
{
    return !field->is_fixed;
}

/* Checkboxes. */
static bool is_some_of(const struct site_field *field)
{
    return field->choices && field->form == SITE_FIELD_LIST;
}

/* A textarea. */
static bool is_lines(const struct site_field *field)
{
    return !field->choices && field->form == SITE_FIELD_LIST;
}

static bool list_has(struct slice list, struct slice word)
{
    struct site_list_reader reader = site_list_read(list);
    struct slice item;

    while (site_list_next(&reader, &item)) {
        if (slice_eq(item, word))
            return true;
    }
    return false;
}

/* ---- of a site ------------------------------------------------------------------------------ */

bool site_texts_read(struct request *req, const struct site *site, struct site_texts *out)
{
    char storage[SITE_FIELD_MAX_TEXT];

    assert(site_field_count <= SITE_FORM_MAX);
    *out = (struct site_texts){0};
    for (size_t i = 0; i < site_field_count; i++) {
        struct strbuf text;

        if (!is_of_form(&site_fields[i]))
            continue;
        strbuf_init_fixed(&text, storage, sizeof(storage));
        site_fields[i].format(&site_fields[i], site, &text);
        out->of[i] = request_dup(req, strbuf_slice(&text));
        if (text.failed || !out->of[i].ptr)
            return false;
    }
    return true;
}

enum err site_texts_apply(const struct site_texts *texts, struct site *site, struct err_info *info)
{
    enum err err = ERR_OK;

    for (size_t i = 0; i < site_field_count && err == ERR_OK; i++) {
        if (texts->of[i].ptr)
            err = site_set(site, slice_str(site_fields[i].key), texts->of[i], info);
    }
    return err;
}

void site_mark(const struct site *site, char out[static SITE_MARK_TEXT + 1])
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    struct strbuf record;

    out[0] = '\0';
    strbuf_init(&record, SITE_MAX_JSON);
    if (site_encode(site, &record) == ERR_OK) {
        (void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)record.ptr, record.len,
                                 NULL, 0);
        (void)sodium_bin2base64(out, SITE_MARK_TEXT + 1, hash, sizeof(hash),
                                sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    }
    strbuf_fini(&record);
}

/* ---- what is shown -------------------------------------------------------------------------- */

static json_t *choices_data(const struct site_field *field, struct slice text)
{
    const struct site_choices *choices = field->choices;
    json_t *list = json_array();
    bool has_all = is_some_of(field) && slice_eq(text, SLICE("all"));

    for (size_t i = 0; i < choices->count && list; i++) {
        struct slice word = choices->words[i];
        bool is_on = has_all || list_has(text, word);

        if (json_array_append_new(list,
                                  json_pack("{s:s%, s:s, s:b}", "word", word.ptr, word.len, "text",
                                            site_choice_text(choices, word), "is_on", is_on)) == 0)
            continue;
        json_decref(list);
        list = NULL;
    }
    return list;
}

/* The items one a line. */
static json_t *lines_data(struct slice text)
{
    struct site_list_reader reader = site_list_read(text);
    struct slice item;
    struct strbuf lines;
    json_t *data;

    strbuf_init(&lines, SITE_FIELD_MAX_TEXT);
    while (site_list_next(&reader, &item)) {
        strbuf_append(&lines, item);
        strbuf_append_char(&lines, '\n');
    }
    data = lines.len > 0 ? json_stringn(lines.ptr, lines.len) : json_string("");
    strbuf_fini(&lines);
    return data;
}

static json_t *field_data(const struct site_field *field, struct slice text)
{
    const struct site_words words = site_words_of(field);
    json_t *choices = field->choices ? choices_data(field, text) : json_array();
    json_t *value = is_lines(field) ? lines_data(text) : json_stringn(text.ptr, text.len);

    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:b, s:b, s:b, s:b, s:b, s:I, s:I}", "key",
                     field->key, "label", words.label, "help", words.help, "choices", choices,
                     "value", value, "is_lines", is_lines(field), "is_some", is_some_of(field),
                     "is_choice", field->choices && !is_some_of(field), "is_number",
                     field->form == SITE_FIELD_NUMBER, "is_text",
                     !field->choices && field->form == SITE_FIELD_TEXT, "min",
                     (json_int_t)field->min, "max", (json_int_t)field->max);
}

/* A field stands in the section of the one before, unless it begins one. */
static bool add_field(json_t *sections, const struct site_field *field, struct slice text)
{
    const char *heading = site_words_of(field).section;
    size_t count = json_array_size(sections);

    if (heading || count == 0) {
        if (json_array_append_new(sections, json_pack("{s:s, s:[]}", "heading",
                                                      heading ? heading : "", "fields")) != 0)
            return false;
        count++;
    }
    return json_array_append_new(json_object_get(json_array_get(sections, count - 1), "fields"),
                                 field_data(field, text)) == 0;
}

json_t *site_texts_data(const struct site_texts *texts)
{
    json_t *sections = json_array();

    for (size_t i = 0; i < site_field_count && sections; i++) {
        if (!texts->of[i].ptr || add_field(sections, &site_fields[i], texts->of[i]))
            continue;
        json_decref(sections);
        sections = NULL;
    }
    return sections;
}

/* ---- what is sent --------------------------------------------------------------------------- */

/* The fields of a form, with the room that names of checkboxes need. */
struct sent {
    struct form_field fields[FORM_POST_MAX_FIELDS];
    char names[FORM_POST_MAX_FIELDS][FORM_NAME_MAX + 1];
    size_t count;
};

static void want(struct sent *sent, const struct form_field *field)
{
    assert(sent->count < FORM_POST_MAX_FIELDS);
    sent->fields[sent->count++] = *field;
}

/* A checkbox that is not checked sends nothing, so each has a name of its own: "collect_source". */
static void want_checkboxes(struct sent *sent, const struct site_field *field)
{
    for (size_t i = 0; i < field->choices->count; i++) {
        char *name = sent->names[sent->count];

        (void)snprintf(name, sizeof(sent->names[0]), "%s_%.*s", field->key,
                       SLICE_ARG(field->choices->words[i]));
        want(sent, &(struct form_field){.name = slice_str(name), .max = 2});
    }
}

static void want_settings(struct sent *sent)
{
    for (size_t i = 0; i < site_field_count; i++) {
        const struct site_field *field = &site_fields[i];

        if (!is_of_form(field))
            continue;
        want(sent, &(struct form_field){.name = slice_str(field->key),
                                        .max = SITE_FIELD_MAX_TEXT - 1,
                                        .is_list = is_lines(field)});
        if (is_some_of(field))
            want_checkboxes(sent, field);
    }
}

/* What was typed, without empty items. */
static void append_items(struct strbuf *out, struct slice typed)
{
    struct site_list_reader reader = site_list_read(typed);
    struct slice item;

    while (site_list_next(&reader, &item)) {
        if (item.len > 0)
            site_list_append(out, 0, item);
    }
    site_list_end(out, 0);
}

static void append_checked(struct strbuf *out, const struct site_field *field,
                           const struct form_field *boxes)
{
    for (size_t i = 0; i < field->choices->count; i++) {
        if (boxes[i].value.ptr)
            site_list_append(out, 0, field->choices->words[i]);
    }
    site_list_end(out, 0);
}

/* @param sent  the field; its checkboxes are behind it */
static bool take_text(struct request *req, const struct site_field *field,
                      const struct form_field *sent, struct slice *out)
{
    char storage[2 * SITE_FIELD_MAX_TEXT]; /* "a,b" becomes "a, b" */
    struct strbuf text;

    strbuf_init_fixed(&text, storage, sizeof(storage));
    if (is_some_of(field))
        append_checked(&text, field, sent + 1);
    else if (is_lines(field))
        append_items(&text, sent->value);
    else
        strbuf_append(&text, sent->value);
    *out = request_dup(req, strbuf_slice(&text));
    return !text.failed && out->ptr;
}

static bool take_texts(struct request *req, const struct form_field *sent, struct site_texts *out)
{
    for (size_t i = 0; i < site_field_count; i++) {
        const struct site_field *field = &site_fields[i];

        if (!is_of_form(field))
            continue;
        if (sent->value.ptr && !take_text(req, field, sent, &out->of[i]))
            return false;
        sent += is_some_of(field) ? 1 + field->choices->count : 1;
    }
    return true;
}

bool site_form_take(struct request *req, struct site_form *out)
{
    struct sent *sent = request_alloc(req, sizeof(*sent));

    *out = (struct site_form){0};
    if (!sent) {
        answer_err(req, ERR_NO_MEMORY, NULL);
        return false;
    }
    memset(sent, 0, sizeof(*sent));
    want(sent,
         &(struct form_field){.name = SLICE("site"), .max = SITE_MAX_ID, .is_required = true});
    want(sent, &(struct form_field){.name = SLICE("mark"), .max = SITE_MARK_TEXT});
    want_settings(sent);
    if (!form_post_take(req, sent->fields, sent->count))
        return false;
    out->id = sent->fields[0].value;
    out->mark = sent->fields[1].value;
    if (take_texts(req, sent->fields + 2, &out->texts))
        return true;
    answer_err(req, ERR_NO_MEMORY, NULL);
    return false;
}
