#include "process/worker.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>

#include "base/random.h"
#include "process/first_user.h"
#include "process/loop.h"
#include "process/notify.h"
#include "process/pruning.h"
#include "process/signals.h"
#include "web/web.h"

/* Expired records are swept so often, plus up to as much again by chance, so that the workers of
 * many machines do not all come at the same moment. */
#define SWEEP_MS 60000

/* A worker waits so long at most for its store before it listens: whoever comes meanwhile waits in
 * the kernel's queue, or is served by a sibling. Then it listens all the same, and says 503. */
#define STORE_GRACE_MS 1000

/* So many turns of the loop a batch is put off at most for the sake of those who come just now. */
#define MAX_TURNS_PUT_OFF 8

enum worker_state {
    WORKER_STARTING, /* the store is being connected */
    WORKER_RUNNING,
    WORKER_DRAINING,
    WORKER_CLOSING,
};

#define WORKER_SIGNALS 4

struct worker {
    const struct worker_options *options;
    enum worker_state state;
    enum exit_code code;
    struct loop loop;
    struct store *store;
    struct batcher *batcher;
    struct directory *directory;
    struct fact_maker *facts;
    struct statistics *statistics;
    struct site_store *sites;
    struct identity *identity;
    struct first_user first_user;
    struct http_server *server;
    struct web web;
    struct store_op *first_check; /* makes the store open what it opens on demand */
    struct timer grace;
    bool is_grace_over;
    bool drained;           /* the last connection is closed */
    unsigned turns_put_off; /* of the batch that is ready */
    struct store_op *sweep;
    struct timer sweep_timer;
    struct pruning pruning;
    struct timer drain_deadline;
    struct timer watchdog_timer;
    int64_t watchdog_ms;
    uv_signal_t signals[WORKER_SIGNALS];
    size_t signal_count;
};

/* ---- ending --------------------------------------------------------------------------------- */

static void become(struct worker *worker, enum worker_state state)
{
    assert(state > worker->state);
    worker->state = state;
}

static void finish(struct worker *worker, enum exit_code code)
{
    if (worker->state == WORKER_CLOSING)
        return;
    become(worker, WORKER_CLOSING);
    worker->code = code;
    loop_stop(&worker->loop);
}

static void on_drained(void *ctx)
{
    struct worker *worker = ctx;

    worker->drained = true;
}

static void on_drain_deadline(void *ctx)
{
    struct worker *worker = ctx;
    struct http_stats http;
    struct batcher_stats batches;

    http_server_get_stats(worker->server, &http);
    batcher_get_stats(worker->batcher, &batches);
    log_warn("drain deadline passed", LOG_INT("worker", worker->options->number),
             LOG_INT("requests", http.active), LOG_INT("connections", http.open),
             LOG_INT("waiting", batches.waiting));
    finish(worker, EXIT_CODE_OK);
}

static void drain(struct worker *worker)
{
    int64_t deadline_ms =
        timers_now_ms(&worker->loop.timers) + worker->options->config->drain_timeout_ms;

    become(worker, WORKER_DRAINING);
    log_info("draining", LOG_INT("worker", worker->options->number));
    if (worker->options->role == WORKER_ALONE)
        notify_stopping();
    worker->web.draining = true;
    pruning_stop(&worker->pruning);
    if (timer_start(&worker->loop.timers, &worker->drain_deadline, deadline_ms, on_drain_deadline,
                    worker) != ERR_OK) {
        finish(worker, EXIT_CODE_FAILED); /* without a deadline it might never end */
        return;
    }
    http_server_drain(worker->server);
}

static void on_signal(uv_signal_t *handle, int signum)
{
    struct worker *worker = handle->data;

    if (signum == SIGHUP && !signals_terminal_is_gone()) {
        log_warn("not replaced: a single process has no master, restart it instead",
                 LOG_STR("signal", "HUP"));
        return;
    }
    if (worker->state == WORKER_STARTING)
        finish(worker, EXIT_CODE_OK);
    else if (worker->state == WORKER_RUNNING)
        drain(worker);
    else if (worker->state == WORKER_DRAINING && worker->options->role == WORKER_ALONE)
        finish(worker, EXIT_CODE_FAILED);
}

