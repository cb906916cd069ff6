/* GET /dashboard: the frame that the scripts of dashboard/ fill. What they show they ask of
 * /api/v1, and whose site it is, is checked there. */
#include "web/admission.h"
#include "web/asset.h"
#include "web/page.h"
#include "web/resources.h"
#include "web/web.h"

/* Nothing from elsewhere, no style or script within the page; HTML is made of texts by lit-html
 * only (Trusted Types). */
#define POLICY                                                                                     \
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src "   \
    "'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "      \
    "'none'; require-trusted-types-for 'script'; trusted-types lit-html\r\n"

void dashboard_get(struct request *req)
{
    const struct web *web = req->app;
    const struct who *who = admission_who(req);

    page_respond(req, &(struct page_answer){
                          .status = 200,
                          .title = "Dashboard",
                          .template = PAGE_DASHBOARD,
                          .policy = SLICE(POLICY),
                          .data = json_pack("{s:s, s:s, s:s, s:s, s:b}", "script",
                                            asset_address(ASSET_DASHBOARD_JS), "style",
                                            asset_address(ASSET_DASHBOARD_CSS), "messages_de",
                                            asset_address(ASSET_MESSAGES_DE_JS), "language",
                                            who->kind == WHO_USER ? who->user.language : "",
                                            "is_demo", web->has_guests),
                      });
}
