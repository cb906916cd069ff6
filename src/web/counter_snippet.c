#include "web/counter_snippet.h"

#include "web/answer.h"
#include "web/badge.h"

/* What a reader is told who does not see the picture: the number is not known when this is copied.
 */
#define ALT "Visitor counter"

/* ---- addresses ------------------------------------------------------------------------------ */

/* A query that begins with the first option. */
struct query {
    struct strbuf *out;
    bool has_begun;
};

static void put(struct query *query, const char *name, struct slice value)
{
    strbuf_append_char(query->out, query->has_begun ? '&' : '?');
    strbuf_append(query->out, slice_str(name));
    strbuf_append_char(query->out, '=');
    append_percent(query->out, value);
    query->has_begun = true;
}

static void put_number(struct query *query, const char *name, int64_t number)
{
    char text[20];

    put(query, name, slice_of(text, format_int(text, number)));
}

/* A name where there is one, else hex without "#". */
static void put_color(struct query *query, const char *name, uint32_t color)
{
    char text[BADGE_COLOR_BYTES];

    for (size_t i = 0; i < badge_color_name_count; i++) {
        uint32_t named = 0;

        if (badge_color_parse(badge_color_names[i], &named) && named == color) {
            put(query, name, badge_color_names[i]);
            return;
        }
    }
    badge_color_format(color, text);
    put(query, name, slice_str(text + 1));
}

static void put_looks(struct query *query, const struct counter_options *options)
{
    if (options->has_label)
        put(query, "label", options->label);
    if (options->has_color)
        put_color(query, "color", options->color);
    if (options->has_label_color)
        put_color(query, "labelColor", options->label_color);
    if (options->theme != COUNTER_LIGHT)
        put(query, "theme", counter_theme_names[options->theme]);
}

static void put_options(struct query *query, const struct counter_options *options)
{
    if (options->style != COUNTER_FLAT)
        put(query, "style", counter_style_names[options->style]);
    if (options->metric != COUNTER_VIEWS)
        put(query, "metric", counter_metric_names[options->metric]);
    if (options->period != PERIOD_ALL)
        put(query, "period", slice_str(period_name(options->period)));
    put_looks(query, options);
    if (options->form != COUNTER_GROUP)
        put(query, "format", counter_form_names[options->form]);
    if (options->language != COUNTER_ENGLISH)
        put(query, "lang", counter_language_names[options->language]);
    if (options->has_digits)
        put_number(query, "digits", options->digits);
    if (options->counts)
        put(query, "hit", SLICE("1"));
}

void counter_append_address(struct strbuf *out, const struct counter_wish *wish,
                            const char *extension)
{
    struct query query = {.out = out};

    strbuf_append(out, wish->base);
    strbuf_append(out, SLICE("/c/"));
    append_percent(out, wish->site);
    append_percent(out, wish->path);
    strbuf_append(out, slice_str(extension));
    put_options(&query, &wish->options);
}

/* The longest that there is: a path of which every byte is three. */
#define MAX_ADDRESS 8192

static struct slice address_of(const struct counter_wish *wish, const char *extension,
                               char storage[static MAX_ADDRESS])
{
    struct strbuf out;

    strbuf_init_fixed(&out, storage, MAX_ADDRESS);
    counter_append_address(&out, wish, extension);
    return out.failed ? SLICE("") : strbuf_slice(&out);
}

/* ---- snippets ------------------------------------------------------------------------------- */

void counter_append_html(struct strbuf *out, const struct counter_wish *wish)
{
    unsigned width = badge_fixed_width(&wish->options);
    char storage[MAX_ADDRESS];

    strbuf_append(out, SLICE("<img src=\""));
    append_html(out, address_of(wish, ".svg", storage));
    strbuf_append(out, SLICE("\" alt=\"" ALT "\""));
    if (width > 0)
        strbuf_printf(out, " width=\"%u\"", width);
    strbuf_printf(out, " height=\"%u\">", badge_height(wish->options.style));
}

/* Parentheses would end the address: append_percent() leaves none. */
void counter_append_markdown(struct strbuf *out, const struct counter_wish *wish)
{
    strbuf_append(out, SLICE("![" ALT "]("));
    counter_append_address(out, wish, ".svg");
    strbuf_append_char(out, ')');
}

void counter_append_bbcode(struct strbuf *out, const struct counter_wish *wish)
{
    strbuf_append(out, SLICE("[img]"));
    counter_append_address(out, wish, ".svg");
    strbuf_append(out, SLICE("[/img]"));
}

void counter_append_shields(struct strbuf *out, const struct counter_wish *wish)
{
    struct counter_wish endpoint = *wish;
    char storage[MAX_ADDRESS];

    endpoint.options.style = COUNTER_SHIELDS;
    endpoint.options.counts = false;
    strbuf_append(out, SLICE("https://img.shields.io/endpoint?url="));
    append_percent(out, address_of(&endpoint, ".json", storage));
}
