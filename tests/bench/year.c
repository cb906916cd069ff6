/*
 * Writes the statistics of a year into the default site of a store, without counting hit by hit:
 *
 *     bench_year STORE-URL HITS-A-DAY PAGES DAYS
 *
 * Visits are drawn, always the same ones, of one to four pages, with a value of each dimension:
 * some values are met often and most of them seldom. What they come to is summed up and added to
 * the store: the rows of the site in days and months, its hours, and its counters, just as hits
 * make them. Of the rows within pages and the hours of pages, twenty times as many, there are those
 * of the last DETAIL_DAYS days: no question about a year reads them.
 *
 * Days are those of UTC, and the last one is today. Prints one line of JSON: hits, rows, and the
 * first and the last day.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "cli/db_session.h"
#include "count/bucket.h"
#include "count/rollup_fold.h"
#include "count/site.h"
#include "process/system_clock.h"
#include "store/writer.h"

#define TIMEOUT_MS      60000
#define DETAIL_DAYS     7
#define MAX_PAGES       10000
#define MAX_VALUES      256
#define MAX_VISIT_PAGES 4
#define MAX_TEXT        48
#define DAY_SECONDS     86400

/* A commit gets no more rows than those of a busy server. */
#define COMMIT_ROWS 10000

struct value {
    char text[MAX_TEXT];
    uint64_t id;
};

/* How many values of a dimension there are. */
static const struct cast {
    enum dimension dimension;
    unsigned values;
    bool is_within_pages;
} casts[] = {
    {DIMENSION_SOURCE, 250, true},
    {DIMENSION_MEDIUM, 6, true},
    {DIMENSION_CAMPAIGN, 30, true},
    {DIMENSION_COUNTRY, 120, true},
    {DIMENSION_LANGUAGE, 60, true},
    {DIMENSION_BROWSER, 20, true},
    {DIMENSION_BROWSER_VERSION, 200, false},
    {DIMENSION_SYSTEM, 12, true},
    {DIMENSION_SYSTEM_VERSION, 80, false},
    {DIMENSION_DEVICE, 4, true},
    {DIMENSION_SIZE, 6, false},
};

#define CASTS (sizeof(casts) / sizeof(casts[0]))

struct year {
    struct config config;
    struct db_session session;
    struct store *store;
    struct writer *writer;
    struct value pages[MAX_PAGES];
    int64_t page_views[MAX_PAGES];
    struct value values[CASTS][MAX_VALUES];
    struct rollup_fold days;   /* of the day that is being drawn */
    struct rollup_fold months; /* of the month it is in */
    unsigned page_count;
    unsigned hits_a_day;
    int32_t first_day;
    int32_t last_day;
    uint64_t random;
    uint64_t hits;
    uint64_t rows;
    size_t pending;
    enum commit_status status;
};

/* One that was drawn. */
struct visit {
    int32_t day;
    int32_t hour; /* a bucket */
    unsigned pages[MAX_VISIT_PAGES];
    unsigned page_count;
    unsigned values[CASTS];
};

/* ---- drawing -------------------------------------------------------------------------------- */

static double draw(struct year *year)
{
    year->random = year->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(year->random >> 11) / (double)(UINT64_C(1) << 53);
}

/* The first of a thousand is met a tenth of the time, the last one three times in ten thousand. */
static unsigned draw_skewed(struct year *year, unsigned count)
{
    return (unsigned)(count * pow(draw(year), 3));
}

static struct visit draw_visit(struct year *year, int32_t day)
{
    struct visit visit = {.day = day};

    visit.hour = BUCKET_FIRST_HOUR + 24 * day + (int32_t)(24 * draw(year));
    visit.page_count = 1 + (unsigned)(MAX_VISIT_PAGES * draw(year));
    for (unsigned i = 0; i < visit.page_count; i++)
        visit.pages[i] = draw_skewed(year, year->page_count);
    for (size_t i = 0; i < CASTS; i++)
        visit.values[i] = draw_skewed(year, casts[i].values);
    return visit;
}

/* ---- writing -------------------------------------------------------------------------------- */

static void on_committed(void *ctx, const struct commit_result *result)
{
    struct year *year = ctx;

    year->status = result->status;
    db_told(&year->session, &year->pending);
}

