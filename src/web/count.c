/* GET, POST /count: counts a hit. */
#include <strings.h>

#include "base/percent.h"
#include "base/query.h"
#include "http/media_type.h"
#include "web/answer.h"
#include "web/counting.h"
#include "web/resources.h"

#define HEADERS HEADER_NO_STORE HEADER_CORS "Vary: Accept\r\n"

/* Texts that are put together for one request. */
#define ARENA_CHUNK 4096
#define ARENA_MAX   65536

/* The keys of a hit, as GoatCounter names them, with `site` and `id`. */
enum key {
    KEY_PATH,
    KEY_TITLE,
    KEY_REFERRER,
    KEY_EVENT,
    KEY_SCREEN,
    KEY_QUERY,
    KEY_BOT,
    KEY_NO_SESSION,
    KEY_RANDOM,
    KEY_SITE,
    KEY_ID,
    KEY_COUNT_ /* how many there are; none itself */
};

/* The raw value of one that is not text but too long is not looked at. */
static const struct {
    struct slice name;
    size_t max_bytes; /* decoded */
} keys[KEY_COUNT_] = {
    [KEY_PATH] = {SLICE_INIT("p"), 4096},     [KEY_TITLE] = {SLICE_INIT("t"), 2048},
    [KEY_REFERRER] = {SLICE_INIT("r"), 4096}, [KEY_EVENT] = {SLICE_INIT("e"), 8},
    [KEY_SCREEN] = {SLICE_INIT("s"), 64},     [KEY_QUERY] = {SLICE_INIT("q"), 4096},
    [KEY_BOT] = {SLICE_INIT("b"), 8},         [KEY_NO_SESSION] = {SLICE_INIT("ns"), 8},
    [KEY_RANDOM] = {SLICE_INIT("rnd"), 64},   [KEY_SITE] = {SLICE_INIT("site"), 64},
    [KEY_ID] = {SLICE_INIT("id"), 512},
};

static void on_counted_pixel(struct request *req, const struct counted *counted,
                             const struct hit_answer *answer)
{
    (void)counted;
    (void)answer;
    answer_pixel(req, HEADERS);
}

static void append_text(struct strbuf *out, struct slice key, struct slice text)
{
    strbuf_append(out, key);
    append_json_string(out, text);
}

/* A view tells the number of its page; an event and a bot have none. */
static void append_count(struct strbuf *out, const struct counted *counted,
                         const struct hit_answer *answer)
{
    if (counted->event.len > 0) {
        append_text(out, SLICE(",\"event\":"), counted->event);
    } else {
        append_text(out, SLICE(",\"path\":"), counted->path);
        if (counted->bot.len == 0)
            counting_append_number(out, counted, true, answer->count);
    }
    counting_append_number(out, counted, false, answer->site_count);
    if (counted->bot.len > 0)
        append_text(out, SLICE(",\"bot\":"), counted->bot);
    if (counted->is_ignored)
        strbuf_append(out, SLICE(",\"ignored\":true"));
    strbuf_append(out, answer->duplicate ? SLICE(",\"duplicate\":true}\n")
                                         : SLICE(",\"duplicate\":false}\n"));
}

