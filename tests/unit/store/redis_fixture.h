/**
 * A store on a real Redis server, for tests of what is special about Redis.
 */
#ifndef FOOTFALL_TESTS_REDIS_FIXTURE_H
#define FOOTFALL_TESTS_REDIS_FIXTURE_H

#include "calls.h"
#include "store/store.h"
#include "support/redis_server.h"
#include "support/test_loop.h"

struct redis_fixture {
    struct redis_server server;
    struct test_loop loop;
    struct store *store;
    struct writer_id writer;
    uint64_t next_number;
};

/** Starts a server with `args` (NULL: none) and no store yet. */
struct redis_fixture *redis_fixture_create(const char *const *args);

/** The cmocka pair: a server without special arguments, and a connected store with a writer. */
int redis_fixture_set_up(void **state);
int redis_fixture_tear_down(void **state);

/** Opens a store; `url` NULL is the server's. The fixture's own is left alone. */
struct store *redis_fixture_open(struct redis_fixture *f, const char *url, int64_t timeout_ms,
                                 const char *total_key);

/** Waits until `store` is connected (or is not), at most 20 s. */
void redis_fixture_wait(struct redis_fixture *f, const struct store *store, bool connected);

/** Waits until commits on `store` are not refused any more. */
void redis_fixture_wait_usable(struct redis_fixture *f, struct store *store);

/** A commit with the writer's next number, to be filled. */
struct commit *redis_fixture_commit(struct redis_fixture *f);

/** One more for the total of the default site, and for a page; all totals wanted. */
void redis_fixture_add(struct commit *commit, const char *path, int64_t delta);

/** Sends `commit` on the fixture's store; its number is used up when DONE or CONFLICT. */
struct outcome redis_fixture_send(struct redis_fixture *f, struct commit *commit);

/** Sends `commit` and gives it back: it is refused, the detail names `key`, and nothing moved. */
void redis_fixture_refused(struct redis_fixture *f, struct commit *commit, const char *key);

#endif
