#include "store/postgres_error.h"

#include <stddef.h>
#include <string.h>

/*
 * A state stands before its class (the first two characters).
 *
 * An error that ends only the statement ends its transaction too, and then nothing of it was
 * applied. Where the server ends the connection with the error (57P01 and 57P02), it may do so
 * while it waits for a standby, when the commit is on its own disk already: unknown.
 */
static const struct {
    const char *state;
    enum postgres_verdict verdict;
} errors[] = {
    {"22012", POSTGRES_RACE}, /* we divide by 0 when a record moved: postgres_statement.c */

    {"40001", POSTGRES_RETRY}, /* serialization failure */
    {"40P01", POSTGRES_RETRY}, /* deadlock, and we are the victim */
    {"40003", POSTGRES_UNKNOWN}, {"40", POSTGRES_RETRY},
    {"55P03", POSTGRES_RETRY}, /* lock_timeout */
    {"57014", POSTGRES_RETRY}, /* statement_timeout, or an administrator canceled it */

    {"25006", POSTGRES_MOVED}, /* read-only: a standby, or it became one */
    {"26000", POSTGRES_MOVED}, /* it forgot our prepared statements */
    {"0A000", POSTGRES_MOVED}, /* a prepared statement of before a migration */
    {"42P01", POSTGRES_MOVED}, /* a table is gone; connecting looks at the schema */
    {"42703", POSTGRES_MOVED}, /* a column */
    {"57P03", POSTGRES_MOVED}, /* it starts up or shuts down */
    {"57P04", POSTGRES_MOVED}, /* the database was dropped */
    {"53300", POSTGRES_MOVED}, /* too many connections, says a pooler */

    {"22003", POSTGRES_REFUSED}, /* a counter is full */
    {"22021", POSTGRES_REFUSED}, /* the database's encoding has no such character */
    {"22P05", POSTGRES_REFUSED}, {"42501", POSTGRES_REFUSED}, /* the user may not */
    {"25", POSTGRES_REFUSED}, /* not in this state of the transaction */
    {"28", POSTGRES_REFUSED}, /* login */
    {"53", POSTGRES_REFUSED}, /* disk full, out of memory */
    {"54", POSTGRES_REFUSED}, /* one of its limits */
    {"55", POSTGRES_REFUSED}, /* not now */

    {"57", POSTGRES_UNKNOWN}, /* the server ends */
    {"08", POSTGRES_UNKNOWN}, /* the connection */
    {"58", POSTGRES_UNKNOWN}, /* its disk */
    {"XX", POSTGRES_UNKNOWN}, /* its data, or itself */

    {"21", POSTGRES_BUG},        {"22", POSTGRES_BUG},
    {"23", POSTGRES_BUG},        {"42", POSTGRES_BUG},
};

static const size_t error_count = sizeof(errors) / sizeof(errors[0]);

enum postgres_verdict postgres_error_verdict(const char *sqlstate)
{
    for (size_t i = 0; sqlstate && i < error_count; i++) {
        if (strncmp(sqlstate, errors[i].state, strlen(errors[i].state)) == 0)
            return errors[i].verdict;
    }
    return POSTGRES_UNKNOWN;
}
