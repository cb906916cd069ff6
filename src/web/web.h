/**
 * What Footfall says over HTTP: the routes (routes.c) and one file per resource.
 */
#ifndef FOOTFALL_WEB_WEB_H
#define FOOTFALL_WEB_WEB_H

#include "count/batch.h"
#include "count/directory.h"
#include "count/fact_maker.h"
#include "count/site_store.h"
#include "count/statistics.h"
#include "http/router.h"
#include "http/server.h"
#include "web/identity.h"

/** Under which the script and the hits are always found. */
#define SCRIPT_PATH "/count.js"
#define COUNT_PATH  "/count"

/** Everything a handler can reach; request.app points to it. Filled by the worker. */
struct web {
    const char *name;         /* FOOTFALL_NAME, for the welcome page */
    struct slice script_path; /* FOOTFALL_SCRIPT_PATH: another name of SCRIPT_PATH */
    struct slice count_path;  /* FOOTFALL_COUNT_PATH: another name of COUNT_PATH */
    struct store *store;
    struct batcher *batcher;
    struct directory *directory;
    struct fact_maker *facts;
    struct statistics *statistics;
    struct site_store *sites;
    struct identity *identity;
    const struct http_server *server;
    const struct clock *clock;
    unsigned worker; /* 1 … WEB_CONCURRENCY; labels metrics */
    bool draining;   /* being shut down: /readyz says so */
    bool has_guests; /* of a demo: anybody may look at the statistics of all sites */
};

/** The table of all addresses. */
extern const struct router web_router;

/** True when something else than the script and the hits is at this path. */
bool web_has_path(struct slice path);

#endif
