#include "powercut_load.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/cmocka.h"
#include "support/powercut_vfs.h"

#define TTL_S 86400

/* The pauses of store and writer are real ones, up to some seconds; here time runs faster. */
#define SPEED            INT64_C(50)
#define TIMEOUT_MS       (SPEED * 20000)
#define PATIENCE_MS      (SPEED * 60000)

#define REFUSED_PAUSE_MS 5

/* One commit in so many writes large records: 16 of 16 KiB are some 70 pages, so that a checkpoint
 * is due after some 60 commits. They replace those before, and the file stays small. */
#define LARGE_EVERY   4
#define LARGE_RECORDS 16

static const struct counter site_total = {SLICE_INIT("default"), DIMENSION_TOTAL, SLICE_INIT("")};

void load_init(struct load *load)
{
    *load = (struct load){.now_unix_ms = INT64_C(1800000000000)};
    temp_folder_make(&load->folder);
    (void)snprintf(load->path, sizeof(load->path), "%s/footfall.db", load->folder.path);
    (void)snprintf(load->url, sizeof(load->url), "sqlite:%s", load->path);
    for (unsigned i = 0; i < LOAD_MAX_AUTHORS; i++)
        load->authors[i] = (struct author){.load = load, .name = i};
}

void load_fini(struct load *load)
{
    for (unsigned i = 0; i < LOAD_MAX_AUTHORS; i++)
        commit_unref(load->authors[i].commit);
    /* A last cut, so that the disk forgets these files. */
    powercut_now();
    powercut_restore();
    temp_folder_remove(&load->folder);
}

/* Another one each time it is looked at: where a record lies in the file hangs on when it expires,
 * and a seed is to repeat a run. */
static int64_t count_ms(void *ctx)
{
    struct load *load = ctx;

    return load->now_unix_ms++;
}

static int64_t fast_mono_us(void *ctx)
{
    const struct load *load = ctx;

    return SPEED * load->real_mono_us(NULL);
}

void load_open(struct load *load, unsigned stores, unsigned authors)
{
    test_loop_init(&load->loop);
    load->real_mono_us = load->loop.clock.mono_us;
    load->loop.clock = (struct clock){.mono_us = fast_mono_us, .unix_ms = count_ms, .ctx = load};
    load->env = (struct store_env){.loop = &load->loop.uv,
                                   .timers = &load->loop.timers,
                                   .clock = &load->loop.clock,
                                   .timeout_ms = TIMEOUT_MS};
    for (unsigned i = 0; i < stores; i++)
        assert_int_equal(store_open(load->url, &load->env, &load->stores[i], NULL), ERR_OK);
    load->store_count = stores;
    load->author_count = authors;
    for (unsigned i = 0; i < authors; i++) {
        load->authors[i].writer = writer_create(load->stores[i % stores], 0, &load->env);
        assert_non_null(load->authors[i].writer);
    }
}

void load_close(struct load *load)
{
    for (unsigned i = 0; i < load->author_count; i++) {
        writer_destroy(load->authors[i].writer);
        load->authors[i].writer = NULL;
        timer_stop(&load->loop.timers, &load->authors[i].pause);
    }
    for (unsigned i = 0; i < load->store_count; i++)
        store_close(load->stores[i]);
    test_loop_fini(&load->loop);
    load->store_count = 0;
    load->author_count = 0;
}

int64_t load_acknowledged(const struct load *load)
{
    int64_t sum = 0;

    for (unsigned i = 0; i < LOAD_MAX_AUTHORS; i++)
        sum += load->authors[i].acknowledged;
    return sum;
}

/* ---- committing ----------------------------------------------------------------------------- */

static struct counter page_of(const struct author *author, char out[static 32])
{
    int len = snprintf(out, 32, "/author/%u", author->name);

    return (struct counter){SLICE("default"), DIMENSION_PAGE, slice_of(out, (size_t)len)};
}

static void put(struct commit *commit, const char *key, struct slice value, uint64_t expect)
{
    struct record_write write = {slice_str(key), value, expect, TTL_S};

    assert_int_equal(commit_write(commit, &write), ERR_OK);
}

static void put_large(const struct author *author, struct commit *commit)
{
    static const char value[RECORD_MAX_VALUE] = "large";
    char key[32];

    for (int i = 0; i < LARGE_RECORDS; i++) {
        (void)snprintf(key, sizeof(key), "large/%u/%d", author->name, i);
        put(commit, key, slice_of(value, sizeof(value)), RECORD_ANY);
    }
}

