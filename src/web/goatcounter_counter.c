/* GET /counter/PATH.{svg,html,json}: GoatCounter's addresses of counters, for pages that have them
 * already. The whole site is TOTAL. */
#include "base/percent.h"
#include "base/query.h"
#include "count/bucket.h"
#include "count/hit.h"
#include "web/answer.h"
#include "web/counter_show.h"
#include "web/resources.h"

/* Longest value of the keys that are read here, decoded: a site, a date. */
#define MAX_VALUE 64

/* What GoatCounter calls the days that end today. */
static const struct {
    struct slice name;
    enum period period;
} periods[] = {
    {SLICE_INIT("week"), PERIOD_7_DAYS},
    {SLICE_INIT("month"), PERIOD_30_DAYS},
    {SLICE_INIT("year"), PERIOD_12_MONTHS},
};

/* ---- the query ------------------------------------------------------------------------------ */

static bool set_start(struct counter_view *counter, struct slice value)
{
    for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
        if (slice_eq(value, periods[i].name)) {
            counter->options.period = periods[i].period;
            return true;
        }
    }
    if (!bucket_parse_day(value, &counter->first_day))
        return false;
    counter->has_days = true;
    return true;
}

static bool set_end(struct counter_view *counter, struct slice value)
{
    if (!bucket_parse_day(value, &counter->last_day))
        return false;
    counter->has_days = true;
    return true;
}

/* One that is no id of a site is left as it is, and is not found. */
static bool set_site(struct counter_view *counter, struct slice value)
{
    counter->look.site = request_dup(counter->req, value);
    return counter->look.site.ptr != NULL;
}

/* CSS, which is nobody's to put into a picture of ours; our styles have that name, too. */
static bool set_style(struct counter_view *counter, struct slice value)
{
    struct counter_options options = counter->options;

    if (counter_options_set(&options, SLICE("style"), value))
        counter->options.style = options.style;
    return true;
}

static bool set_nothing(struct counter_view *counter, struct slice value)
{
    (void)counter;
    (void)value;
    return true;
}

static const struct {
    struct slice name;
    bool (*set)(struct counter_view *counter, struct slice value);
} keys[] = {
    {SLICE_INIT("start"), set_start},         {SLICE_INIT("end"), set_end},
    {SLICE_INIT("site"), set_site},           {SLICE_INIT("style"), set_style},
    {SLICE_INIT("no_branding"), set_nothing},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static void take_pair(struct counter_view *counter, const struct query_pair *pair)
{
    char decoded[3 * MAX_VALUE];
    struct slice value = {NULL, 0};
    size_t i = 0;

    while (i < KEYS && !slice_eq(pair->name, keys[i].name))
        i++;
    if (i == KEYS) {
        counter_options_read_pair(&counter->options, pair);
        return;
    }
    if (pair->value.len <= sizeof(decoded))
        value = percent_decode(pair->value, PERCENT_FORM, decoded);
    if (!keys[i].set(counter, value.ptr ? value : SLICE("")))
        counter->options.is_unknown = true;
}

/* ---- the address ---------------------------------------------------------------------------- */

static enum err make_look(struct counter_view *counter, struct slice name, struct arena *arena,
                          struct err_info *info)
{
    struct hit_request *look = &counter->look;
    enum err err = ERR_OK;

    counter->is_page = !slice_eq(name, SLICE("TOTAL"));
    counter->is_by_referrer = look->site.len == 0;
    if (counter->is_by_referrer)
        err = counting_host(counter->req, arena, &look->host);
    else if (hit_check_site(look->site, info) != ERR_OK)
        err = ERR_NOT_FOUND;
    if (err != ERR_OK)
        return err;
    return page_normalize(counter->is_page ? name : SLICE("/"), arena, &look->page, info);
}

static void show(struct request *req, struct slice name, const struct counter_format *format)
{
    struct counter_view *counter = counter_new(req);
    struct query_reader reader = query_reader_init(req->query);
    struct err_info info = {""};
    struct query_pair pair;
    struct arena arena;
    enum err err;

    if (!counter) {
        answer_err(req, ERR_NO_MEMORY, NULL);
        return;
    }
    counter->format = format;
    while (query_next(&reader, &pair))
        take_pair(counter, &pair);
    arena_init(&arena, 4096, 65536);
    err = make_look(counter, name, &arena, &info);
    if (err != ERR_OK)
        counter_answer_failed(req, err_http_status(err), info.text);
    else
        counter_show(counter);
    arena_fini(&arena);
}

void goatcounter_counter_get(struct request *req)
{
    struct slice name = slice_from(req->path, strlen("/counter/"));
    const struct counter_format *format = counter_format_of_goatcounter(&name);

    if (format && name.len > 0)
        show(req, name, format);
    else
        answer_error(req, 404, "a counter ends in .svg, .html or .json, as /counter/TOTAL.svg", "");
}
