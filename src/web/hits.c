/* POST /api/v1/hits: counts hits that are written in JSON, up to 500 in one request.
 *
 *     {"hits":[{"path":"/blog","id":"7f3a"},…]}, or [{…},…], or one hit alone
 *     -> 200 {"results":[{"status":"counted","count":12,"site_count":240},…],"counted":1}
 *
 *     status of a result      what became of the hit
 *     counted                 a view: counted, with the numbers of page and site
 *     event                   an event: counted
 *     duplicate               its id was counted before; the numbers are the current ones
 *     bot                     counted apart, "bot" says why
 *     ignored                 the site does not want it
 *     refused                 "error" says why; not counted. Sent again it is refused again
 *     unavailable             certainly not counted: the store cannot be reached, or is busy
 *     unknown                 the store did not answer in time: counted, or not
 *
 * Anybody tells of himself, and is told the numbers that counters of the site show; whoever shows
 * an API token with the scope count tells of others, and of the past. One that is wrong, or has not
 * the scope, is 401 or 403, and nothing is counted.
 *
 * Results are in the order of the hits. When not one hit was settled the status is not 200 but 503
 * (all unavailable) or 504 (some unknown), with an "error" beside the results. So whoever gives
 * each hit an id may send a whole request again, as often as he likes, whatever the answer was, or
 * when there was none: within 24 hours each hit counts once.
 */
#include "web/admission.h"
#include "web/answer.h"
#include "web/counting.h"
#include "web/hit_post.h"
#include "web/json_body.h"
#include "web/resources.h"

#define HEADERS HEADER_NO_STORE HEADER_CORS

/* 500 refusals of the longest kind, with all their letters escaped. */
#define MAX_ANSWER_BYTES ((size_t)2 << 20)

/* ---- the dialect ---------------------------------------------------------------------------- */

#define FIELD(member_) offsetof(struct hit_fields, member_)

static const struct hit_field fields[] = {
    {"site", HIT_FORM_TEXT, FIELD(site), 64},
    {"path", HIT_FORM_TEXT, FIELD(path), 8192},
    {"url", HIT_FORM_TEXT, FIELD(url), 8192},
    {"title", HIT_FORM_TEXT, FIELD(title), 2048},
    {"referrer", HIT_FORM_TEXT, FIELD(referrer), 4096},
    {"query", HIT_FORM_TEXT, FIELD(query), 4096},
    {"event", HIT_FORM_TEXT, FIELD(event), 4096},
    {"value", HIT_FORM_NUMBER, FIELD(value), 0},
    {"properties", HIT_FORM_PROPERTIES, FIELD(properties), 0},
    {"size", HIT_FORM_SIZE, FIELD(size), 64},
    {"user_agent", HIT_FORM_TEXT, FIELD(user_agent), 4096},
    {"ip", HIT_FORM_TEXT, FIELD(ip), 64},
    {"language", HIT_FORM_TEXT, FIELD(language), 1024},
    {"id", HIT_FORM_TEXT, FIELD(id), 512},
    {"time", HIT_FORM_TIME, FIELD(unix_s), 0},
    {"bot", HIT_FORM_WHOLE, FIELD(bot), 0},
};

static enum err find_hits(json_t *root, struct hit_terms *out, struct err_info *info)
{
    json_t *list = json_object_get(root, "hits");

    out->hits = list ? list : root;
    if (!list)
        return ERR_OK;
    if (json_is_array(list) && json_object_size(root) == 1)
        return ERR_OK;
    err_info_set(info, "hits has to be a list, and nothing may be beside it");
    return ERR_INVALID;
}

const struct hit_dialect hit_dialect_own = {
    .fields = fields,
    .field_count = sizeof(fields) / sizeof(fields[0]),
    .find = find_hits,
};

/* ---- results -------------------------------------------------------------------------------- */

