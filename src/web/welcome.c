/* GET /: counts this view of the default site and welcomes the visitor with the number. */
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>

#include "web/answer.h"
#include "web/counting.h"
#include "web/resources.h"
#include "web/web.h"

#define TEXT_HEADERS HEADER_NO_STORE "Vary: Accept\r\n"

/* embed.S */
extern const char welcome_html[];
extern const char welcome_html_end[];

static char page_headers[400];
static pthread_once_t page_headers_once = PTHREAD_ONCE_INIT;

static struct slice between(struct slice text, struct slice before, struct slice after)
{
    const char *start = memmem(text.ptr, text.len, before.ptr, before.len);
    const char *end = memmem(text.ptr, text.len, after.ptr, after.len);

    return slice_of(start + before.len, (size_t)(end - start) - before.len);
}

/* The page's one style sheet is allowed by its hash (CSP 3, section 6.6.2.2); it is computed here,
 * so that the page can change without anybody thinking of it. */
static void make_page_headers(void)
{
    struct slice page = slice_of(welcome_html, (size_t)(welcome_html_end - welcome_html));
    struct slice style = between(page, SLICE("<style>"), SLICE("</style>"));
    unsigned char hash[crypto_hash_sha256_BYTES];
    char base64[64];

    crypto_hash_sha256(hash, (const unsigned char *)style.ptr, style.len);
    sodium_bin2base64(base64, sizeof(base64), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
    (void)snprintf(page_headers, sizeof(page_headers),
                   TEXT_HEADERS "Content-Security-Policy: default-src 'none'; style-src "
                                "'sha256-%s'; base-uri 'none'; form-action 'none'; "
                                "frame-ancestors 'none'\r\n"
                                "Referrer-Policy: same-origin\r\n",
                   base64);
}

/* Appends the page with its {{slots}} filled. */
static void append_page(struct strbuf *out, struct slice name, struct slice count)
{
    const struct {
        struct slice slot;
        struct slice value;
    } slots[] = {
        {SLICE("{{name}}"), name},
        {SLICE("{{count}}"), count},
        {SLICE("{{version}}"), SLICE(FOOTFALL_VERSION)},
    };

    const size_t slot_count = sizeof(slots) / sizeof(slots[0]);
    struct slice rest = slice_of(welcome_html, (size_t)(welcome_html_end - welcome_html));
    const char *brace;

    while ((brace = memmem(rest.ptr, rest.len, "{{", 2))) {
        size_t i = 0;

        strbuf_append(out, slice_of(rest.ptr, (size_t)(brace - rest.ptr)));
        rest = slice_from(rest, (size_t)(brace - rest.ptr));
        while (i < slot_count && !slice_starts_with(rest, slots[i].slot))
            i++;
        if (i == slot_count)
            break;
        append_html(out, slots[i].value);
        rest = slice_from(rest, slots[i].slot.len);
    }
    strbuf_append(out, rest);
}

static void on_counted_page(struct request *req, const struct counted *counted,
                            const struct hit_answer *answer)
{
    const struct web *web = req->app;
    char number[20];
    struct strbuf body;

    (void)counted;
    strbuf_init(&body, ANSWER_MAX_BYTES);
    append_page(&body, slice_str(web->name),
                slice_of(number, format_int(number, answer->site_count)));
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
