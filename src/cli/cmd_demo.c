/* footfall demo: made-up traffic, in a store that is thrown away, or in a site of a store. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/random.h"
#include "cli/db.h"
#include "cli/demo.h"
#include "count/hit.h"
#include "process/serve.h"
#include "process/signals.h"

/* Any free port. */
#define DEMO_LISTEN "localhost:0"

/* What ends the filling, as it would end serve. */
static const int ending_signals[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP};

#define ENDING_SIGNALS (sizeof(ending_signals) / sizeof(ending_signals[0]))

struct demo {
    const struct demo_wish *wish;
    const struct config *config;
    struct db_session session;
    struct store *store;
    uv_signal_t signals[ENDING_SIGNALS];
    volatile bool is_canceled;
    struct progress progress;
    struct fill_result results[TRAFFIC_KIND_COUNT_];
    char token[SECRET_TEXT + 1];
    struct err_info info;
};

/* ---- the session ---------------------------------------------------------------------------- */

static void on_signal(uv_signal_t *handle, int number)
{
    struct demo *demo = handle->data;

    (void)number;
    demo->is_canceled = true;
    loop_stop(&demo->session.loop);
}

static void watch_signals(struct demo *demo)
{
    for (size_t i = 0; i < ENDING_SIGNALS; i++) {
        (void)uv_signal_init(&demo->session.loop.uv, &demo->signals[i]);
        demo->signals[i].data = demo;
        (void)uv_signal_start(&demo->signals[i], on_signal, ending_signals[i]);
    }
}

static enum err open_session(struct demo *demo)
{
    enum err err;

    err_info_set(&demo->info, "out of memory or file descriptors");
    err = db_session_open(&demo->session, demo->config);
    if (err != ERR_OK)
        return err;
    watch_signals(demo);
    err = db_session_store(&demo->session, demo->config->store, true, &demo->store, &demo->info);
    if (err != ERR_OK)
        demo->store = NULL;
    return err;
}

static void close_session(struct demo *demo)
{
    store_close(demo->store);
    for (size_t i = 0; i < ENDING_SIGNALS; i++)
        uv_close((uv_handle_t *)&demo->signals[i], NULL);
    db_session_close(&demo->session);
}

static enum exit_code fail(const struct demo *demo, enum err err)
{
    char store[200];

    store_url_mask(demo->config->store, store, sizeof(store));
    if (err == ERR_CONFIG)
        return db_fail(EXIT_CODE_CONFIG, "%s: %s", store, demo->info.text);
    return db_fail(err == ERR_UNAVAILABLE || err == ERR_UNKNOWN ? EXIT_CODE_UNAVAILABLE
                                                                : EXIT_CODE_FAILED,
                   "%s: %s", store, demo->info.text);
}

/* ---- filling -------------------------------------------------------------------------------- */

static enum err fill(struct demo *demo, enum traffic_kind kind, struct slice site)
{
    const struct traffic_plan plan = demo_plan(demo->wish, kind);
    const struct fill_order order = {
        .session = &demo->session,
        .store = demo->store,
        .site = site,
        .plan = &plan,
        .progress = &demo->progress,
        .is_canceled = &demo->is_canceled,
        .is_for_nothing = !demo->wish->into,
    };

    return fill_site(&order, &demo->results[kind], &demo->info);
}

static enum err fill_all(struct demo *demo)
{
    enum err err = demo_sites_create(&demo->session, demo->store);

    for (enum traffic_kind kind = 0;
         kind < TRAFFIC_KIND_COUNT_ && err == ERR_OK && !demo->is_canceled; kind++)
        err = fill(demo, kind, demo_site_id(kind));
    return err;
}

/* With what is there besides views: as much again is expected of events and robots as there mostly
 * is. */
static uint64_t expected_hits(const struct demo_wish *wish, size_t kinds)
{
    double hits = 0;

    for (enum traffic_kind kind = 0; kind < kinds; kind++) {
        struct traffic_plan plan = demo_plan(wish, kind);

        hits += 1.17 * plan.hits_per_day * plan.days;
    }
    return (uint64_t)hits;
}

/* ---- a store that is thrown away ------------------------------------------------------------ */

struct welcome {
    const struct demo *demo;
    const struct demo_folder *folder;
};

static void print_sites(const struct demo *demo)
{
    for (enum traffic_kind kind = 0; kind < TRAFFIC_KIND_COUNT_; kind++)
        (void)printf("  %-8.*s %-16s %9" PRIu64 " views, %" PRIu64 " events, %" PRIu64 " robots\n",
                     SLICE_ARG(demo_site_id(kind)), traffic_sites[kind].name,
                     demo->results[kind].views, demo->results[kind].events,
                     demo->results[kind].robots);
}

