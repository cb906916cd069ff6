#include "store/sqlite_query.h"

#include <stdlib.h>

#include "store/rollup_sums.h"
#include "store/sqlite_job.h"
#include "store/sqlite_number.h"

/* The work of one step, in rows: about a millisecond. To look up a number is the work of eight. */
#define STEP_ROWS   4000
#define LOOKUP_ROWS 8

enum query_phase { QUERY_SUMS, QUERY_TRANSLATES, QUERY_IS_DONE };

struct sqlite_query {
    enum query_phase phase;
    uint64_t opens; /* of the connection when it began: another file has other numbers */
    int work_left;  /* of this step */

    /* What is asked for, in numbers. */
    struct sqlite_site site;
    bool has_page;
    int64_t page;  /* has_page: only of this one, which may be SQLITE_NO_PAGE */
    int64_t value; /* only this one; SQLITE_NO_NUMBER: all */

    /* Where it is. */
    size_t bucket;       /* the place in the list of buckets */
    int64_t list;        /* of that bucket; SQLITE_NO_NUMBER: not looked up yet */
    int64_t after_page;  /* go on behind this row */
    int64_t after_value; /* likewise */
    size_t translated;   /* so many groups have their ids */

    /* What it has found. */
    struct rollup_sums by_number;
    const struct rollup_sum *groups; /* of by_number, when all rows are summed */
    size_t group_count;
    struct rollup_sums by_id;
    const struct rollup_sum *sums; /* the result */
    size_t count;
    enum err err;
};

void sqlite_query_destroy(struct sqlite_query *query)
{
    if (!query)
        return;
    rollup_sums_fini(&query->by_number);
    rollup_sums_fini(&query->by_id);
    free(query);
}

void sqlite_query_tell(const struct sqlite_query *query, struct store_op *op)
{
    op_finish_rollups(op, query->err, query->sums, query->count);
}

static void end(struct sqlite_query *query, enum err err)
{
    query->phase = QUERY_IS_DONE;
    query->err = err;
}

static bool is_step_over(const struct sqlite_query *query)
{
    return query->phase == QUERY_IS_DONE || query->work_left <= 0;
}

/* ---- the beginning -------------------------------------------------------------------------- */

static int find_value(struct sqlite_db *db, struct sqlite_query *query, uint64_t id, int64_t *out)
{
    struct sqlite_value value = {.site = &query->site, .id = id};
    int rc = sqlite_value_find(db, &value);

    *out = value.number;
    /* Without a number there is no row. */
    if (value.number == SQLITE_NO_NUMBER)
        end(query, ERR_OK);
    return rc;
}

static int translate_question(struct sqlite_db *db, struct sqlite_query *query,
                              const struct rollup_query *question)
{
    int rc = sqlite_site_find(db, &query->site);

    query->has_page = question->scope == ROLLUP_OF_SITE || question->page != VALUE_NONE;
    query->page = SQLITE_NO_PAGE;
    if (query->site.number == SQLITE_NO_NUMBER ||
        (question->scope == ROLLUP_OF_SITE && question->page != VALUE_NONE))
        end(query, ERR_OK);
    if (rc == SQLITE_OK && question->page != VALUE_NONE)
        rc = find_value(db, query, question->page, &query->page);
    if (rc == SQLITE_OK && question->value != VALUE_NONE)
        rc = find_value(db, query, question->value, &query->value);
    return rc;
}

static int begin(struct sqlite_db *db, struct sqlite_job *job)
{
    struct sqlite_query *query;

    sqlite_query_destroy(job->query);
    job->query = query = calloc(1, sizeof(*query));
    if (!query)
        return SQLITE_NOMEM;
    rollup_sums_init(&query->by_number);
    rollup_sums_init(&query->by_id);
    query->opens = db->opens;
    query->site.id = job->op->query.site;
    return translate_question(db, query, &job->op->query);
}

/* ---- summing -------------------------------------------------------------------------------- */

/* Numbers count from 1, so no row is left out behind 0. */
static void go_to_start(struct sqlite_query *query)
{
    query->after_page = query->page;
    query->after_value = query->has_page && query->value > 0 ? query->value - 1 : 0;
}

static int find_list(struct sqlite_db *db, struct sqlite_query *query,
                     const struct rollup_query *question)
{
    struct sqlite_list list = {
        .site = &query->site,
        .bucket = question->buckets[query->bucket],
        .dimension = question->dimension,
        .scope = question->scope,
    };
    int rc = sqlite_list_find(db, &list);

    query->work_left -= LOOKUP_ROWS;
    query->list = list.number;
    go_to_start(query);
    return rc;
}

static void go_to_next_bucket(struct sqlite_query *query)
{
    query->bucket++;
    query->list = SQLITE_NO_NUMBER;
}

/* True when the row that `query` is at, and all behind it, are not asked for. */
static bool is_behind(const struct sqlite_query *query)
{
    if (!query->has_page)
        return false;
    return query->after_page > query->page ||
           (query->value != SQLITE_NO_NUMBER && query->after_value > query->value);
}

static uint64_t group_of(const struct sqlite_query *query, const struct rollup_query *question)
{
    const struct rollup row = {
        .bucket = question->buckets[query->bucket],
        .page = (uint64_t)query->after_page,
        .value = (uint64_t)query->after_value,
    };

    return rollup_group_id(&row, question->group);
}

