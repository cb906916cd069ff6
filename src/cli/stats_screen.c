#include "cli/stats_screen.h"

#include <stdlib.h>

#include "cli/chart.h"
#include "count/bucket.h"

/* Two lists need so many columns, and gain nothing from more than the second number. */
#define TWO_LISTS_COLUMNS 72
#define MAX_LIST_COLUMNS  60
#define GAP               2

#define NUMBER_COLUMNS    9

/* Lines of head and live. */
#define HEAD_LINES    10
#define DEFAULT_ROWS  8

#define TOTAL_COLUMNS 13

/* Bytes of a line before it is cut: a page, whose characters have up to four each, and the rest. */
#define MAX_LINE         512
#define MAX_PAGE_COLUMNS 40

#define MINUTE_S         60
#define HOUR_S           3600

struct stats_screen_plan stats_screen_plan(const struct terminal *terminal, unsigned lists,
                                           bool fits)
{
    struct stats_screen_plan plan = {terminal->columns, 1, DEFAULT_ROWS};
    unsigned down;

    if (terminal->columns >= TWO_LISTS_COLUMNS) {
        plan.lists_across = 2;
        plan.list_columns = (terminal->columns - GAP) / 2;
    }
    if (plan.list_columns > MAX_LIST_COLUMNS)
        plan.list_columns = MAX_LIST_COLUMNS;
    if (!fits)
        return plan;
    down = (lists + plan.lists_across - 1) / plan.lists_across;
    /* Each list has a heading, and an empty line below it. */
    plan.list_rows = terminal->rows > HEAD_LINES ? (terminal->rows - HEAD_LINES) / down : 0;
    plan.list_rows = plan.list_rows > 3 ? plan.list_rows - 2 : 1;
    if (plan.list_rows > STATS_SCREEN_MAX_ROWS)
        plan.list_rows = STATS_SCREEN_MAX_ROWS;
    return plan;
}

/* ---- numbers -------------------------------------------------------------------------------- */

/* 1,234,567 */
static void format_count(struct strbuf *out, int64_t number)
{
    char digits[20];
    size_t len = format_int(digits, number);

    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
            strbuf_append_char(out, ',');
        strbuf_append_char(out, digits[i]);
    }
}

static void format_duration(struct strbuf *out, int64_t seconds)
{
    if (seconds >= HOUR_S)
        strbuf_printf(out, "%lldh %02lldm", (long long)(seconds / HOUR_S),
                      (long long)(seconds % HOUR_S / MINUTE_S));
    else if (seconds >= MINUTE_S)
        strbuf_printf(out, "%lldm %02llds", (long long)(seconds / MINUTE_S),
                      (long long)(seconds % MINUTE_S));
    else
        strbuf_printf(out, "%llds", (long long)seconds);
}

static double number_of(enum metric metric, const struct metrics *metrics)
{
    double sum = (double)metric_sum(metric, metrics);

    if (metric_is_sum(metric))
        return sum;
    return metrics->visits > 0 ? sum / (double)metrics->visits : 0;
}

static void format_total(struct strbuf *out, enum metric metric, const struct metrics *metrics)
{
    double number = number_of(metric, metrics);

    if (metric == METRIC_BOUNCE_RATE)
        strbuf_printf(out, "%.0f %%", 100 * number);
    else if (metric == METRIC_VISIT_DURATION)
        format_duration(out, (int64_t)(number + 0.5));
    else
        format_count(out, metric_sum(metric, metrics));
}

/* ---- lines --------------------------------------------------------------------------------- */

/* One line, cut at the edge of the terminal. */
static void append_line(const struct terminal *terminal, struct strbuf *out, struct slice text,
                        enum style style)
{
    append_style(terminal, out, style);
    (void)append_cut(terminal, out, text, terminal->columns);
    append_style(terminal, out, STYLE_PLAIN);
    strbuf_append_char(out, '\n');
}

/* ---- the head ------------------------------------------------------------------------------- */

static const struct {
    const char *title;
    enum metric metric;
    bool is_better_up; /* so that a colour says something */
} totals[] = {
    {"Visitors", METRIC_VISITORS, true},
    {"Visits", METRIC_VISITS, true},
    {"Views", METRIC_VIEWS, true},
    {"Bounce rate", METRIC_BOUNCE_RATE, false},
    {"Visit time", METRIC_VISIT_DURATION, true},
};

#define TOTAL_COUNT (sizeof(totals) / sizeof(totals[0]))

/* Narrow terminals show the first ones. */
static size_t totals_shown(const struct terminal *terminal)
{
    size_t room = terminal->columns / TOTAL_COLUMNS;

    return room < TOTAL_COUNT ? room : TOTAL_COUNT;
}

