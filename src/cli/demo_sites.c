#include "cli/demo.h"
#include "count/bucket.h"
#include "count/settings_key.h"
#include "count/site.h"
#include "store/writer.h"

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

static enum err write_record(struct commit *commit, struct slice key, struct slice value)
{
    return commit_write(commit, &(struct record_write){.key = key,
                                                       .value = value,
                                                       .expect_version = RECORD_ABSENT,
                                                       .ttl_s = RECORD_FOREVER});
}

static enum err write_site(struct commit *commit, const struct site *site)
{
    char key[SITE_KEY_BYTES];
    struct strbuf json;
    enum err err;

    strbuf_init(&json, SITE_MAX_JSON);
    err = site_encode(site, &json);
    if (err == ERR_OK)
        err = write_record(commit, site_key(slice_str(site->id), key), strbuf_slice(&json));
    strbuf_fini(&json);
    return err;
}

static enum err add_site(struct commit *commit, enum traffic_kind kind)
{
    const struct traffic_site *made_up = &traffic_sites[kind];
    char key[DOMAIN_KEY_BYTES];
    struct site *site = NULL;
    enum err err = site_create(ids[kind], 0, &site, NULL);

    if (err == ERR_OK)
        err = site_set(site, SLICE("name"), slice_str(made_up->name), NULL);
    if (err == ERR_OK)
        err = site_set(site, SLICE("domains"), slice_str(made_up->host), NULL);
    if (err == ERR_OK)
        err = write_site(commit, site);
    if (err == ERR_OK)
        err = write_record(commit, domain_key(slice_str(made_up->host), key), ids[kind]);
    site_destroy(site);
    return err;
}

static enum err add_settings(struct commit *commit, const struct store *store)
{
    char key[SETTINGS_KEY_BYTES];

    return write_record(commit, settings_key(store, 0, key), SETTINGS_HAVE_DOMAINS);
}

static void on_committed(void *ctx, const struct commit_result *result)
{
    struct answer *answer = ctx;

    answer->err = result->status == COMMIT_DONE ? ERR_OK : ERR_UNAVAILABLE;
    db_told(answer->session, &answer->pending);
}

static enum err commit_sites(struct db_session *session, struct store *store, struct commit *commit)
{
    struct answer answer = {.session = session, .pending = 1, .err = ERR_UNAVAILABLE};
    struct store_env env = db_session_env(session);
    struct writer *writer = writer_create(store, 0, &env);

    if (!writer)
        return ERR_NO_MEMORY;
    writer_commit(writer, commit, on_committed, &answer);
    (void)!db_wait(session, &answer.pending); /* `answer` tells */
    writer_destroy(writer);
    return answer.err;
}

/* An SQLite store has one shard, so it is one commit. */
enum err demo_sites_create(struct db_session *session, struct store *store)
{
    struct commit *commit = commit_create();
    enum err err = commit ? add_settings(commit, store) : ERR_NO_MEMORY;

    for (enum traffic_kind kind = 0; kind < TRAFFIC_KIND_COUNT_ && err == ERR_OK; kind++)
        err = add_site(commit, kind);
    if (err == ERR_OK)
        err = commit_sites(session, store, commit);
    commit_unref(commit);
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
