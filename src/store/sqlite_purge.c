/* Dropping statistics: list by list, and then what is left of a site. */
#include "store/sqlite_job.h"
#include "store/sqlite_number.h"

/* Runs a DELETE whose place 2 is the most rows it may drop, and takes those it has from `left`. */
static int drop(struct sqlite_db *db, sqlite3_stmt *purge, int64_t *left)
{
    int rc;

    sqlite_bind_number(purge, 2, *left);
    rc = sqlite_db_run(purge);
    if (rc == SQLITE_OK)
        *left -= sqlite3_changes(db->handle);
    return rc;
}

static int drop_numbered(struct sqlite_db *db, enum sqlite_statement which, int64_t number)
{
    sqlite3_stmt *remove = db->statements[which];

    sqlite_bind_number(remove, 1, number);
    return sqlite_db_run(remove);
}

/* ---- lists ---------------------------------------------------------------------------------- */

/* A list in the range, if there is one. */
static int find_list(struct sqlite_db *db, const struct store_op *op, struct sqlite_list *out)
{
    sqlite3_stmt *next = db->statements[STATEMENT_LIST_NEXT];
    int rc;

    out->number = SQLITE_NO_NUMBER;
    sqlite_bind_number(next, 1, out->site->number);
    sqlite_bind_number(next, 2, op->first_bucket);
    sqlite_bind_number(next, 3, op->last_bucket);
    rc = sqlite3_step(next);
    if (rc == SQLITE_ROW) {
        out->number = sqlite3_column_int64(next, 0);
        out->rows = sqlite3_column_int64(next, 1);
    }
    (void)sqlite3_reset(next);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int shorten_list(struct sqlite_db *db, const struct sqlite_list *list, int64_t rows)
{
    sqlite3_stmt *set = db->statements[STATEMENT_LIST_SET];

    sqlite_bind_number(set, 1, list->number);
    sqlite_bind_number(set, 2, rows);
    return sqlite_db_run(set);
}

/* The list itself is the work of one row. */
static int drop_list(struct sqlite_db *db, const struct sqlite_list *list, int64_t *left)
{
    sqlite3_stmt *purge = db->statements[STATEMENT_ROLLUP_PURGE];
    int64_t before = *left;
    int rc;

    sqlite_bind_number(purge, 1, list->number);
    rc = drop(db, purge, left);
    if (rc != SQLITE_OK)
        return rc;
    if (*left == 0)
        return shorten_list(db, list, list->rows - before);
    (*left)--;
    return drop_numbered(db, STATEMENT_LIST_REMOVE, list->number);
}

static int drop_lists(struct sqlite_db *db, const struct store_op *op, struct sqlite_site *site,
                      int64_t *left)
{
    struct sqlite_list list = {.site = site};
    int rc = find_list(db, op, &list);

    while (rc == SQLITE_OK && list.number != SQLITE_NO_NUMBER && *left > 0) {
        rc = drop_list(db, &list, left);
        if (rc == SQLITE_OK)
            rc = find_list(db, op, &list);
    }
    return rc;
}

/* ---- the rest ------------------------------------------------------------------------------- */

static int drop_names(struct sqlite_db *db, const struct sqlite_site *site, int64_t *left)
{
    sqlite3_stmt *purge = db->statements[STATEMENT_NAME_PURGE];
    int rc;

    sqlite_bind_number(purge, 1, site->number);
    rc = drop(db, purge, left);
    if (rc != SQLITE_OK || *left == 0)
        return rc;
    return drop_numbered(db, STATEMENT_SITE_REMOVE, site->number);
}

static int drop_counters(struct sqlite_db *db, struct slice site, int64_t *left)
{
    sqlite3_stmt *purge = db->statements[STATEMENT_COUNTER_PURGE];
    sqlite3_stmt *remove = db->statements[STATEMENT_COUNTER_LIST_REMOVE];
    int rc;

    sqlite_bind_text(purge, 1, site);
    rc = drop(db, purge, left);
    if (rc != SQLITE_OK || *left == 0)
        return rc;
    sqlite_bind_text(remove, 1, site);
    return sqlite_db_run(remove);
}

static bool is_whole(const struct store_op *op)
{
    return op->first_bucket <= 0 && op->last_bucket == INT32_MAX;
}

int sqlite_purge_body(struct sqlite_db *db, struct sqlite_job *job)
{
    const struct store_op *op = job->op;
    struct sqlite_site site = {.id = op->site};
    int64_t left = STORE_SCAN_ITEMS;
    int rc = sqlite_site_find(db, &site);

    if (rc == SQLITE_OK && site.number != SQLITE_NO_NUMBER) {
        rc = drop_lists(db, op, &site, &left);
        if (rc == SQLITE_OK && left > 0 && is_whole(op))
            rc = drop_names(db, &site, &left);
    }
    if (rc == SQLITE_OK && left > 0 && is_whole(op))
        rc = drop_counters(db, op->site, &left);
    job->is_purged = left > 0;
    return rc;
}
