/**
 * The options of a counter, as its address has them: style=led, color=green, digits=8 …
 *
 * They are words, numbers and colours that are known here; nothing of them is put into an answer as
 * it came but the label, which is checked. What is wrong counts as not given, and the answer says
 * so in a header: a wrong colour in somebody's page is better than a broken image.
 */
#ifndef FOOTFALL_WEB_COUNTER_OPTIONS_H
#define FOOTFALL_WEB_COUNTER_OPTIONS_H

#include "base/query.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "count/date_range.h"
#include "web/badge_color.h"
#include "web/counter_words.h"

enum counter_style {
    COUNTER_FLAT,
    COUNTER_SQUARE,
    COUNTER_BIG,
    COUNTER_TEXT,
    COUNTER_DIGITS,
    COUNTER_LED,
    COUNTER_GHOST,
    COUNTER_SPARK,
    COUNTER_SHIELDS,     /* JSON for https://shields.io/badges/endpoint-badge */
    COUNTER_STYLE_COUNT_ /* how many there are; none itself */
};

/** What a counter stands on. */
enum counter_theme {
    COUNTER_LIGHT,
    COUNTER_DARK,
    COUNTER_AUTO,        /* as the browser's */
    COUNTER_THEME_COUNT_ /* how many there are; none itself */
};

#define COUNTER_MAX_LABEL       32 /* characters */
#define COUNTER_MAX_LABEL_BYTES 128

/** How long an answer may be kept, at least and at most, in seconds. */
#define COUNTER_MIN_AGE_S 60
#define COUNTER_MAX_AGE_S 86400

/** Text that says "not given" stands for what the rest decides: see counter_options_init(). */
struct counter_options {
    enum counter_style style;
    enum counter_metric metric;
    enum period period;
    enum counter_form form;
    bool has_form; /* else text/plain is COUNTER_PLAIN: programs read it */
    enum counter_language language;
    enum counter_theme theme;
    bool has_label; /* else the metric's; an empty one is no label */
    bool has_color; /* else the style's */
    bool has_label_color;
    uint32_t color;
    uint32_t label_color;
    unsigned digits;
    bool has_digits; /* else the style's */
    int64_t start;   /* added to the number */
    bool counts;     /* hit=1: this request is a view */
    bool has_counts; /* else only the pixel counts */
    unsigned max_age_s;
    struct slice label; /* clean UTF-8 that XML takes, without blanks at its ends; in `text` */
    char text[COUNTER_MAX_LABEL_BYTES];
    unsigned wrong;  /* bits by row of the table of options */
    bool is_unknown; /* there was an option that is none */
};

/** All defaults. */
void counter_options_init(struct counter_options *options);

/** Takes all of a raw query; of an option given twice, the last one holds. Never fails. */
void counter_options_read(struct counter_options *options, struct slice query);

/** Takes one as it stands in a query. */
void counter_options_read_pair(struct counter_options *options, const struct query_pair *pair);

/**
 * Takes one.
 *
 * @param value  decoded, any bytes; copied
 * @return       false: it is wrong, or there is none of this name
 */
bool counter_options_set(struct counter_options *options, struct slice name, struct slice value);

/** Appends what was wrong, "X-Footfall-Warning: …\r\n": names of ours only. Nothing, if nothing. */
void counter_options_append_warning(const struct counter_options *options, struct strbuf *out);

extern const struct slice counter_style_names[COUNTER_STYLE_COUNT_];
extern const struct slice counter_form_names[COUNTER_FORM_COUNT_];
extern const struct slice counter_theme_names[COUNTER_THEME_COUNT_];

/** The periods that a counter may have. */
extern const enum period counter_periods[];
extern const size_t counter_period_count;

#endif
