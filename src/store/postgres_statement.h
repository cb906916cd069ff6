/**
 * The statements. Most of them each connection prepares, and sends by name from then on. The tables
 * are in postgres_schema.c.
 */
#ifndef FOOTFALL_STORE_POSTGRES_STATEMENT_H
#define FOOTFALL_STORE_POSTGRES_STATEMENT_H

#include <libpq-fe.h>

enum postgres_statement {
    POSTGRES_COUNT,          /* a commit without record writes */
    POSTGRES_COMMIT,         /* one with */
    POSTGRES_COMMIT_ROLLUPS, /* one with rollups, and with or without record writes */
    POSTGRES_COUNT_CAPPED,   /* the same in the capped form: postgres_commit_sql.c */
    POSTGRES_COMMIT_CAPPED,
    POSTGRES_COMMIT_ROLLUPS_CAPPED,
    POSTGRES_WRITER_GET, /* number, result */
    POSTGRES_WRITER_ADD,
    POSTGRES_RECORDS_GET,   /* place (from 1), version, value: of those that are there */
    POSTGRES_COUNTERS_GET,  /* place (from 1), views: of those that are there */
    POSTGRES_RECORDS_LIST,  /* key, version, value: of one kind, in order */
    POSTGRES_SUM_ROW,       /* id, five sums, in any order: of one page and value in each bucket */
    POSTGRES_SUM_PAGE,      /* likewise, of all values */
    POSTGRES_SUM_PAGES,     /* likewise, of all pages but that of the site */
    POSTGRES_NAMES_GET,     /* place (from 1), text, title: of those that are there */
    POSTGRES_RECORDS_SCAN,  /* key, value, seconds left (-1: for ever): those behind a key */
    POSTGRES_COUNTERS_SCAN, /* site, dimension, value, views: those behind a counter */
    POSTGRES_ROLLUPS_SCAN,  /* site, bucket, dimension, page, value, five numbers, text, title */
    POSTGRES_SWEEP,         /* how many records it removed */
    POSTGRES_PURGE_ROLLUPS, /* how many it found and removed; so do the next ones */
    POSTGRES_PURGE_LISTS,
    POSTGRES_PURGE_NAMES,
    POSTGRES_PURGE_COUNTERS,
    POSTGRES_PURGE_COUNTER_LISTS,
    POSTGRES_HEALTH,
    POSTGRES_STATEMENT_COUNT_ /* how many there are */
};

#define POSTGRES_MAX_PARAMS 26

/** One sweep removes at most so many rows of each kind. */
#define POSTGRES_SWEEP_ROWS 1000

/** Of parameters: rows of pg_type that never change (pg_type.dat). */
enum postgres_type {
    POSTGRES_BYTEA = 17,
    POSTGRES_INT8 = 20,
    POSTGRES_INT2 = 21,
    POSTGRES_INT4 = 23,
    POSTGRES_TEXT = 25,
    POSTGRES_BYTEA_ARRAY = 1001,
    POSTGRES_INT2_ARRAY = 1005,
    POSTGRES_INT4_ARRAY = 1007,
    POSTGRES_TEXT_ARRAY = 1009,
    POSTGRES_INT8_ARRAY = 1016,
};

struct postgres_statement_text {
    const char *name;   /* NULL: it is not prepared but sent as a whole, and planned each time */
    const char *sql[2]; /* one behind the other, as long strings are not portable; or NULL */
    int param_count;
    Oid types[POSTGRES_MAX_PARAMS];
};

extern const struct postgres_statement_text postgres_statements[POSTGRES_STATEMENT_COUNT_];

#endif