/* ---- running -------------------------------------------------------------------------------- */

static void on_sweep_time(void *ctx);

static void schedule_sweep(struct worker *worker)
{
    int64_t delay_ms = SWEEP_MS + (int64_t)(random_nonzero_u64() % SWEEP_MS);

    /* Without memory for the timer the siblings, or the next worker, will sweep. */
    (void)!timer_start(&worker->loop.timers, &worker->sweep_timer,
                       timers_now_ms(&worker->loop.timers) + delay_ms, on_sweep_time, worker);
}

static void on_swept(void *ctx, enum err err)
{
    struct worker *worker = ctx;

    worker->sweep = NULL;
    if (err != ERR_OK)
        log_debug("sweep failed", LOG_STR("reason", err_name(err)));
}

static void on_sweep_time(void *ctx)
{
    struct worker *worker = ctx;

    directory_forget_salts(worker->directory, clock_unix_ms(worker->loop.clock) / 1000);
    if (!worker->sweep)
        worker->sweep = store_sweep(worker->store, on_swept, worker);
    schedule_sweep(worker);
}

static void on_watchdog_time(void *ctx)
{
    struct worker *worker = ctx;

    notify_watchdog();
    (void)!timer_start(&worker->loop.timers, &worker->watchdog_timer,
                       timers_now_ms(&worker->loop.timers) + worker->watchdog_ms, on_watchdog_time,
                       worker);
}

/* Starts the next batch when all that has come is in it. Those who were answered a moment ago often
 * ask again at once; without this look at the sockets they would just miss the batch, and a commit
 * would carry half as many hits. No waiting: a socket that has nothing yet is not waited for. */
static void start_batch(struct worker *worker)
{
    if (!batcher_is_ready(worker->batcher))
        return;
    if (worker->turns_put_off < MAX_TURNS_PUT_OFF && loop_has_input(&worker->loop)) {
        worker->turns_put_off++;
        return;
    }
    worker->turns_put_off = 0;
    batcher_turn(worker->batcher);
}

static void on_first_check(void *ctx, const struct store_health *health)
{
    struct worker *worker = ctx;

    (void)health; /* on_turn() looks at what came of it */
    worker->first_check = NULL;
}

static void on_grace_over(void *ctx)
{
    struct worker *worker = ctx;

    worker->is_grace_over = true;
}

static enum err listen_on_all(struct worker *worker)
{
    struct listeners *listeners = worker->options->listeners;

