/* footfall db copy FROM TO: count what is there, copy it, compare. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/random.h"
#include "cli/copy.h"
#include "cli/db.h"
#include "cli/progress.h"
#include "cli/tally.h"
#include "process/signals.h"
#include "store/sqlite.h"

/* Records with less left to live may expire while they are compared. */
#define SHORT_LIVED_S 60

/* A url, masked; a longer one is cut, and still tells one source from another. */
#define SHOWN_BYTES 200

struct job {
    struct db_session session;
    struct store *from;
    struct store *to;
    char from_name[SHOWN_BYTES];
    char to_name[SHOWN_BYTES];
    struct copy copy;
    struct tally before; /* of the source, before anything was copied */
    struct tally after;  /* of the source, when all was copied */
    struct tally there;  /* of the destination, at the end */
    struct progress progress;
    enum copy_verdict verdict; /* of the page that ended a scan */
    bool is_unfinished;        /* a marker is in what was scanned */
    uint64_t missing;          /* records that are not in the destination, or not the same */
};

static size_t items(const struct db_page *page)
{
    return page->record_count + page->counter_count;
}

/* ---- what is wrong -------------------------------------------------------------------------- */

static enum exit_code fail_store(const char *name, enum err err)
{
    if (err == ERR_NO_MEMORY)
        return db_fail(EXIT_CODE_FAILED, "out of memory");
    return db_fail(EXIT_CODE_UNAVAILABLE,
                   "%s does not answer any more, or does not let itself be read out (a Redis user "
                   "needs +scan, +hscan and +pttl); run the same command again to go on",
                   name);
}

static enum exit_code fail_copy(const struct job *job, enum copy_verdict verdict)
{
    switch (verdict) {
    case COPY_WELL:
        break;
    case COPY_NO_MEMORY:
        return fail_store(job->to_name, ERR_NO_MEMORY);
    case COPY_UNAVAILABLE:
        return fail_store(job->to_name, ERR_UNAVAILABLE);
    case COPY_OTHER_SOURCE:
        return db_fail(EXIT_CODE_FAILED,
                       "%s holds an unfinished copy of another store: finish that one, or empty it",
                       job->to_name);
    case COPY_TAKEN_OVER:
        return db_fail(EXIT_CODE_FAILED, "another copy writes to %s: let only one run",
                       job->to_name);
    case COPY_TOO_MUCH:
        return db_fail(EXIT_CODE_FAILED,
                       "%s was counted on since the copy began: empty it, and copy again",
                       job->to_name);
    }
    return EXIT_CODE_OK;
}

static enum exit_code fail_moved(const struct job *job)
{
    return db_fail(EXIT_CODE_FAILED,
                   "%s was counted on while it was copied: end Footfall there, then run the same "
                   "command again to copy what is missing",
                   job->from_name);
}

/* ---- counting ------------------------------------------------------------------------------- */

struct count {
    struct job *job;
    struct tally *tally;
};

static bool is_marker(const struct scanned_record *record)
{
    return slice_eq(record->key, COPY_MARKER);
}

static enum err count_page(void *ctx, unsigned shard, struct db_page *page)
{
    struct count *count = ctx;
    size_t markers = 0;
    enum err err = ERR_OK;

    (void)shard;
    for (size_t i = 0; err == ERR_OK && i < page->counter_count; i++)
        err = tally_add_counter(count->tally, &page->counters[i]);
    for (size_t i = 0; err == ERR_OK && i < page->record_count; i++) {
        if (is_marker(&page->records[i]))
            markers++;
        else
            err = tally_add_record(count->tally, page->records[i].key);
    }
    count->job->is_unfinished |= markers > 0;
    progress_add(&count->job->progress, items(page) - markers);
    return err;
}

/* Of the destination: the short-lived may be gone from the source. */
static enum err count_lasting(void *ctx, unsigned shard, struct db_page *page)
{
    size_t kept = 0;

    for (size_t i = 0; i < page->record_count; i++) {
        if (page->records[i].ttl_s > SHORT_LIVED_S)
            page->records[kept++] = page->records[i];
    }
    page->record_count = kept;
    return count_page(ctx, shard, page);
}

static enum exit_code count_source(struct job *job)
{
    struct count count = {job, &job->before};
    enum err err;

    progress_start(&job->progress, "counting", 0);
    err = db_scan_all(&job->session, job->from, count_page, &count);
    progress_end(&job->progress);
    if (err != ERR_OK)
        return fail_store(job->from_name, err);
    if (job->is_unfinished)
        return db_fail(EXIT_CODE_FAILED, "%s is an unfinished copy itself: finish that one first",
                       job->from_name);
    return EXIT_CODE_OK;
}

/* Whatever is there ends the scan. */
static enum err expect_nothing(void *ctx, unsigned shard, struct db_page *page)
{
    (void)ctx;
    (void)shard;
    return items(page) == 0 ? ERR_OK : ERR_INVALID;
}

