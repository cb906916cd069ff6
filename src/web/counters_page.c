/* GET /counters: a counter is put together here, and copied. */
#include "count/hit.h"
#include "count/page.h"
#include "web/admission.h"
#include "web/answer.h"
#include "web/badge.h"
#include "web/counter_snippet.h"
#include "web/form.h"
#include "web/resources.h"
#include "web/task.h"

#define MAX_BASE 300

enum {
    FIELD_OF_SITE,
    FIELD_OF_PATH,
    FIELD_OF_NO_LABEL,
    FIRST_OPTION, /* those from here on have the names of options */
    FIELD_OF_LABEL = FIRST_OPTION,
    FIELD_OF_COLOR,
    FIELD_OF_LABEL_COLOR,
    FIELD_OF_DIGITS,
    FIELDS = FIRST_OPTION + 11,
};

static const struct form_field fields_wanted[FIELDS] = {
    [FIELD_OF_SITE] = {.name = SLICE_INIT("site"), .max = SITE_MAX_ID},
    [FIELD_OF_PATH] = {.name = SLICE_INIT("path"), .max = 1024},
    [FIELD_OF_NO_LABEL] = {.name = SLICE_INIT("no_label"), .max = 1},
    [FIELD_OF_LABEL] = {.name = SLICE_INIT("label"), .max = COUNTER_MAX_LABEL_BYTES},
    [FIELD_OF_COLOR] = {.name = SLICE_INIT("color"), .max = 16},
    [FIELD_OF_LABEL_COLOR] = {.name = SLICE_INIT("labelColor"), .max = 16},
    [FIELD_OF_DIGITS] = {.name = SLICE_INIT("digits"), .max = 4},
    {.name = SLICE_INIT("style"), .max = 16},
    {.name = SLICE_INIT("metric"), .max = 16},
    {.name = SLICE_INIT("period"), .max = 16},
    {.name = SLICE_INIT("theme"), .max = 16},
    {.name = SLICE_INIT("format"), .max = 16},
    {.name = SLICE_INIT("lang"), .max = 16},
    {.name = SLICE_INIT("hit"), .max = 1},
};

struct building {
    struct task task;
    struct form_field fields[FIELDS];
    struct counter_wish wish;
    struct err_info message; /* what is wrong; empty: nothing */
    char site[SITE_MAX_ID + 1];
    enum site_public public_counters; /* of the site */
    bool has_site;
};

/* ---- reading -------------------------------------------------------------------------------- */

static void note_wrong(struct building *b, const char *what)
{
    err_info_set(&b->message, "%s", what);
}

static void take_path(struct building *b)
{
    struct slice sent = b->fields[FIELD_OF_PATH].value;
    struct page page;
    struct arena arena;

    b->wish.path = SLICE("");
    if (sent.len == 0)
        return;
    arena_init(&arena, 4096, 16384);
    if (page_normalize(sent, &arena, &page, NULL) == ERR_OK)
        b->wish.path = request_dup(b->task.req, page.path);
    else
        note_wrong(b, "The page has to be a path, as /about.");
    arena_fini(&arena);
}

/* What a form leaves empty was not given. */
static void take_options(struct building *b)
{
    counter_options_init(&b->wish.options);
    for (size_t i = FIRST_OPTION; i < FIELDS; i++) {
        const struct form_field *field = &b->fields[i];

        if (field->value.len > 0 &&
            !counter_options_set(&b->wish.options, field->name, field->value))
            err_info_set(&b->message, "%.*s: there is none such; it was left out.",
                         SLICE_ARG(field->name));
    }
    if (b->fields[FIELD_OF_NO_LABEL].value.len > 0)
        (void)counter_options_set(&b->wish.options, SLICE("label"), SLICE(""));
}

static bool read_form(struct building *b)
{
    struct request *req = b->task.req;
    enum err err;

    memcpy(b->fields, fields_wanted, sizeof(b->fields));
    err = form_read(req, req->query, b->fields, FIELDS, &b->message);
    if (err == ERR_NO_MEMORY)
        return false;
    take_options(b);
    take_path(b);
    return b->wish.path.ptr != NULL;
}

/* ---- the form ------------------------------------------------------------------------------- */