    for (unsigned i = 0; i < listeners->count; i++) {
        int fd = listeners->list[i].fd;
        enum err err;

        listeners->list[i].fd = -1; /* the server's from now on */
        err = http_server_listen(worker->server, fd);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

/* No waiting mends that. */
static void give_up(struct worker *worker)
{
    const struct config *config = worker->options->config;
    char store[256];

    store_url_mask(config->store, store, sizeof(store));
    (void)fprintf(stderr, "footfall: %s=%s: %s\n", config->store_source, store,
                  store_fault(worker->store));
    finish(worker, EXIT_CODE_CONFIG);
}

/* Who listens before its store is connected takes visitors from siblings that could count them, or
 * could let them in. */
static void go_live_when_connected(struct worker *worker)
{
    struct store_stats stats;
    enum err err;

    if (store_fault(worker->store)[0] != '\0') {
        give_up(worker);
        return;
    }
    store_get_stats(worker->store, &stats);
    if ((stats.connected == 0 || worker->identity->awaits_key) && !worker->is_grace_over)
        return;
    timer_stop(&worker->loop.timers, &worker->grace);
    err = listen_on_all(worker);
    if (err != ERR_OK) {
        log_error("cannot listen", LOG_INT("worker", worker->options->number),
                  LOG_STR("reason", err_name(err)));
        finish(worker, EXIT_CODE_FAILED);
        return;
    }
    become(worker, WORKER_RUNNING);
    if (worker->options->number == 1 && !worker->options->config->has_guests)
        first_user_start(&worker->first_user, worker->options->config, worker->identity,
                         worker->options->listeners->list[0].url);
    worker->options->on_ready(worker->options->ctx);
}

static bool is_idle(const struct worker *worker)
{
    return batcher_is_idle(worker->batcher) && directory_is_idle(worker->directory) &&
           site_store_is_idle(worker->sites) && identity_is_idle(worker->identity);
}

static void on_turn(void *ctx)
{
    struct worker *worker = ctx;

    start_batch(worker);
    if (worker->state == WORKER_STARTING)
        go_live_when_connected(worker);
    if (worker->state == WORKER_DRAINING && worker->drained && is_idle(worker))
        finish(worker, EXIT_CODE_OK);
}

/* ---- starting ------------------------------------------------------------------------------- */

static void start_signals(struct worker *worker)
{
    static const int alone[WORKER_SIGNALS] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP};
    size_t count = worker->options->role == WORKER_ALONE ? WORKER_SIGNALS : 1;

    for (size_t i = 0; i < count; i++) {
        uv_signal_t *handle = &worker->signals[i];

        (void)uv_signal_init(&worker->loop.uv, handle);
        handle->data = worker;
        (void)uv_signal_start(handle, on_signal, alone[i]);
    }
    worker->signal_count = count;
    signals_unblock();
}

/* In the order of the words of FOOTFALL_AUTH_HEADER (cli/option_table.c). */
static const enum http_field auth_fields[] = {
    FIELD_COUNT_,           FIELD_REMOTE_USER,       FIELD_X_REMOTE_USER,
    FIELD_X_FORWARDED_USER, FIELD_X_FORWARDED_EMAIL, FIELD_X_AUTH_REQUEST_EMAIL,
};

static enum err start_identity(struct worker *worker, const struct store_env *env,
                               struct err_info *info)
{
    const struct config *config = worker->options->config;
    const struct identity_settings settings = {
        .url = config->url,
        .secret_key = config->secret_key,
        .auth_field = auth_fields[config->auth_header],
        .idle_s = (uint32_t)(config->login_idle_ms / 1000),
        .absolute_s = (uint32_t)(config->login_lifetime_ms / 1000),
    };

    return identity_create(&settings, worker->store, env, &worker->identity, info);
}

static enum err start_counting(struct worker *worker, struct err_info *info)
{
    const struct config *config = worker->options->config;
    const struct store_env env = {
        .loop = &worker->loop.uv,
        .timers = &worker->loop.timers,
        .clock = worker->loop.clock,
        .timeout_ms = config->store_timeout_ms,
        .redis_total_key = config->redis_total_key,
    };
    enum err err = store_open(config->store, &env, &worker->store, info);

    if (err != ERR_OK)
        return err;
    worker->batcher = batcher_create(worker->store, &env, config->hit_timeout_ms);
    worker->directory = directory_create(worker->store, &env);
    worker->facts =
        fact_maker_create(worker->options->tables->countries, worker->options->tables->spam);
    worker->statistics = statistics_create(worker->store, worker->loop.clock);
    worker->sites = site_store_create(worker->store, &env);
    pruning_start(&worker->pruning, worker->store, &env, config->prune_every_ms,
                  worker->options->number);
    if (!worker->batcher || !worker->directory || !worker->facts || !worker->statistics ||
        !worker->sites)
        return ERR_NO_MEMORY;
    return start_identity(worker, &env, info);
}

static enum err start_http(struct worker *worker)
{
    const struct config *config = worker->options->config;
    const struct http_server_options options = {
        .loop = &worker->loop.uv,
        .timers = &worker->loop.timers,
        .clock = worker->loop.clock,
        .limits = http_default_limits,
        .trusted_proxies = &config->trusted_proxies,
        .proxy_protocol = config->proxy_protocol,
        .router = &web_router,
        .app = &worker->web,
        .on_drained = on_drained,
        .ctx = worker,
    };

