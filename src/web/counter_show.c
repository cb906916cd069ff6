#include "web/counter_show.h"

#include "web/answer.h"
#include "web/web.h"

/* Who fetches images for others, and so says nothing of who looks at them: such a request is a view
 * of somebody who is not known. */
static const struct slice image_proxies[] = {
    SLICE_INIT("github-camo"),    SLICE_INIT("Camo Asset Proxy"), SLICE_INIT("GoogleImageProxy"),
    SLICE_INIT("YahooMailProxy"), SLICE_INIT("Slack-ImgProxy"),
};

static bool is_image_proxy(struct slice agent)
{
    for (size_t i = 0; i < sizeof(image_proxies) / sizeof(image_proxies[0]); i++) {
        if (agent.len > 0 &&
            memmem(agent.ptr, agent.len, image_proxies[i].ptr, image_proxies[i].len))
            return true;
    }
    return false;
}

static void make_claim(struct counter_view *counter)
{
    struct hit_claim *claim = &counter->look.claim;

    claim->has_page = true;
    if (is_image_proxy(counter->req->fields[FIELD_USER_AGENT]))
        claim->is_told = true;
    else
        counting_claim_fields(counter->req, claim);
}

static void on_request_end(void *ctx)
{
    struct counter_view *counter = ctx;

    statistics_cancel(counter->query);
}

struct counter_view *counter_new(struct request *req)
{
    struct counter_view *counter = request_alloc(req, sizeof(*counter));

    if (!counter)
        return NULL;
    *counter = (struct counter_view){.req = req, .last_day = -1};
    counter->look = (struct hit_request){
        .site = SLICE(""), .host = SLICE(""), .id = SLICE(""), .no_site = ERR_NOT_FOUND};
    counter_options_init(&counter->options);
    if (!request_defer(req, on_request_end, counter))
        return NULL;
    req->handler_data = counter;
    return counter;
}

/* ---- statistics ----------------------------------------------------------------------------- */

static void go_on(struct counter_view *counter);

static bool is_of_all_time(const struct counter_view *counter)
{
    return counter->options.period == PERIOD_ALL && !counter->has_days;
}

/* The total of views is a counter of the store; all else has to be summed up. */
static bool has_to_ask(const struct counter_view *counter)
{
    return counter->options.metric != COUNTER_VIEWS || !is_of_all_time(counter) ||
           counter->format->wants_visits;
}

static int64_t metric_of(enum counter_metric metric, const struct statistics_answer *answer)
{
    const struct metrics *totals = &answer->series.totals;

    switch (metric) {
    case COUNTER_VIEWS:
        return totals->views;
    case COUNTER_VISITORS:
        return totals->visitors;
    case COUNTER_VISITS:
        return totals->visits;
    case COUNTER_LIVE:
        return answer->live;
    case COUNTER_METRIC_COUNT_:
        break;
    }
    return 0;
}

/* What the counter before this one had counted, it had counted of all time and of the whole site.
 */
static void take_number(struct counter_view *counter, const struct statistics_answer *answer)
{
    enum counter_metric metric = counter->options.metric;
    bool has_start = is_of_all_time(counter) && !counter->is_page && metric != COUNTER_LIVE;
    int64_t start = has_start ? counter->counted->start_value : 0;

    counter->is_asked = true;
    counter->visits = answer->series.totals.visits + start;
    if (metric != COUNTER_VIEWS || !is_of_all_time(counter))
        counter->number = metric_of(metric, answer) + start;
}

static void take_days(struct counter_view *counter, const struct series *series)
{
    for (size_t i = 0; i < series->count && i < COUNTER_DAYS; i++) {
        const struct metrics *metrics = &series->points[i].metrics;

        counter->days[i] = counter->options.metric == COUNTER_VIEWS    ? metrics->views
                           : counter->options.metric == COUNTER_VISITS ? metrics->visits
                                                                       : metrics->visitors;
        counter->day_count = i + 1;
    }
}

/* The number is known, and a picture of it better than none. */
static void leave_days_out(struct counter_view *counter)
{
    counter->options.style = COUNTER_FLAT;
}

static void on_number(void *ctx, const struct statistics_answer *answer)
{
    struct counter_view *counter = ctx;

    counter->query = NULL;
    if (answer->err != ERR_OK) {
        counter_answer_failed(counter->req, err_http_status(answer->err),
                              answer_message(answer->err));
        return;
    }
    take_number(counter, answer);
    go_on(counter);
}

static void on_days(void *ctx, const struct statistics_answer *answer)
{
    struct counter_view *counter = ctx;

    counter->query = NULL;
    if (answer->err == ERR_OK)
        take_days(counter, &answer->series);
    else
        leave_days_out(counter);
    counter_answer(counter);
}

static struct statistics_question question_of(const struct counter_view *counter)
{
    struct statistics_question question = statistics_question_init();

    question.site = counter->counted->site;
    question.is_public = true;
    if (counter->is_page)
        question.page = counter->counted->path;
    return question;
}

/* Who is there now is known of the whole site only. */
static void ask_number(struct counter_view *counter)
{
    const struct web *web = counter->req->app;
    struct statistics_question question = question_of(counter);

    if (counter->options.metric == COUNTER_LIVE) {
        question.kind = STATISTICS_LIVE;
        question.page = SLICE("");
    } else {
        question.period = counter->has_days ? PERIOD_COUNT_ : counter->options.period;
        question.first_day = counter->first_day;
        question.last_day = counter->last_day;
        question.unit = SERIES_YEAR;
    }
    counter->query = statistics_ask(web->statistics, &question, on_number, counter);
    if (!counter->query)
        counter_answer_failed(counter->req, err_http_status(ERR_BUSY), answer_message(ERR_BUSY));
}

static void ask_days(struct counter_view *counter)
{
    const struct web *web = counter->req->app;
    struct statistics_question question = question_of(counter);

    question.period = PERIOD_30_DAYS;
    question.unit = SERIES_DAY;
    counter->query = statistics_ask(web->statistics, &question, on_days, counter);
    if (counter->query)
        return;
    leave_days_out(counter);
    counter_answer(counter);
}

static void go_on(struct counter_view *counter)
{
    if (has_to_ask(counter) && !counter->is_asked)
        ask_number(counter);
    else if (counter->options.style == COUNTER_SPARK && counter->format->is_image)
        ask_days(counter);
    else
        counter_answer(counter);
}

/* ---- looking and counting ------------------------------------------------------------------- */

static void on_looked(struct request *req, const struct counted *counted,
                      const struct hit_answer *answer)
{
    struct counter_view *counter = req->handler_data;

    counter->counted = counted;
    counter->number = counter->is_page ? answer->count : answer->site_count;
    if (counter->format->is_pixel)
        counter_answer(counter);
    else if (site_public_shows(counted->public_counters, counter->is_page))
        go_on(counter);
    else
        counter_answer_private(counter);
}

/* A bot is told no number of a page: it is looked for. */
static void on_counted(struct request *req, const struct counted *counted,
                       const struct hit_answer *answer)
{
    struct counter_view *counter = req->handler_data;

    if (counted->bot.len > 0 && counter->is_page) {
        counter->look.site = counted->site;
        counter->look.page.path = counted->path;
        counting_show(req, &counter->look, false, on_looked, counter_answer_failed);
        return;
    }
    on_looked(req, counted, answer);
}

void counter_show(struct counter_view *counter)
{
    bool counts = counter_counts(counter);

    if (counts)
        make_claim(counter);
    counting_show(counter->req, &counter->look, counts, on_counted, counter_answer_failed);
}
