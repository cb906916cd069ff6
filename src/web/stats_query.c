#include "web/stats_query.h"

#include "base/ascii.h"
#include "base/utf8.h"
#include "count/bucket.h"
#include "count/hit.h"

#define OF_SERIES (1U << STATISTICS_SERIES)
#define OF_TOP    (1U << STATISTICS_TOP)
#define OF_LIVE   (1U << STATISTICS_LIVE)
#define OF_RANGE  (OF_SERIES | OF_TOP)

/* The value is clean UTF-8 and not empty. False: it is wrong, and `info` says why. */
typedef bool set_fn(struct stats_query *query, struct slice value, struct err_info *info);

/* ---- values --------------------------------------------------------------------------------- */

static bool set_site(struct stats_query *query, struct slice value, struct err_info *info)
{
    query->question.site = value;
    return hit_check_site(value, info) == ERR_OK;
}

static bool set_day(struct slice value, int32_t *out, struct err_info *info)
{
    if (bucket_parse_day(value, out))
        return true;
    err_info_set(info, "a date looks like 2026-11-25, and is not before 1970");
    return false;
}

static bool set_from(struct stats_query *query, struct slice value, struct err_info *info)
{
    query->question.period = PERIOD_COUNT_;
    return set_day(value, &query->question.first_day, info);
}

static bool set_to(struct stats_query *query, struct slice value, struct err_info *info)
{
    return set_day(value, &query->question.last_day, info);
}

static bool set_period(struct stats_query *query, struct slice value, struct err_info *info)
{
    return period_parse(value, &query->question.period, info);
}

static bool set_by(struct stats_query *query, struct slice value, struct err_info *info)
{
    return series_unit_parse(value, &query->question.unit, info);
}

static bool set_compare(struct stats_query *query, struct slice value, struct err_info *info)
{
    return comparison_parse(value, &query->question.comparison, info);
}

static bool set_page(struct stats_query *query, struct slice value, struct err_info *info)
{
    struct page page;

    if (slice_eq(value, SLICE(VALUE_OTHER_TEXT))) { /* no path, since it has no slash */
        query->question.page = value;
        return true;
    }
    if (page_normalize(value, query->arena, &page, NULL) != ERR_OK) {
        err_info_set(info, "a page is a path of at most %d bytes, as /about", PAGE_MAX_PATH);
        return false;
    }
    query->question.page = page.path;
    return true;
}

static bool set_dimension(struct stats_query *query, struct slice value, struct err_info *info)
{
    if (dimension_parse(value, &query->question.dimension) &&
        query->question.dimension != DIMENSION_TOTAL)
        return true;
    err_info_set(info, "there is no dimension of this name; /api/v1/definitions lists them");
    return false;
}

static bool find_metric(struct slice name, enum metric *out, struct err_info *info)
{
    if (metric_parse(name, out))
        return true;
    err_info_set(info, "there is no metric of this name; /api/v1/definitions lists them");
    return false;
}

static bool set_metrics(struct stats_query *query, struct slice value, struct err_info *info)
{
    enum metric metric;

    while (value.len > 0) {
        const char *comma = memchr(value.ptr, ',', value.len);
        size_t len = comma ? (size_t)(comma - value.ptr) : value.len;

        if (!find_metric(ascii_trim(slice_of(value.ptr, len)), &metric, info))
            return false;
        query->metrics |= METRIC_BIT(metric);
        value = slice_from(value, comma ? len + 1 : len);
    }
    return true;
}

static bool set_sort(struct stats_query *query, struct slice value, struct err_info *info)
{
    return find_metric(value, &query->question.sort, info);
}

static bool set_number(struct slice value, size_t min, size_t max, size_t *out,
                       struct err_info *info)
{
    size_t number = 0;
    bool is_number = true;

    for (size_t i = 0; i < value.len && is_number; i++) {
        is_number = ascii_is_digit(value.ptr[i]) && number <= max;
        number = 10 * number + (size_t)(value.ptr[i] - '0');
    }
    *out = number;
    if (is_number && number >= min && number <= max)
        return true;
    err_info_set(info, "it is a number from %zu to %zu", min, max);
    return false;
}

