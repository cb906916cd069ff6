/**
 * Errors a caller may decide on. 0 is success; one table (err.c) gives each its name, the level it
 * is logged at, and the HTTP status it becomes at the edge.
 */
#ifndef FOOTFALL_BASE_ERR_H
#define FOOTFALL_BASE_ERR_H

#include "base/log.h"

/** Put on every function whose result must not be dropped. */
#define MUST_CHECK __attribute__((warn_unused_result))

enum err {
    ERR_OK = 0,
    ERR_INVALID,     /* the input is wrong; nothing was done */
    ERR_NOT_FOUND,   /* no such thing */
    ERR_NO_MEMORY,   /* this one operation is given up */
    ERR_BUSY,        /* a queue is full; nothing was done, try later */
    ERR_UNAVAILABLE, /* a backing service cannot be reached or refused; certainly not applied */
    ERR_STALE,       /* what it was decided upon has changed; nothing was done, begin anew */
    ERR_UNKNOWN,     /* the deadline passed before an answer: applied or not, nobody knows yet */
    ERR_CONFIG,      /* a setting is wrong */
    ERR_COUNT_       /* how many there are; not an error */
};

/** Short, stable name: "unavailable". Used in logs and in error bodies. */
const char *err_name(enum err err);

/** The level at which the boundary logs it. */
enum log_level err_log_level(enum err err);

/** HTTP status: RFC 9110, section 15. */
int err_http_status(enum err err);

/** Detail for a person. The caller owns it; functions that take one accept NULL. */
struct err_info {
    char text[256]; /* one sentence, NUL-terminated, no secret */
};

/** Fills `info` (may be NULL) like printf. */
void err_info_set(struct err_info *info, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