static struct commit *next_commit(const struct author *author)
{
    struct commit *commit = commit_create();
    char text[32];
    char key[48];

    assert_non_null(commit);
    assert_int_equal(commit_add(commit, &(struct addition){.counter = site_total, .delta = 1}),
                     ERR_OK);
    assert_int_equal(
        commit_add(commit, &(struct addition){.counter = page_of(author, text), .delta = 1}),
        ERR_OK);
    commit->totals_wanted = 2;
    (void)snprintf(key, sizeof(key), "hit/%u/%" PRId64, author->name, author->acknowledged + 1);
    put(commit, key, SLICE("1"), RECORD_ABSENT);
    if (author->acknowledged % LARGE_EVERY == LARGE_EVERY - 1)
        put_large(author, commit);
    return commit;
}

static void begin_next(void *ctx);

/* The store is not open again at once. */
static void begin_later(struct author *author)
{
    struct timers *timers = &author->load->loop.timers;

    assert_int_equal(timer_start(timers, &author->pause, timers_now_ms(timers) + REFUSED_PAUSE_MS,
                                 begin_next, author),
                     ERR_OK);
}

static void on_read(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    (void)ctx;
    (void)err; /* it is there to have the reader at work */
    (void)totals;
    (void)count;
}

static void on_committed(void *ctx, const struct commit_result *result)
{
    struct author *author = ctx;
    struct load *load = author->load;
    bool is_done = result->status == COMMIT_DONE;

    assert_int_not_equal(result->status, COMMIT_CONFLICT);
    commit_unref(author->commit);
    author->commit = NULL;
    if (is_done) {
        author->acknowledged++;
        load->commits_left--;
        assert_int_equal(result->totals[1], author->acknowledged);
    }
    if (is_done && load->is_reading)
        (void)store_totals(load->stores[author->name % load->store_count], 0, &site_total, 1,
                           on_read, load);
    /* Who is told that all is well goes on, even if the power has gone since: so the seed alone
     * decides. */
    if (load->commits_left > 0 && is_done)
        begin_next(author);
    else if (load->commits_left > 0 && !powercut_is_off())
        begin_later(author);
}

static void begin_next(void *ctx)
{
    struct author *author = ctx;

    author->commit = next_commit(author);
    writer_commit(author->writer, author->commit, on_committed, author);
}

static bool is_at_rest(const struct load *load)
{
    for (unsigned i = 0; i < load->author_count; i++) {
        if (load->authors[i].commit || timer_is_active(&load->authors[i].pause))
            return false;
    }
    return true;
}

/* Nothing is in flight: what was done before the power went has been told. */
static bool is_silent(const struct load *load)
{
    struct store_stats stats;

    for (unsigned i = 0; i < load->store_count; i++) {
        store_get_stats(load->stores[i], &stats);
        if (stats.in_flight > 0)
            return false;
    }
    return true;
}

void load_run(struct load *load, int64_t commits)
{
    int64_t until_ms = timers_now_ms(&load->loop.timers) + PATIENCE_MS;

    load->commits_left = commits;
    for (unsigned i = 0; i < load->author_count; i++)
        begin_next(&load->authors[i]);
    while (!is_at_rest(load) && !(powercut_is_off() && is_silent(load))) {
        test_loop_turn(&load->loop);
        assert_true(timers_now_ms(&load->loop.timers) < until_ms);
    }
}

/* ---- checking ------------------------------------------------------------------------------- */

