#include "cli/demo.h"
#include "count/bucket.h"
#include "count/site_store.h"

static const struct slice ids[TRAFFIC_KIND_COUNT_] = {
    [TRAFFIC_PRODUCT] = SLICE_INIT(SITE_DEFAULT),
    [TRAFFIC_BLOG] = SLICE_INIT("blog"),
    [TRAFFIC_SHOP] = SLICE_INIT("shop"),
};

struct slice demo_site_id(enum traffic_kind kind)
{
    return ids[kind];
}

/* What one call waits for. */
struct answer {
    struct db_session *session;
    size_t pending;
    enum err err;
    bool is_used;
};

/* An operation ends by its own deadline. */
static void wait_for(struct answer *answer)
{
    while (answer->pending > 0)
        loop_run(&answer->session->loop);
}

/* ---- making them ---------------------------------------------------------------------------- */

static enum err edit_site(void *ctx, const struct site *now, struct site **out,
                          struct err_info *info)
{
    const enum traffic_kind *kind = ctx;
    const struct traffic_site *made_up = &traffic_sites[*kind];
    enum err err = site_create(ids[*kind], 0, out, info);

    (void)now; /* the store is new */
    if (err == ERR_OK)
        err = site_set(*out, SLICE("name"), slice_str(made_up->name), info);
    if (err == ERR_OK)
        err = site_set(*out, SLICE("domains"), slice_str(made_up->host), info);
    if (err == ERR_OK)
        err = site_set(*out, SLICE("public_counters"), SLICE("pages"), info);
    if (err == ERR_OK)
        return ERR_OK;
    site_destroy(*out);
    *out = NULL;
    return err;
}

static void on_changed(void *ctx, const struct site_outcome *outcome)
{
    struct answer *answer = ctx;

    answer->err = outcome->err;
    db_told(answer->session, &answer->pending);
}

static enum err create_site(struct db_session *session, struct site_store *sites,
                            enum traffic_kind kind)
{
    struct answer answer = {.session = session, .err = ERR_NO_MEMORY};

    answer.pending =
        site_store_change(sites, ids[kind], edit_site, &kind, on_changed, &answer) ? 1 : 0;
    if (!db_wait(session, &answer.pending))
        return ERR_UNAVAILABLE; /* and the caller ends `sites` */
    return answer.err;
}

enum err demo_sites_create(struct db_session *session, struct store *store)
{
    struct store_env env = db_session_env(session);
    struct site_store *sites = site_store_create(store, &env);
    enum err err = sites ? ERR_OK : ERR_NO_MEMORY;

    for (enum traffic_kind kind = 0; kind < TRAFFIC_KIND_COUNT_ && err == ERR_OK; kind++)
        err = create_site(session, sites, kind);
    site_store_destroy(sites);
    return err;
}

/* ---- looking at one ------------------------------------------------------------------------- */

static void on_sums(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct answer *answer = ctx;

    (void)sums;
    answer->err = err;
    answer->is_used = answer->is_used || count > 0;
    db_told(answer->session, &answer->pending);
}

static void on_totals(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct answer *answer = ctx;

    answer->err = err;
    answer->is_used = answer->is_used || (count == 1 && totals[0] != 0);
    db_told(answer->session, &answer->pending);
}

/* From 1970 to 2243, where days end. */
#define MONTHS 3288

static enum err ask_months(struct answer *answer, struct store *store, unsigned shard,
                           struct slice id)
{
    int32_t months[MONTHS];
    const struct rollup_query query = {
        .site = id,
        .dimension = DIMENSION_TOTAL,
        .scope = ROLLUP_OF_SITE,
        .buckets = months,
        .bucket_count = MONTHS,
        .group = ROLLUP_BY_BUCKET,
    };

    for (int32_t i = 0; i < MONTHS; i++)
        months[i] = BUCKET_FIRST_MONTH + i;
    answer->err = ERR_UNAVAILABLE;
    answer->pending = store_rollups(store, shard, &query, on_sums, answer) ? 1 : 0;
    wait_for(answer);
    return answer->err;
}

static enum err ask_total(struct answer *answer, struct store *store, unsigned shard,
                          struct slice id)
{
    const struct counter total = {id, DIMENSION_TOTAL, SLICE("")};

    answer->err = ERR_UNAVAILABLE;
    answer->pending = store_totals(store, shard, &total, 1, on_totals, answer) ? 1 : 0;
    wait_for(answer);
    return answer->err;
}

enum err demo_site_is_used(struct db_session *session, struct store *store, struct slice id,
                           bool *out)
{
    struct answer answer = {.session = session};
    unsigned shard = store_shard_of(store, id);
    enum err err = ask_months(&answer, store, shard, id);

    if (err == ERR_OK)
        err = ask_total(&answer, store, shard, id);
    *out = answer.is_used;
    return err;
}
