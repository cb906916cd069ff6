/* GET /c/SITE[/PATH].{txt,json}: shows a number, counts nothing. */
#include "web/answer.h"
#include "web/counting.h"
#include "web/resources.h"

#define HEADERS HEADER_NO_STORE HEADER_CORS

static void append_json(struct strbuf *out, struct slice site, struct slice path, int64_t value)
{
    strbuf_append(out, SLICE("{\"site\":"));
    append_json_string(out, site);
    strbuf_append(out, SLICE(",\"path\":"));
    if (path.len > 0)
        append_json_string(out, path);
    else
        strbuf_append(out, SLICE("null"));
    strbuf_append(out, SLICE(",\"metric\":\"views\",\"value\":"));
    strbuf_append_int(out, value);
    strbuf_append(out, SLICE("}\n"));
}

/* The whole site is looked at as the page that nobody asked for: "/" stands for it. */
static bool is_of_page(const struct request *req)
{
    return req->handler_data != NULL;
}

static int64_t value_of(const struct request *req, const struct hit_answer *answer)
{
    return is_of_page(req) ? answer->count : answer->site_count;
}

static void on_looked_json(struct request *req, const struct counted *counted,
                           const struct hit_answer *answer)
{
    char storage[6 * HIT_MAX_PATH + 512];
    struct strbuf body;

    strbuf_init_fixed(&body, storage, sizeof(storage));
    append_json(&body, counted->site, is_of_page(req) ? counted->path : SLICE(""),
                value_of(req, answer));
    answer_json(req, 200, HEADERS, strbuf_slice(&body));
}

static void on_looked_text(struct request *req, const struct counted *counted,
                           const struct hit_answer *answer)
{
    char text[21];
    size_t len = format_int(text, value_of(req, answer));

    (void)counted;
    text[len++] = '\n';
    answer_text(req, HEADERS, slice_of(text, len));
}

static const struct {
    struct slice extension;
    counted_fn *answer;
} formats[] = {
    {SLICE_INIT(".json"), on_looked_json},
    {SLICE_INIT(".txt"), on_looked_text},
};

/* Takes the extension off `name`; NULL when it is none of ours. */
static counted_fn *find_format(struct slice *name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct slice extension = formats[i].extension;

        if (name->len >= extension.len &&
            slice_eq(slice_from(*name, name->len - extension.len), extension)) {
            name->len -= extension.len;
            return formats[i].answer;
        }
    }
    return NULL;
}

/* SITE or SITE/PATH: the path begins with its slash. */
static void split(struct slice name, struct slice *site, struct slice *path)
{
    const char *slash = memchr(name.ptr, '/', name.len);

    *site = slice_of(name.ptr, slash ? (size_t)(slash - name.ptr) : name.len);
    *path = slice_from(name, site->len);
}

static enum err make_look(struct slice name, struct arena *arena, struct hit_request *out,
                          bool *is_page, struct err_info *info)
{
    struct slice path;
    enum err err;

    *out = (struct hit_request){.no_site = ERR_NOT_FOUND, .host = SLICE(""), .id = SLICE("")};
    split(name, &out->site, &path);
    *is_page = path.len > 0;
    err = hit_check_site(out->site, info);
    if (err != ERR_OK)
        return ERR_NOT_FOUND; /* the address is wrong */
    return page_normalize(*is_page ? path : SLICE("/"), arena, &out->page, info);
}

void counter_get(struct request *req)
{
    struct slice name = slice_from(req->path, strlen("/c/"));
    counted_fn *answer = find_format(&name);
    struct err_info info = {""};
    struct hit_request look;
    struct arena arena;
    bool is_page;
    enum err err;

    if (!answer) {
        answer_error(req, 404, "a counter ends in .txt or .json, as /c/" SITE_DEFAULT ".txt", "");
        return;
    }
    arena_init(&arena, 4096, 65536);
    err = make_look(name, &arena, &look, &is_page, &info);
    req->handler_data = is_page ? req : NULL;
    if (err != ERR_OK)
        answer_err(req, err, &info);
    else
        counting_look(req, &look, answer);
    arena_fini(&arena);
}