/* A list of words to choose from. @param texts  what they are called; NULL: as they are */
static bool add_words(struct building *b, const char *key, const struct slice *words, size_t count,
                      const char *const *texts, size_t chosen)
{
    json_t *list = json_array();
    bool is_added = list != NULL;

    for (size_t i = 0; i < count && is_added; i++)
        is_added = json_array_append_new(list, json_pack("{s:s%, s:s%, s:b}", "word", words[i].ptr,
                                                         words[i].len, "text",
                                                         texts ? texts[i] : words[i].ptr,
                                                         texts ? strlen(texts[i]) : words[i].len,
                                                         "is_chosen", i == chosen)) == 0;
    return json_object_set_new(b->task.data, key, list) == 0 && is_added;
}

static bool add_periods(struct building *b)
{
    static const char *const texts[] = {"all time",         "today",      "the last 7 days",
                                        "the last 30 days", "this month", "this year"};
    struct slice words[sizeof(texts) / sizeof(texts[0])];
    size_t chosen = 0;

    for (size_t i = 0; i < counter_period_count; i++) {
        words[i] = slice_str(period_name(counter_periods[i]));
        chosen = counter_periods[i] == b->wish.options.period ? i : chosen;
    }
    return add_words(b, "periods", words, counter_period_count, texts, chosen);
}

static bool add_choices(struct building *b)
{
    static const char *const metrics[] = {"views", "visitors", "visits", "visitors there now"};
    static const char *const languages[] = {"English",  "Deutsch",    "Español",
                                            "Français", "Nederlands", "Português"};
    static const char *const forms[] = {"1,234", "1234", "1.2k"};
    static const char *const themes[] = {"light", "dark", "what its reader prefers"};
    const struct counter_options *options = &b->wish.options;

    return add_words(b, "styles", counter_style_names, COUNTER_SHIELDS, NULL, options->style) &&
           add_words(b, "themes", counter_theme_names, COUNTER_THEME_COUNT_, themes,
                     options->theme) &&
           add_words(b, "metrics", counter_metric_names, COUNTER_METRIC_COUNT_, metrics,
                     options->metric) &&
           add_words(b, "languages", counter_language_names, COUNTER_LANGUAGE_COUNT_, languages,
                     options->language) &&
           add_words(b, "forms", counter_form_names, COUNTER_FORM_COUNT_, forms, options->form) &&
           add_words(b, "colors", badge_color_names, badge_color_name_count, NULL,
                     badge_color_name_count) &&
           add_periods(b);
}

static bool add_text(struct building *b, const char *key, struct slice text)
{
    return json_object_set_new(b->task.data, key,
                               json_stringn_nocheck(text.len > 0 ? text.ptr : "", text.len)) == 0;
}

/* What was typed stays, right or wrong: form_read() has seen that it is text. */
static bool add_typed(struct building *b)
{
    const struct counter_options *options = &b->wish.options;
    struct slice label = counter_label(options->metric, options->language);

    return add_text(b, "path", b->fields[FIELD_OF_PATH].value) &&
           add_text(b, "label", b->fields[FIELD_OF_LABEL].value) &&
           add_text(b, "label_default", label) &&
           add_text(b, "color", b->fields[FIELD_OF_COLOR].value) &&
           add_text(b, "label_color", b->fields[FIELD_OF_LABEL_COLOR].value) &&
           add_text(b, "digits", b->fields[FIELD_OF_DIGITS].value) &&
           add_text(b, "no_label", b->fields[FIELD_OF_NO_LABEL].value) &&
           json_object_set_new(b->task.data, "hit", json_boolean(options->counts)) == 0;
}

/* ---- the counter ---------------------------------------------------------------------------- */

typedef void append_fn(struct strbuf *out, const struct counter_wish *wish);

static void append_text_address(struct strbuf *out, const struct counter_wish *wish)
{
    counter_append_address(out, wish, ".txt");
}

static void append_json_address(struct strbuf *out, const struct counter_wish *wish)
{
    counter_append_address(out, wish, ".json");
}

static void append_picture_address(struct strbuf *out, const struct counter_wish *wish)
{
    counter_append_address(out, wish, ".svg");
}

static bool add_made(struct building *b, const char *key, append_fn *append,
                     const struct counter_wish *wish)
{
    struct strbuf out;
    bool is_added;

    strbuf_init(&out, ANSWER_MAX_BYTES);
    append(&out, wish);
    is_added = !out.failed && add_text(b, key, strbuf_slice(&out));
    strbuf_fini(&out);
    return is_added;
}

/* The number alone has no looks. */
static struct counter_wish without_looks(const struct counter_wish *wish)
{
    struct counter_wish plain = *wish;

    counter_options_init(&plain.options);
    plain.options.metric = wish->options.metric;
    plain.options.period = wish->options.period;
    return plain;
}

