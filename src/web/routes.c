#include "web/answer.h"
#include "web/resources.h"
#include "web/web.h"

#define GET_HEAD (HTTP_GET | HTTP_HEAD)

static const struct route routes[] = {
    {.methods = GET_HEAD, .path = SLICE_INIT("/"), .handler = welcome_get},
    {.methods = GET_HEAD | HTTP_POST, .path = SLICE_INIT("/count"), .handler = count_hit},
    {.methods = GET_HEAD, .path = SLICE_INIT("/c/"), .is_prefix = true, .handler = counter_get},
    {.methods = HTTP_POST, .path = SLICE_INIT("/api/v1/hits"), .handler = hits_post},
    {.methods = HTTP_OPTIONS, .path = SLICE_INIT("/api/v1/hits"), .handler = preflight_post},
    {.methods = HTTP_POST, .path = SLICE_INIT("/api/v0/count"), .handler = goatcounter_hits_post},
    {.methods = HTTP_OPTIONS, .path = SLICE_INIT("/api/v0/count"), .handler = preflight_post},
    {.methods = GET_HEAD, .path = SLICE_INIT("/healthz"), .handler = health_get_alive},
    {.methods = GET_HEAD, .path = SLICE_INIT("/readyz"), .handler = health_get_ready},
    {.methods = GET_HEAD, .path = SLICE_INIT("/metrics"), .handler = metrics_get},
    {.methods = GET_HEAD, .path = SLICE_INIT("/version"), .handler = health_get_version},
    {.methods = GET_HEAD, .path = SLICE_INIT("/api/v1/stats"), .handler = stats_get},
    {.methods = GET_HEAD, .path = SLICE_INIT("/api/v1/stats/top"), .handler = stats_get_top},
    {.methods = GET_HEAD, .path = SLICE_INIT("/api/v1/live"), .handler = stats_get_live},
    {.methods = GET_HEAD,
     .path = SLICE_INIT("/api/v1/definitions"),
     .handler = stats_get_definitions},
};

const struct router web_router = {
    .routes = routes,
    .count = sizeof(routes) / sizeof(routes[0]),
    .on_error = answer_no_route,
};