/* The row that `rows` stands on. @return SQLITE_ROW: go on; SQLITE_DONE: that was all */
static int sum_row(struct sqlite_query *query, const struct rollup_query *question,
                   sqlite3_stmt *rows)
{
    struct metrics metrics;

    query->work_left--;
    query->after_page = sqlite3_column_int64(rows, 0);
    query->after_value = sqlite3_column_int64(rows, 1);
    if (is_behind(query))
        return SQLITE_DONE;
    if (query->value != SQLITE_NO_NUMBER && query->after_value != query->value)
        return SQLITE_ROW;
    if (!sqlite_metrics_unpack(sqlite_column_slice(rows, 2), &metrics))
        return SQLITE_MISMATCH;
    if (rollup_sums_add(&query->by_number, group_of(query, question), &metrics) != ERR_OK)
        end(query, ERR_NO_MEMORY);
    return SQLITE_ROW;
}

/* Some rows of a list. */
static int sum_list(struct sqlite_db *db, struct sqlite_query *query,
                    const struct rollup_query *question)
{
    sqlite3_stmt *rows = db->statements[STATEMENT_ROLLUP_LIST];
    int rc = SQLITE_ROW;

    sqlite_bind_number(rows, 1, query->list);
    sqlite_bind_number(rows, 2, query->after_page);
    sqlite_bind_number(rows, 3, query->after_value);
    while (rc == SQLITE_ROW && !is_step_over(query)) {
        rc = sqlite3_step(rows);
        if (rc == SQLITE_ROW)
            rc = sum_row(query, question, rows);
    }
    (void)sqlite3_reset(rows);
    if (rc == SQLITE_DONE)
        go_to_next_bucket(query);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int sum(struct sqlite_db *db, struct sqlite_query *query,
               const struct rollup_query *question)
{
    int rc = SQLITE_OK;

    while (rc == SQLITE_OK && query->bucket < question->bucket_count && !is_step_over(query)) {
        if (query->list == SQLITE_NO_NUMBER)
            rc = find_list(db, query, question);
        if (rc == SQLITE_OK && query->list != SQLITE_NO_NUMBER)
            rc = sum_list(db, query, question);
        else
            go_to_next_bucket(query);
    }
    if (query->phase == QUERY_SUMS && query->bucket == question->bucket_count) {
        query->groups = rollup_sums_sort(&query->by_number, &query->group_count);
        query->phase = QUERY_TRANSLATES;
    }
    return rc;
}

/* ---- numbers become ids --------------------------------------------------------------------- */

/* @return  SQLITE_ROW with the id; SQLITE_DONE: the site was purged meanwhile */
static int find_id(struct sqlite_db *db, const struct sqlite_query *query, uint64_t number,
                   uint64_t *out)
{
    sqlite3_stmt *get = db->statements[STATEMENT_NAME_ID];
    int rc;

    sqlite_bind_number(get, 1, (int64_t)number);
    sqlite_bind_number(get, 2, query->site.number);
    rc = sqlite3_step(get);
    if (rc == SQLITE_ROW)
        *out = (uint64_t)sqlite3_column_int64(get, 0);
    (void)sqlite3_reset(get);
    return rc;
}

static int translate_group(struct sqlite_db *db, struct sqlite_query *query,
                           const struct rollup_sum *group)
{
    uint64_t id = VALUE_NONE;
    int rc = SQLITE_ROW;

    query->work_left -= LOOKUP_ROWS;
    if (group->id != SQLITE_NO_PAGE)
        rc = find_id(db, query, group->id, &id);
    if (rc == SQLITE_ROW && rollup_sums_add(&query->by_id, id, &group->metrics) != ERR_OK)
        end(query, ERR_NO_MEMORY);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int translate(struct sqlite_db *db, struct sqlite_query *query)
{
    int rc = SQLITE_OK;

    while (rc == SQLITE_OK && query->translated < query->group_count && !is_step_over(query))
        rc = translate_group(db, query, &query->groups[query->translated++]);
    if (query->phase == QUERY_TRANSLATES && query->translated == query->group_count) {
        query->sums = rollup_sums_sort(&query->by_id, &query->count);
        end(query, ERR_OK);
    }
    return rc;
}

/* Groups that are buckets have their ids. */
static void take_buckets(struct sqlite_query *query)
{
    query->sums = query->groups;
    query->count = query->group_count;
    end(query, ERR_OK);
}

/* ---- the body ------------------------------------------------------------------------------- */

int sqlite_query_body(struct sqlite_db *db, struct sqlite_job *job)
{
    const struct rollup_query *question = &job->op->query;
    int rc = SQLITE_OK;

    if (!job->query || job->query->opens != db->opens)
        rc = begin(db, job);
    if (rc != SQLITE_OK)
        return rc;
    job->query->work_left = STEP_ROWS;
    if (job->query->phase == QUERY_SUMS)
        rc = sum(db, job->query, question);
    if (rc == SQLITE_OK && job->query->phase == QUERY_TRANSLATES) {
        if (question->group == ROLLUP_BY_BUCKET)
            take_buckets(job->query);
        else
            rc = translate(db, job->query);
    }
    job->is_unfinished = job->query->phase != QUERY_IS_DONE;
    return rc == SQLITE_OK ? SQLITE_DONE : rc;
}
