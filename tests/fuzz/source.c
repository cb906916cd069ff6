/* Addresses of pages, referrers, names of sources and campaigns: what is counted keeps what the
 * headers promise, whatever was sent. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "count/campaign.h"
#include "count/page.h"
#include "count/source.h"
#include "count/spam.h"
#include "count/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct slice text, size_t max)
{
    assert(text.len <= max && utf8_is_clean(text));
}

static void check_host(struct slice host)
{
    struct slice rest;

    check_text(host, URL_MAX_HOST);
    for (size_t i = 0; i < host.len; i++)
        assert(ascii_lower(host.ptr[i]) == host.ptr[i]);
    assert(slice_eq(url_host(host, &rest), host) && rest.len == 0);
    assert(slice_eq(url_fold_host(url_fold_host(host)), url_fold_host(host)));
}

static void check_page(struct slice sent, struct arena *arena)
{
    struct page page;
    struct page again;

    if (page_normalize(sent, arena, &page, NULL) != ERR_OK)
        return;
    assert(page.path.len > 0 && page.path.ptr[0] == '/');
    check_text(page.path, PAGE_MAX_PATH);
    check_host(page.host);
    assert(page.query.len == 0 ||
           (page.query.ptr >= sent.ptr && page.query.ptr + page.query.len <= sent.ptr + sent.len));
    assert(page_normalize(page.path, arena, &again, NULL) == ERR_OK);
    assert(slice_eq(again.path, page.path) && again.host.len == 0);
}

static void check_source(struct slice referrer, struct arena *arena)
{
    static const struct slice hosts[] = {SLICE_INIT("example.com")};
    static const struct source_own own = {hosts, 1};
    struct source source;
    struct slice name;

    assert(source_of_referrer(referrer, &own, arena, &source) == ERR_OK);
    check_text(source.name, SOURCE_MAX);
    check_host(source.host);
    assert(!slice_eq(source.name, hosts[0]));
    assert(!spam_list_has(NULL, source.host));
    assert(source_of_name(referrer, arena, &name) == ERR_OK);
    check_text(name, SOURCE_MAX);
}

static void check_campaign(struct slice query, struct arena *arena)
{
    struct campaign campaign;

    assert(campaign_read(query, arena, &campaign) == ERR_OK);
    check_text(campaign.source, CAMPAIGN_MAX);
    check_text(campaign.medium, CAMPAIGN_MAX);
    check_text(campaign.name, CAMPAIGN_MAX);
    check_text(campaign.term, CAMPAIGN_MAX);
    check_text(campaign.content, CAMPAIGN_MAX);
    check_text(campaign_source(&campaign, SLICE("")), CAMPAIGN_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice sent = slice_of(data, size);
    struct arena arena;

    arena_init(&arena, 1024, SIZE_MAX);
    check_page(sent, &arena);
    check_source(sent, &arena);
    check_campaign(sent, &arena);
    arena_fini(&arena);
    return 0;
}