/* Looking at the preview counts nothing. */
static bool add_preview(struct building *b)
{
    struct counter_wish preview = b->wish;
    unsigned width = badge_fixed_width(&b->wish.options);

    preview.base = SLICE("");
    preview.options.counts = false;
    return add_made(b, "src", append_picture_address, &preview) &&
           add_text(b, "theme", counter_theme_names[b->wish.options.theme]) &&
           json_object_set_new(b->task.data, "height",
                               json_integer(badge_height(b->wish.options.style))) == 0 &&
           (width == 0 ||
            json_object_set_new(b->task.data, "width", json_sprintf("%u", width)) == 0);
}

static bool add_snippets(struct building *b)
{
    const struct counter_wish plain = without_looks(&b->wish);

    return add_made(b, "html", counter_append_html, &b->wish) &&
           add_made(b, "markdown", counter_append_markdown, &b->wish) &&
           add_made(b, "bbcode", counter_append_bbcode, &b->wish) &&
           add_made(b, "shields_address", counter_append_shields, &b->wish) &&
           add_made(b, "text_address", append_text_address, &plain) &&
           add_made(b, "json_address", append_json_address, &plain);
}

/* Why it would not be seen; empty: it is. */
static const char *note_of(const struct building *b)
{
    switch (b->public_counters) {
    case SITE_PUBLIC_OFF:
        return "This site shows its counters to nobody: its setting public_counters is off.";
    case SITE_PUBLIC_TOTAL:
        return b->wish.path.len == 0
                   ? ""
                   : "This site shows only its total: with the setting public_counters=pages it "
                     "shows its pages, too.";
    case SITE_PUBLIC_PAGES:
        break;
    }
    return "";
}

static bool fill(struct building *b)
{
    char base[MAX_BASE];
    struct strbuf out;

    strbuf_init_fixed(&out, base, sizeof(base));
    page_append_base(b->task.req, &out);
    b->wish.base = strbuf_slice(&out);
    b->wish.site = slice_str(b->site);
    return !out.failed && add_choices(b) && add_typed(b) && add_preview(b) && add_snippets(b) &&
           add_text(b, "note", slice_str(note_of(b)));
}

/* ---- the sites ------------------------------------------------------------------------------ */

/* The first one, until the one that was asked for comes. */
static bool add_site(struct building *b, json_t *list, const struct stored_site *stored)
{
    struct slice wanted = b->fields[FIELD_OF_SITE].value;
    struct site *site = NULL;
    bool is_chosen;
    json_t *row;

    if (!who_may(admission_who(b->task.req), stored->id, ROLE_VIEWER) ||
        stored_site_open(stored, &site, NULL) != ERR_OK)
        return true;
    is_chosen = wanted.len > 0 && slice_eq(stored->id, wanted);
    row = json_pack("{s:s, s:s, s:b}", "id", site->id, "title",
                    site->name[0] != '\0' ? site->name : site->id, "is_chosen", is_chosen);
    if (is_chosen || !b->has_site) {
        memcpy(b->site, site->id, sizeof(b->site));
        b->public_counters = site->public_counters;
    }
    b->has_site = true;
    site_destroy(site);
    return json_array_append_new(list, row) == 0;
}

static void on_sites(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct building *b = ctx;
    json_t *list = json_array();
    bool is_added = list != NULL;

    b->task.reading = NULL;
    for (size_t i = 0; i < count && is_added; i++)
        is_added = add_site(b, list, &sites[i]);
    if (json_object_set_new(b->task.data, "sites", list) != 0 || !is_added ||
        json_object_set_new(b->task.data, "has_sites", json_boolean(b->has_site)) != 0 ||
        (b->has_site && !fill(b)))
        err = err == ERR_OK ? ERR_NO_MEMORY : err;
    if (err != ERR_OK)
        answer_err(b->task.req, err, NULL);
    else
        task_show(&b->task, &(struct page_answer){.status = 200,
                                                  .title = "Counters",
                                                  .template = PAGE_COUNTERS,
                                                  .message = b->message.text,
                                                  .is_error = b->message.text[0] != '\0'});
}

void counters_get(struct request *req)
{
    const struct web *web = req->app;
    struct building *b = task_start(req, sizeof(*b));

    if (!b)
        return;
    if (!read_form(b)) {
        answer_err(req, ERR_NO_MEMORY, NULL);
        return;
    }
    b->task.data = json_object();
    b->task.reading = b->task.data ? site_store_list(web->sites, on_sites, b) : NULL;
    task_wait(&b->task, b->task.reading);
}
