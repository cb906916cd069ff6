/**
 * The campaign that led to a visit, out of the query of the page's address: utm_source and the
 * other parameters of count/tracking.h.
 *
 * Of several parameters for one part the first that is not empty holds, and utm_ comes before all
 * others: utm_source, mtm_source, pk_source, ref, src, source; utm_campaign, …, campaign.
 */
#ifndef FOOTFALL_COUNT_CAMPAIGN_H
#define FOOTFALL_COUNT_CAMPAIGN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

/** Each part of a campaign has at most so many bytes. */
#define CAMPAIGN_MAX 255

/** 0 to CAMPAIGN_MAX bytes of clean UTF-8 each; empty: not told, too long, or not clean. */
struct campaign {
    struct slice source; /* folded by source_of_name(); or who gave the click id of a paid link */
    struct slice medium; /* "email", "social"; of the click id of a paid link "cpc", "display" */
    struct slice name;
    struct slice term;
    struct slice content;
    struct slice hint; /* who gave a click id that is put into links that nobody pays for, too, and
                          that are passed on: the source when nothing else tells one */
};

/**
 * Reads the campaign out of a query.
 *
 * @param query  raw, not decoded; with or without '?' before it; any bytes
 * @param out    borrows from `query` and `arena`, or lives for ever
 * @return       ERR_OK or ERR_NO_MEMORY; a query that tells nothing leaves all parts empty
 */
enum err campaign_read(struct slice query, struct arena *arena, struct campaign *out) MUST_CHECK;

/**
 * The source of a visit: what the link says, else the referrer, else a hint.
 *
 * @param referrer  the name that source_of_referrer() told; may be empty
 */
struct slice campaign_source(const struct campaign *campaign, struct slice referrer);

#endif
