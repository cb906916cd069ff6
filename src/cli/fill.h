/**
 * Writes made-up traffic into a site of a store, on the way that the hits of serve take: facts,
 * batches, commits. Only the clock is that of the traffic, and the country is not looked up.
 *
 * No visitor of it stays in the store, and none of the minutes in which they were live but the last
 * ones.
 */
#ifndef FOOTFALL_CLI_FILL_H
#define FOOTFALL_CLI_FILL_H

#include "cli/db_session.h"
#include "cli/progress.h"
#include "cli/traffic.h"

struct fill_order {
    struct db_session *session;
    struct store *store; /* of this session */
    struct slice site;   /* that there is */
    const struct traffic_plan *plan;
    struct progress *progress;
    const volatile bool *is_canceled; /* the traffic breaks off there then */
    bool is_for_nothing; /* when it is canceled: the store is thrown away, so nothing is tidied */
};

struct fill_result {
    uint64_t views;
    uint64_t events;
    uint64_t robots;
};

/**
 * @param out   what was counted, also when it broke off
 * @param info  what is wrong, a sentence
 * @return      ERR_OK, also when it was canceled; ERR_NOT_FOUND: there is no such site;
 *              ERR_STALE: the settings of the site were changed meanwhile; ERR_UNAVAILABLE;
 *              ERR_NO_MEMORY
 */
enum err fill_site(const struct fill_order *order, struct fill_result *out,
                   struct err_info *info) MUST_CHECK;

#endif
