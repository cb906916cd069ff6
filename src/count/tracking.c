#include "count/tracking.h"

#include "base/ascii.h"

/* clang-format off */
#define NAMED(name_, part_, rank_) \
    {SLICE_INIT(name_), TRACKING_##part_, rank_, SLICE_INIT(""), SLICE_INIT("")}
#define CLICK(name_, source_, medium_) \
    {SLICE_INIT(name_), TRACKING_CLICK, 0, SLICE_INIT(source_), SLICE_INIT(medium_)}
#define NOISE(name_) \
    {SLICE_INIT(name_), TRACKING_NOISE, 0, SLICE_INIT(""), SLICE_INIT("")}

/* Sorted by name, byte by byte. What is wanted for content too (a language, a page number, `from`,
 * `id`) is not here, whoever else uses it. mtm_ and pk_ are Matomo's names for utm_. */
static const struct tracking known[] = {
    NOISE("__cf_chl_captcha_tk__"),
    NOISE("__cf_chl_f_tk"),
    NOISE("__cf_chl_jschl_tk__"),
    NOISE("__cf_chl_rt_tk"),
    NOISE("__cf_chl_tk"),
    NOISE("__hsfp"),
    NOISE("__hssc"),
    NOISE("__hstc"),
    NOISE("_branch_match_id"),
    NOISE("_branch_referrer"),
    NOISE("_ga"),
    NOISE("_gac"),
    NOISE("_gid"),
    NOISE("_gl"),
    NOISE("_hsenc"),
    NOISE("_hsmi"),
    NOISE("_kx"),
    NOISE("_openstat"),
    NOISE("_x_tr_hist"),
    NOISE("_x_tr_hl"),
    NOISE("_x_tr_pto"),
    NOISE("_x_tr_sch"),
    NOISE("_x_tr_sl"),
    NOISE("_x_tr_tl"),
    NAMED("campaign", NAME, 3),
    NOISE("cjevent"),
    NOISE("ck_subscriber_id"),
    NOISE("continueflag"),
    CLICK("dclid", "Google", "display"),
    CLICK("epik", "Pinterest", ""),
    NOISE("fb_action_ids"),
    NOISE("fb_action_types"),
    NOISE("fb_ref"),
    NOISE("fb_source"),
    CLICK("fbclid", "Facebook", ""),
    NOISE("gad_campaignid"),
    NOISE("gad_source"),
    CLICK("gbraid", "Google", "cpc"),
    CLICK("gclid", "Google", "cpc"),
    NOISE("gclsrc"),
    NOISE("hsctatracking"),
    CLICK("igsh", "Instagram", ""),
    CLICK("igshid", "Instagram", ""),
    NOISE("irclickid"),
    NOISE("irgwc"),
    NOISE("isappinstalled"),
    CLICK("li_fat_id", "LinkedIn", "cpc"),
    NOISE("mc_cid"),
    NOISE("mc_eid"),
    NOISE("mkt_tok"),
    NOISE("ml_subscriber"),
    NOISE("ml_subscriber_hash"),
    CLICK("msclkid", "Bing", "cpc"),
    NAMED("mtm_campaign", NAME, 1),
    NOISE("mtm_cid"),
    NAMED("mtm_content", CONTENT, 1),
    NOISE("mtm_group"),
    NAMED("mtm_keyword", TERM, 1),
    NAMED("mtm_kwd", TERM, 1),
    NAMED("mtm_medium", MEDIUM, 1),
    NOISE("mtm_placement"),
    NAMED("mtm_source", SOURCE, 1),
    NOISE("nsukey"),
    NOISE("oly_anon_id"),
    NOISE("oly_enc_id"),
    NAMED("pk_campaign", NAME, 2),
    NOISE("pk_cid"),
    NAMED("pk_content", CONTENT, 2),
    NAMED("pk_keyword", TERM, 2),
    NAMED("pk_kwd", TERM, 2),
    NAMED("pk_medium", MEDIUM, 2),
    NAMED("pk_source", SOURCE, 2),
    CLICK("qclid", "Quora", "cpc"),
    CLICK("rdt_cid", "Reddit", "cpc"),
    NAMED("ref", SOURCE, 3),
    NOISE("ref_src"),
    NOISE("ref_url"),
    NOISE("s_cid"),
    CLICK("sccid", "Snapchat", "cpc"),
    NAMED("source", SOURCE, 5),
    NAMED("src", SOURCE, 4),
    CLICK("srsltid", "Google", ""),
    NOISE("tblci"),
    CLICK("ttclid", "TikTok", "cpc"),
    CLICK("twclid", "X", "cpc"),
    NAMED("utm_campaign", NAME, 0),
    NAMED("utm_content", CONTENT, 0),
    NAMED("utm_medium", MEDIUM, 0),
    NAMED("utm_source", SOURCE, 0),
    NAMED("utm_term", TERM, 0),
    NOISE("vero_conv"),
    NOISE("vero_id"),
    CLICK("wbraid", "Google", "cpc"),
    NOISE("wickedid"),
    CLICK("yclid", "Yandex", "cpc"),
    CLICK("ysclid", "Yandex", ""),
};
/* clang-format on */

#define KNOWN (sizeof(known) / sizeof(known[0]))

/* Other names under this prefix are of the same kind: utm_id, utm_reader and so on. */
static const struct tracking other_utm = {.name = SLICE_INIT("utm_"), .part = TRACKING_NOISE};

static bool is_utm(struct slice name)
{
    return name.len >= other_utm.name.len &&
           ascii_compare(slice_of(name.ptr, other_utm.name.len), other_utm.name) == 0;
}

const struct tracking *tracking_find(struct slice name)
{
    size_t low = 0;
    size_t high = KNOWN;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = ascii_compare(name, known[middle].name);

        if (order == 0)
            return &known[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return is_utm(name) ? &other_utm : NULL;
}

const struct tracking *tracking_all(size_t *count)
{
    *count = KNOWN;
    return known;
}
