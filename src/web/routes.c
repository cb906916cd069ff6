#include "web/admission.h"
#include "web/answer.h"
#include "web/resources.h"
#include "web/web.h"

#define GET_HEAD      (HTTP_GET | HTTP_HEAD)

#define ANY_METHOD    (GET_HEAD | HTTP_POST | HTTP_PUT | HTTP_PATCH | HTTP_DELETE | HTTP_OPTIONS)

#define OF_SESSIONS   POLICY_TOKEN(SCOPE_SESSIONS)

#define PAGE_OF(who_) (POLICY_PAGE | (who_))
#define RECENT_USER   PAGE_OF(POLICY_USER | POLICY_RECENT)
#define RECENT_ADMIN  PAGE_OF(POLICY_ADMIN | POLICY_RECENT)

/* Of which sites, the handlers check (who_may()). */
#define READS_STATS (POLICY_USER | POLICY_GUEST | POLICY_VISITOR | POLICY_TOKEN(SCOPE_STATS))

/* A row is the methods, the path, the handler, and who may (admission.h). */
#define ROUTE(methods_, path_, handler_, policy_)                                                  \
    {                                                                                              \
        .methods = (methods_), .path = SLICE_INIT(path_), .handler = (handler_),                   \
        .policy = (policy_)                                                                        \
    }
#define ROUTES_BELOW(methods_, path_, handler_, policy_)                                           \
    {                                                                                              \
        .methods = (methods_), .path = SLICE_INIT(path_), .handler = (handler_),                   \
        .policy = (policy_), .is_prefix = true                                                     \
    }

