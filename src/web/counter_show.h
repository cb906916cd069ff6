/**
 * Showing a counter: what the addresses of counters have in common.
 *
 *     counter.c, goatcounter_counter.c -> counter_show() -> counting.h -> counter_show.c
 *         -> statistics, for what is no total of views -> counter_answer.c
 */
#ifndef FOOTFALL_WEB_COUNTER_SHOW_H
#define FOOTFALL_WEB_COUNTER_SHOW_H

#include "count/statistics.h"
#include "web/counter_options.h"
#include "web/counting.h"

/** Days of the sparkline: those of PERIOD_30_DAYS. */
#define COUNTER_DAYS 30

struct counter_format;

/** Made by who has read the address, in memory of its request; its members down to `look`. */
struct counter_view {
    struct request *req;
    struct counter_options options;
    const struct counter_format *format;
    bool is_page;        /* else of the whole site */
    bool is_by_referrer; /* the address does not name the site */
    bool has_days;       /* from first_day to last_day, in place of options.period */
    int32_t first_day;
    int32_t last_day; /* -1: today */
    struct hit_request look;
    /* For counter_show.c and counter_answer.c: */
    const struct counted *counted;
    int64_t number; /* to be shown */
    int64_t visits; /* of the same days, if the format wants them */
    bool is_asked;  /* the number is known */
    int64_t days[COUNTER_DAYS];
    size_t day_count;
    struct statistics_query *query; /* NULL when nothing is asked */
};

/** What a counter ends in: ".svg". */
struct counter_format {
    struct slice extension;
    struct slice type;
    void (*append)(struct strbuf *out, const struct counter_view *counter);
    bool is_image;
    bool is_pixel; /* shows nothing, and so counts unless it is told not to */
    bool wants_visits;
};

/** Takes the extension off `name`; NULL: it has none of ours. */
const struct counter_format *counter_format_of(struct slice *name);

/** The same for addresses of GoatCounter. */
const struct counter_format *counter_format_of_goatcounter(struct slice *name);

/** A counter without anything, as the data of its request; NULL without memory. */
struct counter_view *counter_new(struct request *req);

/** Counts, if that is wanted, and answers; also when it fails. */
void counter_show(struct counter_view *counter);

/** True: this request is to be counted, and its answer is for nobody else. */
static inline bool counter_counts(const struct counter_view *counter)
{
    return counter->options.has_counts ? counter->options.counts : counter->format->is_pixel;
}

/** Answers with the number; counter_answer.c, as the ones below. */
void counter_answer(struct counter_view *counter);

/** Answers that the site does not show this number to everybody. */
void counter_answer_private(struct counter_view *counter);

/** counting_failed_fn of a request whose data is a counter. */
void counter_answer_failed(struct request *req, int status, const char *why);

#endif