static void on_ready(void *ctx, const char *url)
{
    const struct welcome *welcome = ctx;

    (void)printf("%d days of made-up traffic are served at %s\n\n", welcome->demo->wish->days, url);
    print_sites(welcome->demo);
    (void)printf("\nLook around:\n"
                 "  %s/dashboard?site=default\n"
                 "  curl %s/\n"
                 "  curl -H 'Authorization: Bearer %s' '%s/api/v1/stats?site=default&period=year'\n"
                 "  footfall stats default --store=%s\n"
                 "\nCtrl-C ends it and removes %s.\n",
                 url, url, welcome->demo->token, url, welcome->folder->store,
                 welcome->folder->path);
    (void)fflush(stdout);
}

static enum exit_code fill_own_store(struct demo *demo)
{
    enum err err = open_session(demo);

    progress_start(&demo->progress, "writing", expected_hits(demo->wish, TRAFFIC_KIND_COUNT_));
    if (err == ERR_OK)
        err = fill_all(demo);
    if (err == ERR_OK && !demo->is_canceled)
        err = demo_token_make(&demo->session, demo->store, demo->token);
    progress_end(&demo->progress);
    close_session(demo);
    if (err != ERR_OK)
        return fail(demo, err);
    return demo->is_canceled ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

/* The settings of serve, but for what makes it a demo. */
static struct config own_config(const struct options *options, const struct demo_folder *folder)
{
    const struct option *listen = options->chosen[SETTING_LISTEN];
    const struct option *level = options->chosen[SETTING_LOG_LEVEL];
    struct config config = options->config;

    config.store = folder->store;
    config.store_source = "demo";
    config.workers = 1;
    config.has_guests = true;
    if (options_source(options, listen) == SOURCE_DEFAULT) {
        config.listen[0] = DEMO_LISTEN;
        config.listen_count = 1;
    }
    if (options_source(options, level) == SOURCE_DEFAULT)
        config.log_level = LOG_WARN;
    return config;
}

static enum exit_code run_own(const struct options *options, const struct demo_wish *wish)
{
    struct demo_folder folder;
    struct config config;
    struct demo demo = {.wish = wish, .config = &config};
    struct welcome welcome = {.demo = &demo, .folder = &folder};
    enum exit_code code;

    if (!demo_folder_make(&folder))
        return db_fail(EXIT_CODE_FAILED, "no temporary folder can be made: %s", strerror(errno));
    config = own_config(options, &folder);
    code = fill_own_store(&demo);
    if (code == EXIT_CODE_OK) {
        log_setup(config.log_format, config.log_level);
        code = serve_telling(&config, on_ready, &welcome);
    }
    demo_folder_remove(&folder);
    return code;
}

/* ---- a site of a store ---------------------------------------------------------------------- */

static enum exit_code refuse_used(const struct demo_wish *wish)
{
    return db_fail(EXIT_CODE_FAILED,
                   "the site \"%s\" has statistics already; nothing was written (--force adds the "
                   "traffic to them, and nothing can take it away again)",
                   wish->into);
}

static enum exit_code fill_into(struct demo *demo)
{
    struct slice site = slice_str(demo->wish->into);
    const struct fill_result *result = &demo->results[TRAFFIC_PRODUCT];
    bool is_used = false;
    enum err err = ERR_OK;

    if (!demo->wish->is_forced) {
        err_info_set(&demo->info, "the store does not answer");
        err = demo_site_is_used(&demo->session, demo->store, site, &is_used);
    }
    if (err == ERR_OK && is_used)
        return refuse_used(demo->wish);
    progress_start(&demo->progress, "writing", expected_hits(demo->wish, 1));
    if (err == ERR_OK)
        err = fill(demo, TRAFFIC_PRODUCT, site);
    progress_end(&demo->progress);
    if (err != ERR_OK)
        return fail(demo, err);
    (void)printf("%s%s has %" PRIu64 " views, %" PRIu64 " events and %" PRIu64 " robots more\n",
                 demo->is_canceled ? "broken off: " : "", demo->wish->into, result->views,
                 result->events, result->robots);
    return demo->is_canceled ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

static enum exit_code run_into(const struct options *options, const struct demo_wish *wish)
{
    struct demo demo = {.wish = wish, .config = &options->config};
    enum exit_code code;
    enum err err;

    if (hit_check_site(slice_str(wish->into), &demo.info) != ERR_OK)
        return db_fail(EXIT_CODE_USAGE, "--into: %s", demo.info.text);
    err = open_session(&demo);
    code = err == ERR_OK ? fill_into(&demo) : fail(&demo, err);
    close_session(&demo);
    return code;
}

/* ---- the command ---------------------------------------------------------------------------- */

enum exit_code cmd_demo(const struct invocation *invocation)
{
    struct options *options = invocation->options;
    struct options_error error;
    struct err_info info;
    struct demo_wish wish;

    if (demo_wish_read(invocation, &wish, &info) != ERR_OK)
        return db_fail(EXIT_CODE_USAGE, "%s", info.text);
    options_read_environment(options, environ);
    if (options_resolve(options, &error) != ERR_OK)
        return db_fail(EXIT_CODE_CONFIG, "%s", error.text);
    random_init();
    signals_init();
    log_off(); /* until it serves */
    return wish.into ? run_into(options, &wish) : run_own(options, &wish);
}
