/**
 * The calls that only read: what each asks, and what it is told. No I/O.
 */
#ifndef FOOTFALL_STORE_POSTGRES_READ_H
#define FOOTFALL_STORE_POSTGRES_READ_H

#include "store/driver.h"
#include "store/postgres_params.h"
#include "store/postgres_reply.h"

/** True when there is nothing to ask the server for. */
bool postgres_read_is_empty(const struct store_op *op);

/** Writes the parameters of the statement that is returned. @param op  see postgres_read_finish()
 */
enum postgres_statement postgres_read_encode(struct postgres_params *params,
                                             const struct store_op *op);

/**
 * Reads the answer and finishes `op` with it: OP_READ, OP_TOTALS, OP_LIST, OP_ROLLUPS, OP_NAMES or
 * OP_SCAN.
 *
 * @return  false: the answer does not fit; `op` is not finished
 */
bool postgres_read_finish(struct store_op *op, const PGresult *reply) MUST_CHECK;

/**
 * Reads the answer of POSTGRES_RECORDS_GET.
 *
 * @param records  `count` of them, absent and with their keys; those that are there are filled in
 * @return         false: the answer does not fit
 */
bool postgres_records_decode(struct record *records, size_t count,
                             const PGresult *reply) MUST_CHECK;

#endif