static bool complain(struct load *load, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool complain(struct load *load, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(load->why, sizeof(load->why), format, arguments);
    va_end(arguments);
    return false;
}

/* The text that `sql` asks for, past the store; "" when SQLite cannot say. */
static void ask(const struct load *load, const char *sql, char *out, size_t size)
{
    sqlite3 *db;
    sqlite3_stmt *statement = NULL;

    out[0] = '\0';
    assert_int_equal(sqlite3_open(load->path, &db), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        (void)snprintf(out, size, "%s", (const char *)sqlite3_column_text(statement, 0));
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
}

static bool check_file(struct load *load)
{
    char said[120];

    ask(load, "PRAGMA integrity_check", said, sizeof(said));
    return strcmp(said, "ok") == 0 || complain(load, "integrity check: %s", said);
}

struct answer {
    volatile bool is_there;
    enum err err;
    int64_t total;
};

static void on_total(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct answer *answer = ctx;

    answer->is_there = true;
    answer->err = err;
    answer->total = count > 0 ? totals[0] : 0;
}

static bool read_total(struct load *load, const struct counter *counter, int64_t *out)
{
    struct answer answer = {.is_there = false};

    assert_non_null(store_totals(load->stores[0], 0, counter, 1, on_total, &answer));
    assert_true(test_loop_wait(&load->loop, &answer.is_there));
    *out = answer.total;
    return answer.err == ERR_OK || complain(load, "a counter cannot be read");
}

static bool read_views(struct load *load, const struct author *author, int64_t *out)
{
    char text[32];
    struct counter page = page_of(author, text);

    return read_total(load, &page, out);
}

/* Stored is between acknowledged and acknowledged + unresolved. */
static bool check_author(struct load *load, const struct author *author)
{
    int64_t views;

    if (!read_views(load, author, &views))
        return false;
    if (views < author->acknowledged)
        return complain(load, "author %u: %" PRId64 " acknowledged, %" PRId64 " stored",
                        author->name, author->acknowledged, views);
    if (views > author->acknowledged + (author->commit ? 1 : 0))
        return complain(load, "author %u: %" PRId64 " acknowledged, %" PRId64 " stored: too many",
                        author->name, author->acknowledged, views);
    return true;
}

/* All of a commit is there, or nothing. */
static bool check_atomic(struct load *load)
{
    int64_t sum = 0;
    int64_t views;
    char records[32];

    for (unsigned i = 0; i < LOAD_MAX_AUTHORS; i++) {
        if (!read_views(load, &load->authors[i], &views))
            return false;
        sum += views;
    }
    if (!read_total(load, &site_total, &views))
        return false;
    if (views != sum)
        return complain(load, "the total is not the sum of the authors");
    ask(load, "SELECT count(*) FROM record WHERE key < CAST('large' AS BLOB)", records,
        sizeof(records));
    return strtoll(records, NULL, 10) == sum ||
           complain(load, "%s records for %" PRId64 " commits", records, sum);
}

static bool check_counts(struct load *load)
{
    for (unsigned i = 0; i < LOAD_MAX_AUTHORS; i++) {
        if (!check_author(load, &load->authors[i]))
            return false;
    }
    return check_atomic(load);
}

/* A writer whose registration was not answered yet has not sent anything. */
static bool was_never_sent(const struct author *author, enum commit_status status)
{
    return status == COMMIT_NO_WRITER && author->commit->number <= 1;
}

static bool send_again(struct load *load, struct author *author)
{
    struct outcome outcome;
    enum commit_status status;

    if (author->commit->number == 0) {
        commit_unref(author->commit);
        author->commit = NULL;
        return true;
    }
    outcome = call_commit(&load->loop, load->stores[0], author->commit);
    status = outcome.status;
    outcome_fini(&outcome);
    if (status != COMMIT_DONE && !was_never_sent(author, status))
        return complain(load, "author %u: commit %" PRIu64 " sent again is %s", author->name,
                        author->commit->number, commit_status_name(status));
    author->acknowledged += status == COMMIT_DONE ? 1 : 0;
    commit_unref(author->commit);
    author->commit = NULL;
    return true;
}

static bool send_all_again(struct load *load)
{
    for (unsigned i = 0; i < LOAD_MAX_AUTHORS; i++) {
        if (load->authors[i].commit && !send_again(load, &load->authors[i]))
            return false;
    }
    return true;
}

/* What was acknowledged when it was sent again is as good as what was at once. */
static bool check_after_another_cut(struct load *load)
{
    bool is_kept;

    /* The same thread does it, after the checkpoint that a commit before may have asked for: where
     * the power goes is not left to the threads. */
    (void)call_check(&load->loop, load->stores[0]);
    powercut_now();
    load_close(load);
    powercut_restore();
    load_open(load, 1, 0);
    is_kept = check_counts(load) && check_file(load);
    load_close(load);
    return is_kept;
}

bool load_check(struct load *load)
{
    load_open(load, 1, 0);
    if (check_counts(load) && check_file(load) && send_all_again(load))
        return check_after_another_cut(load);
    load_close(load);
    return false;
}
