/* What a counter answers: the bodies, and who may keep them for how long. */
#include <sodium.h>

#include "http/date.h"
#include "web/answer.h"
#include "web/badge.h"
#include "web/counter_show.h"
#include "web/web.h"

/* Any page may show it, and see how long that took. What is shown by itself may load nothing. */
#define HEADERS                                                                                    \
    HEADER_CORS "Timing-Allow-Origin: *\r\nX-Content-Type-Options: nosniff\r\n"                    \
                "Content-Security-Policy: default-src 'none'"
#define POLICY_PLAIN "\r\n"
#define POLICY_STYLE "; style-src 'unsafe-inline'\r\n" /* the one style of theme=auto */

/* What everybody who has tried has come to: image proxies obey nothing less. */
#define HEADERS_COUNTING                                                                           \
    "Cache-Control: max-age=0, no-cache, no-store, must-revalidate\r\nPragma: no-cache\r\n"        \
    "Expires: Thu, 01 Jan 1970 00:00:00 GMT\r\n"

#define HEADERS_BYTES 1024

/* "\"" and 16 bytes in hex, and "\"". */
#define ETAG_BYTES 34

/* ---- bodies --------------------------------------------------------------------------------- */

static struct slice label_of(const struct counter_view *counter)
{
    const struct counter_options *options = &counter->options;

    return options->has_label ? options->label : counter_label(options->metric, options->language);
}

static struct slice text_of(const struct counter_view *counter, enum counter_form form,
                            char out[static COUNTER_TEXT_BYTES])
{
    const struct counter_options *options = &counter->options;

    return counter_number(counter->number, form, options->language, options->digits, out);
}

static void append_svg(struct strbuf *out, const struct counter_view *counter)
{
    char text[COUNTER_TEXT_BYTES];

    badge_append(out, &(struct badge){.options = &counter->options,
                                      .label = label_of(counter),
                                      .text = text_of(counter, counter->options.form, text),
                                      .number = counter->number,
                                      .days = counter->days,
                                      .day_count = counter->day_count});
}

static void append_text(struct strbuf *out, const struct counter_view *counter)
{
    const struct counter_options *options = &counter->options;
    char text[COUNTER_TEXT_BYTES];

    strbuf_append(out, text_of(counter, options->has_form ? options->form : COUNTER_PLAIN, text));
    strbuf_append_char(out, '\n');
}

static void append_span(struct strbuf *out, const struct counter_view *counter)
{
    char text[COUNTER_TEXT_BYTES];

    strbuf_append(out, SLICE("<span class=\"footfall-counter\">"));
    append_html(out, text_of(counter, counter->options.form, text));
    strbuf_append(out, SLICE("</span>\n"));
}

static void append_member(struct strbuf *out, struct slice before, struct slice value)
{
    strbuf_append(out, before);
    append_json_string(out, value);
}

static void append_color(struct strbuf *out, struct slice before, uint32_t color)
{
    char text[BADGE_COLOR_BYTES];

    badge_color_format(color, text);
    append_member(out, before, slice_str(text));
}

/* https://shields.io/badges/endpoint-badge */
static void append_shields(struct strbuf *out, const struct counter_view *counter)
{
    const struct counter_options *options = &counter->options;
    char text[COUNTER_TEXT_BYTES];

    append_member(out, SLICE("{\"schemaVersion\":1,\"label\":"), label_of(counter));
    append_member(out, SLICE(",\"message\":"), text_of(counter, options->form, text));
    if (options->has_color)
        append_color(out, SLICE(",\"color\":"), options->color);
    else
        append_member(out, SLICE(",\"color\":"), badge_color_names[0]);
    if (options->has_label_color)
        append_color(out, SLICE(",\"labelColor\":"), options->label_color);
    strbuf_append(out, SLICE(",\"cacheSeconds\":"));
    strbuf_append_int(out, options->max_age_s);
    strbuf_append(out, SLICE("}\n"));
}

