#include "web/counter_options.h"

#include "base/ascii.h"
#include "base/percent.h"
#include "base/utf8.h"
#include "web/badge_width.h"

/* The longest value that is looked at, decoded: a label of four bytes a character, and more. */
#define MAX_VALUE 256

/* 10^12: with it and the largest count a number still is whole in a browser (below 2^53). */
#define MAX_START INT64_C(1000000000000)

const struct slice counter_style_names[COUNTER_STYLE_COUNT_] = {
    [COUNTER_FLAT] = SLICE_INIT("flat"),       [COUNTER_SQUARE] = SLICE_INIT("square"),
    [COUNTER_BIG] = SLICE_INIT("big"),         [COUNTER_TEXT] = SLICE_INIT("text"),
    [COUNTER_DIGITS] = SLICE_INIT("digits"),   [COUNTER_LED] = SLICE_INIT("led"),
    [COUNTER_GHOST] = SLICE_INIT("ghost"),     [COUNTER_SPARK] = SLICE_INIT("spark"),
    [COUNTER_SHIELDS] = SLICE_INIT("shields"),
};

const struct slice counter_form_names[COUNTER_FORM_COUNT_] = {
    [COUNTER_GROUP] = SLICE_INIT("group"),
    [COUNTER_PLAIN] = SLICE_INIT("plain"),
    [COUNTER_SHORT] = SLICE_INIT("short"),
};

const struct slice counter_theme_names[COUNTER_THEME_COUNT_] = {
    [COUNTER_LIGHT] = SLICE_INIT("light"),
    [COUNTER_DARK] = SLICE_INIT("dark"),
    [COUNTER_AUTO] = SLICE_INIT("auto"),
};

const enum period counter_periods[] = {PERIOD_ALL,     PERIOD_TODAY, PERIOD_7_DAYS,
                                       PERIOD_30_DAYS, PERIOD_MONTH, PERIOD_YEAR};

const size_t counter_period_count = sizeof(counter_periods) / sizeof(counter_periods[0]);

void counter_options_init(struct counter_options *options)
{
    *options = (struct counter_options){.style = COUNTER_FLAT,
                                        .metric = COUNTER_VIEWS,
                                        .period = PERIOD_ALL,
                                        .form = COUNTER_GROUP,
                                        .language = COUNTER_ENGLISH,
                                        .theme = COUNTER_LIGHT,
                                        .max_age_s = COUNTER_MIN_AGE_S,
                                        .label = SLICE("")};
}

/* ---- values --------------------------------------------------------------------------------- */

/* The place of a word in a table of them; `count` when it is not there. */
static size_t place_of(struct slice word, const struct slice *words, size_t count)
{
    size_t i = 0;

    while (i < count && !slice_eq(word, words[i]))
        i++;
    return i;
}

/* A whole number of at most 13 digits. */
static bool parse_number(struct slice text, int64_t min, int64_t max, int64_t *out)
{
    int64_t number = 0;

    if (text.len == 0 || text.len > 13)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!ascii_is_digit(text.ptr[i]))
            return false;
        number = 10 * number + (text.ptr[i] - '0');
    }
    if (number < min || number > max)
        return false;
    *out = number;
    return true;
}

static bool set_style(struct counter_options *options, struct slice value)
{
    size_t place = place_of(value, counter_style_names, COUNTER_STYLE_COUNT_);

    if (place < COUNTER_STYLE_COUNT_)
        options->style = (enum counter_style)place;
    return place < COUNTER_STYLE_COUNT_;
}

static bool set_metric(struct counter_options *options, struct slice value)
{
    size_t place = place_of(value, counter_metric_names, COUNTER_METRIC_COUNT_);

    if (place < COUNTER_METRIC_COUNT_)
        options->metric = (enum counter_metric)place;
    return place < COUNTER_METRIC_COUNT_;
}

static bool set_period(struct counter_options *options, struct slice value)
{
    for (size_t i = 0; i < counter_period_count; i++) {
        if (slice_eq(value, slice_str(period_name(counter_periods[i])))) {
            options->period = counter_periods[i];
            return true;
        }
    }
    return false;
}

static bool set_format(struct counter_options *options, struct slice value)
{
    size_t place = place_of(value, counter_form_names, COUNTER_FORM_COUNT_);

    if (place == COUNTER_FORM_COUNT_)
        return false;
    options->form = (enum counter_form)place;
    options->has_form = true;
    return true;
}

static bool set_lang(struct counter_options *options, struct slice value)
{
    size_t place = place_of(value, counter_language_names, COUNTER_LANGUAGE_COUNT_);

    if (place < COUNTER_LANGUAGE_COUNT_)
        options->language = (enum counter_language)place;
    return place < COUNTER_LANGUAGE_COUNT_;
}

static bool set_theme(struct counter_options *options, struct slice value)
{
    size_t place = place_of(value, counter_theme_names, COUNTER_THEME_COUNT_);

    if (place < COUNTER_THEME_COUNT_)
        options->theme = (enum counter_theme)place;
    return place < COUNTER_THEME_COUNT_;
}