    worker->server = http_server_create(&options);
    return worker->server ? ERR_OK : ERR_NO_MEMORY;
}

/* The first check makes a store connect that connects on demand. */
static void await_store(struct worker *worker)
{
    int64_t grace_ends_ms = timers_now_ms(&worker->loop.timers) + STORE_GRACE_MS;

    worker->first_check = store_check(worker->store, on_first_check, worker);
    worker->is_grace_over = timer_start(&worker->loop.timers, &worker->grace, grace_ends_ms,
                                        on_grace_over, worker) != ERR_OK;
}

static enum err start(struct worker *worker, struct err_info *info)
{
    enum err err = start_counting(worker, info);

    if (err == ERR_OK)
        err = start_http(worker);
    if (err != ERR_OK)
        return err;
    worker->web = (struct web){
        .name = worker->options->config->name,
        .script_path = slice_str(worker->options->config->script_path),
        .count_path = slice_str(worker->options->config->count_path),
        .store = worker->store,
        .batcher = worker->batcher,
        .directory = worker->directory,
        .facts = worker->facts,
        .statistics = worker->statistics,
        .sites = worker->sites,
        .identity = worker->identity,
        .server = worker->server,
        .clock = worker->loop.clock,
        .worker = worker->options->number,
        .has_guests = worker->options->config->has_guests,
    };
    start_signals(worker);
    await_store(worker);
    schedule_sweep(worker);
    worker->watchdog_ms = worker->options->role == WORKER_ALONE ? notify_watchdog_ms() : 0;
    if (worker->watchdog_ms > 0)
        on_watchdog_time(worker);
    return ERR_OK;
}

/* Also of a worker that started only half. */
static void stop(struct worker *worker)
{
    store_op_cancel(worker->first_check);
    store_op_cancel(worker->sweep);
    timer_stop(&worker->loop.timers, &worker->grace);
    timer_stop(&worker->loop.timers, &worker->sweep_timer);
    pruning_stop(&worker->pruning);
    timer_stop(&worker->loop.timers, &worker->drain_deadline);
    timer_stop(&worker->loop.timers, &worker->watchdog_timer);
    first_user_stop(&worker->first_user);
    http_server_close(worker->server);
    identity_destroy(worker->identity);
    site_store_destroy(worker->sites);
    batcher_destroy(worker->batcher);
    directory_destroy(worker->directory);
    fact_maker_destroy(worker->facts);
    statistics_destroy(worker->statistics);
    store_close(worker->store);
    for (size_t i = 0; i < worker->signal_count; i++)
        uv_close((uv_handle_t *)&worker->signals[i], NULL);
    loop_fini(&worker->loop);
}

static enum exit_code complain(const struct config *config, enum err err,
                               const struct err_info *info)
{
    char store[256];

    if (err != ERR_CONFIG) {
        (void)fprintf(stderr, "footfall: the worker cannot start: %s\n", info->text);
        return EXIT_CODE_FAILED;
    }
    store_url_mask(config->store, store, sizeof(store));
    (void)fprintf(stderr, "footfall: %s=%s: %s\n", config->store_source, store, info->text);
    return EXIT_CODE_CONFIG;
}

enum exit_code worker_run(const struct worker_options *options)
{
    struct worker worker = {.options = options};
    struct err_info info = {.text = "out of memory or file descriptors"};
    enum err err;

    random_init();
    err = loop_init(&worker.loop, on_turn, &worker);
    if (err == ERR_OK) {
        err = start(&worker, &info);
        if (err == ERR_OK)
            loop_run(&worker.loop);
        stop(&worker);
    }
    listeners_close(options->listeners);
    return err == ERR_OK ? worker.code : complain(options->config, err, &info);
}