static enum exit_code check_empty(struct job *job)
{
    enum err err = db_scan_all(&job->session, job->to, expect_nothing, NULL);

    if (err == ERR_INVALID)
        return db_fail(EXIT_CODE_FAILED,
                       "%s holds counts already, which a copy would mix up: empty it, or name "
                       "another store",
                       job->to_name);
    return err == ERR_OK ? EXIT_CODE_OK : fail_store(job->to_name, err);
}

/* ---- copying -------------------------------------------------------------------------------- */

static enum err copy_this_page(void *ctx, unsigned shard, struct db_page *page)
{
    struct job *job = ctx;

    (void)shard;
    job->verdict = copy_page(&job->copy, page);
    progress_add(&job->progress, items(page));
    return job->verdict == COPY_WELL ? ERR_OK : ERR_INVALID;
}

static enum exit_code copy_all(struct job *job)
{
    enum err err;

    job->verdict = COPY_WELL;
    progress_start(&job->progress, "copying", job->before.counters + job->before.records);
    err = db_scan_all(&job->session, job->from, copy_this_page, job);
    progress_end(&job->progress);
    if (job->verdict != COPY_WELL)
        return fail_copy(job, job->verdict);
    return err == ERR_OK ? EXIT_CODE_OK : fail_store(job->from_name, err);
}

/* ---- comparing ------------------------------------------------------------------------------ */

struct lookup {
    struct job *job;
    const struct scanned_record *const *wanted;
    size_t count;
    size_t pending;
    enum err err;
};

static void on_records(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct lookup *lookup = ctx;

    lookup->err = err;
    for (size_t i = 0; i < count; i++) {
        if (records[i].version == RECORD_ABSENT ||
            !slice_eq(records[i].value, lookup->wanted[i]->value))
            lookup->job->missing++;
    }
    db_told(&lookup->job->session, &lookup->pending);
}

static enum err look_up(struct job *job, unsigned shard, const struct slice *keys,
                        const struct scanned_record *const *wanted, size_t count)
{
    struct lookup lookup = {.job = job, .wanted = wanted, .count = count};

    do {
        lookup.err = ERR_UNAVAILABLE;
        lookup.pending = 1;
        if (store_read(job->to, shard, keys, count, on_records, &lookup) &&
            !db_wait(&job->session, &lookup.pending))
            return ERR_UNAVAILABLE;
    } while (lookup.err == ERR_UNAVAILABLE && db_pause(&job->session));
    return lookup.err;
}

/* The lasting records of the page that belong in `shard` of the destination. */
static enum err compare_records(struct job *job, unsigned shard, struct db_page *page)
{
    struct slice *keys = arena_alloc(&page->arena, (page->record_count + 1) * sizeof(*keys));
    const struct scanned_record **wanted =
        arena_alloc(&page->arena, (page->record_count + 1) * sizeof(struct scanned_record *));
    size_t count = 0;

    if (!keys || !wanted)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < page->record_count; i++) {
        const struct scanned_record *record = &page->records[i];

        if (record->ttl_s <= SHORT_LIVED_S ||
            copy_shard_of_record(&job->copy, record->key) != shard)
            continue;
        keys[count] = record->key;
        wanted[count++] = record;
    }
    return count > 0 ? look_up(job, shard, keys, wanted, count) : ERR_OK;
}

static enum err compare_page(void *ctx, unsigned shard, struct db_page *page)
{
    struct count *count = ctx;
    struct job *job = count->job;
    enum err err = ERR_OK;

    if (page->record_count > 0) {
        for (unsigned i = 0; err == ERR_OK && i < store_shard_count(job->to); i++)
            err = compare_records(job, i, page);
    }
    return err == ERR_OK ? count_page(ctx, shard, page) : err;
}

static enum exit_code fail_comparison(const struct job *job)
{
    return db_fail(
        EXIT_CODE_FAILED,
        "%s does not hold what %s holds: %" PRIu64 " counters with %" PRId64
        " views instead of %" PRIu64 " with %" PRId64 ", %" PRIu64 " records instead of %" PRIu64
        ", %" PRIu64 " of them not the same: empty it, and copy again",
        job->to_name, job->from_name, job->there.counters, job->there.views, job->after.counters,
        job->after.views, job->there.records, job->after.records, job->missing);
}

static enum exit_code compare(struct job *job)
{
    struct count source = {job, &job->after};
    struct count destination = {job, &job->there};
    enum err err;

