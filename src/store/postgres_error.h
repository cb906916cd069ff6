/**
 * What an error of PostgreSQL means for the statement it answers. The SQLSTATE says which error it
 * is (PostgreSQL 15, appendix A); one table sorts them.
 */
#ifndef FOOTFALL_STORE_POSTGRES_ERROR_H
#define FOOTFALL_STORE_POSTGRES_ERROR_H

enum postgres_verdict {
    POSTGRES_REFUSED, /* certainly not carried out */
    POSTGRES_RACE,    /* not carried out: another commit came in between; at once again */
    POSTGRES_RETRY,   /* not carried out, and may well be in a moment */
    POSTGRES_MOVED,   /* not carried out, and not on this connection: on the next one */
    POSTGRES_UNKNOWN, /* may have been carried out; also every error the table does not know */
    POSTGRES_BUG,     /* we sent what cannot be carried out; as unknown, but loud */
};

/**
 * @param sqlstate  five characters; NULL: libpq itself gave the error
 */
enum postgres_verdict postgres_error_verdict(const char *sqlstate);

#endif