static bool set_color(struct counter_options *options, struct slice value)
{
    if (!badge_color_parse(value, &options->color))
        return false;
    options->has_color = true;
    return true;
}

static bool set_label_color(struct counter_options *options, struct slice value)
{
    if (!badge_color_parse(value, &options->label_color))
        return false;
    options->has_label_color = true;
    return true;
}

/* U+FFFE and U+FFFF are no characters of XML (XML 1.0, section 2.2). */
static bool is_in_xml(struct slice text)
{
    return !memmem(text.ptr, text.len, "\xef\xbf\xbe", 3) &&
           !memmem(text.ptr, text.len, "\xef\xbf\xbf", 3);
}

/* Blanks at its ends, and all but one between words, are not shown, and so not taken. */
static bool set_label(struct counter_options *options, struct slice value)
{
    size_t len = 0;

    if (value.len > sizeof(options->text) || badge_characters(value) > COUNTER_MAX_LABEL ||
        !utf8_is_clean(value) || (value.len > 0 && !is_in_xml(value)))
        return false;
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] != ' ' || (len > 0 && options->text[len - 1] != ' '))
            options->text[len++] = value.ptr[i];
    }
    while (len > 0 && options->text[len - 1] == ' ')
        len--;
    options->label = slice_of(options->text, len);
    options->has_label = true;
    return true;
}

static bool set_digits(struct counter_options *options, struct slice value)
{
    int64_t digits;

    if (!parse_number(value, 0, COUNTER_MAX_DIGITS, &digits))
        return false;
    options->digits = (unsigned)digits;
    options->has_digits = true;
    return true;
}

static bool set_start(struct counter_options *options, struct slice value)
{
    return parse_number(value, 0, MAX_START, &options->start);
}

static bool set_hit(struct counter_options *options, struct slice value)
{
    int64_t hit;

    if (!parse_number(value, 0, 1, &hit))
        return false;
    options->counts = hit == 1;
    options->has_counts = true;
    return true;
}

static bool set_max(struct counter_options *options, struct slice value)
{
    int64_t max;

    if (!parse_number(value, COUNTER_MIN_AGE_S, COUNTER_MAX_AGE_S, &max))
        return false;
    options->max_age_s = (unsigned)max;
    return true;
}

/* Makes an address another one, so that what was kept of it is not shown again. */
static bool set_version(struct counter_options *options, struct slice value)
{
    (void)options;
    (void)value;
    return true;
}

/* ---- the table ------------------------------------------------------------------------------ */

static const struct {
    struct slice name;
    bool (*set)(struct counter_options *options, struct slice value);
} rows[] = {
    {SLICE_INIT("style"), set_style},   {SLICE_INIT("metric"), set_metric},
    {SLICE_INIT("period"), set_period}, {SLICE_INIT("label"), set_label},
    {SLICE_INIT("color"), set_color},   {SLICE_INIT("labelColor"), set_label_color},
    {SLICE_INIT("digits"), set_digits}, {SLICE_INIT("start"), set_start},
    {SLICE_INIT("format"), set_format}, {SLICE_INIT("lang"), set_lang},
    {SLICE_INIT("theme"), set_theme},   {SLICE_INIT("hit"), set_hit},
    {SLICE_INIT("max"), set_max},       {SLICE_INIT("v"), set_version},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static size_t row_of(struct slice name)
{
    size_t i = 0;

    while (i < ROWS && !slice_eq(name, rows[i].name))
        i++;
    return i;
}

bool counter_options_set(struct counter_options *options, struct slice name, struct slice value)
{
    size_t row = row_of(name);

    if (row == ROWS) {
        options->is_unknown = true;
        return false;
    }
    if (rows[row].set(options, value))
        return true;
    options->wrong |= 1U << row;
    return false;
}

void counter_options_read_pair(struct counter_options *options, const struct query_pair *pair)
{
    char decoded[3 * MAX_VALUE];
    struct slice value = {NULL, 0};

    if (pair->value.len <= sizeof(decoded))
        value = percent_decode(pair->value, PERCENT_FORM, decoded);
    /* A byte that no option takes stands for a value that cannot even be read. */
    (void)counter_options_set(options, pair->name, value.ptr ? value : SLICE("\x01"));
}

void counter_options_read(struct counter_options *options, struct slice query)
{
    struct query_reader reader = query_reader_init(query);
    struct query_pair pair;

    while (query_next(&reader, &pair))
        counter_options_read_pair(options, &pair);
}

void counter_options_append_warning(const struct counter_options *options, struct strbuf *out)
{
    const char *before = "X-Footfall-Warning: the default is taken for ";

    if (options->is_unknown) {
        strbuf_append(out, SLICE("X-Footfall-Warning: there are options that are not known\r\n"));
    }
    for (size_t i = 0; i < ROWS; i++) {
        if (!(options->wrong & 1U << i))
            continue;
        strbuf_append(out, slice_str(before));
        strbuf_append(out, rows[i].name);
        before = ", ";
    }
    if (options->wrong)
        strbuf_append(out, SLICE("\r\n"));
}
