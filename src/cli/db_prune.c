/* footfall db prune [--site=ID] [--dry-run]: what the workers do once a day, now. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "cli/db.h"
#include "cli/db_session.h"
#include "count/bucket.h"
#include "count/hit.h"
#include "count/prune.h"
#include "count/zone.h"
#include "process/signals.h"

/* The steps of a whole prune may be many, but each is short. */
#define LEASE_S 60

/* Another process that prunes now is done by then, mostly. */
#define TRY_LATER "another process is at it; try again in some minutes"

/* A site, and what of it is too old. */
struct aged_site {
    char id[SITE_MAX_ID + 1];
    int64_t retention_days;
    struct prune_cut cut;
    struct aged_site *next;
};

struct pruner {
    const struct invocation *invocation;
    struct db_session session;
    struct store *store;
    struct aged_site *first;
    struct aged_site **last;
    bool has_no_memory;
    struct prune_result result;
    size_t pending;
};

/* ---- running a prune ------------------------------------------------------------------------ */

static void on_site(void *ctx, const struct site *site, struct zone *zone,
                    const struct prune_cut *cut)
{
    struct pruner *p = ctx;
    struct aged_site *aged = calloc(1, sizeof(*aged));

    (void)zone;
    if (!aged) {
        p->has_no_memory = true;
        return;
    }
    memcpy(aged->id, site->id, sizeof(aged->id));
    aged->retention_days = site->retention_days;
    aged->cut = *cut;
    *p->last = aged;
    p->last = &aged->next;
}

static void on_done(void *ctx, const struct prune_result *result)
{
    struct pruner *p = ctx;

    p->result = *result;
    db_told(&p->session, &p->pending);
}

static bool run(struct pruner *p, bool is_dry)
{
    const char *only = p->invocation->site;
    struct store_env env = db_session_env(&p->session);
    const struct prune_order order = {
        .site = only ? slice_str(only) : SLICE(""),
        .is_dry = is_dry,
        .even_if_done = true,
        .lease_s = LEASE_S,
        .on_site = is_dry ? on_site : NULL,
    };

    p->result.outcome = PRUNE_FAILED;
    p->pending = prune_start(p->store, &env, &order, on_done, p) ? 1 : 0;
    while (p->pending > 0) /* it gives up by itself when the store does not answer */
        loop_run(&p->session.loop);
    return p->result.outcome == PRUNE_FINISHED && !p->has_no_memory;
}

static enum exit_code fail(const struct pruner *p)
{
    switch (p->result.outcome) {
    case PRUNE_HELD:
    case PRUNE_DONE:
        return db_fail(EXIT_CODE_FAILED, "nothing was pruned: " TRY_LATER);
    case PRUNE_NO_SITE:
        return db_fail(EXIT_CODE_FAILED, "there is no site \"%s\"", p->invocation->site);
    case PRUNE_FINISHED:
    case PRUNE_FAILED:
        break;
    }
    return db_fail(EXIT_CODE_UNAVAILABLE, "the store does not answer");
}

/* ---- what there is -------------------------------------------------------------------------- */

struct counting {
    struct db_session *session;
    size_t pending;
    enum err err;
    size_t buckets; /* with statistics */
    int32_t first;  /* of them */
    int64_t views;
};

static void on_sums(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct counting *counting = ctx;

    counting->err = err;
    if (count > 0 && counting->buckets == 0)
        counting->first = (int32_t)sums[0].id;
    counting->buckets += count;
    for (size_t i = 0; i < count; i++)
        counting->views += sums[i].metrics.views;
    db_told(counting->session, &counting->pending);
}

/* Adds what is in the buckets of `range`: so many that they may be asked for at once. */
static enum err count_some(struct pruner *p, const char *id, struct prune_range range,
                           struct counting *out)
{
    int32_t buckets[ROLLUP_MAX_BUCKETS];
    struct rollup_query query = {
        .site = slice_str(id),
        .dimension = DIMENSION_TOTAL,
        .scope = ROLLUP_OF_SITE,
        .buckets = buckets,
        .group = ROLLUP_BY_BUCKET,
    };

    for (int32_t bucket = range.first; bucket <= range.last; bucket++)
        buckets[query.bucket_count++] = bucket;
    out->err = ERR_UNAVAILABLE;
    out->pending =
        store_rollups(p->store, store_shard_of(p->store, query.site), &query, on_sums, out) ? 1 : 0;
    while (out->pending > 0) /* it ends by its own deadline */
        loop_run(&p->session.loop);
    return out->err;
}

/* The buckets from `first` up to, and without, `end`. */
static enum err count_range(struct pruner *p, const char *id, int32_t first, int32_t end,
                            struct counting *out)
{
    enum err err = ERR_OK;

