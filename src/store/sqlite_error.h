/**
 * What an error of SQLite says about the transaction that met it, and about the connection.
 */
#ifndef FOOTFALL_STORE_SQLITE_ERROR_H
#define FOOTFALL_STORE_SQLITE_ERROR_H

#include <stdbool.h>

enum sqlite_fate {
    SQLITE_FATE_DONE,    /* no error */
    SQLITE_FATE_REFUSED, /* certainly not applied */
    SQLITE_FATE_UNKNOWN, /* perhaps applied, now or after a recovery */
    SQLITE_FATE_BUG,     /* ours, or somebody changed the tables; rolled back, so not applied */
};

struct sqlite_verdict {
    enum sqlite_fate fate;
    bool reopen; /* the connection is not to be trusted any more */
};

/**
 * The verdict on a statement that failed before COMMIT. A COMMIT that failed is always
 * SQLITE_FATE_UNKNOWN, whatever its code: after an I/O error it may reappear on recovery.
 *
 * @param code  primary or extended result code; SQLITE_OK, SQLITE_ROW and SQLITE_DONE are no errors
 */
struct sqlite_verdict sqlite_error_verdict(int code);

#endif
