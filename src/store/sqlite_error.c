#include "store/sqlite_error.h"

#include <sqlite3.h>
#include <stddef.h>

#define REFUSED                                                                                    \
    {                                                                                              \
        SQLITE_FATE_REFUSED, false                                                                 \
    }
#define REFUSED_REOPEN                                                                             \
    {                                                                                              \
        SQLITE_FATE_REFUSED, true                                                                  \
    }
#define BUG                                                                                        \
    {                                                                                              \
        SQLITE_FATE_BUG, true                                                                      \
    }

/* An extended code that is not here counts as its primary code; a primary code that is not here
 * (SQLITE_IOERR and SQLITE_CORRUPT above all) is unknown, and the connection is opened anew. */
static const struct {
    int code;
    struct sqlite_verdict verdict;
} verdicts[] = {
    {SQLITE_OK, {SQLITE_FATE_DONE, false}},
    {SQLITE_ROW, {SQLITE_FATE_DONE, false}},
    {SQLITE_DONE, {SQLITE_FATE_DONE, false}},

    /* Another program (the sqlite3 shell, a backup) was in the way for too long. */
    {SQLITE_BUSY, REFUSED},
    {SQLITE_LOCKED, REFUSED},
    {SQLITE_PROTOCOL, REFUSED},

    /* Nothing of the transaction can be on disk. */
    {SQLITE_NOMEM, REFUSED},
    {SQLITE_IOERR_NOMEM, REFUSED},
    {SQLITE_FULL, REFUSED},
    {SQLITE_INTERRUPT, REFUSED},
    {SQLITE_ABORT, REFUSED},
    {SQLITE_SCHEMA, REFUSED},
    {SQLITE_CONSTRAINT_FUNCTION, REFUSED}, /* a counter is full, says our function */

    /* The file is not what it was, or not ours to write. */
    {SQLITE_PERM, REFUSED_REOPEN},
    {SQLITE_AUTH, REFUSED_REOPEN},
    {SQLITE_READONLY, REFUSED_REOPEN},
    {SQLITE_CANTOPEN, REFUSED_REOPEN},
    {SQLITE_NOTADB, REFUSED_REOPEN},
    {SQLITE_NOLFS, REFUSED_REOPEN},

    {SQLITE_ERROR, BUG},
    {SQLITE_INTERNAL, BUG},
    {SQLITE_NOTFOUND, BUG},
    {SQLITE_EMPTY, BUG},
    {SQLITE_TOOBIG, BUG},
    {SQLITE_CONSTRAINT, BUG},
    {SQLITE_MISMATCH, BUG},
    {SQLITE_MISUSE, BUG},
    {SQLITE_FORMAT, BUG},
    {SQLITE_RANGE, BUG},
};

static const struct sqlite_verdict *find(int code)
{
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
        if (verdicts[i].code == code)
            return &verdicts[i].verdict;
    }
    return NULL;
}

struct sqlite_verdict sqlite_error_verdict(int code)
{
    static const struct sqlite_verdict unknown = {SQLITE_FATE_UNKNOWN, true};
    const struct sqlite_verdict *found = find(code);

    if (!found)
        found = find(code & 0xff);
    return found ? *found : unknown;
}
