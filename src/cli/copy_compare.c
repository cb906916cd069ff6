#include "cli/copy_job.h"

/* Records with less left to live may expire while they are compared. */
#define SHORT_LIVED_S 60

size_t copy_items(const struct db_page *page)
{
    return page->record_count + page->counter_count + page->rollup_count;
}

uint64_t copy_all_items(const struct copy_job *job)
{
    return job->before.counters + job->before.rollups + job->before.records;
}

/* ---- counting ------------------------------------------------------------------------------- */

struct count {
    struct copy_job *job;
    struct db_tally *tally;
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
        err = db_tally_add_counter(count->tally, &page->counters[i]);
    for (size_t i = 0; err == ERR_OK && i < page->rollup_count; i++)
        err = db_tally_add_rollup(count->tally, &page->rollups[i]);
    for (size_t i = 0; err == ERR_OK && i < page->record_count; i++) {
        if (is_marker(&page->records[i]))
            markers++;
        else
            err = db_tally_add_record(count->tally, page->records[i].key);
    }
    count->job->is_unfinished |= markers > 0;
    progress_add(&count->job->progress, copy_items(page) - markers);
    return err;
}

static enum err count_all(struct copy_job *job, struct store *store, db_page_fn *on_page,
                          struct db_tally *tally)
{
    struct count count = {job, tally};
    enum err err = db_scan_all(&job->session, store, on_page, &count);

    db_tally_end(tally);
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

enum exit_code copy_count_source(struct copy_job *job)
{
    enum err err;

    progress_start(&job->progress, "counting", 0);
    err = count_all(job, job->from, count_page, &job->before);
    progress_end(&job->progress);
    if (err != ERR_OK)
        return copy_fail_store(job->from_name, err);
    return job->is_unfinished ? copy_fail_unfinished(job) : EXIT_CODE_OK;
}

/* ---- comparing ------------------------------------------------------------------------------ */

struct lookup {
    struct copy_job *job;
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

static enum err look_up(struct copy_job *job, unsigned shard, const struct slice *keys,
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
static enum err compare_records(struct copy_job *job, unsigned shard, struct db_page *page)
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
    struct copy_job *job = count->job;
    enum err err = ERR_OK;

    if (page->record_count > 0) {
        for (unsigned i = 0; err == ERR_OK && i < store_shard_count(job->to); i++)
            err = compare_records(job, i, page);
    }
    return err == ERR_OK ? count_page(ctx, shard, page) : err;
}

enum exit_code copy_scan_both(struct copy_job *job)
{
    enum err err;

    progress_start(&job->progress, "comparing", 2 * copy_all_items(job));
    err = count_all(job, job->from, compare_page, &job->after);
    if (err == ERR_OK)
        err = count_all(job, job->to, count_lasting, &job->there);
    progress_end(&job->progress);
    return err == ERR_OK ? EXIT_CODE_OK : copy_fail_store("one of the stores", err);
}

bool copy_has_moved(const struct copy_job *job)
{
    return !db_tally_same_counts(&job->before, &job->after);
}

bool copy_is_same(const struct copy_job *job)
{
    return db_tally_same_counts(&job->after, &job->there) && job->missing == 0 &&
           job->there.records <= job->before.records;
}
