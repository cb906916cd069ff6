#include "cli/db_session.h"

#include <stdio.h>

#define TICK_MS  10
#define PAUSE_MS 200

/* ---- the session ---------------------------------------------------------------------------- */

static void on_tick(uv_timer_t *ticker)
{
    loop_stop(ticker->data);
}

enum err db_session_open(struct db_session *session, const struct config *config)
{
    *session = (struct db_session){.config = config};
    if (loop_init(&session->loop, NULL, NULL) != ERR_OK)
        return ERR_NO_MEMORY;
    (void)uv_timer_init(&session->loop.uv, &session->ticker); /* neither can fail */
    session->ticker.data = &session->loop;
    (void)uv_timer_start(&session->ticker, on_tick, TICK_MS, TICK_MS);
    db_went_well(session);
    return ERR_OK;
}

void db_session_close(struct db_session *session)
{
    uv_close((uv_handle_t *)&session->ticker, NULL);
    loop_fini(&session->loop);
}

struct store_env db_session_env(struct db_session *session)
{
    return (struct store_env){.loop = &session->loop.uv,
                              .timers = &session->loop.timers,
                              .clock = session->loop.clock,
                              .timeout_ms = session->config->store_timeout_ms,
                              .redis_total_key = session->config->redis_total_key};
}

/* ---- waiting -------------------------------------------------------------------------------- */

static int64_t now_ms(const struct db_session *session)
{
    return clock_mono_ms(session->loop.clock);
}

void db_went_well(struct db_session *session)
{
    session->patience_ends_ms =
        now_ms(session) + DB_PATIENCE_TIMEOUTS * session->config->store_timeout_ms;
}

void db_told(struct db_session *session, size_t *pending)
{
    --*pending;
    loop_stop(&session->loop);
}

bool db_wait(struct db_session *session, const size_t *pending)
{
    while (*pending > 0) {
        if (now_ms(session) >= session->patience_ends_ms)
            return false;
        loop_run(&session->loop);
    }
    return true;
}

bool db_pause(struct db_session *session)
{
    int64_t until_ms = now_ms(session) + PAUSE_MS;

    while (now_ms(session) < until_ms)
        loop_run(&session->loop);
    return now_ms(session) < session->patience_ends_ms;
}

/* Every operation of a store ends by its own deadline. */
static void wait_for_operation(struct db_session *session, const size_t *pending)
{
    while (*pending > 0)
        loop_run(&session->loop);
}

/* ---- opening -------------------------------------------------------------------------------- */

struct question {
    struct db_session *session;
    size_t pending;
    struct store_health health;
};

static void on_health(void *ctx, const struct store_health *health)
{
    struct question *question = ctx;

    question->health = *health;
    db_told(question->session, &question->pending);
}

static void ask(struct question *question, struct store *store)
{
    question->health = (struct store_health){.reason = "out of memory"};
    question->pending = 1;
    if (store_check(store, on_health, question))
        wait_for_operation(question->session, &question->pending);
}

/* A store that is still connecting says that it cannot be reached: mostly for some milliseconds, so
 * it is asked at every tick. */
static enum err wait_until_usable(struct db_session *session, struct store *store,
                                  bool needs_commits, struct err_info *info)
{
    int64_t until_ms = now_ms(session) + session->config->store_timeout_ms;
    struct question question = {.session = session};
    bool is_usable;

    for (;;) {
        ask(&question, store);
        is_usable = needs_commits ? question.health.sufficient : question.health.reachable;
        if (is_usable || store_fault(store)[0] != '\0' || now_ms(session) >= until_ms)
            break;
        loop_run(&session->loop);
    }
    if (is_usable)
        return ERR_OK;
    err_info_set(info, "%s", question.health.reason);
    return store_fault(store)[0] != '\0' ? ERR_CONFIG : ERR_UNAVAILABLE;
}

enum err db_session_store(struct db_session *session, const char *url, bool needs_commits,
                          struct store **out, struct err_info *info)
{
    struct store_env env = db_session_env(session);
    struct store *store;
    enum err err = store_open(url, &env, &store, info);

    if (err != ERR_OK)
        return err;
    err = wait_until_usable(session, store, needs_commits, info);
    if (err == ERR_OK)
        *out = store;
    else
        store_close(store);
    return err;
}

/* ---- scans ---------------------------------------------------------------------------------- */

struct reading {
    struct db_session *session;
    struct db_page *page;
    size_t pending;
    enum err err;
};

static void on_step(void *ctx, enum err err, const struct scan_step *step)
{
    struct reading *reading = ctx;

    reading->err = err == ERR_OK ? db_page_take(reading->page, step) : err;
    db_told(reading->session, &reading->pending);
}

enum err db_scan(struct db_session *session, struct store *store, unsigned shard,
                 struct db_page *page)
{
    struct reading reading = {.session = session, .page = page};

    do {
        reading.err = ERR_UNAVAILABLE;
        reading.pending = 1;
        if (store_scan(store, shard, page->cursor, on_step, &reading))
            wait_for_operation(session, &reading.pending);
    } while (reading.err == ERR_UNAVAILABLE && db_pause(session));
    if (reading.err == ERR_OK)
        db_went_well(session);
    return reading.err;
}

static enum err scan_shard(struct db_session *session, struct store *store, unsigned shard,
                           struct db_page *page, db_page_fn *on_page, void *ctx)
{
    enum err err;

    page->cursor = SLICE("");
    do {
        err = db_scan(session, store, shard, page);
        if (err == ERR_OK)
            err = on_page(ctx, shard, page);
    } while (err == ERR_OK && page->cursor.len > 0);
    return err;
}

enum err db_scan_all(struct db_session *session, struct store *store, db_page_fn *on_page,
                     void *ctx)
{
    struct db_page page;
    enum err err = ERR_OK;

    db_page_init(&page);
    for (unsigned shard = 0; err == ERR_OK && shard < store_shard_count(store); shard++)
        err = scan_shard(session, store, shard, &page, on_page, ctx);
    db_page_fini(&page);
    return err;
}
