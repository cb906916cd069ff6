/**
 * What an error reply of Redis means for the command it answers. The first word of the reply says
 * which error it is; one table sorts them.
 */
#ifndef FOOTFALL_STORE_REDIS_ERROR_H
#define FOOTFALL_STORE_REDIS_ERROR_H

#include <stdbool.h>

#include "base/slice.h"

enum redis_verdict {
    REDIS_REFUSED,  /* certainly not carried out */
    REDIS_UNKNOWN,  /* may have been carried out; also every error that the table does not know */
    REDIS_NOSCRIPT, /* not carried out: the script must be sent along once */
    REDIS_BUG,      /* we sent what Redis cannot have meant to get; as unknown, but loud */
};

/** @param text  of the error reply, for example "LOADING Redis is loading the dataset in memory" */
enum redis_verdict redis_error_verdict(struct slice text);

/** True for what a node of a cluster answers about keys that are not (all) there. */
bool redis_error_is_redirection(struct slice text);

#endif
