/* Is the store there, and does it keep what it confirms? */
#include <libgen.h>
#include <stdio.h>
#include <unistd.h>

#include "base/random.h"
#include "cli/doctor.h"
#include "process/loop.h"
#include "store/store.h"

/* A store that is still connecting says "unreachable"; so it is asked again this often. */
#define ASK_AGAIN_MS 50

struct examination {
    struct loop loop;
    struct store *store;
    struct store_op *op;
    uv_timer_t ticker; /* keeps the loop alive, too */
    int64_t deadline_ms;
    struct store_health health; /* the last answer */
    bool has_fault;             /* store_fault() has the reason */
};

static void ask(struct examination *examination);

static void end(struct examination *examination)
{
    store_op_cancel(examination->op);
    examination->op = NULL;
    (void)uv_timer_stop(&examination->ticker);
    loop_stop(&examination->loop);
}

static void on_health(void *ctx, const struct store_health *health)
{
    struct examination *examination = ctx;

    examination->op = NULL;
    examination->health = *health;
    examination->has_fault = store_fault(examination->store)[0] != '\0';
    if (health->reachable || examination->has_fault)
        end(examination);
}

static void on_tick(uv_timer_t *ticker)
{
    struct examination *examination = ticker->data;

    if (timers_now_ms(&examination->loop.timers) >= examination->deadline_ms)
        end(examination);
    else
        ask(examination);
}

static void ask(struct examination *examination)
{
    if (!examination->op)
        examination->op = store_check(examination->store, on_health, examination);
}

static void examine(struct examination *examination, const struct config *config)
{
    examination->deadline_ms = timers_now_ms(&examination->loop.timers) + config->store_timeout_ms;
    (void)uv_timer_init(&examination->loop.uv, &examination->ticker);
    examination->ticker.data = examination;
    (void)uv_timer_start(&examination->ticker, on_tick, 0, ASK_AGAIN_MS);
    loop_run(&examination->loop);
    uv_close((uv_handle_t *)&examination->ticker, NULL);
}

/* Opens the store, asks it, closes it. */
static enum err get_health(const struct config *config, struct store_health *out, bool *has_fault,
                           struct err_info *info)
{
    struct examination examination = {.health = {.reason = "it did not answer in time"}};
    struct store_env env;
    enum err err = loop_init(&examination.loop, NULL, NULL);

    if (err != ERR_OK)
        return err;
    env = (struct store_env){.loop = &examination.loop.uv,
                             .timers = &examination.loop.timers,
                             .clock = examination.loop.clock,
                             .timeout_ms = config->store_timeout_ms,
                             .redis_total_key = config->redis_total_key};
    err = store_open(config->store, &env, &examination.store, info);
    if (err == ERR_OK) {
        examine(&examination, config);
        store_close(examination.store);
    }
    loop_fini(&examination.loop);
    if (err == ERR_OK)
        *out = examination.health;
    *has_fault = examination.has_fault;
    return err;
}

static void report_fault(const struct store_health *health, const char *store,
                         struct report *report)
{
    report_add(report, VERDICT_FAIL, "store", NULL, "%s: %s", store, health->reason);
    report_raise(report, EXIT_CODE_CONFIG);
}

static void report_health(const struct store_health *health, const char *store,
                          struct report *report)
{
    static const enum verdict verdicts[] = {
        [DURABILITY_STRICT] = VERDICT_OK,
        [DURABILITY_RELAXED] = VERDICT_OK,
        [DURABILITY_LOSSY] = VERDICT_WARN,
        [DURABILITY_NONE] = VERDICT_WARN,
    };

    if (!health->reachable) {
        report_add(report, VERDICT_FAIL, "store", "start it, or mend the address",
                   "%s cannot be reached: %s", store, health->reason);
        report_raise(report, EXIT_CODE_UNAVAILABLE);
        return;
    }
    if (health->sufficient)
        report_add(report, verdicts[health->durability], "store", NULL,
                   "%s is reachable, durability %s", store, durability_name(health->durability));
    else
        report_add(report, VERDICT_FAIL, "store", NULL, "%s: %s", store, health->reason);
    for (size_t i = 0; i < health->finding_count; i++)
        report_add(report, VERDICT_WARN, "store", health->findings[i].remedy, "%s",
                   health->findings[i].problem);
}

/*
 * An SQLite file that is not there yet is not made here: the doctor may be another user than the
 * server, and the server could not write to a file of that one.
 */
static bool report_missing_file(const char *url, struct report *report)
{
    static const char scheme[] = "sqlite:";
    const char *path = url + sizeof(scheme) - 1;
    char folder[4096];

    if (strncmp(url, scheme, sizeof(scheme) - 1) != 0 || access(path, F_OK) == 0)
        return false;
    (void)snprintf(folder, sizeof(folder), "%s", path);
    if (access(dirname(folder), W_OK) == 0)
        report_add(report, VERDICT_OK, "store", NULL, "%s does not exist yet; serve makes it",
                   path);
    else
        report_add(report, VERDICT_FAIL, "store", "make the folder, or give it to this user",
                   "%s does not exist, and this user cannot make it", path);
    return true;
}

void doctor_check_store(const struct options *options, struct report *report)
{
    const struct config *config = &options->config;
    struct err_info info = {.text = "out of memory or file descriptors"};
    struct store_health health;
    bool has_fault = false;
    char store[200];

    if (report_missing_file(config->store, report))
        return;
    random_init();
    store_url_mask(config->store, store, sizeof(store));
    switch (get_health(config, &health, &has_fault, &info)) {
    case ERR_OK:
        if (has_fault)
            report_fault(&health, store, report);
        else
            report_health(&health, store, report);
        return;
    case ERR_CONFIG:
        report_raise(report, EXIT_CODE_CONFIG);
        break;
    case ERR_INVALID:
    case ERR_NOT_FOUND:
    case ERR_NO_MEMORY:
    case ERR_BUSY:
    case ERR_UNAVAILABLE:
    case ERR_STALE:
    case ERR_UNKNOWN:
    case ERR_COUNT_:
        break;
    }
    report_add(report, VERDICT_FAIL, "store", NULL, "%s cannot be opened: %s", store, info.text);
}