static void append_json(struct strbuf *out, const struct counter_view *counter)
{
    const struct counter_options *options = &counter->options;
    char text[COUNTER_TEXT_BYTES];

    if (options->style == COUNTER_SHIELDS) {
        append_shields(out, counter);
        return;
    }
    append_member(out, SLICE("{\"site\":"), counter->counted->site);
    strbuf_append(out, SLICE(",\"path\":"));
    if (counter->is_page)
        append_json_string(out, counter->counted->path);
    else
        strbuf_append(out, SLICE("null"));
    append_member(out, SLICE(",\"metric\":"), counter_metric_names[options->metric]);
    append_member(out, SLICE(",\"period\":"), slice_str(period_name(options->period)));
    strbuf_append(out, SLICE(",\"value\":"));
    strbuf_append_int(out, counter->number);
    append_member(out, SLICE(",\"text\":"), text_of(counter, options->form, text));
    strbuf_append(out, SLICE("}\n"));
}

/* As GoatCounter has it: both are texts. */
static void append_goatcounter_json(struct strbuf *out, const struct counter_view *counter)
{
    const struct counter_options *options = &counter->options;
    char text[COUNTER_TEXT_BYTES];

    append_member(out, SLICE("{\"count\":"), text_of(counter, options->form, text));
    append_member(
        out, SLICE(",\"count_unique\":"),
        counter_number(counter->visits, options->form, options->language, options->digits, text));
    strbuf_append(out, SLICE("}\n"));
}

/* ---- formats -------------------------------------------------------------------------------- */

#define SVG  SLICE_INIT("image/svg+xml")
#define HTML SLICE_INIT("text/html; charset=utf-8")
#define JSON SLICE_INIT("application/json")

static const struct counter_format formats[] = {
    {.extension = SLICE_INIT(".svg"), .type = SVG, .append = append_svg, .is_image = true},
    {.extension = SLICE_INIT(".json"), .type = JSON, .append = append_json},
    {.extension = SLICE_INIT(".txt"),
     .type = SLICE_INIT("text/plain; charset=utf-8"),
     .append = append_text},
    {.extension = SLICE_INIT(".html"), .type = HTML, .append = append_span},
    {.extension = SLICE_INIT(".gif"), .is_pixel = true},
};

static const struct counter_format formats_of_goatcounter[] = {
    {.extension = SLICE_INIT(".svg"), .type = SVG, .append = append_svg, .is_image = true},
    {.extension = SLICE_INIT(".html"), .type = HTML, .append = append_span},
    {.extension = SLICE_INIT(".json"),
     .type = JSON,
     .append = append_goatcounter_json,
     .wants_visits = true},
};

static const struct counter_format *find_format(const struct counter_format *list, size_t count,
                                                struct slice *name)
{
    for (size_t i = 0; i < count; i++) {
        struct slice extension = list[i].extension;

        if (name->len >= extension.len &&
            slice_eq(slice_from(*name, name->len - extension.len), extension)) {
            name->len -= extension.len;
            return &list[i];
        }
    }
    return NULL;
}

const struct counter_format *counter_format_of(struct slice *name)
{
    return find_format(formats, sizeof(formats) / sizeof(formats[0]), name);
}

const struct counter_format *counter_format_of_goatcounter(struct slice *name)
{
    return find_format(formats_of_goatcounter,
                       sizeof(formats_of_goatcounter) / sizeof(formats_of_goatcounter[0]), name);
}

/* ---- headers -------------------------------------------------------------------------------- */

static void make_etag(struct slice body, char out[static ETAG_BYTES + 1])
{
    unsigned char hash[16];

    (void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)body.ptr, body.len, NULL,
                             0);
    out[0] = '"';
    (void)sodium_bin2hex(out + 1, 2 * sizeof(hash) + 1, hash, sizeof(hash));
    out[ETAG_BYTES - 1] = '"';
    out[ETAG_BYTES] = '\0';
}

/* Marks have no comma and no quote inside, so one that is in the list is there with its quotes. */
static bool is_known(const struct request *req, const char *etag)
{
    struct slice known = req->fields[FIELD_IF_NONE_MATCH];

    return known.len > 0 &&
           (slice_eq(known, SLICE("*")) || memmem(known.ptr, known.len, etag, ETAG_BYTES));
}

