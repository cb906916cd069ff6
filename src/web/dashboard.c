/* GET /dashboard: the frame that the scripts of dashboard/ fill. What they show they ask of
 * /api/v1, and whose site it is, is checked there. */
#include "web/dashboard.h"

#include "web/admission.h"
#include "web/asset.h"
#include "web/page.h"
#include "web/resources.h"
#include "web/site_frames.h"
#include "web/web.h"

/* Nothing from elsewhere, no style or script within the page; HTML is made of texts by lit-html
 * only (Trusted Types). */
#define POLICY                                                                                     \
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src "   \
    "'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "                      \
    "require-trusted-types-for 'script'; trusted-types lit-html; frame-ancestors "

#define MAX_POLICY (sizeof(POLICY) + SITE_FRAMES_MAX + 10)

static void append_policy(struct strbuf *out, struct slice frames)
{
    strbuf_append(out, SLICE(POLICY));
    strbuf_append(out, frames.len > 0 ? frames : SLICE("'none'"));
    strbuf_append(out, SLICE("\r\n"));
}

static json_t *data_of(const struct request *req, const struct dashboard_sharing *sharing)
{
    const struct web *web = req->app;
    const struct who *who = admission_who(req);
    struct slice theme = sharing ? sharing->theme : SLICE("");

    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:s%}", "script",
                     asset_address(ASSET_DASHBOARD_JS), "style", asset_address(ASSET_DASHBOARD_CSS),
                     "messages_de", asset_address(ASSET_MESSAGES_DE_JS), "language",
                     who->kind == WHO_USER ? who->user.language : "", "is_demo",
                     web->has_guests && !sharing, "is_shared", sharing != NULL, "is_embedded",
                     sharing && sharing->is_embedded, "theme", theme.ptr, theme.len);
}

void dashboard_show(struct request *req, const struct dashboard_sharing *sharing)
{
    struct slice frames = sharing ? sharing->frames : SLICE("");
    char storage[MAX_POLICY];
    struct strbuf policy;

    strbuf_init_fixed(&policy, storage, sizeof(storage));
    append_policy(&policy, frames);
    page_respond(req, &(struct page_answer){.status = 200,
                                            .title = "Dashboard",
                                            .template = PAGE_DASHBOARD,
                                            .policy = strbuf_slice(&policy),
                                            .may_be_framed = frames.len > 0,
                                            .data = data_of(req, sharing)});
}

void dashboard_get(struct request *req)
{
    dashboard_show(req, NULL);
}
