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

static int64_t value_of(struct slice path, const struct hit_answer *answer)
{
    return path.len > 0 ? answer->count : answer->site_count;
}

static void on_looked_json(struct request *req, struct slice site, struct slice path,
                           const struct hit_answer *answer)
{
    char storage[6 * HIT_MAX_PATH + 512];
    struct strbuf body;

    strbuf_init_fixed(&body, storage, sizeof(storage));
    append_json(&body, site, path, value_of(path, answer));
    answer_json(req, 200, HEADERS, strbuf_slice(&body));
}

static void on_looked_text(struct request *req, struct slice site, struct slice path,
                           const struct hit_answer *answer)
{
    char text[21];
    size_t len = format_int(text, value_of(path, answer));

    (void)site;
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

/* SITE or SITE/PATH; the path begins with its slash, and is empty when the whole site is meant. */
static struct hit_input split(struct slice name)
{
    const char *slash = memchr(name.ptr, '/', name.len);
    size_t site_len = slash ? (size_t)(slash - name.ptr) : name.len;

    return (struct hit_input){.site = slice_of(name.ptr, site_len),
                              .path = slice_from(name, site_len)};
}

void counter_get(struct request *req)
{
    struct slice name = slice_from(req->path, strlen("/c/"));
    counted_fn *answer = find_format(&name);
    struct hit_input input = split(name);
    struct err_info info = {""};
    enum err err;

    if (!answer) {
        answer_error(req, 404, "a counter ends in .txt or .json, as /c/" SITE_DEFAULT ".txt", "");
        return;
    }
    err = hit_check_page(input.site, input.path.len > 0 ? input.path : SLICE("/"), &info);
    if (err != ERR_OK)
        answer_err(req, err, &info);
    else
        counting_look(req, &input, answer);
}
