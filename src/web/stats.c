/* GET /api/v1/stats, /api/v1/stats/top, /api/v1/live: what was counted; for users and programs who
 * may see the site. */
#include "base/percent.h"
#include "base/query.h"
#include "http/media_type.h"
#include "web/admission.h"
#include "web/answer.h"
#include "web/resources.h"
#include "web/stats_query.h"
#include "web/stats_text.h"
#include "web/web.h"

#define HEADERS HEADER_NO_STORE "Vary: Accept\r\n"

/* The name is fixed: nothing that a visitor made gets into a head. */
#define HEADERS_CSV HEADERS "Content-Disposition: attachment; filename=\"footfall.csv\"\r\n"

/* For a page that has to be put together anew. */
#define ARENA_CHUNK 4096
#define ARENA_MAX   16384

/* A request that waits for its statistics; lives as long as the request. */
struct asking {
    struct request *req;
    struct statistics_query *query;
    unsigned metrics;
    enum stats_format format;
};

static void on_request_end(void *ctx)
{
    struct asking *asking = ctx;

    statistics_cancel(asking->query);
}

/* ---- answering ------------------------------------------------------------------------------ */

static void respond(struct asking *asking, const struct statistics_answer *answer, unsigned metrics)
{
    struct strbuf body;

    strbuf_init(&body, STATS_MAX_BYTES);
    if (asking->format == STATS_CSV)
        stats_append_csv(&body, answer, metrics);
    else
        stats_append_json(&body, answer, metrics);
    if (body.failed)
        answer_err(asking->req, ERR_NO_MEMORY, NULL);
    else if (asking->format == STATS_CSV)
        answer_csv(asking->req, HEADERS_CSV, strbuf_slice(&body));
    else
        answer_json(asking->req, 200, HEADERS, strbuf_slice(&body));
    strbuf_fini(&body);
}

static void on_answer(void *ctx, const struct statistics_answer *answer)
{
    struct asking *asking = ctx;
    struct err_info info = answer->info;
    enum err err = answer->err;
    unsigned metrics = 0;

    asking->query = NULL;
    if (err == ERR_OK)
        err = stats_query_metrics(asking->metrics, answer, &metrics, &info);
    if (err == ERR_OK)
        respond(asking, answer, metrics);
    else
        answer_err(asking->req, err, &info);
}

/* ---- asking --------------------------------------------------------------------------------- */

static void refuse_busy(struct request *req)
{
    struct err_info info;

    err_info_set(&info, "The server is busy: too many statistics are asked for already.");
    answer_err(req, ERR_BUSY, &info);
}

static void ask(struct request *req, const struct stats_query *query)
{
    const struct web *web = req->app;
    struct asking *asking = request_alloc(req, sizeof(*asking));

    if (asking)
        *asking = (struct asking){.req = req, .metrics = query->metrics, .format = query->format};
    if (!asking || !request_defer(req, on_request_end, asking)) {
        answer_err(req, ERR_NO_MEMORY, NULL);
        return;
    }
    asking->query = statistics_ask(web->statistics, &query->question, on_answer, asking);
    if (!asking->query)
        refuse_busy(req);
}

/* ---- reading -------------------------------------------------------------------------------- */

static enum err take_pair(struct request *req, struct stats_query *query,
                          const struct query_pair *pair, struct err_info *info)
{
    char *decoded = request_alloc(req, pair->value.len + 1);
    struct slice value;

    if (!decoded)
        return ERR_NO_MEMORY;
    value = percent_decode(pair->value, PERCENT_FORM, decoded);
    if (value.ptr)
        return stats_query_set(query, pair->name, value, info);
    err_info_set(info, "the value of a key has a %% that is not followed by two hex digits");
    return ERR_INVALID;
}

static enum err read_query(struct request *req, struct stats_query *query, struct err_info *info)
{
    struct query_reader reader = query_reader_init(req->query);
    struct query_pair pair;
    enum err err = ERR_OK;

    while (err == ERR_OK && query_next(&reader, &pair))
        err = take_pair(req, query, &pair, info);
    if (!query->has_format && query->question.kind != STATISTICS_LIVE &&
        media_type_is_named(req->fields[FIELD_ACCEPT], SLICE("text/csv")))
        query->format = STATS_CSV;
    return err == ERR_OK ? stats_query_end(query, info) : err;
}

/* Who may not see a site is told what he is told of one that is not there, and the store is asked
 * for neither. */
static enum err check_site(const struct request *req, struct slice site, struct err_info *info)
{
    if (who_may(admission_who(req), site, ROLE_VIEWER))
        return ERR_OK;
    statistics_no_site(site, info);
    return ERR_NOT_FOUND;
}

static void get(struct request *req, enum statistics_kind kind)
{
    struct err_info info = {""};
    struct stats_query query;
    struct arena arena;
    enum err err;

    arena_init(&arena, ARENA_CHUNK, ARENA_MAX);
    stats_query_init(&query, kind, &arena);
    err = read_query(req, &query, &info);
    query.question.is_public = admission_who(req)->kind == WHO_VISITOR;
    if (err == ERR_OK)
        err = check_site(req, query.question.site, &info);
    if (err == ERR_OK)
        ask(req, &query);
    else
        answer_err(req, err, &info);
    arena_fini(&arena);
}

void stats_get(struct request *req)
{
    get(req, STATISTICS_SERIES);
}

void stats_get_top(struct request *req)
{
    get(req, STATISTICS_TOP);
}

void stats_get_live(struct request *req)
{
    get(req, STATISTICS_LIVE);
}

/* Anybody may know what the numbers mean. */
void stats_get_definitions(struct request *req)
{
    struct strbuf body;

    strbuf_init(&body, ANSWER_MAX_BYTES);
    stats_append_definitions(&body);
    if (body.failed)
        answer_err(req, ERR_NO_MEMORY, NULL);
    else
        answer_json(req, 200, HEADER_CORS, strbuf_slice(&body));
    strbuf_fini(&body);
}
