#include "web/page.h"

#include <pthread.h>

#include "web/admission.h"
#include "web/answer.h"
#include "web/asset.h"
#include "web/next_path.h"
#include "web/page_policy.h"
#include "web/template.h"
#include "web/web.h"

/* What every page says: C06, C07, S12. */
#define PAGE_HEADERS                                                                               \
    HEADER_NO_STORE "Referrer-Policy: same-origin\r\n"                                             \
                    "Cross-Origin-Opener-Policy: same-origin\r\n"                                  \
                    "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n"

#define UNFRAMED_HEADERS                                                                           \
    "Cross-Origin-Resource-Policy: same-origin\r\n"                                                \
    "X-Frame-Options: DENY\r\n"

#define FRAMED_HEADERS "Cross-Origin-Resource-Policy: cross-origin\r\n"

#define MAX_HEADERS    4096

/* embed.S: where each begins and ends. */
extern const char *const page_ends[2 * PAGE_COUNT_];

struct slice page_text(enum page_template template)
{
    const char *start = page_ends[2 * (size_t) template];

    return slice_of(start, (size_t)(page_ends[2 * (size_t) template + 1] - start));
}

static char policy[PAGE_POLICY_BYTES];
static char script_policy[PAGE_POLICY_BYTES];
static pthread_once_t policy_once = PTHREAD_ONCE_INIT;

static void make_policies(void)
{
    page_policy_make(page_text(PAGE_LAYOUT), PAGE_HAS_FORMS, policy);
    page_policy_make(page_text(PAGE_LAYOUT), PAGE_HAS_FORMS | PAGE_HAS_SCRIPT, script_policy);
}

static struct slice policy_of(const struct page_answer *answer)
{
    if (answer->policy.len > 0)
        return answer->policy;
    return slice_str(answer->has_script ? script_policy : policy);
}

void page_append_base(const struct request *req, struct strbuf *out)
{
    const struct web *web = req->app;
    const char *url = web->identity->settings.url;

    if (url) {
        strbuf_append(out, slice_str(url));
        return;
    }
    strbuf_append(out, request_is_secure(req) ? SLICE("https://") : SLICE("http://"));
    strbuf_append(out, req->fields[FIELD_HOST]);
}

/* ---- what all templates know ---------------------------------------------------------------- */

static bool add_text(json_t *data, const char *key, const char *text)
{
    return json_object_set_new(data, key, json_string_nocheck(text)) == 0;
}

static bool add_who(const struct request *req, json_t *data)
{
    const struct who *who = admission_who(req);
    char token[FORM_TOKEN_TEXT + 1];

    who_form_token(req, token);
    if (who->kind != WHO_USER || who->session.strength == SESSION_PENDING)
        return add_text(data, "form_token", token);
    return add_text(data, "form_token", token) && add_text(data, "user", who->user.email) &&
           json_object_set_new(data, "is_admin", json_boolean(user_is_admin(&who->user))) == 0 &&
           json_object_set_new(data, "can_log_out",
                               json_boolean(who->session.strength != SESSION_PROXY)) == 0;
}

/* "there is none" becomes "There is none." */
static bool add_message(json_t *data, const char *message)
{
    struct err_info info = {""};
    size_t len;

    if (message)
        err_info_set(&info, "%s", message);
    len = strlen(info.text);
    if (info.text[0] >= 'a' && info.text[0] <= 'z')
        info.text[0] = (char)(info.text[0] - 'a' + 'A');
    if (len > 0 && !strchr(".?!", info.text[len - 1]) && len + 1 < sizeof(info.text))
        memcpy(info.text + len, ".", 2);
    return add_text(data, "message", info.text);
}

static bool add_common(const struct request *req, const struct page_answer *answer, json_t *data)
{
    const struct web *web = req->app;

    return data && add_text(data, "name", web->name) && add_text(data, "title", answer->title) &&
           add_text(data, "version", FOOTFALL_VERSION) && add_message(data, answer->message) &&
           json_object_set_new(data, "is_error", json_boolean(answer->is_error)) == 0 &&
           (!answer->has_script || add_text(data, "script", asset_address(ASSET_PAGE_JS))) &&
           add_who(req, data);
}

/* ---- the answer ----------------------------------------------------------------------------- */

/* The content is filled first: it is one of the values of the frame. */
static bool render_in_frame(struct strbuf *body, const struct page_answer *answer)
{
    struct strbuf content;
    bool is_rendered;

    strbuf_init(&content, PAGE_MAX_BYTES);
    template_render(&content, page_text(answer->template), answer->data);
    is_rendered =
        !content.failed &&
        json_object_set_new(answer->data, "content", json_stringn(content.ptr, content.len)) == 0;
    strbuf_fini(&content);
    if (is_rendered)
        template_render(body, page_text(PAGE_LAYOUT), answer->data);
    return is_rendered && !body->failed;
}

static bool render(struct strbuf *body, const struct page_answer *answer)
{
    if (answer->policy.len == 0)
        return render_in_frame(body, answer);
    template_render(body, page_text(answer->template), answer->data);
    return !body->failed;
}

static void respond(struct request *req, const struct page_answer *answer, struct slice body)
{
    char storage[MAX_HEADERS];
    struct strbuf headers;

    strbuf_init_fixed(&headers, storage, sizeof(storage));
    strbuf_append(&headers, SLICE(PAGE_HEADERS));
    strbuf_append(&headers,
                  answer->may_be_framed ? SLICE(FRAMED_HEADERS) : SLICE(UNFRAMED_HEADERS));
    strbuf_append(&headers, policy_of(answer));
    strbuf_append(&headers, answer->headers);
    request_respond(req, &(struct response){.status = answer->status,
                                            .content_type = SLICE("text/html; charset=utf-8"),
                                            .headers = strbuf_slice(&headers),
                                            .body = body});
}

void page_respond(struct request *req, const struct page_answer *answer)
{
    struct strbuf body;

    (void)pthread_once(&policy_once, make_policies);
    strbuf_init(&body, PAGE_MAX_BYTES);
    if (add_common(req, answer, answer->data) && render(&body, answer))
        respond(req, answer, strbuf_slice(&body));
    else
        answer_err(req, ERR_NO_MEMORY, NULL);
    strbuf_fini(&body);
    json_decref(answer->data);
}

void page_refuse(struct request *req, int status, const char *message)
{
    page_respond(req, &(struct page_answer){
                          .status = status,
                          .title = "This cannot be done",
                          .template = PAGE_REFUSAL,
                          .message = message,
                          .is_error = true,
                          .data = json_pack("{s:b}", "narrow", 1),
                      });
}

void page_redirect(struct request *req, struct slice path, struct slice headers)
{
    char storage[MAX_HEADERS];
    struct strbuf text;

    strbuf_init_fixed(&text, storage, sizeof(storage));
    strbuf_append(&text, SLICE("Location: "));
    strbuf_append(&text, next_path_is_safe(path) ? path : SLICE("/dashboard"));
    strbuf_append(&text, SLICE("\r\n" HEADER_NO_STORE));
    strbuf_append(&text, headers);
    request_respond(req, &(struct response){.status = 303, .headers = strbuf_slice(&text)});
}