static void on_counted_json(struct request *req, const struct counted *counted,
                            const struct hit_answer *answer)
{
    char storage[6 * HIT_MAX_PATH + 1024]; /* each byte escaped, and the rest */
    struct strbuf body;

    strbuf_init_fixed(&body, storage, sizeof(storage));
    append_text(&body, SLICE("{\"site\":"), counted->site);
    append_count(&body, counted, answer);
    answer_json(req, 200, HEADERS, strbuf_slice(&body));
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Notes the pairs of a query or a form, as they stand there; of a key given twice the last one
 * holds. */
static void note_pairs(struct slice query, struct slice values[static KEY_COUNT_])
{
    struct query_reader reader = query_reader_init(query);
    struct query_pair pair;

    while (query_next(&reader, &pair)) {
        for (size_t i = 0; i < KEY_COUNT_; i++) {
            if (slice_eq(pair.name, keys[i].name))
                values[i] = pair.value;
        }
    }
}

/* Decoding makes at most three bytes one. */
static enum err decode(struct request *req, enum key key, struct slice *value,
                       struct err_info *info)
{
    char *decoded;

    if (value->len == 0)
        return ERR_OK;
    if (key == KEY_TITLE && value->len > 3 * keys[key].max_bytes) {
        *value = SLICE(""); /* a title is not worth a hit */
        return ERR_OK;
    }
    if (value->len > 3 * keys[key].max_bytes) {
        err_info_set(info, "%.*s is too long: at most %zu bytes are taken",
                     SLICE_ARG(keys[key].name), keys[key].max_bytes);
        return ERR_INVALID;
    }
    decoded = request_alloc(req, value->len + 1);
    if (!decoded)
        return ERR_NO_MEMORY;
    *value = percent_decode(*value, PERCENT_FORM, decoded);
    if (value->ptr)
        return ERR_OK;
    err_info_set(info, "%.*s has a %% that is not followed by two hex digits",
                 SLICE_ARG(keys[key].name));
    return ERR_INVALID;
}

static bool is_form(const struct request *req)
{
    struct slice type = req->fields[FIELD_CONTENT_TYPE];
    const struct slice form = SLICE("application/x-www-form-urlencoded");

    return type.len >= form.len && strncasecmp(type.ptr, form.ptr, form.len) == 0;
}

static enum err read_values(struct request *req, struct slice values[static KEY_COUNT_],
                            struct err_info *info)
{
    enum err err = ERR_OK;

    for (size_t i = 0; i < KEY_COUNT_; i++)
        values[i] = SLICE("");
    note_pairs(req->query, values);
    if (is_form(req))
        note_pairs(req->body, values);
    for (enum key key = 0; key < KEY_COUNT_ && err == ERR_OK; key++)
        err = decode(req, key, &values[key], info);
    return err;
}

/* GoatCounter's values: "true", and what JavaScript makes of a number or a word. */
static bool is_true(struct slice text)
{
    return text.len > 0 && !slice_eq(text, SLICE("false")) && !slice_eq(text, SLICE("0"));
}

static int64_t read_hint(struct slice text)
{
    int64_t hint = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || hint > 1000000)
            return 0;
        hint = 10 * hint + (text.ptr[i] - '0');
    }
    return hint;
}

static enum err read_page(struct slice sent, struct arena *arena, struct hit_request *out,
                          struct err_info *info)
{
    struct event *event = &out->claim.event;

    if (event->name.len == 0) {
        out->claim.has_page = true;
        return page_normalize(sent, arena, &out->page, info);
    }
    out->page = (struct page){.path = SLICE("/"), .host = SLICE(""), .query = SLICE("")};
    return event_check(event, info);
}

static enum err make_hit(struct request *req, struct slice values[static KEY_COUNT_],
                         struct arena *arena, struct hit_request *out, struct err_info *info)
{
    enum err err;

    *out = (struct hit_request){
        .site = values[KEY_SITE], .id = values[KEY_ID], .no_site = ERR_INVALID};
    counting_claim_fields(req, &out->claim);
    out->claim.title = values[KEY_TITLE];
    out->claim.referrer = values[KEY_REFERRER];
    out->claim.query = values[KEY_QUERY];
    out->claim.screen = values[KEY_SCREEN];
    out->claim.bot_hint = read_hint(values[KEY_BOT]);
    if (is_true(values[KEY_NO_SESSION]))
        out->claim.address = NULL;
    if (is_true(values[KEY_EVENT]))
        out->claim.event.name = event_name(values[KEY_PATH]);
    err = read_page(values[KEY_PATH], arena, out, info);
    if (err == ERR_OK)
        err = hit_check_id(out->id, info);
    if (err == ERR_OK && out->site.len > 0)
        err = hit_check_site(out->site, info);
    if (err != ERR_OK)
        return err;
    out->host = out->page.host;
    return out->host.len > 0 ? ERR_OK : counting_host(req, arena, &out->host);
}

void count_hit(struct request *req)
{
    bool is_json = media_type_is_named(req->fields[FIELD_ACCEPT], SLICE("application/json"));
    struct slice values[KEY_COUNT_];
    struct err_info info = {""};
    struct hit_request hit;
    struct arena arena;
    enum err err = read_values(req, values, &info);

    arena_init(&arena, ARENA_CHUNK, ARENA_MAX);
    if (err == ERR_OK)
        err = make_hit(req, values, &arena, &hit, &info);
    if (err != ERR_OK)
        answer_err(req, err, &info);
    else
        counting_hit_or_look(req, &hit, is_json ? on_counted_json : on_counted_pixel);
    arena_fini(&arena);
}
