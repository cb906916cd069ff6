#include "process/pruning.h"

#include "base/log.h"
#include "base/random.h"

/* A lease has to last for a slow step of the store; where it is done every few seconds, in tests,
 * half of that is enough. */
#define LEASE_MOST_S  60
#define LEASE_LEAST_S 2

/* The first time comes after a 960th to a 320th of the time between two: of a day, after 90 to 270
 * seconds. */
#define FIRST_PART 960

/* When the store did not answer it is tried again after a quarter of an hour, of a day. */
#define FAILED_PART 96

static uint32_t lease_s(const struct pruning *pruning)
{
    int64_t half_s = pruning->every_ms / 2000;

    if (half_s < LEASE_LEAST_S)
        return LEASE_LEAST_S;
    return half_s < LEASE_MOST_S ? (uint32_t)half_s : LEASE_MOST_S;
}

static void begin(void *ctx);

/* After `least_ms`, and up to `more_ms` more by chance, so that not all come at the same moment.
 * Without memory for the timer the other workers, or the next one, will do it. */
static void begin_after(struct pruning *pruning, int64_t least_ms, int64_t more_ms)
{
    int64_t delay_ms = least_ms + (int64_t)(random_nonzero_u64() % ((uint64_t)more_ms + 1));

    (void)!timer_start(pruning->env.timers, &pruning->timer,
                       timers_now_ms(pruning->env.timers) + delay_ms, begin, pruning);
}

/* Who holds the lease may have died: when it has expired, somebody else begins. */
static void begin_again(struct pruning *pruning, enum prune_outcome outcome)
{
    int64_t every_ms = pruning->every_ms;
    int64_t held_ms = (int64_t)lease_s(pruning) * 1000;

    switch (outcome) {
    case PRUNE_FINISHED:
        begin_after(pruning, every_ms, every_ms / 8);
        return;
    case PRUNE_DONE:
    case PRUNE_NO_SITE:
        begin_after(pruning, every_ms / 2, every_ms / 2);
        return;
    case PRUNE_HELD:
        begin_after(pruning, held_ms, held_ms);
        return;
    case PRUNE_FAILED:
        begin_after(pruning, every_ms / FAILED_PART, every_ms / FAILED_PART);
        return;
    }
}

static void on_done(void *ctx, const struct prune_result *result)
{
    struct pruning *pruning = ctx;

    pruning->run = NULL;
    if (result->outcome == PRUNE_FINISHED)
        log_info("pruned", LOG_INT("worker", pruning->worker), LOG_INT("sites", result->sites),
                 LOG_INT("steps", result->steps));
    else
        log_debug("not pruned", LOG_INT("worker", pruning->worker),
                  LOG_STR("reason", prune_outcome_name(result->outcome)));
    begin_again(pruning, result->outcome);
}

static void on_site(void *ctx, const struct site *site, struct zone *zone,
                    const struct prune_cut *cut)
{
    const struct pruning *pruning = ctx;

    (void)zone;
    (void)cut;
    log_debug("pruning", LOG_INT("worker", pruning->worker), LOG_STR("site", site->id));
}

static void begin(void *ctx)
{
    struct pruning *pruning = ctx;
    const struct prune_order order = {
        .site = SLICE(""),
        .lease_s = lease_s(pruning),
        .done_s = (uint32_t)((pruning->every_ms + 999) / 1000),
        .on_site = on_site,
    };

    pruning->run = prune_start(pruning->store, &pruning->env, &order, on_done, pruning);
    if (!pruning->run)
        begin_again(pruning, PRUNE_FAILED);
}

void pruning_start(struct pruning *pruning, struct store *store, const struct store_env *env,
                   int64_t every_ms, unsigned worker)
{
    *pruning =
        (struct pruning){.store = store, .env = *env, .every_ms = every_ms, .worker = worker};
    if (every_ms > 0)
        begin_after(pruning, every_ms / FIRST_PART, 2 * every_ms / FIRST_PART);
}

void pruning_stop(struct pruning *pruning)
{
    if (!pruning->store)
        return;
    timer_stop(pruning->env.timers, &pruning->timer);
    prune_cancel(pruning->run);
    pruning->run = NULL;
}