    progress_start(&job->progress, "comparing", 2 * (job->before.counters + job->before.records));
    err = db_scan_all(&job->session, job->from, compare_page, &source);
    if (err == ERR_OK)
        err = db_scan_all(&job->session, job->to, count_lasting, &destination);
    progress_end(&job->progress);
    if (err != ERR_OK)
        return fail_store("one of the stores", err);
    if (!tally_same_counters(&job->before, &job->after))
        return fail_moved(job);
    if (!tally_same_counters(&job->after, &job->there) || job->missing > 0 ||
        job->there.records > job->before.records)
        return fail_comparison(job);
    return EXIT_CODE_OK;
}

/* ---- the command ---------------------------------------------------------------------------- */

static enum exit_code begin(struct job *job)
{
    bool resumed;
    enum exit_code code =
        fail_copy(job, copy_open(&job->copy, &job->session, job->to, job->from_name, &resumed));

    if (code == EXIT_CODE_OK && !resumed)
        code = check_empty(job);
    if (code == EXIT_CODE_OK)
        code = count_source(job);
    if (code == EXIT_CODE_OK && resumed)
        (void)fprintf(stderr, "going on with the copy that is unfinished in %s\n", job->to_name);
    return code == EXIT_CODE_OK ? fail_copy(job, copy_mark(&job->copy)) : code;
}

static enum exit_code finish(struct job *job)
{
    enum exit_code code = fail_copy(job, copy_finish(&job->copy));

    if (code == EXIT_CODE_OK &&
        printf("copied and compared: %" PRIu64 " counters with %" PRId64 " views, and %" PRIu64
               " records are in %s\n",
               job->there.counters, job->there.views, job->after.records, job->to_name) < 0)
        return EXIT_CODE_FAILED;
    return code;
}

static enum exit_code run(struct job *job)
{
    enum exit_code code = begin(job);

    if (code == EXIT_CODE_OK)
        code = copy_all(job);
    if (code == EXIT_CODE_OK)
        code = compare(job);
    if (code == EXIT_CODE_OK)
        code = finish(job);
    copy_close(&job->copy);
    return code;
}

static enum exit_code open_store(struct job *job, const char *url, bool needs_commits,
                                 struct store **out)
{
    struct err_info info = {.text = "out of memory"};
    enum err err = db_session_store(&job->session, url, needs_commits, out, &info);
    const char *name = needs_commits ? job->to_name : job->from_name;

    if (err == ERR_OK)
        return EXIT_CODE_OK;
    if (err == ERR_CONFIG)
        return db_fail(EXIT_CODE_CONFIG, "%s: %s", name, info.text);
    return db_fail(err == ERR_UNAVAILABLE ? EXIT_CODE_UNAVAILABLE : EXIT_CODE_FAILED,
                   "%s cannot be used: %s", name, info.text);
}

/* A source that is not there would be made, empty. */
static bool is_missing(const char *url)
{
    const char *path = sqlite_url_path(url);

    return path && access(path, F_OK) != 0;
}

static enum exit_code check_urls(const struct job *job, const char *from, const char *to)
{
    struct err_info info;

    if (store_url_check(from, &info) != ERR_OK || store_url_check(to, &info) != ERR_OK)
        return db_fail(EXIT_CODE_CONFIG, "%s", info.text);
    if (store_url_is_private(from) || store_url_is_private(to))
        return db_fail(EXIT_CODE_CONFIG, "a memory store ends with its process: there is nothing "
                                         "to copy; name a file or a server, for example "
                                         "sqlite:footfall.db");
    if (strcmp(from, to) == 0)
        return db_fail(EXIT_CODE_USAGE, "%s cannot be copied to itself", job->from_name);
    if (is_missing(from))
        return db_fail(EXIT_CODE_UNAVAILABLE, "%s is not there", job->from_name);
    return EXIT_CODE_OK;
}

static enum exit_code run_with_stores(struct job *job, const char *from, const char *to)
{
    enum exit_code code = open_store(job, from, false, &job->from);

    if (code == EXIT_CODE_OK)
        code = open_store(job, to, true, &job->to);
    if (code == EXIT_CODE_OK)
        code = run(job);
    store_close(job->to);
    store_close(job->from);
    return code;
}

enum exit_code db_copy(const struct invocation *invocation, const struct config *config)
{
    static struct job job;
    const char *from = invocation->words[1];
    const char *to = invocation->words[2];
    enum exit_code code;

    store_url_mask(from, job.from_name, sizeof(job.from_name));
    store_url_mask(to, job.to_name, sizeof(job.to_name));
    code = check_urls(&job, from, to);
    if (code != EXIT_CODE_OK)
        return code;
    random_init();
    signals_init();
    log_setup(config->log_format, LOG_ERROR); /* what is said here tells, not the log */
    if (db_session_open(&job.session, config) != ERR_OK)
        return db_fail(EXIT_CODE_FAILED, "out of memory or file descriptors");
    code = run_with_stores(&job, from, to);
    tally_fini(&job.before);
    tally_fini(&job.after);
    tally_fini(&job.there);
    db_session_close(&job.session);
    return code;
}
