/**
 * The statements that each connection prepares when it is opened. The tables are in
 * sqlite_schema.c.
 */
#ifndef FOOTFALL_STORE_SQLITE_STATEMENT_H
#define FOOTFALL_STORE_SQLITE_STATEMENT_H

enum sqlite_statement {
    STATEMENT_BEGIN_READ,
    STATEMENT_BEGIN_WRITE,
    STATEMENT_COMMIT,
    STATEMENT_ROLLBACK,
    STATEMENT_WRITER_GET,
    STATEMENT_WRITER_SET,
    STATEMENT_WRITER_ADD,
    STATEMENT_WRITER_SWEEP,
    STATEMENT_RECORD_GET,
    STATEMENT_RECORD_PUT,
    STATEMENT_RECORD_REMOVE,
    STATEMENT_RECORD_SWEEP,
    STATEMENT_RECORD_LIST, /* key, version, value: from a key on */
    STATEMENT_RECORD_SCAN, /* key, value, expiry: behind a key */
    STATEMENT_COUNTER_GET,
    STATEMENT_COUNTER_MOVE,
    STATEMENT_COUNTER_ADD,
    STATEMENT_COUNTER_SCAN,
    STATEMENT_COUNTER_PURGE,
    STATEMENT_COUNTER_LIST_MOVE,
    STATEMENT_COUNTER_LIST_ADD,
    STATEMENT_COUNTER_LIST_REMOVE,
    STATEMENT_SITE_GET, /* number */
    STATEMENT_SITE_ADD,
    STATEMENT_SITE_REMOVE,
    STATEMENT_LIST_GET, /* number, rows */
    STATEMENT_LIST_ADD,
    STATEMENT_LIST_SET,
    STATEMENT_LIST_REMOVE,
    STATEMENT_LIST_NEXT, /* number, rows: of any list in a range of buckets */
    STATEMENT_NAME_FIND, /* number */
    STATEMENT_NAME_GET,  /* text, title */
    STATEMENT_NAME_ID,   /* id */
    STATEMENT_NAME_ADD,
    STATEMENT_NAME_SET,
    STATEMENT_NAME_PURGE,
    STATEMENT_ROLLUP_MOVE,
    STATEMENT_ROLLUP_ADD,
    STATEMENT_ROLLUP_LIST, /* page, value, metrics: of one list, behind a page and value */
    STATEMENT_ROLLUP_PURGE,
    STATEMENT_ROLLUP_SCAN,
    STATEMENT_COUNT_ /* how many there are */
};

const char *sqlite_statement_sql(enum sqlite_statement statement);

#endif
