#include "process/serve.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/server.h"
#include "process/listen.h"
#include "process/master.h"
#include "process/notify.h"
#include "process/signals.h"
#include "process/worker.h"
#include "store/store.h"

/* The store, pipes, the loop: what a worker has open besides its connections. */
#define OTHER_FILES 256

struct announcement {
    const struct config *config;
    const struct listeners *listeners;
    serve_ready_fn *on_ready; /* NULL: people are greeted */
    void *ctx;
};

/* One line for people, in front of the log; programs read "listening". */
static void greet(const struct config *config, const struct listeners *listeners, const char *store)
{
    if (!isatty(STDOUT_FILENO))
        return;
    (void)printf("Footfall %s serves %s — store %s, %u %s\n", FOOTFALL_VERSION,
                 listeners->list[0].url, store, config->workers,
                 config->workers == 1 ? "worker" : "workers");
    (void)fflush(stdout);
}

static void on_ready(void *ctx)
{
    const struct announcement *announcement = ctx;
    const struct config *config = announcement->config;
    char store[256];

    store_url_mask(config->store, store, sizeof(store));
    if (announcement->on_ready)
        announcement->on_ready(announcement->ctx, announcement->listeners->list[0].url);
    else
        greet(config, announcement->listeners, store);
    log_info("serving", LOG_STR("version", FOOTFALL_VERSION), LOG_INT("workers", config->workers),
             LOG_STR("store", store), LOG_STR("store_source", config->store_source));
}

static void on_ready_alone(void *ctx)
{
    notify_ready();
    on_ready(ctx);
}

enum err serve_check(const struct config *config, struct err_info *info)
{
    char store[64];

    if (config->workers == 1 || !store_url_is_private(config->store))
        return ERR_OK;
    store_url_mask(config->store, store, sizeof(store));
    err_info_set(info,
                 "%s=%s is seen only by the process that opened it, so %u workers would each count "
                 "for themselves; set WEB_CONCURRENCY=1, or a shared store as sqlite:footfall.db",
                 config->store_source, store, config->workers);
    return ERR_CONFIG;
}

/* As many connections as we allow need as many descriptors; the hard limit is the administrator's.
 */
static void raise_file_limit(void)
{
    const rlim_t wanted = http_default_limits.connections + OTHER_FILES;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static enum err open_listeners(const struct config *config, struct listeners *out,
                               struct err_info *info)
{
    enum err err = listeners_inherit(out, info);

    if (err != ERR_OK || out->count > 0)
        return err;
    return listeners_open(out, config->listen, config->listen_count, info);
}

static enum exit_code complain(enum err err, const struct err_info *info)
{
    (void)fprintf(stderr, "footfall: %s\n", info->text);
    return err == ERR_CONFIG ? EXIT_CODE_CONFIG : EXIT_CODE_FAILED;
}

static enum exit_code serve_alone(const struct config *config, const struct tables *tables,
                                  struct listeners *listeners, struct announcement *announcement)
{
    const struct worker_options options = {
        .config = config,
        .tables = tables,
        .listeners = listeners,
        .number = 1,
        .role = WORKER_ALONE,
        .on_ready = on_ready_alone,
        .ctx = announcement,
    };

    return worker_run(&options);
}

enum exit_code serve(const struct config *config)
{
    return serve_telling(config, NULL, NULL);
}

enum exit_code serve_telling(const struct config *config, serve_ready_fn *ready, void *ctx)
{
    struct listeners listeners;
    struct announcement announcement = {
        .config = config, .listeners = &listeners, .on_ready = ready, .ctx = ctx};
    struct tables tables = {.countries = NULL};
    struct err_info info = {.text = ""};
    enum exit_code code;
    enum err err = serve_check(config, &info);

    if (err != ERR_OK)
        return complain(err, &info);
    (void)umask(077); /* what we create, a database say, is for nobody else */
    signals_init();
    raise_file_limit();
    err = open_listeners(config, &listeners, &info);
    if (err == ERR_OK)
        err = tables_open(config, &tables, &info);
    if (err != ERR_OK)
        return complain(err, &info);
    for (unsigned i = 0; i < listeners.count; i++)
        log_info("listening", LOG_STR("address", listeners.list[i].address),
                 LOG_STR("from", listeners.inherited ? "service manager" : "settings"));
    if (config->workers == 1)
        code = serve_alone(config, &tables, &listeners, &announcement);
    else
        code = master_run(config, &tables, &listeners, on_ready, &announcement);
    tables_close(&tables);
    listeners_remove(&listeners);
    log_info("ended", LOG_INT("exit", code));
    return code;
}