static const struct route routes[] = {
    ROUTE(GET_HEAD, "/", welcome_get, POLICY_ANYONE),
    ROUTE(GET_HEAD | HTTP_POST, COUNT_PATH, count_hit, POLICY_ANYONE),
    ROUTE(GET_HEAD, SCRIPT_PATH, count_script_get, POLICY_ANYONE),
    ROUTES_BELOW(GET_HEAD, "/c/", counter_get, POLICY_ANYONE),
    ROUTES_BELOW(GET_HEAD, "/counter/", goatcounter_counter_get, POLICY_ANYONE),
    ROUTES_BELOW(GET_HEAD, "/assets/", asset_get, POLICY_ANYONE),
    ROUTE(GET_HEAD, "/healthz", health_get_alive, POLICY_ANYONE),
    ROUTE(GET_HEAD, "/readyz", health_get_ready, POLICY_ANYONE),
    ROUTE(GET_HEAD, "/metrics", metrics_get, POLICY_ANYONE),
    ROUTE(GET_HEAD, "/version", health_get_version, POLICY_ANYONE),

    ROUTE(HTTP_POST, "/api/v1/hits", hits_post, POLICY_MAYBE | POLICY_TOKEN(SCOPE_COUNT)),
    ROUTE(HTTP_OPTIONS, "/api/v1/hits", preflight_post, POLICY_ANYONE),
    ROUTE(HTTP_POST, "/api/v0/count", goatcounter_hits_post,
          POLICY_MAYBE | POLICY_TOKEN(SCOPE_COUNT)),
    ROUTE(HTTP_OPTIONS, "/api/v0/count", preflight_post, POLICY_ANYONE),
    ROUTE(GET_HEAD, "/api/v1/sites", sites_get, READS_STATS),
    ROUTE(GET_HEAD, "/api/v1/stats", stats_get, READS_STATS),
    ROUTE(GET_HEAD, "/api/v1/stats/top", stats_get_top, READS_STATS),
    ROUTE(GET_HEAD, "/api/v1/live", stats_get_live, READS_STATS),
    ROUTE(GET_HEAD, "/api/v1/definitions", stats_get_definitions, POLICY_ANYONE),

    ROUTE(HTTP_POST, "/api/v1/sessions", app_session_create_post, OF_SESSIONS),
    ROUTE(HTTP_POST, "/api/v1/sessions/read", app_session_read_post, OF_SESSIONS),
    ROUTE(HTTP_POST, "/api/v1/sessions/update", app_session_update_post, OF_SESSIONS),
    ROUTE(HTTP_POST, "/api/v1/sessions/revoke", app_session_revoke_post, OF_SESSIONS),
    ROUTE(HTTP_POST, "/api/v1/sessions/revoke-all", app_session_revoke_all_post, OF_SESSIONS),
    ROUTE(HTTP_POST, "/api/v1/sessions/list", app_session_list_post, OF_SESSIONS),
    ROUTE(ANY_METHOD, "/auth", auth_get, POLICY_ANYONE),

    ROUTE(GET_HEAD, "/setup", setup_get, PAGE_OF(POLICY_MAYBE)),
    ROUTE(HTTP_POST, "/setup", setup_post, PAGE_OF(POLICY_MAYBE)),
    ROUTE(GET_HEAD, "/login", login_get, PAGE_OF(POLICY_MAYBE)),
    ROUTE(HTTP_POST, "/login", login_post, PAGE_OF(POLICY_MAYBE)),
    ROUTE(GET_HEAD, "/login/code", login_code_get, PAGE_OF(POLICY_PENDING)),
    ROUTE(HTTP_POST, "/login/code", login_code_post, PAGE_OF(POLICY_PENDING)),
    ROUTE(HTTP_POST, "/logout", logout_post, PAGE_OF(POLICY_USER | POLICY_PENDING)),
    ROUTE(GET_HEAD, "/reset", reset_get, PAGE_OF(POLICY_MAYBE)),
    ROUTE(HTTP_POST, "/reset", reset_post, PAGE_OF(POLICY_MAYBE)),

    ROUTE(GET_HEAD, "/dashboard", dashboard_get, PAGE_OF(POLICY_USER | POLICY_GUEST)),
    ROUTE(GET_HEAD, "/shared", shared_get, POLICY_ANYONE),
    ROUTE(GET_HEAD, "/counters", counters_get, PAGE_OF(POLICY_USER | POLICY_GUEST)),
    ROUTE(GET_HEAD, "/sessions", sessions_get, PAGE_OF(POLICY_USER)),
    ROUTE(HTTP_POST, "/sessions/end", sessions_post_end, PAGE_OF(POLICY_USER)),
    ROUTE(HTTP_POST, "/sessions/end-others", sessions_post_end_others, PAGE_OF(POLICY_USER)),
    ROUTE(GET_HEAD, "/account", account_get, PAGE_OF(POLICY_USER)),
    ROUTE(HTTP_POST, "/account/name", account_post_name, PAGE_OF(POLICY_USER)),
    ROUTE(HTTP_POST, "/account/password", account_post_password, PAGE_OF(POLICY_USER)),
    ROUTE(GET_HEAD, "/account/second-factor", second_factor_get, PAGE_OF(POLICY_USER)),
    ROUTE(GET_HEAD, "/account/second-factor/begin", second_factor_get_begin, RECENT_USER),
    ROUTE(HTTP_POST, "/account/second-factor/confirm", second_factor_post_confirm,
          PAGE_OF(POLICY_USER)),
    ROUTE(HTTP_POST, "/account/second-factor/off", second_factor_post_off, RECENT_USER),
    ROUTE(HTTP_POST, "/account/second-factor/codes", second_factor_post_codes, RECENT_USER),

    ROUTE(GET_HEAD, "/sites", sites_page_get, PAGE_OF(POLICY_USER)),
    ROUTE(HTTP_POST, "/sites/add", site_post_add, PAGE_OF(POLICY_ADMIN)),
    ROUTE(GET_HEAD, "/sites/start", site_start_get, PAGE_OF(POLICY_USER)),
    ROUTE(GET_HEAD, "/sites/site", site_page_get, PAGE_OF(POLICY_USER)),
    ROUTE(HTTP_POST, "/sites/settings", site_post_settings, PAGE_OF(POLICY_USER)),
    ROUTE(GET_HEAD, "/sites/share", site_share_get, PAGE_OF(POLICY_USER)),
    ROUTE(HTTP_POST, "/sites/share/add", site_share_post_add, PAGE_OF(POLICY_USER)),
    ROUTE(HTTP_POST, "/sites/share/revoke", site_share_post_revoke, PAGE_OF(POLICY_USER)),
    ROUTE(GET_HEAD, "/sites/remove", site_page_get_remove, PAGE_OF(POLICY_ADMIN)),
    ROUTE(HTTP_POST, "/sites/remove", site_post_remove, RECENT_ADMIN),

    ROUTE(GET_HEAD, "/users", users_get, PAGE_OF(POLICY_ADMIN)),
    ROUTE(HTTP_POST, "/users/add", users_post_add, RECENT_ADMIN),
    ROUTE(GET_HEAD, "/users/user", user_get, PAGE_OF(POLICY_ADMIN)),
    ROUTE(HTTP_POST, "/users/role", user_post_role, RECENT_ADMIN),
    ROUTE(HTTP_POST, "/users/disable", user_post_disable, RECENT_ADMIN),
    ROUTE(HTTP_POST, "/users/enable", user_post_enable, RECENT_ADMIN),
    ROUTE(HTTP_POST, "/users/end-sessions", user_post_end_sessions, RECENT_ADMIN),
    ROUTE(HTTP_POST, "/users/reset", user_post_reset, RECENT_ADMIN),
    ROUTE(GET_HEAD, "/users/remove", user_get_remove, PAGE_OF(POLICY_ADMIN)),
    ROUTE(HTTP_POST, "/users/remove", user_post_remove, RECENT_ADMIN),
    ROUTE(GET_HEAD, "/tokens", tokens_get, PAGE_OF(POLICY_ADMIN)),
    ROUTE(HTTP_POST, "/tokens/add", tokens_post_add, RECENT_ADMIN),
    ROUTE(HTTP_POST, "/tokens/revoke", tokens_post_revoke, PAGE_OF(POLICY_ADMIN)),
};

#define ROUTE_COUNT (sizeof(routes) / sizeof(routes[0]))

bool web_has_path(struct slice path)
{
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        const struct route *route = &routes[i];

        if (route->handler == count_hit || route->handler == count_script_get)
            continue;
        if (route->is_prefix ? slice_starts_with(path, route->path) : slice_eq(path, route->path))
            return true;
    }
    return false;
}

/* The owner may have given other names to what block lists know by its usual one. */
static struct slice path_of(const struct request *req)
{
    const struct web *web = req->app;

    if (slice_eq(req->path, web->script_path))
        return SLICE(SCRIPT_PATH);
    if (slice_eq(req->path, web->count_path))
        return SLICE(COUNT_PATH);
    return req->path;
}

const struct router web_router = {
    .routes = routes,
    .count = ROUTE_COUNT,
    .path_of = path_of,
    .admit = admission_admit,
    .on_error = answer_no_route,
};