static void append_cell(const struct terminal *terminal, struct strbuf *out, struct slice text,
                        enum style style)
{
    append_style(terminal, out, style);
    append_fitted(terminal, out, text, TOTAL_COLUMNS);
    append_style(terminal, out, STYLE_PLAIN);
}

static enum style format_change(struct strbuf *out, size_t total, const struct metrics *now,
                                const struct metrics *before)
{
    double new = number_of(totals[total].metric, now);
    double old = number_of(totals[total].metric, before);
    double percent = old > 0 ? 100 * (new - old) / old : 0;

    if (old <= 0) {
        strbuf_append(out, new > 0 ? SLICE("new") : SLICE("-"));
        return STYLE_DIM;
    }
    strbuf_printf(out, "%+.0f %%", percent);
    if (percent > -0.5 && percent < 0.5)
        return STYLE_DIM;
    return (percent > 0) == totals[total].is_better_up ? STYLE_UP : STYLE_DOWN;
}

static void append_totals(const struct terminal *terminal, struct strbuf *out,
                          const struct statistics_answer *answer)
{
    size_t count = totals_shown(terminal);
    char storage[64];
    struct strbuf text;

    strbuf_init_fixed(&text, storage, sizeof(storage));
    for (size_t i = 0; i < count; i++)
        append_cell(terminal, out, slice_str(totals[i].title), STYLE_DIM);
    strbuf_append_char(out, '\n');
    for (size_t i = 0; i < count; i++) {
        strbuf_clear(&text);
        format_total(&text, totals[i].metric, &answer->series.totals);
        append_cell(terminal, out, strbuf_slice(&text), STYLE_BOLD);
    }
    strbuf_append_char(out, '\n');
    for (size_t i = 0; answer->has_previous && i < count; i++) {
        enum style style;

        strbuf_clear(&text);
        style = format_change(&text, i, &answer->series.totals, &answer->previous_series.totals);
        append_cell(terminal, out, strbuf_slice(&text), style);
    }
    strbuf_append(out, answer->has_previous ? SLICE("\n") : SLICE(""));
}

static size_t largest_point(const struct series *series)
{
    size_t largest = 0;

    for (size_t i = 1; i < series->count; i++) {
        if (series->points[i].metrics.views > series->points[largest].metrics.views)
            largest = i;
    }
    return largest;
}

static const char *const prepositions[SERIES_UNIT_COUNT_] = {
    [SERIES_HOUR] = " at ",  [SERIES_DAY] = " on ",  [SERIES_WEEK] = " in ",
    [SERIES_MONTH] = " in ", [SERIES_YEAR] = " in ",
};

static void append_largest(struct strbuf *out, const struct statistics_answer *answer)
{
    const struct series *series = &answer->series;
    const struct series_point *largest = &series->points[largest_point(series)];

    strbuf_printf(out, "views by %s", series_unit_name(series->unit));
    if (largest->metrics.views == 0)
        return;
    strbuf_append(out, SLICE(", at most "));
    format_count(out, largest->metrics.views);
    strbuf_append(out, slice_str(prepositions[series->unit]));
    series_format_label(series, largest, answer->zone, out);
}

static void append_curve(const struct terminal *terminal, struct strbuf *out,
                         const struct statistics_answer *answer)
{
    const struct series *series = &answer->series;
    int64_t *values = calloc(series->count + 1, sizeof(*values));
    char storage[MAX_LINE];
    struct strbuf line;

    if (!values || series->count == 0) {
        free(values);
        return;
    }
    for (size_t i = 0; i < series->count; i++)
        values[i] = series->points[i].metrics.views;
    append_style(terminal, out, STYLE_BAR);
    append_sparkline(out, terminal->has_utf8, values, series->count, terminal->columns);
    append_style(terminal, out, STYLE_PLAIN);
    strbuf_append_char(out, '\n');
    strbuf_init_fixed(&line, storage, sizeof(storage));
    append_largest(&line, answer);
    append_line(terminal, out, strbuf_slice(&line), STYLE_DIM);
    free(values);
}

static void append_days(struct strbuf *out, struct date_range range)
{
    bucket_format(NULL, range.first_day, out);
    if (range.last_day == range.first_day)
        return;
    strbuf_append(out, SLICE(" to "));
    bucket_format(NULL, range.last_day, out);
}

