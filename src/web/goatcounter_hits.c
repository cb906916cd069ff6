/* POST /api/v0/count: counts hits as GoatCounter's address of this name does, for its clients.
 *
 *     {"no_sessions":true,"filter":["ip"],"hits":[{"path":"/blog","created_at":"2026-03-01T…"},…]}
 *     -> 202 {"status":"ok"}
 *     -> 400 {"errors":{"3":"why"}}, by the number of the hit, from 0; the others are done with
 *     -> 400, 401, 415, 503, 504 {"error":"why"}: nothing was counted; with 504 it is not known
 *     -> 401, 403 {"error":{"message":"why",…}}: of a token that is wrong, or has not the scope
 *
 * With GoatCounter the name of the server says which site is meant. Here ?site=ID does, or the
 * domain of a whole address in "path"; else it is the default site.
 */
#include "base/query.h"
#include "count/rfc3339.h"
#include "web/admission.h"
#include "web/answer.h"
#include "web/hit_post.h"
#include "web/json_body.h"
#include "web/resources.h"

#define HEADERS          HEADER_NO_STORE HEADER_CORS

#define MAX_ANSWER_BYTES ((size_t)2 << 20)

/* ---- the dialect ---------------------------------------------------------------------------- */

#define FIELD(member_) offsetof(struct hit_fields, member_)

static const struct hit_field fields[] = {
    {"path", HIT_FORM_TEXT, FIELD(path), 8192},
    {"title", HIT_FORM_TEXT, FIELD(title), 2048},
    {"event", HIT_FORM_BOOLEAN, FIELD(is_event), 0},
    {"ref", HIT_FORM_TEXT, FIELD(referrer), 4096},
    {"size", HIT_FORM_SIZE, FIELD(size), 64},
    {"query", HIT_FORM_TEXT, FIELD(query), 4096},
    {"bot", HIT_FORM_WHOLE, FIELD(bot), 0},
    {"user_agent", HIT_FORM_TEXT, FIELD(user_agent), 4096},
    {"location", HIT_FORM_TEXT, FIELD(country), 64},
    {"ip", HIT_FORM_TEXT, FIELD(ip), 64},
    {"created_at", HIT_FORM_TIME, FIELD(unix_s), 0},
    {"session", HIT_FORM_TEXT, FIELD(session), 512},
};

static bool are_known(json_t *root)
{
    static const char *const names[] = {"no_sessions", "filter", "hits"};
    size_t known = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        known += json_object_get(root, names[i]) ? 1 : 0;
    return known == json_object_size(root);
}

/* The list of filters to apply: "ip" is the only one. Without the list it is applied. */
static enum err read_filter(json_t *filter, struct hit_terms *out, struct err_info *info)
{
    if (!filter || json_is_null(filter))
        return ERR_OK;
    if (!json_is_array(filter)) {
        err_info_set(info, "filter has to be a list");
        return ERR_INVALID;
    }
    out->has_no_filter = json_array_size(filter) == 0;
    for (size_t i = 0; i < json_array_size(filter); i++) {
        const char *name = json_string_value(json_array_get(filter, i));

        if (name && strcmp(name, "ip") == 0)
            continue;
        err_info_set(info, "unknown value in filter: there is \"ip\"");
        return ERR_INVALID;
    }
    return ERR_OK;
}

static enum err find_hits(json_t *root, struct hit_terms *out, struct err_info *info)
{
    out->hits = json_object_get(root, "hits");
    out->may_be_nobody = json_is_true(json_object_get(root, "no_sessions"));
    if (!are_known(root)) {
        err_info_set(info, "only no_sessions, filter and hits are known");
        return ERR_INVALID;
    }
    if (!json_is_array(out->hits) || json_array_size(out->hits) == 0) {
        err_info_set(info, "no hits");
        return ERR_INVALID;
    }
    return read_filter(json_object_get(root, "filter"), out, info);
}

