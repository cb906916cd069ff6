#include "cli/db_session.h"

#include <stdio.h>

#define TICK_MS  50
#define PAUSE_MS 200

/* A step of the largest records has some 16 MiB. */
#define PAGE_CHUNK_BYTES 65536
#define PAGE_MAX_BYTES   ((size_t)256 << 20)

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

/* A store that is still connecting says that it cannot be reached. */
static enum err wait_until_usable(struct db_session *session, struct store *store,
                                  bool needs_commits, struct err_info *info)
{
    int64_t until_ms = now_ms(session) + session->config->store_timeout_ms;
    struct question question = {.session = session};
    bool is_usable;

    do {
        ask(&question, store);
        is_usable = needs_commits ? question.health.sufficient : question.health.reachable;
    } while (!is_usable && store_fault(store)[0] == '\0' && now_ms(session) < until_ms &&
             db_pause(session));
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

void db_page_init(struct db_page *page)
{
    *page = (struct db_page){.cursor = SLICE("")};
    arena_init(&page->arena, PAGE_CHUNK_BYTES, PAGE_MAX_BYTES);
    hashmap_init(&page->seen);
}

void db_page_fini(struct db_page *page)
{
    arena_fini(&page->arena);
    hashmap_fini(&page->seen);
}

struct reading {
    struct db_session *session;
    struct db_page *page;
    size_t pending;
    enum err err;
};

/* Whether `key`, of a kind, is on the page for the first time. */
static enum err note(struct db_page *page, char kind, struct slice key, bool *is_first)
{
    char text[COUNTER_KEY_MAX + 1];
    struct slice item;
    void **place;

    text[0] = kind;
    memcpy(text + 1, key.ptr, key.len);
    item = arena_dup(&page->arena, slice_of(text, 1 + key.len));
    place = item.ptr ? hashmap_put(&page->seen, item) : NULL;
    if (!place)
        return ERR_NO_MEMORY;
    *is_first = !*place;
    *place = page;
    return ERR_OK;
}

static enum err copy_record(struct db_page *page, const struct scanned_record *record)
{
    struct scanned_record *copy = &page->records[page->record_count];
    bool is_first;

    if (record->key.len > RECORD_MAX_KEY)
        return ERR_OK; /* none of Footfall's */
    if (note(page, 'r', record->key, &is_first) != ERR_OK)
        return ERR_NO_MEMORY;
    if (!is_first)
        return ERR_OK;
    copy->key = arena_dup(&page->arena, record->key);
    copy->value = arena_dup(&page->arena, record->value);
    copy->ttl_s = record->ttl_s;
    page->record_count++;
    return copy->key.ptr && copy->value.ptr ? ERR_OK : ERR_NO_MEMORY;
}

static bool is_sound(const struct counter *counter)
{
    return counter->site.len > 0 && counter->site.len <= COUNTER_MAX_SITE &&
           counter->value.len <= COUNTER_MAX_VALUE;
}

static enum err copy_counter(struct db_page *page, const struct scanned_counter *scanned)
{
    struct scanned_counter *copy = &page->counters[page->counter_count];
    char key[COUNTER_KEY_MAX];
    bool is_first;

    if (!is_sound(&scanned->counter))
        return ERR_OK;
    if (note(page, 'c', counter_key(&scanned->counter, key), &is_first) != ERR_OK)
        return ERR_NO_MEMORY;
    if (!is_first)
        return ERR_OK;
    *copy = *scanned;
    copy->counter.site = arena_dup(&page->arena, scanned->counter.site);
    copy->counter.value = arena_dup(&page->arena, scanned->counter.value);
    page->counter_count++;
    return copy->counter.site.ptr && copy->counter.value.ptr ? ERR_OK : ERR_NO_MEMORY;
}

static void page_clear(struct db_page *page)
{
    arena_reset(&page->arena);
    hashmap_clear(&page->seen);
    page->record_count = 0;
    page->counter_count = 0;
}

static enum err copy_step(struct db_page *page, const struct scan_step *step)
{
    enum err err = ERR_OK;

    page_clear(page);
    page->records = arena_alloc(&page->arena, (step->record_count + 1) * sizeof(*page->records));
    page->counters = arena_alloc(&page->arena, (step->counter_count + 1) * sizeof(*page->counters));
    page->cursor = arena_dup(&page->arena, step->cursor);
    if (!page->records || !page->counters || !page->cursor.ptr)
        return ERR_NO_MEMORY;
    for (size_t i = 0; err == ERR_OK && i < step->record_count; i++)
        err = copy_record(page, &step->records[i]);
    for (size_t i = 0; err == ERR_OK && i < step->counter_count; i++)
        err = copy_counter(page, &step->counters[i]);
    return err;
}

static void on_step(void *ctx, enum err err, const struct scan_step *step)
{
    struct reading *reading = ctx;

    reading->err = err == ERR_OK ? copy_step(reading->page, step) : err;
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
