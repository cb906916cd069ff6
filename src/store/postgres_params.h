/**
 * The parameters of one statement in libpq's binary form (network byte order; PostgreSQL's
 * arrayfuncs.c, array_recv()), one behind the other in one buffer:
 *
 *     bytes    [ $1 | $2 | $3 … ]
 *     starts     0    16   24 …
 *
 * Append freely, ask `bytes.failed` once at the end.
 */
#ifndef FOOTFALL_STORE_POSTGRES_PARAMS_H
#define FOOTFALL_STORE_POSTGRES_PARAMS_H

#include "base/strbuf.h"
#include "store/postgres_statement.h"

struct postgres_params {
    struct strbuf bytes;
    size_t starts[POSTGRES_MAX_PARAMS + 1];
    size_t count;
};

/** Has no parameters, and allocates nothing yet. */
void postgres_params_init(struct postgres_params *params);

void postgres_params_fini(struct postgres_params *params);

/** Empties it; the memory stays, unless it was for something rare. */
void postgres_params_clear(struct postgres_params *params);

/** The next parameter: a bytea. */
void postgres_param_bytes(struct postgres_params *params, struct slice bytes);

/** The next parameter: a bigint. */
void postgres_param_int8(struct postgres_params *params, int64_t number);

/** The next parameter: an array of `count` elements, which follow by the functions below. */
void postgres_param_array(struct postgres_params *params, enum postgres_type element, size_t count);

/** An element of bytea[] or text[]; ptr NULL is NULL. */
void postgres_element_bytes(struct postgres_params *params, struct slice bytes);

void postgres_element_int8(struct postgres_params *params, int64_t number);
void postgres_element_int4(struct postgres_params *params, uint32_t number);
void postgres_element_int2(struct postgres_params *params, uint16_t number);

#endif
