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

/** Everything a handler can reach; request.app points to it. Filled by the worker. */
struct web {
    const char *name; /* FOOTFALL_NAME, for the welcome page */
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

#endif
