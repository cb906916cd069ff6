/* /sites/start: how a site is counted. It says when the first view is there: its script asks for it
 * (dashboard/page.js), and without script the page is loaded anew as long as there is none. */
#include <arpa/inet.h>
#include <stdio.h>

#include "base/address.h"
#include "count/rfc3339.h"
#include "web/admission.h"
#include "web/answer.h"
#include "web/page.h"
#include "web/page_data.h"
#include "web/resources.h"
#include "web/site_pages.h"
#include "web/task.h"

#define MAX_BASE    600
#define PAGES_SHOWN 5

struct starting {
    struct task task;
    struct slice id;
    const char *message;
    int64_t views; /* of all times */
    bool is_new;   /* there is no view yet */
};

/* ---- what this server sees ------------------------------------------------------------------ */

static bool is_ipv4(const struct address *address)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

    return memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
}

static void format_address(const struct address *address, char out[static INET6_ADDRSTRLEN])
{
    if (address->is_unix)
        (void)snprintf(out, INET6_ADDRSTRLEN, "a unix socket");
    else if (is_ipv4(address))
        (void)inet_ntop(AF_INET, address->bytes + 12, out, INET6_ADDRSTRLEN);
    else
        (void)inet_ntop(AF_INET6, address->bytes, out, INET6_ADDRSTRLEN);
}

/* "2026-11-27 10:35 (+01:00)" */
static json_t *local_time(struct zone *zone, int64_t unix_s)
{
    int32_t offset_s = zone_offset_s(zone, unix_s);
    int minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;
    char time[RFC3339_UTC_TEXT + 1];
    char text[64];

    rfc3339_format(unix_s + offset_s, time);
    (void)snprintf(text, sizeof(text), "%.10s %.5s (UTC%s%02d:%02d)", time, time + 11,
                   offset_s < 0 ? "-" : "+", minutes / 60, minutes % 60);
    return json_string(text);
}

/* A browser on this machine comes from an address of proxies, too. */
static bool is_by_proxy(const struct request *req)
{
    return req->is_by_trusted_proxy &&
           (req->fields[FIELD_FORWARDED].ptr || req->fields[FIELD_X_FORWARDED_FOR].ptr);
}

static json_t *checks_of(const struct request *req, const struct statistics_answer *answer)
{
    char address[INET6_ADDRSTRLEN];

    format_address(&req->client, address);
    return json_pack("{s:s, s:b, s:b, s:o, s:o, s:s}", "address", address, "is_by_proxy",
                     is_by_proxy(req), "is_secure", request_is_secure(req), "clock",
                     page_time(answer->unix_s), "local", local_time(answer->zone, answer->unix_s),
                     "zone", answer->site->zone);
}

/* ---- the page ------------------------------------------------------------------------------- */

static json_t *pages_of(const struct statistics_top *top)
{
    json_t *list = json_array();

    for (size_t i = 0; i < top->row_count && list; i++) {
        const struct statistics_row *row = &top->rows[i];

        if (json_array_append_new(list,
                                  json_pack("{s:s%, s:o}", "path", row->value.ptr, row->value.len,
                                            "views", page_number(row->metrics.views))) == 0)
            continue;
        json_decref(list);
        list = NULL;
    }
    return list;
}

/* A site that has no domain is found by its id; the default site, without one. */
static json_t *data_of(const struct starting *starting, const struct statistics_answer *answer)
{
    struct request *req = starting->task.req;
    const struct site *site = answer->site;
    bool has_id = site->domain_count == 0 && strcmp(site->id, SITE_DEFAULT) != 0;
    bool may_edit = who_may(admission_who(req), starting->id, ROLE_EDITOR);
    char storage[MAX_BASE];
    struct strbuf base;

    strbuf_init_fixed(&base, storage, sizeof(storage));
    page_append_base(req, &base);
    if (base.failed || base.len == 0)
        return NULL;
    return json_pack("{s:s, s:s%, s:b, s:b, s:b, s:b, s:o, s:o, s:o}", "id", site->id, "base",
                     base.ptr, base.len, "has_id", has_id, "may_edit", may_edit, "is_waiting",
                     starting->is_new, "is_one", starting->views == 1, "views",
                     page_number(starting->views), "pages", pages_of(&answer->top), "checks",
                     checks_of(req, answer));
}

static void on_top(void *ctx, const struct statistics_answer *answer)
{
    struct starting *starting = ctx;
    struct task *task = &starting->task;
    char title[SITE_MAX_NAME + 10];

    task->query = NULL;
    if (answer->err == ERR_NOT_FOUND) {
        site_page_not_there(task->req);
        return;
    }
    if (answer->err != ERR_OK) {
        answer_err(task->req, answer->err, NULL);
        return;
    }
    (void)snprintf(title, sizeof(title), "Count %s", site_title(answer->site));
    task->data = data_of(starting, answer);
    task_show(task, &(struct page_answer){.status = 200,
                                          .title = title,
                                          .template = PAGE_SITE_START,
                                          .message = starting->message,
                                          .has_script = true});
}

/* ---- asking --------------------------------------------------------------------------------- */

static void ask_top(struct starting *starting)
{
    const struct web *web = starting->task.req->app;
    struct statistics_question question = statistics_question_init();

    question.kind = STATISTICS_TOP;
    question.site = starting->id;
    question.period = PERIOD_TODAY;
    question.dimension = DIMENSION_PAGE;
    question.limit = PAGES_SHOWN;
    starting->task.query = statistics_ask(web->statistics, &question, on_top, starting);
    task_wait(&starting->task, starting->task.query);
}

static void on_found(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct starting *starting = ctx;
    struct site *site = NULL;

    starting->task.reading = NULL;
    if (!site_page_open(&starting->task, err, sites, count, &site))
        return;
    site_destroy(site);
    starting->views = sites[0].views;
    starting->is_new = sites[0].views == 0;
    ask_top(starting);
}

void site_start_get(struct request *req)
{
    static const struct page_done done[] = {
        {"added", "The site is added."},
        {"welcome", "Welcome! Your account is made."},
    };
    const struct web *web = req->app;
    struct starting *starting = task_start(req, sizeof(*starting));
    struct slice word;

    if (!starting || !site_page_query(req, ROLE_VIEWER, &starting->id, &word))
        return;
    starting->message = page_done_text(done, 2, word);
    starting->task.reading = site_store_find(web->sites, starting->id, on_found, starting);
    task_wait(&starting->task, starting->task.reading);
}