static enum err adapt(const struct hit_terms *terms, struct hit_fields *of, struct hit_request *hit,
                      struct err_info *info)
{
    if (of->has_time && of->unix_s == RFC3339_GO_ZERO_UNIX_S)
        of->has_time = false;
    hit->claim.is_wanted = terms->has_no_filter;
    if (terms->may_be_nobody || of->session.len > 0 || (of->user_agent.len > 0 && of->ip.len > 0))
        return ERR_OK;
    err_info_set(info, "session, or user_agent and ip, are missing: to count without telling who "
                       "it was, use no_sessions");
    return ERR_INVALID;
}

const struct hit_dialect hit_dialect_goatcounter = {
    .fields = fields,
    .field_count = sizeof(fields) / sizeof(fields[0]),
    .find = find_hits,
    .adapt = adapt,
};

/* ---- answers -------------------------------------------------------------------------------- */

static void answer_reason(struct request *req, int status, const char *why, const char *headers)
{
    char storage[1024];
    struct strbuf body;

    strbuf_init_fixed(&body, storage, sizeof(storage));
    strbuf_append(&body, SLICE("{\"error\":"));
    append_json_string(&body, slice_str(why));
    strbuf_append(&body, SLICE("}\n"));
    answer_json(req, status, headers, strbuf_slice(&body));
}

static void refuse(struct request *req, enum err err, const struct err_info *info)
{
    answer_reason(req, err_http_status(err), info->text[0] ? info->text : answer_message(err),
                  HEADERS);
}

/* Why a hit has to be sent again, or cannot be counted; NULL: it is done with. */
static const char *complaint(const struct run_hit *hit)
{
    if (hit->stage == HIT_REFUSED)
        return hit->why;
    return hit->stage == HIT_FAILED ? answer_message(hit->answer.err) : NULL;
}

static void append_errors(struct strbuf *out, const struct run_hit *hits, size_t count)
{
    const char *separator = "{\"errors\":{";

    for (size_t i = 0; i < count; i++) {
        const char *why = complaint(&hits[i]);

        if (!why)
            continue;
        strbuf_printf(out, "%s\"%zu\":", separator, i);
        append_json_string(out, slice_str(why));
        separator = ",";
    }
    if (out->len > 0)
        strbuf_append(out, SLICE("}}\n"));
}

static void tell(struct request *req, const struct run_hit *hits, size_t count)
{
    struct hit_outcome outcome = hit_outcome_of(hits, count);
    int status = hit_outcome_status(&outcome);
    struct strbuf errors;

    if (status != 200) {
        answer_reason(req, status,
                      answer_message(outcome.has_unknown ? ERR_UNKNOWN : ERR_UNAVAILABLE),
                      HEADERS "Retry-After: 1\r\n");
        return;
    }
    strbuf_init(&errors, MAX_ANSWER_BYTES);
    append_errors(&errors, hits, count);
    if (errors.failed)
        answer_reason(req, 504, answer_message(ERR_NO_MEMORY), HEADERS);
    else if (errors.len > 0)
        answer_json(req, 400, HEADERS, strbuf_slice(&errors));
    else
        answer_json(req, 202, HEADERS, SLICE("{\"status\":\"ok\"}\n"));
    strbuf_fini(&errors);
}

/* ---- the address ---------------------------------------------------------------------------- */

static const struct hit_answers answers = {.refuse = refuse, .tell = tell};

/* Of one that is given twice the last one holds. An id of a site needs no decoding; what does, is
 * none. */
static struct slice site_of(const struct request *req)
{
    struct query_reader reader = query_reader_init(req->query);
    struct slice site = SLICE("");
    struct query_pair pair;

    while (query_next(&reader, &pair)) {
        if (slice_eq(pair.name, SLICE("site")))
            site = pair.value;
    }
    return site;
}

/* A token that is wrong, or has not the scope, never comes so far. */
static void refuse_nobody(struct request *req)
{
    answer_reason(req, 401, "the API token is missing: \"footfall token add\" makes one",
                  HEADERS "WWW-Authenticate: Bearer realm=\"Footfall\"\r\n");
}

void goatcounter_hits_post(struct request *req)
{
    if (!json_body_is_named(req))
        answer_reason(req, 415, "hits are sent as Content-Type: application/json", HEADERS);
    else if (admission_who(req)->kind != WHO_PROGRAM)
        refuse_nobody(req);
    else
        hit_post(req, &hit_dialect_goatcounter, &answers, site_of(req));
}