static void send_commit(struct year *year, struct commit *commit)
{
    year->pending = 1;
    writer_commit(year->writer, commit, on_committed, year);
    db_went_well(&year->session);
    if (!db_wait(&year->session, &year->pending) || year->status != COMMIT_DONE) {
        (void)fprintf(stderr, "%s takes no commit\n", year->config.store);
        exit(EXIT_FAILURE);
    }
    commit_unref(commit);
}

static void flush(struct year *year, struct rollup_fold *fold)
{
    for (size_t at = 0; at < fold->count;) {
        struct commit *commit = commit_create();

        if (!commit)
            abort();
        for (size_t n = 0; n < COMMIT_ROWS && at < fold->count; n++) {
            if (commit_roll_up(commit, &fold->items[at++]) != ERR_OK)
                abort();
        }
        send_commit(year, commit);
    }
    year->rows += fold->count;
    rollup_fold_clear(fold);
}

static void write_counters(struct year *year)
{
    struct commit *commit = commit_create();
    const struct slice site = SLICE(SITE_DEFAULT);
    const struct addition total = {{site, DIMENSION_TOTAL, SLICE("")}, (int64_t)year->hits, 0};
    enum err err = commit ? commit_add(commit, &total) : ERR_NO_MEMORY;

    for (unsigned i = 0; i < year->page_count && err == ERR_OK; i++) {
        const struct addition page = {
            {site, DIMENSION_PAGE, slice_str(year->pages[i].text)}, year->page_views[i], 0};

        err = commit_add(commit, &page);
    }
    if (err != ERR_OK)
        abort();
    send_commit(year, commit);
}

/* ---- summing up ----------------------------------------------------------------------------- */

/* What is added to a row, but for its bucket. */
struct row {
    enum dimension dimension;
    uint64_t page;
    uint64_t value;
    struct slice text;
    struct metrics metrics;
};

static void add(struct rollup_fold *fold, const struct row *row, int32_t bucket)
{
    static const char site[] = SITE_DEFAULT; /* one text: it is compared by its pointer */
    const struct rollup rollup = {.site = slice_of(site, sizeof(site) - 1),
                                  .bucket = bucket,
                                  .dimension = row->dimension,
                                  .page = row->page,
                                  .value = row->value};
    struct rollup_addition *addition = rollup_fold_get(fold, &rollup);

    if (!addition)
        abort();
    metrics_add(&addition->delta, &row->metrics);
    addition->text = row->text;
}

static void add_row(struct year *year, const struct visit *visit, const struct row *row)
{
    add(&year->days, row, visit->day);
    add(&year->months, row, bucket_month_of_day(visit->day));
}

static bool has_details(const struct year *year, const struct visit *visit)
{
    return visit->day > year->last_day - DETAIL_DAYS;
}

static struct row page_row(const struct year *year, enum dimension dimension, unsigned page,
                           struct metrics metrics)
{
    return (struct row){.dimension = dimension,
                        .value = year->pages[page].id,
                        .text = slice_str(year->pages[page].text),
                        .metrics = metrics};
}

static void add_page_details(struct year *year, const struct visit *visit, const struct row *page)
{
    add(&year->days, page, visit->hour);
    for (size_t i = 0; i < CASTS; i++) {
        const struct row row = {.dimension = casts[i].dimension,
                                .page = page->value,
                                .value = year->values[i][visit->values[i]].id,
                                .text = SLICE(""),
                                .metrics = page->metrics};

        if (casts[i].is_within_pages)
            add(&year->days, &row, visit->day);
    }
}

static void add_pages(struct year *year, const struct visit *visit)
{
    const struct metrics ends = {.visits = 1};
    struct row row = page_row(year, DIMENSION_ENTRY, visit->pages[0], ends);

    add_row(year, visit, &row);
    row = page_row(year, DIMENSION_EXIT, visit->pages[visit->page_count - 1], ends);
    add_row(year, visit, &row);
    for (unsigned i = 0; i < visit->page_count; i++) {
        const struct metrics metrics = {.views = 1, .visits = 1, .visitors = 1, .seconds = 40};

        row = page_row(year, DIMENSION_PAGE, visit->pages[i], metrics);
        add_row(year, visit, &row);
        if (has_details(year, visit))
            add_page_details(year, visit, &row);
        year->page_views[visit->pages[i]]++;
    }
}