static void append_numbers(struct strbuf *out, const struct run_hit *hit, bool is_trusted)
{
    struct counted shown = hit->counted;

    if (shown.event.len > 0 || shown.bot.len > 0)
        return;
    if (is_trusted)
        shown.public_counters = SITE_PUBLIC_PAGES;
    counting_append_number(out, &shown, true, hit->answer.count);
    counting_append_number(out, &shown, false, hit->answer.site_count);
}

static void append_counted(struct strbuf *out, const struct run_hit *hit, bool is_trusted)
{
    if (hit->answer.duplicate) {
        strbuf_append(out, SLICE("\"duplicate\""));
        append_numbers(out, hit, is_trusted);
    } else if (hit->answer.is_bot) {
        strbuf_append(out, SLICE("\"bot\",\"bot\":"));
        append_json_string(out, hit->counted.bot);
    } else if (hit->counted.event.len > 0) {
        strbuf_append(out, SLICE("\"event\""));
    } else {
        strbuf_append(out, SLICE("\"counted\""));
        append_numbers(out, hit, is_trusted);
    }
}

static void append_refused(struct strbuf *out, const struct run_hit *hit)
{
    strbuf_append(out, SLICE("\"refused\","));
    append_error(out, hit->status, hit->why);
}

static void append_result(struct strbuf *out, const struct run_hit *hit, bool is_trusted)
{
    strbuf_append(out, SLICE("{\"status\":"));
    switch (hit->stage) {
    case HIT_COUNTED:
        append_counted(out, hit, is_trusted);
        break;
    case HIT_REFUSED:
        append_refused(out, hit);
        break;
    case HIT_IGNORED:
        strbuf_append(out, SLICE("\"ignored\""));
        break;
    case HIT_FAILED:
    case HIT_FOUND:
    case HIT_TO_BEGIN:
    case HIT_UNDER_WAY: /* the last three never: the run is over, and it counts */
        strbuf_append(out, hit->answer.err == ERR_UNKNOWN ? SLICE("\"unknown\"")
                                                          : SLICE("\"unavailable\""));
        break;
    }
    strbuf_append_char(out, '}');
}

static void append_results(struct strbuf *out, const struct run_hit *hits, size_t count,
                           const struct hit_outcome *outcome, bool is_trusted)
{
    strbuf_append(out, SLICE("\"results\":["));
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            strbuf_append_char(out, ',');
        append_result(out, &hits[i], is_trusted);
    }
    strbuf_append(out, SLICE("],\"counted\":"));
    strbuf_append_int(out, (int64_t)outcome->counted);
    strbuf_append(out, SLICE("}\n"));
}

static void tell(struct request *req, const struct run_hit *hits, size_t count)
{
    struct hit_outcome outcome = hit_outcome_of(hits, count);
    int status = hit_outcome_status(&outcome);
    struct strbuf body;

    strbuf_init(&body, MAX_ANSWER_BYTES);
    strbuf_append_char(&body, '{');
    if (status != 200) {
        append_error(&body, status,
                     answer_message(outcome.has_unknown ? ERR_UNKNOWN : hits[0].answer.err));
        strbuf_append_char(&body, ',');
    }
    append_results(&body, hits, count, &outcome, admission_who(req)->kind == WHO_PROGRAM);
    if (body.failed)
        answer_err(req, ERR_UNKNOWN, NULL); /* they are counted, but nobody can be told */
    else
        answer_json(req, status, status == 200 ? HEADERS : HEADERS "Retry-After: 1\r\n",
                    strbuf_slice(&body));
    strbuf_fini(&body);
}

/* ---- the address ---------------------------------------------------------------------------- */

static const struct hit_answers answers = {.refuse = answer_err, .tell = tell};

void hits_post(struct request *req)
{
    if (!json_body_is_named(req))
        answer_error(req, 415, "hits are sent as Content-Type: application/json", "");
    else
        hit_post(req, &hit_dialect_own, &answers, SLICE(""));
}