static bool set_limit(struct stats_query *query, struct slice value, struct err_info *info)
{
    return set_number(value, 1, STATISTICS_MAX_LIMIT, &query->question.limit, info);
}

static bool set_offset(struct stats_query *query, struct slice value, struct err_info *info)
{
    return set_number(value, 0, STATISTICS_MAX_OFFSET, &query->question.offset, info);
}

static bool set_search(struct stats_query *query, struct slice value, struct err_info *info)
{
    query->question.search = value;
    if (value.len <= STATISTICS_MAX_SEARCH)
        return true;
    err_info_set(info, "it has at most %d bytes", STATISTICS_MAX_SEARCH);
    return false;
}

static bool set_format(struct stats_query *query, struct slice value, struct err_info *info)
{
    query->has_format = true;
    query->format = slice_eq(value, SLICE("csv")) ? STATS_CSV : STATS_JSON;
    if (query->format == STATS_CSV || slice_eq(value, SLICE("json")))
        return true;
    err_info_set(info, "it is json or csv");
    return false;
}

/* ---- keys ----------------------------------------------------------------------------------- */

enum key {
    KEY_SITE,
    KEY_FROM,
    KEY_TO,
    KEY_PERIOD,
    KEY_COMPARE,
    KEY_PAGE,
    KEY_METRICS,
    KEY_FORMAT,
    KEY_BY,
    KEY_DIMENSION,
    KEY_SORT,
    KEY_LIMIT,
    KEY_OFFSET,
    KEY_SEARCH,
    KEY_COUNT_, /* how many there are; none itself, but the bit of a filter in `given` */
};

static const struct {
    struct slice name;
    unsigned kinds; /* of questions that have it */
    set_fn *set;
} keys[KEY_COUNT_] = {
    [KEY_SITE] = {SLICE_INIT("site"), OF_RANGE | OF_LIVE, set_site},
    [KEY_FROM] = {SLICE_INIT("from"), OF_RANGE, set_from},
    [KEY_TO] = {SLICE_INIT("to"), OF_RANGE, set_to},
    [KEY_PERIOD] = {SLICE_INIT("period"), OF_RANGE, set_period},
    [KEY_COMPARE] = {SLICE_INIT("compare"), OF_RANGE, set_compare},
    [KEY_PAGE] = {SLICE_INIT("page"), OF_RANGE, set_page},
    [KEY_METRICS] = {SLICE_INIT("metrics"), OF_RANGE, set_metrics},
    [KEY_FORMAT] = {SLICE_INIT("format"), OF_RANGE, set_format},
    [KEY_BY] = {SLICE_INIT("by"), OF_SERIES, set_by},
    [KEY_DIMENSION] = {SLICE_INIT("dimension"), OF_TOP, set_dimension},
    [KEY_SORT] = {SLICE_INIT("sort"), OF_TOP, set_sort},
    [KEY_LIMIT] = {SLICE_INIT("limit"), OF_TOP, set_limit},
    [KEY_OFFSET] = {SLICE_INIT("offset"), OF_TOP, set_offset},
    [KEY_SEARCH] = {SLICE_INIT("search"), OF_TOP, set_search},
};

static bool is_of_kind(enum key key, enum statistics_kind kind)
{
    return (keys[key].kinds & 1U << kind) != 0;
}

static enum key find_key(enum statistics_kind kind, struct slice name)
{
    enum key key = 0;

    while (key < KEY_COUNT_ && !(is_of_kind(key, kind) && slice_eq(keys[key].name, name)))
        key++;
    return key;
}

/* Pages have a key of their own, and the whole site is no filter. */
static bool find_filter(enum statistics_kind kind, struct slice name, enum dimension *out)
{
    return kind != STATISTICS_LIVE && dimension_parse(name, out) && *out != DIMENSION_TOTAL &&
           *out != DIMENSION_PAGE;
}

static enum err refuse_unknown(enum statistics_kind kind, struct slice name, struct err_info *info)
{
    char text[200];
    struct strbuf list;

