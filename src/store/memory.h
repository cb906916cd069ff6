/**
 * The memory store: the contract in its shortest form. It is the reference that tests compare the
 * others with, and the speed limit in benchmarks. What it holds ends with the process.
 */
#ifndef FOOTFALL_STORE_MEMORY_H
#define FOOTFALL_STORE_MEMORY_H

#include "store/driver.h"

/** What a memory store holds. Stores of one process may share it, as processes share a server. */
struct memory_db;

/** NULL without memory. */
struct memory_db *memory_db_create(void);

/** After the last store on it is closed. NULL is fine. */
void memory_db_destroy(struct memory_db *db);

/**
 * A negative control for tests: the numbers of commits are ignored and every commit is applied as
 * if it were new, as a store would that knows no exactly-once.
 */
void memory_db_ignore_numbers(struct memory_db *db);

/** Forgets everything, as a server that lost its disk. For tests. */
void memory_db_clear(struct memory_db *db);

/** Makes `db` hold what `from` holds, as a restored backup does. For tests: ends the process
 * without memory. */
void memory_db_restore(struct memory_db *db, const struct memory_db *from);

/** A store on `db`, which is borrowed and outlives it. */
enum err memory_open_on(struct memory_db *db, const struct store_env *env,
                        struct store **out) MUST_CHECK;

/** `memory:`, with contents of its own. */
store_open_fn memory_open;
store_url_check_fn memory_url_check;

#endif
