#include "store/sqlite_bind.h"

#include <assert.h>

static void expect_ok(int rc)
{
    assert(rc == SQLITE_OK);
    (void)rc;
}

void sqlite_bind_number(sqlite3_stmt *statement, int place, int64_t number)
{
    expect_ok(sqlite3_bind_int64(statement, place, number));
}

void sqlite_bind_blob(sqlite3_stmt *statement, int place, struct slice bytes)
{
    expect_ok(sqlite3_bind_blob(statement, place, bytes.ptr, (int)bytes.len, SQLITE_STATIC));
}

void sqlite_bind_null(sqlite3_stmt *statement, int place)
{
    expect_ok(sqlite3_bind_null(statement, place));
}

void sqlite_bind_writer(sqlite3_stmt *statement, const struct writer_id *writer)
{
    sqlite_bind_blob(statement, 1, slice_of(writer->bytes, sizeof(writer->bytes)));
}

void sqlite_bind_text(sqlite3_stmt *statement, int place, struct slice text)
{
    expect_ok(sqlite3_bind_text(statement, place, text.ptr, (int)text.len, SQLITE_STATIC));
}

void sqlite_bind_counter(sqlite3_stmt *statement, const struct counter *counter)
{
    sqlite_bind_text(statement, 1, counter->site);
    sqlite_bind_number(statement, 2, (int64_t)counter->dimension);
    sqlite_bind_text(statement, 3, counter->value);
}