    strbuf_init_fixed(&list, text, sizeof(text));
    for (enum key key = 0; key < KEY_COUNT_; key++) {
        if (!is_of_kind(key, kind))
            continue;
        strbuf_append(&list, list.len > 0 ? SLICE(", ") : SLICE(""));
        strbuf_append(&list, keys[key].name);
    }
    if (kind != STATISTICS_LIVE)
        strbuf_append(&list, SLICE(", or a dimension"));
    name.len = name.len > 40 || !utf8_is_clean(name) ? 0 : name.len;
    err_info_set(info, "there is no key \"%.*s\" here; there are: %.*s", SLICE_ARG(name),
                 SLICE_ARG(strbuf_slice(&list)));
    return ERR_INVALID;
}

/* ---- taking them ---------------------------------------------------------------------------- */

static bool set_filter(struct stats_query *query, enum dimension filter, struct slice value,
                       struct err_info *info)
{
    bool is_of_pages = dimension_definition(filter)->is_of_pages;
    struct slice page = query->question.page;

    query->question.filter = filter;
    query->question.filter_value = value;
    if (!is_of_pages)
        return true;
    if (!set_page(query, value, info))
        return false;
    query->question.filter_value = query->question.page;
    query->question.page = page;
    return true;
}

static enum err refuse(struct slice key, const struct err_info *reason, struct err_info *info)
{
    err_info_set(info, "%.*s is not right: %.200s", SLICE_ARG(key), reason->text);
    return ERR_INVALID;
}

enum err stats_query_set(struct stats_query *query, struct slice key, struct slice value,
                         struct err_info *info)
{
    enum statistics_kind kind = query->question.kind;
    enum key row = find_key(kind, key);
    enum dimension filter = DIMENSION_NO_FILTER;
    struct err_info reason = {""};
    bool is_right;

    if (row == KEY_COUNT_ && !find_filter(kind, key, &filter))
        return refuse_unknown(kind, key, info);
    if (value.len == 0)
        return ERR_OK;
    if (query->given & 1U << row) {
        err_info_set(info,
                     row == KEY_COUNT_ ? "%.*s is one filter too many: there may be one"
                                       : "%.*s is given twice",
                     SLICE_ARG(key));
        return ERR_INVALID;
    }
    query->given |= 1U << row;
    if (value.len > NAME_MAX_TEXT || !utf8_is_clean(value)) {
        err_info_set(&reason, "it is a text in UTF-8 of at most %d bytes", NAME_MAX_TEXT);
        return refuse(key, &reason, info);
    }
    is_right = row == KEY_COUNT_ ? set_filter(query, filter, value, &reason)
                                 : keys[row].set(query, value, &reason);
    return is_right ? ERR_OK : refuse(key, &reason, info);
}

void stats_query_init(struct stats_query *query, enum statistics_kind kind, struct arena *arena)
{
    *query = (struct stats_query){.question = statistics_question_init(), .arena = arena};
    query->question.kind = kind;
}

enum err stats_query_end(struct stats_query *query, struct err_info *info)
{
    bool has_from = (query->given & 1U << KEY_FROM) != 0;
    bool has_to = (query->given & 1U << KEY_TO) != 0;
    bool has_dimension = (query->given & 1U << KEY_DIMENSION) != 0;
    const char *problem = NULL;

    if (has_to && !has_from)
        problem = "to wants a from";
    else if (has_from && (query->given & 1U << KEY_PERIOD))
        problem = "there is either a period, or from and to";
    else if (query->question.kind == STATISTICS_TOP && !has_dimension)
        problem = "a list wants a dimension, as dimension=page; /api/v1/definitions lists them";
    if (!problem)
        return ERR_OK;
    err_info_set(info, "%s", problem);
    return ERR_INVALID;
}

enum err stats_query_metrics(unsigned asked, const struct statistics_answer *answer, unsigned *out,
                             struct err_info *info)
{
    for (enum metric metric = 0; metric < METRIC_COUNT_; metric++) {
        if (asked & ~answer->metrics & METRIC_BIT(metric)) {
            err_info_set(info, "%s is not counted of what was asked for", metric_name(metric));
            return ERR_INVALID;
        }
    }
    *out = asked ? asked : answer->metrics;
    return ERR_OK;
}
