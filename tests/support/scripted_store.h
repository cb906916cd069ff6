/**
 * A store whose answers the test gives, one by one, with the functions of driver.h:
 *
 *     op = scripted_take(store, OP_COMMIT);
 *     op_finish_commit(op, &(struct commit_result){.status = COMMIT_DONE, .totals = totals});
 */
#ifndef FOOTFALL_TESTS_SCRIPTED_STORE_H
#define FOOTFALL_TESTS_SCRIPTED_STORE_H

#include "store/driver.h"

/** A store; store_close() refuses what was not answered. */
struct store *scripted_open(const struct store_env *env);

/** How many operations wait for an answer. */
size_t scripted_waiting(const struct store *store);

/** How often the driver was told that an operation's deadline had passed. */
size_t scripted_timeouts(const struct store *store);

/** Takes the oldest operation, which has to be of this kind; the test finishes it. */
struct store_op *scripted_take(struct store *store, enum store_op_kind kind);

#endif
