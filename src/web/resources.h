/**
 * The handlers, one file a resource; the table of addresses is routes.c.
 */
#ifndef FOOTFALL_WEB_RESOURCES_H
#define FOOTFALL_WEB_RESOURCES_H

#include "http/request.h"

void welcome_get(struct request *req);             /* welcome.c */
void count_hit(struct request *req);               /* count.c */
void count_script_get(struct request *req);        /* count_script.c */
void counter_get(struct request *req);             /* counter.c */
void goatcounter_counter_get(struct request *req); /* goatcounter_counter.c */
void hits_post(struct request *req);               /* hits.c */
void goatcounter_hits_post(struct request *req);   /* goatcounter_hits.c */
void preflight_post(struct request *req);          /* preflight.c */
void health_get_alive(struct request *req);        /* health.c */
void health_get_ready(struct request *req);
void health_get_version(struct request *req);
void metrics_get(struct request *req); /* metrics.c */
void setup_get(struct request *req);   /* setup.c */
void setup_post(struct request *req);
void login_get(struct request *req); /* login_page.c */
void login_post(struct request *req);
void login_code_get(struct request *req); /* login_code.c */
void login_code_post(struct request *req);
void logout_post(struct request *req);             /* logout.c */
void asset_get(struct request *req);               /* asset.c */
void dashboard_get(struct request *req);           /* dashboard.c */
void shared_get(struct request *req);              /* shared.c */
void app_session_create_post(struct request *req); /* app_sessions.c */
void app_session_read_post(struct request *req);
void app_session_update_post(struct request *req);
void app_session_revoke_post(struct request *req); /* app_session_end.c */
void app_session_revoke_all_post(struct request *req);
void app_session_list_post(struct request *req);
void auth_get(struct request *req);     /* auth.c */
void sessions_get(struct request *req); /* sessions_page.c */
void sessions_post_end(struct request *req);
void sessions_post_end_others(struct request *req);
void account_get(struct request *req); /* account_page.c */
void account_post_name(struct request *req);
void account_post_password(struct request *req); /* account_password.c */
void second_factor_get(struct request *req);     /* second_factor.c */
void second_factor_post_codes(struct request *req);
void second_factor_post_off(struct request *req);
void second_factor_get_begin(struct request *req); /* second_factor_begin.c */
void second_factor_post_confirm(struct request *req);
void reset_get(struct request *req); /* reset.c */
void reset_post(struct request *req);
void users_get(struct request *req);      /* users.c */
void users_post_add(struct request *req); /* user_add.c */
void user_get(struct request *req);       /* user_page.c */
void user_get_remove(struct request *req);
void user_post_role(struct request *req); /* user_change.c */
void user_post_disable(struct request *req);
void user_post_enable(struct request *req);
void user_post_end_sessions(struct request *req);
void user_post_reset(struct request *req);
void user_post_remove(struct request *req);
void counters_get(struct request *req); /* counters_page.c */
void tokens_get(struct request *req);   /* tokens.c */
void tokens_post_revoke(struct request *req);
void tokens_post_add(struct request *req); /* token_add.c */
void stats_get(struct request *req);       /* stats.c */
void stats_get_top(struct request *req);
void stats_get_live(struct request *req);
void stats_get_definitions(struct request *req);
void sites_get(struct request *req);      /* sites.c */
void sites_page_get(struct request *req); /* sites_page.c */
void site_post_add(struct request *req);  /* site_add.c */
void site_page_get(struct request *req);  /* site_page.c */
void site_page_get_remove(struct request *req);
void site_post_settings(struct request *req);  /* site_settings.c */
void site_post_remove(struct request *req);    /* site_remove.c */
void site_start_get(struct request *req);      /* site_start.c */
void site_share_get(struct request *req);      /* site_share.c */
void site_share_post_add(struct request *req); /* site_share_change.c */
void site_share_post_revoke(struct request *req);

#endif