    *out = (struct counting){.session = &p->session};
    while (first < end && err == ERR_OK) {
        int32_t last = end - first > ROLLUP_MAX_BUCKETS ? first + ROLLUP_MAX_BUCKETS : end;

        err = count_some(p, id, (struct prune_range){first, last - 1}, out);
        first = last;
    }
    return err;
}

/* No hour is older than the first day that has statistics. A day may have 25 hours. */
static enum err count_hours(struct pruner *p, const struct aged_site *site, struct counting *out)
{
    const struct prune_cut *cut = &site->cut;
    struct counting days;
    enum err err = count_range(p, site->id, 0, cut->hours_from, &days);

    *out = (struct counting){.session = &p->session};
    if (err != ERR_OK || days.buckets == 0)
        return err;
    return count_range(p, site->id, cut->hour_from - 24 * (cut->hours_from - days.first + 1),
                       cut->hour_from, out);
}

/* ---- telling -------------------------------------------------------------------------------- */

static void print_day(int32_t day)
{
    char text[BUCKET_MAX_TEXT];
    struct strbuf out;

    strbuf_init_fixed(&out, text, sizeof(text));
    bucket_format(NULL, day, &out);
    (void)printf("%.*s", SLICE_ARG(strbuf_slice(&out)));
}

static void print_site(const struct aged_site *site, const struct counting *days,
                       const struct counting *months, const struct counting *hours)
{
    (void)printf("%s: ", site->id);
    if (site->retention_days == 0) {
        (void)printf("keeps all days and months");
    } else {
        (void)printf("%zu days and %zu months from before ", days->buckets, months->buckets);
        print_day(site->cut.days_from);
        (void)printf(", with %" PRId64 " views", days->views);
    }
    (void)printf("; %zu hours from before ", hours->buckets);
    print_day(site->cut.hours_from);
    (void)printf("\n");
}

static enum err tell_site(struct pruner *p, const struct aged_site *site)
{
    int32_t from = site->cut.days_from;
    struct counting days;
    struct counting months = {.buckets = 0};
    struct counting hours;
    enum err err = count_range(p, site->id, 0, from, &days);

    if (err == ERR_OK && from > 0)
        err = count_range(p, site->id, BUCKET_FIRST_MONTH, bucket_month_of_day(from), &months);
    if (err == ERR_OK)
        err = count_hours(p, site, &hours);
    if (err == ERR_OK)
        print_site(site, &days, &months, &hours);
    return err;
}

static enum exit_code tell(struct pruner *p)
{
    for (const struct aged_site *site = p->first; site; site = site->next) {
        if (tell_site(p, site) != ERR_OK)
            return db_fail(EXIT_CODE_UNAVAILABLE, "the store does not answer");
    }
    if (p->result.skipped > 0)
        (void)printf("left out, since their settings cannot be used: %" PRIu64 " sites\n",
                     p->result.skipped);
    return fflush(stdout) == 0 ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

/* ---- the command ---------------------------------------------------------------------------- */

static enum exit_code prune(struct pruner *p)
{
    bool is_dry = p->invocation->dry_run;
    enum exit_code code;

    if (!run(p, true))
        return fail(p);
    (void)printf(is_dry ? "Too old, and would be dropped:\n" : "Too old, and dropped:\n");
    code = tell(p);
    if (code != EXIT_CODE_OK || is_dry)
        return code;
    return run(p, false) ? EXIT_CODE_OK : fail(p);
}

static void free_sites(struct pruner *p)
{
    struct aged_site *next;

    for (struct aged_site *site = p->first; site; site = next) {
        next = site->next;
        free(site);
    }
}

enum exit_code db_prune(const struct invocation *invocation, const struct config *config)
{
    struct pruner p = {.invocation = invocation, .last = &p.first};
    struct err_info info = {.text = "out of memory or file descriptors"};
    enum exit_code code;
    enum err err;

    if (invocation->site && hit_check_site(slice_str(invocation->site), &info) != ERR_OK)
        return db_fail(EXIT_CODE_USAGE, "--site: %s", info.text);
    random_init();
    signals_init();
    log_off(); /* what is said here tells, not the log */
    if (db_session_open(&p.session, config) != ERR_OK)
        return db_fail(EXIT_CODE_FAILED, "%s", info.text);
    err = db_session_store(&p.session, config->store, true, &p.store, &info);
    if (err == ERR_OK) {
        code = prune(&p);
        store_close(p.store);
    } else {
        code = db_fail(err == ERR_UNAVAILABLE ? EXIT_CODE_UNAVAILABLE : EXIT_CODE_CONFIG, "%s",
                       info.text);
    }
    db_session_close(&p.session);
    free_sites(&p);
    return code;
}
