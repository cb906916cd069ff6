#include "count/bucket.h"
#include "web/stats_text.h"

/* Spreadsheets take these for the beginning of a formula, which could do harm to who opens the file
 * (OWASP, CSV Injection). */
static bool is_like_formula(struct slice text)
{
    return text.len > 0 && memchr("=+-@\t\r", text.ptr[0], 6);
}

static void append_text(struct strbuf *out, struct slice text)
{
    strbuf_append_char(out, '"');
    if (is_like_formula(text))
        strbuf_append_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            strbuf_append_char(out, '"');
        strbuf_append_char(out, text.ptr[i]);
    }
    strbuf_append_char(out, '"');
}

static void append_line_end(struct strbuf *out)
{
    strbuf_append(out, SLICE("\r\n"));
}

static void append_names(struct strbuf *out, const char *prefix, unsigned metrics)
{
    for (enum metric metric = 0; metric < METRIC_COUNT_; metric++) {
        if (metrics & METRIC_BIT(metric))
            strbuf_printf(out, ",%s%s", prefix, metric_name(metric));
    }
}

static void append_numbers(struct strbuf *out, const struct metrics *numbers, unsigned metrics)
{
    for (enum metric metric = 0; metric < METRIC_COUNT_; metric++) {
        if (!(metrics & METRIC_BIT(metric)))
            continue;
        strbuf_append_char(out, ',');
        metric_format(metric, numbers, out);
    }
}

/* ---- series --------------------------------------------------------------------------------- */

/* Two ranges may have a different number of points; NULL is the one that is not there. */
static void append_point(struct strbuf *out, const struct series *series, size_t index,
                         struct zone *zone, unsigned metrics)
{
    const struct series_point *point = &series->points[index];

    if (index < series->count) {
        series_format_label(series, point, zone, out);
        append_numbers(out, &point->metrics, metrics);
        return;
    }
    for (unsigned left = metrics; left; left &= left - 1)
        strbuf_append_char(out, ',');
}

static void append_series(struct strbuf *out, const struct statistics_answer *answer,
                          unsigned metrics)
{
    const struct series *series = &answer->series;
    const struct series *previous = &answer->previous_series;
    size_t count = series->count > previous->count ? series->count : previous->count;

    strbuf_append(out, slice_str(series_unit_name(series->unit)));
    append_names(out, "", metrics);
    if (answer->has_previous) {
        strbuf_printf(out, ",previous_%s", series_unit_name(series->unit));
        append_names(out, "previous_", metrics);
    }
    append_line_end(out);
    for (size_t i = 0; i < count && !out->failed; i++) {
        append_point(out, series, i, answer->zone, metrics);
        if (answer->has_previous) {
            strbuf_append_char(out, ',');
            append_point(out, previous, i, answer->zone, metrics);
        }
        append_line_end(out);
    }
}

/* ---- lists ---------------------------------------------------------------------------------- */

static void append_top(struct strbuf *out, const struct statistics_answer *answer, unsigned metrics)
{
    enum dimension dimension = answer->question->dimension;
    bool is_page = dimension_definition(dimension)->is_of_pages;

    strbuf_append(out, slice_str(dimension_name(dimension)));
    strbuf_append(out, is_page ? SLICE(",title") : SLICE(""));
    append_names(out, "", metrics);
    if (answer->has_previous)
        append_names(out, "previous_", metrics);
    append_line_end(out);
    for (size_t i = 0; i < answer->top.row_count && !out->failed; i++) {
        const struct statistics_row *row = &answer->top.rows[i];

        append_text(out, row->value);
        if (is_page) {
            strbuf_append_char(out, ',');
            append_text(out, row->title);
        }
        append_numbers(out, &row->metrics, metrics);
        if (answer->has_previous)
            append_numbers(out, &row->previous, metrics);
        append_line_end(out);
    }
}

void stats_append_csv(struct strbuf *out, const struct statistics_answer *answer, unsigned metrics)
{
    if (answer->question->kind == STATISTICS_TOP)
        append_top(out, answer, metrics);
    else
        append_series(out, answer, metrics);
}
