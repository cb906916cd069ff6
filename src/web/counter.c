/* GET /c/SITE[/PATH].{svg,txt,html,json,gif}: shows a number; with hit=1, and as .gif, counts. */
#include "count/hit.h"
#include "web/answer.h"
#include "web/counter_show.h"
#include "web/resources.h"

/* SITE or SITE/PATH: the path begins with its slash. */
static void split(struct slice name, struct slice *site, struct slice *path)
{
    const char *slash = memchr(name.ptr, '/', name.len);

    *site = slice_of(name.ptr, slash ? (size_t)(slash - name.ptr) : name.len);
    *path = slice_from(name, site->len);
}

/* The whole site is looked at, and counted, as the page that nobody asked for: "/" stands for it.
 */
static enum err make_look(struct slice name, struct arena *arena, struct counter_view *out,
                          struct err_info *info)
{
    struct slice path;
    enum err err;

    split(name, &out->look.site, &path);
    out->is_page = path.len > 0;
    err = hit_check_site(out->look.site, info);
    if (err != ERR_OK)
        return ERR_NOT_FOUND; /* the address is wrong */
    return page_normalize(out->is_page ? path : SLICE("/"), arena, &out->look.page, info);
}

static void show(struct request *req, struct slice name, const struct counter_format *format)
{
    struct counter_view *counter = counter_new(req);
    struct err_info info = {""};
    struct arena arena;
    enum err err;

    if (!counter) {
        answer_err(req, ERR_NO_MEMORY, NULL);
        return;
    }
    counter->format = format;
    counter_options_read(&counter->options, req->query);
    arena_init(&arena, 4096, 65536);
    err = make_look(name, &arena, counter, &info);
    if (err != ERR_OK)
        counter_answer_failed(req, err_http_status(err), info.text);
    else
        counter_show(counter);
    arena_fini(&arena);
}

void counter_get(struct request *req)
{
    struct slice name = slice_from(req->path, strlen("/c/"));
    const struct counter_format *format = counter_format_of(&name);

    if (format)
        show(req, name, format);
    else
        answer_error(
            req, 404,
            "a counter ends in .svg, .txt, .html, .json or .gif, as /c/" SITE_DEFAULT ".svg", "");
}
