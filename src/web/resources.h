/**
 * The handlers, one file a resource; the table of addresses is routes.c.
 */
#ifndef FOOTFALL_WEB_RESOURCES_H
#define FOOTFALL_WEB_RESOURCES_H

#include "http/request.h"

void welcome_get(struct request *req);           /* welcome.c */
void count_hit(struct request *req);             /* count.c */
void counter_get(struct request *req);           /* counter.c */
void hits_post(struct request *req);             /* hits.c */
void goatcounter_hits_post(struct request *req); /* goatcounter_hits.c */
void preflight_post(struct request *req);        /* preflight.c */
void health_get_alive(struct request *req);      /* health.c */
void health_get_ready(struct request *req);
void health_get_version(struct request *req);
void metrics_get(struct request *req); /* metrics.c */
void stats_get(struct request *req);   /* stats.c */
void stats_get_top(struct request *req);
void stats_get_live(struct request *req);
void stats_get_definitions(struct request *req);

#endif
