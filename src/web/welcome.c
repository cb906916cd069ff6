/* GET /: counts this view of the default site and welcomes the visitor with the number. */
#include <pthread.h>

#include "web/answer.h"
#include "web/counting.h"
#include "web/page.h"
#include "web/page_policy.h"
#include "web/resources.h"
#include "web/template.h"
#include "web/web.h"

#define TEXT_HEADERS HEADER_NO_STORE "Vary: Accept\r\n"

#define PAGE_HEADERS TEXT_HEADERS "Referrer-Policy: same-origin\r\n"

static char page_headers[sizeof(PAGE_HEADERS) + PAGE_POLICY_BYTES] = PAGE_HEADERS;
static pthread_once_t page_headers_once = PTHREAD_ONCE_INIT;

static void make_page_headers(void)
{
    page_policy_make(page_text(PAGE_WELCOME), 0, page_headers + sizeof(PAGE_HEADERS) - 1);
}

static void append_page(struct strbuf *out, const char *name, int64_t count)
{
    json_t *data = json_object();

    /* A name that is no UTF-8 is shown as well as it can be. */
    if (!data || json_object_set_new(data, "name", json_string_nocheck(name)) != 0 ||
        json_object_set_new(data, "count", json_integer(count)) != 0 ||
        json_object_set_new(data, "version", json_string(FOOTFALL_VERSION)) != 0)
        out->failed = true;
    else
        template_render(out, page_text(PAGE_WELCOME), data);
    json_decref(data);
}

static void on_counted_page(struct request *req, const struct counted *counted,
                            const struct hit_answer *answer)
{
    const struct web *web = req->app;
    struct strbuf body;

    (void)counted;
    strbuf_init(&body, ANSWER_MAX_BYTES);
    append_page(&body, web->name, answer->site_count);
    if (body.failed)
        answer_err(req, ERR_NO_MEMORY, NULL);
    else
        request_respond(req, &(struct response){.status = 200,
                                                .content_type = SLICE("text/html; charset=utf-8"),
                                                .headers = slice_str(page_headers),
                                                .body = strbuf_slice(&body)});
    strbuf_fini(&body);
}

static void on_counted_text(struct request *req, const struct counted *counted,
                            const struct hit_answer *answer)
{
    const struct web *web = req->app;
    char storage[256];
    struct strbuf body;

    (void)counted;
    strbuf_init_fixed(&body, storage, sizeof(storage));
    strbuf_append(&body, SLICE("Welcome to "));
    strbuf_append(&body, slice_str(web->name));
    strbuf_append(&body, SLICE("! Visitor Count: "));
    strbuf_append_int(&body, answer->site_count);
    strbuf_append_char(&body, '\n');
    answer_text(req, TEXT_HEADERS, strbuf_slice(&body));
}

/* Everybody who asks is welcomed with the next number, programs too. */
void welcome_get(struct request *req)
{
    struct hit_request hit = {
        .site = SLICE(SITE_DEFAULT),
        .page = {.path = SLICE("/"), .host = SLICE(""), .query = req->query},
        .claim = {.referrer = req->fields[FIELD_REFERER], .has_page = true, .counts_bots = true},
        .no_site = ERR_NOT_FOUND,
    };

    counting_claim_fields(req, &hit.claim);
    pthread_once(&page_headers_once, make_page_headers);
    counting_hit_or_look(req, &hit, wants_html(req) ? on_counted_page : on_counted_text);
}
