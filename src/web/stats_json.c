#include "count/bucket.h"
#include "web/answer.h"
#include "web/stats_text.h"

/* ---- parts ---------------------------------------------------------------------------------- */

/* A comma between two members, and the key. */
static void append_key(struct strbuf *out, const char *key)
{
    bool is_first = out->len == 0 || strchr("{[", out->ptr[out->len - 1]);

    if (!is_first)
        strbuf_append_char(out, ',');
    strbuf_append_char(out, '"');
    strbuf_append(out, slice_str(key));
    strbuf_append(out, SLICE("\":"));
}

static void append_text(struct strbuf *out, const char *key, struct slice text)
{
    append_key(out, key);
    append_json_string(out, text);
}

static void append_int(struct strbuf *out, const char *key, int64_t number)
{
    append_key(out, key);
    strbuf_append_int(out, number);
}

static void append_day(struct strbuf *out, const char *key, int32_t day)
{
    append_key(out, key);
    strbuf_append_char(out, '"');
    bucket_format(NULL, day, out);
    strbuf_append_char(out, '"');
}

static void append_range(struct strbuf *out, struct date_range range)
{
    append_day(out, "from", range.first_day);
    append_day(out, "to", range.last_day);
}

static void append_numbers(struct strbuf *out, const struct metrics *numbers, unsigned metrics)
{
    for (enum metric metric = 0; metric < METRIC_COUNT_; metric++) {
        size_t before;

        if (!(metrics & METRIC_BIT(metric)))
            continue;
        append_key(out, metric_name(metric));
        before = out->len;
        metric_format(metric, numbers, out);
        if (out->len == before)
            strbuf_append(out, SLICE("null"));
    }
}

static void append_sums(struct strbuf *out, const char *key, const struct metrics *numbers,
                        unsigned metrics)
{
    append_key(out, key);
    strbuf_append_char(out, '{');
    append_numbers(out, numbers, metrics);
    strbuf_append_char(out, '}');
}

/* ---- heads ---------------------------------------------------------------------------------- */

static void append_site(struct strbuf *out, const struct statistics_answer *answer)
{
    append_text(out, "site", slice_str(answer->site->id));
    append_text(out, "name", slice_str(answer->site->name));
    append_text(out, "zone", slice_str(answer->site->zone));
}

static void append_question(struct strbuf *out, const struct statistics_answer *answer)
{
    const struct statistics_question *question = answer->question;

    append_range(out, answer->range);
    if (question->page.len > 0)
        append_text(out, "page", question->page);
    if (question->filter == DIMENSION_NO_FILTER)
        return;
    append_key(out, "filter");
    strbuf_append_char(out, '{');
    append_text(out, "dimension", slice_str(dimension_name(question->filter)));
    append_text(out, "value", question->filter_value);
    strbuf_append_char(out, '}');
}

/* ---- series --------------------------------------------------------------------------------- */

static void append_series(struct strbuf *out, const char *key, const struct series *series,
                          struct zone *zone, unsigned metrics)
{
    append_key(out, key);
    strbuf_append_char(out, '[');
    for (size_t i = 0; i < series->count && !out->failed; i++) {
        const struct series_point *point = &series->points[i];

        strbuf_append(out, i > 0 ? SLICE(",{") : SLICE("{"));
        append_int(out, "start", series_point_unix_s(point, zone));
        append_key(out, "label");
        strbuf_append_char(out, '"');
        series_format_label(series, point, zone, out);
        strbuf_append_char(out, '"');
        append_numbers(out, &point->metrics, metrics);
        strbuf_append_char(out, '}');
    }
    strbuf_append_char(out, ']');
}

static void append_of_series(struct strbuf *out, const struct statistics_answer *answer,
                             unsigned metrics)
{
    const struct series *series = &answer->series;
    const struct series *previous = &answer->previous_series;

    append_text(out, "by", slice_str(series_unit_name(series->unit)));
    append_sums(out, "totals", &series->totals, metrics);
    append_series(out, "series", series, answer->zone, metrics);
    if (!answer->has_previous)
        return;
    append_key(out, "previous");
    strbuf_append_char(out, '{');
    append_range(out, answer->previous);
    append_sums(out, "totals", &previous->totals, metrics);
    strbuf_append_char(out, '}');
    append_series(out, "previous_series", previous, answer->zone, metrics);
}

/* ---- lists ---------------------------------------------------------------------------------- */