static void append_keeping(struct strbuf *out, const struct counter_view *counter, const char *etag)
{
    const struct web *web = counter->req->app;
    unsigned max_age_s = counter->options.max_age_s;
    char expires[DATE_BYTES];

    date_format(clock_unix_ms(web->clock) / 1000 + max_age_s, expires);
    strbuf_printf(out,
                  "Cache-Control: public, max-age=%u, s-maxage=%u, stale-while-revalidate=300\r\n"
                  "Expires: %.*s\r\nETag: %s\r\n",
                  max_age_s, max_age_s, DATE_BYTES, expires, etag);
    if (counter->is_by_referrer)
        strbuf_append(out, SLICE("Vary: Referer, Origin\r\n"));
}

static void append_common(struct strbuf *out, const struct counter_view *counter)
{
    bool has_style = counter->format->is_image && counter->options.theme == COUNTER_AUTO;

    strbuf_append(out, has_style ? SLICE(HEADERS POLICY_STYLE) : SLICE(HEADERS POLICY_PLAIN));
    counter_options_append_warning(&counter->options, out);
}

/* ---- answers -------------------------------------------------------------------------------- */

static void respond(struct counter_view *counter, struct slice body)
{
    char storage[HEADERS_BYTES];
    char etag[ETAG_BYTES + 1];
    struct strbuf headers;
    bool is_same = false;

    strbuf_init_fixed(&headers, storage, sizeof(storage));
    append_common(&headers, counter);
    if (counter_counts(counter)) {
        strbuf_append(&headers, SLICE(HEADERS_COUNTING));
    } else {
        make_etag(body, etag);
        append_keeping(&headers, counter, etag);
        is_same = is_known(counter->req, etag);
    }
    request_respond(counter->req,
                    &(struct response){.status = is_same ? 304 : 200,
                                       .content_type = is_same ? SLICE("") : counter->format->type,
                                       .headers = strbuf_slice(&headers),
                                       .body = is_same ? SLICE("") : body});
}

static void respond_pixel(struct counter_view *counter, bool is_kept)
{
    char storage[HEADERS_BYTES];
    struct strbuf headers;

    strbuf_init_fixed(&headers, storage, sizeof(storage) - 1);
    append_common(&headers, counter);
    strbuf_append(&headers, is_kept ? SLICE("Cache-Control: public, max-age=60\r\n")
                                    : SLICE(HEADERS_COUNTING));
    storage[headers.len] = '\0';
    answer_pixel(counter->req, storage);
}

void counter_answer(struct counter_view *counter)
{
    char storage[BADGE_MAX_BYTES];
    struct strbuf body;

    if (counter->format->is_pixel) {
        respond_pixel(counter, !counter_counts(counter));
        return;
    }
    strbuf_init_fixed(&body, storage, sizeof(storage));
    counter->number += counter->options.start;
    counter->format->append(&body, counter);
    if (body.failed)
        counter_answer_failed(counter->req, err_http_status(ERR_NO_MEMORY),
                              answer_message(ERR_NO_MEMORY));
    else
        respond(counter, strbuf_slice(&body));
}

/* A picture of a number that there is not says so: a broken one would say nothing. */
static void respond_notice(struct counter_view *counter, int status, const char *text)
{
    char storage[2048];
    struct strbuf body;

    strbuf_init_fixed(&body, storage, sizeof(storage));
    badge_append_notice(&body, text);
    request_respond(counter->req,
                    &(struct response){.status = status,
                                       .content_type = counter->format->type,
                                       .headers = status == 200
                                                      ? SLICE(HEADERS POLICY_PLAIN HEADER_NO_STORE)
                                                      : SLICE(HEADERS POLICY_PLAIN HEADER_NO_STORE
                                                              "Retry-After: 1\r\n"),
                                       .body = strbuf_slice(&body)});
}

void counter_answer_private(struct counter_view *counter)
{
    if (counter->format->is_image)
        respond_notice(counter, 200, "not public");
    else
        answer_error(counter->req, 403,
                     "the site does not show this number to everybody; its setting is "
                     "public_counters",
                     "");
}

void counter_answer_failed(struct request *req, int status, const char *why)
{
    struct counter_view *counter = req->handler_data;

    if (status < 500 && counter->format->is_pixel)
        respond_pixel(counter, false);
    else if (!counter->format->is_image)
        answer_error(req, status, why, "");
    else if (status >= 500)
        respond_notice(counter, status, "not available");
    else
        respond_notice(counter, 200, status == 404 ? "no such site" : "not counted");
}