static void append_title(const struct terminal *terminal, struct strbuf *out,
                         const struct statistics_answer *answer)
{
    char storage[MAX_LINE];
    struct strbuf line;

    strbuf_init_fixed(&line, storage, sizeof(storage));
    strbuf_append(&line, slice_str(answer->site->id));
    if (answer->question->page.len > 0) {
        strbuf_append_char(&line, ' ');
        (void)append_cut(terminal, &line, answer->question->page, MAX_PAGE_COLUMNS);
    }
    strbuf_append(&line, SLICE("  "));
    append_days(&line, answer->range);
    strbuf_printf(&line, " (%s)", answer->site->zone);
    append_line(terminal, out, strbuf_slice(&line), STYLE_BOLD);
    if (answer->has_previous) {
        strbuf_clear(&line);
        strbuf_append(&line, SLICE("compared with "));
        append_days(&line, answer->previous);
        append_line(terminal, out, strbuf_slice(&line), STYLE_DIM);
    }
    strbuf_append_char(out, '\n');
}

void stats_screen_append_head(const struct terminal *terminal, struct strbuf *out,
                              const struct statistics_answer *series)
{
    append_title(terminal, out, series);
    append_totals(terminal, out, series);
    strbuf_append_char(out, '\n');
    append_curve(terminal, out, series);
}

void stats_screen_append_live(const struct terminal *terminal, struct strbuf *out,
                              const struct statistics_answer *live)
{
    char storage[MAX_LINE];
    struct strbuf line;

    strbuf_init_fixed(&line, storage, sizeof(storage));
    format_count(&line, live->live);
    strbuf_append(&line, live->live == 1 ? SLICE(" visitor") : SLICE(" visitors"));
    strbuf_printf(&line, " in the last %d minutes", STATISTICS_LIVE_MINUTES);
    append_line(terminal, out, strbuf_slice(&line), live->live > 0 ? STYLE_UP : STYLE_DIM);
}

/* ---- lists ---------------------------------------------------------------------------------- */

static void append_number(struct strbuf *out, int64_t number)
{
    char storage[32];
    struct strbuf text;

    strbuf_init_fixed(&text, storage, sizeof(storage));
    format_count(&text, number);
    strbuf_printf(out, "%*.*s", NUMBER_COLUMNS, SLICE_ARG(strbuf_slice(&text)));
}

/* The text has half of what the number leaves, and the bar the other one. */
static void append_row(const struct terminal *terminal, const struct stats_screen_plan *plan,
                       struct strbuf *out, const struct statistics_row *row, int64_t largest)
{
    unsigned room = plan->list_columns - NUMBER_COLUMNS - 1;
    unsigned text_columns = room - room / 3;

    append_fitted(terminal, out, row->value, text_columns);
    strbuf_append_char(out, ' ');
    append_style(terminal, out, STYLE_BAR);
    append_bar(out, terminal->has_utf8, row->metrics.views, largest, room - text_columns);
    append_style(terminal, out, STYLE_PLAIN);
    append_number(out, row->metrics.views);
    strbuf_append_char(out, '\n');
}

static void append_heading(const struct terminal *terminal, const struct stats_screen_plan *plan,
                           struct strbuf *out, const char *title)
{
    append_style(terminal, out, STYLE_BOLD);
    append_fitted(terminal, out, slice_str(title), plan->list_columns - NUMBER_COLUMNS);
    append_style(terminal, out, STYLE_PLAIN);
    append_style(terminal, out, STYLE_DIM);
    strbuf_printf(out, "%*s", NUMBER_COLUMNS, "views");
    append_style(terminal, out, STYLE_PLAIN);
    strbuf_append_char(out, '\n');
}

void stats_screen_append_list(const struct terminal *terminal, const struct stats_screen_plan *plan,
                              struct strbuf *out, const struct statistics_answer *top,
                              const char *title)
{
    const struct statistics_top *list = &top->top;
    int64_t largest = list->row_count > 0 ? list->rows[0].metrics.views : 0;

    append_heading(terminal, plan, out, title);
    for (size_t i = 0; i < list->row_count && i < plan->list_rows; i++)
        append_row(terminal, plan, out, &list->rows[i], largest);
    if (list->row_count > 0)
        return;
    append_fitted(terminal, out, SLICE("-"), plan->list_columns);
    strbuf_append_char(out, '\n');
}

static struct slice take_line(struct slice *rest)
{
    const char *end = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
    size_t len = end ? (size_t)(end - rest->ptr) : rest->len;
    struct slice line = slice_of(rest->ptr, len);

    *rest = slice_from(*rest, end ? len + 1 : len);
    return line;
}

void stats_screen_append_beside(const struct stats_screen_plan *plan, struct strbuf *out,
                                struct slice left, struct slice right)
{
    while (left.len > 0 || right.len > 0) {
        if (left.len > 0)
            strbuf_append(out, take_line(&left));
        else
            strbuf_printf(out, "%*s", (int)plan->list_columns, "");
        if (right.len > 0) {
            strbuf_append(out, SLICE("  "));
            strbuf_append(out, take_line(&right));
        }
        strbuf_append_char(out, '\n');
    }
}
