/* What can be asked for, and which rows of the store that is. */
#include "count/statistics_part.h"

static bool has_filter(const struct statistics_question *question)
{
    return question->filter != DIMENSION_NO_FILTER;
}

static bool has_page(const struct statistics_question *question)
{
    return question->page.len > 0;
}

/* The dimension whose rows are read. */
static enum dimension dimension_of(const struct statistics_question *question)
{
    if (has_filter(question))
        return question->filter;
    if (question->kind == STATISTICS_TOP)
        return question->dimension;
    return has_page(question) ? DIMENSION_PAGE : DIMENSION_TOTAL;
}

unsigned statistics_metrics(const struct statistics_question *question)
{
    return dimension_definition(dimension_of(question))->metrics;
}

/* ---- checking ------------------------------------------------------------------------------- */

static enum err check_within(enum dimension dimension, struct err_info *info)
{
    if (dimension_definition(dimension)->is_within_pages)
        return ERR_OK;
    err_info_set(info, "%s is counted for the whole site only, not for each page",
                 dimension_name(dimension));
    return ERR_INVALID;
}

static enum err check_series(const struct statistics_question *question, struct err_info *info)
{
    if (!has_filter(question))
        return ERR_OK;
    if (question->unit == SERIES_HOUR) {
        err_info_set(info,
                     "hours are counted for the whole site and for pages only, not for each "
                     "%s; ask by day",
                     dimension_name(question->filter));
        return ERR_INVALID;
    }
    return has_page(question) ? check_within(question->filter, info) : ERR_OK;
}

static enum err check_sort(const struct statistics_question *question, struct err_info *info)
{
    enum metric sort = question->sort;

    if (sort == METRIC_COUNT_)
        return ERR_OK;
    if (metric_is_sum(sort) && (statistics_metrics(question) & METRIC_BIT(sort)))
        return ERR_OK;
    err_info_set(info, "%s cannot be sorted by %s", dimension_name(question->dimension),
                 metric_name(sort));
    return ERR_INVALID;
}

static enum err check_top(const struct statistics_question *question, struct err_info *info)
{
    enum dimension dimension = question->dimension;
    enum err err = ERR_OK;

    if (dimension == DIMENSION_TOTAL) {
        err_info_set(info, "the whole site has no values to list");
        return ERR_INVALID;
    }
    if (has_page(question) && has_filter(question)) {
        err_info_set(info, "a list is of one page or of one %s, not of both",
                     dimension_name(question->filter));
        return ERR_INVALID;
    }
    if (has_filter(question) && dimension != DIMENSION_PAGE) {
        err_info_set(info, "%s is not counted for each %s: only pages are",
                     dimension_name(dimension), dimension_name(question->filter));
        return ERR_INVALID;
    }
    if (has_filter(question))
        err = check_within(question->filter, info);
    else if (has_page(question))
        err = check_within(dimension, info);
    return err == ERR_OK ? check_sort(question, info) : err;
}

enum err statistics_check(const struct statistics_question *question, struct err_info *info)
{
    switch (question->kind) {
    case STATISTICS_SERIES:
        return check_series(question, info);
    case STATISTICS_TOP:
        return check_top(question, info);
    case STATISTICS_LIVE:
        break;
    }
    return ERR_OK;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static uint64_t id_of(struct slice text)
{
    return slice_eq(text, SLICE(VALUE_OTHER_TEXT)) ? VALUE_OTHER : value_id(text);
}

struct rollup_query statistics_rollups(const struct statistics_question *question)
{
    struct rollup_query rollups = {.dimension = dimension_of(question), .group = ROLLUP_BY_BUCKET};
    bool is_top = question->kind == STATISTICS_TOP;

    if (has_filter(question))
        rollups.value = id_of(question->filter_value);
    if (is_top)
        rollups.group = has_filter(question) ? ROLLUP_BY_PAGE : ROLLUP_BY_VALUE;
    if (rollups.dimension == DIMENSION_PAGE && has_page(question))
        rollups.value = id_of(question->page);
    else if (has_page(question))
        rollups.page = id_of(question->page);
    if (rollups.page != VALUE_NONE || rollups.group == ROLLUP_BY_PAGE)
        rollups.scope = ROLLUP_WITHIN_PAGES;
    return rollups;
}