static void append_row(struct strbuf *out, const struct statistics_row *row, bool is_page,
                       bool has_previous, unsigned metrics)
{
    strbuf_append_char(out, '{');
    append_text(out, "value", row->value);
    if (is_page)
        append_text(out, "title", row->title);
    append_numbers(out, &row->metrics, metrics);
    if (has_previous)
        append_sums(out, "previous", &row->previous, metrics);
    strbuf_append_char(out, '}');
}

static void append_top(struct strbuf *out, const struct statistics_answer *answer, unsigned metrics)
{
    const struct statistics_top *top = &answer->top;
    enum dimension dimension = answer->question->dimension;

    append_text(out, "dimension", slice_str(dimension_name(dimension)));
    append_int(out, "count", (int64_t)top->count);
    append_key(out, "rows");
    strbuf_append_char(out, '[');
    for (size_t i = 0; i < top->row_count && !out->failed; i++) {
        if (i > 0)
            strbuf_append_char(out, ',');
        append_row(out, &top->rows[i], dimension_definition(dimension)->is_of_pages,
                   answer->has_previous, metrics);
    }
    strbuf_append_char(out, ']');
    append_sums(out, "other", &top->other, metrics);
    append_sums(out, "total", &top->total, metrics);
    if (!answer->has_previous)
        return;
    append_key(out, "previous");
    strbuf_append_char(out, '{');
    append_range(out, answer->previous);
    strbuf_append_char(out, '}');
}

void stats_append_json(struct strbuf *out, const struct statistics_answer *answer, unsigned metrics)
{
    strbuf_append_char(out, '{');
    append_site(out, answer);
    switch (answer->question->kind) {
    case STATISTICS_SERIES:
        append_question(out, answer);
        append_of_series(out, answer, metrics);
        break;
    case STATISTICS_TOP:
        append_question(out, answer);
        append_top(out, answer, metrics);
        break;
    case STATISTICS_LIVE:
        append_int(out, "at", answer->unix_s);
        append_int(out, LIVE_NAME, answer->live);
        append_int(out, "minutes", STATISTICS_LIVE_MINUTES);
        break;
    }
    strbuf_append(out, SLICE("}\n"));
}

/* ---- definitions ---------------------------------------------------------------------------- */

static void append_definition(struct strbuf *out, const char *name, const char *unit,
                              const char *text)
{
    strbuf_append_char(out, '{');
    append_text(out, "name", slice_str(name));
    append_text(out, "unit", slice_str(unit));
    append_text(out, "definition", slice_str(text));
    strbuf_append_char(out, '}');
}

static void append_dimension(struct strbuf *out, enum dimension dimension)
{
    const struct dimension_definition *definition = dimension_definition(dimension);
    bool is_first = true;

    strbuf_append_char(out, '{');
    append_text(out, "name", slice_str(dimension_name(dimension)));
    append_text(out, "definition", slice_str(definition->text));
    append_key(out, "within_pages");
    strbuf_append(out, definition->is_within_pages ? SLICE("true") : SLICE("false"));
    append_key(out, "metrics");
    strbuf_append_char(out, '[');
    for (enum metric metric = 0; metric < METRIC_COUNT_; metric++) {
        if (!(definition->metrics & METRIC_BIT(metric)))
            continue;
        strbuf_append(out, is_first ? SLICE("\"") : SLICE(",\""));
        strbuf_append(out, slice_str(metric_name(metric)));
        strbuf_append_char(out, '"');
        is_first = false;
    }
    strbuf_append(out, SLICE("]}"));
}

void stats_append_definitions(struct strbuf *out)
{
    strbuf_append(out, SLICE("{\"metrics\":["));
    for (enum metric metric = 0; metric < METRIC_COUNT_; metric++) {
        append_definition(out, metric_name(metric), metric_definition(metric)->unit,
                          metric_definition(metric)->text);
        strbuf_append_char(out, ',');
    }
    append_definition(out, LIVE_NAME, "count", LIVE_DEFINITION);
    strbuf_append(out, SLICE("],\"dimensions\":["));
    for (enum dimension dimension = DIMENSION_PAGE; dimension < DIMENSION_COUNT_; dimension++) {
        if (dimension > DIMENSION_PAGE)
            strbuf_append_char(out, ',');
        append_dimension(out, dimension);
    }
    strbuf_append(out, SLICE("]}\n"));
}