static void add_visit(struct year *year, const struct visit *visit)
{
    struct row row = {.dimension = DIMENSION_TOTAL, .text = SLICE("")};

    row.metrics = (struct metrics){.views = visit->page_count,
                                   .visits = 1,
                                   .visitors = 1,
                                   .bounces = visit->page_count == 1,
                                   .seconds = 40 * (int64_t)visit->page_count};
    add_row(year, visit, &row);
    add(&year->days, &row, visit->hour);
    for (size_t i = 0; i < CASTS; i++) {
        const struct value *value = &year->values[i][visit->values[i]];

        row.dimension = casts[i].dimension;
        row.value = value->id;
        row.text = slice_str(value->text);
        add_row(year, visit, &row);
    }
    add_pages(year, visit);
    year->hits += visit->page_count;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static void write_day(struct year *year, int32_t day)
{
    uint64_t end = year->hits + year->hits_a_day;

    while (year->hits < end) {
        struct visit visit = draw_visit(year, day);

        add_visit(year, &visit);
        if (year->days.count > COMMIT_MAX_ROLLUPS / 2) /* further ones are added to them */
            flush(year, &year->days);
    }
    flush(year, &year->days);
    if (day == year->last_day || bucket_month_of_day(day + 1) != bucket_month_of_day(day))
        flush(year, &year->months);
}

static void name_values(struct year *year)
{
    for (unsigned i = 0; i < year->page_count; i++) {
        struct value *page = &year->pages[i];

        (void)snprintf(page->text, sizeof(page->text), "/section-%u/page-%u", i % 20, i);
        page->id = value_id(slice_str(page->text));
    }
    for (size_t i = 0; i < CASTS; i++) {
        for (unsigned n = 0; n < casts[i].values; n++) {
            struct value *value = &year->values[i][n];

            (void)snprintf(value->text, sizeof(value->text), "%s %u",
                           dimension_name(casts[i].dimension), n);
            value->id = value_id(slice_str(value->text));
        }
    }
}

static bool start(struct year *year)
{
    struct err_info info = {.text = "out of memory"};
    struct store_env env;

    rollup_fold_init(&year->days);
    rollup_fold_init(&year->months);
    name_values(year);
    if (db_session_open(&year->session, &year->config) != ERR_OK ||
        db_session_store(&year->session, year->config.store, true, &year->store, &info) != ERR_OK) {
        (void)fprintf(stderr, "%s: %s\n", year->config.store, info.text);
        return false;
    }
    env = db_session_env(&year->session);
    year->writer =
        writer_create(year->store, store_shard_of(year->store, SLICE(SITE_DEFAULT)), &env);
    return year->writer != NULL;
}

static void stop(struct year *year)
{
    writer_destroy(year->writer);
    store_close(year->store);
    db_session_close(&year->session);
    rollup_fold_fini(&year->days);
    rollup_fold_fini(&year->months);
}

static void report(const struct year *year)
{
    char storage[2 * BUCKET_MAX_TEXT];
    struct strbuf days;

    strbuf_init_fixed(&days, storage, sizeof(storage));
    bucket_format(NULL, year->first_day, &days);
    strbuf_append(&days, SLICE("\",\"last\":\""));
    bucket_format(NULL, year->last_day, &days);
    (void)printf("{\"hits\":%llu,\"rows\":%llu,\"first\":\"%.*s\"}\n",
                 (unsigned long long)year->hits, (unsigned long long)year->rows,
                 SLICE_ARG(strbuf_slice(&days)));
}

static unsigned number(const char *text, unsigned most)
{
    unsigned long value = strtoul(text, NULL, 10);

    return value > 0 && value <= most ? (unsigned)value : 1;
}

int main(int argc, char **argv)
{
    static struct year year = {.random = 1};

    if (argc != 5) {
        (void)fprintf(stderr, "usage: bench_year STORE-URL HITS-A-DAY PAGES DAYS\n");
        return 2;
    }
    year.config = (struct config){.store = argv[1], .store_timeout_ms = TIMEOUT_MS};
    year.hits_a_day = number(argv[2], 10000000);
    year.page_count = number(argv[3], MAX_PAGES);
    year.last_day = (int32_t)(clock_unix_ms(&system_clock) / 1000 / DAY_SECONDS);
    year.first_day = year.last_day - (int32_t)number(argv[4], 3660) + 1;
    random_init();
    log_setup(LOG_LOGFMT, LOG_WARN);
    if (!start(&year))
        return 1;
    for (int32_t day = year.first_day; day <= year.last_day; day++)
        write_day(&year, day);
    write_counters(&year);
    report(&year);
    stop(&year);
    return 0;
}
