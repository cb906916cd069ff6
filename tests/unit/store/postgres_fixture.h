/**
 * A store on a real PostgreSQL server, for tests of what is special about PostgreSQL. The server is
 * started once for all tests of a program; its tables are emptied before each.
 */
#ifndef FOOTFALL_TESTS_POSTGRES_FIXTURE_H
#define FOOTFALL_TESTS_POSTGRES_FIXTURE_H

#include "calls.h"
#include "store/store.h"
#include "support/postgres_server.h"
#include "support/test_loop.h"

struct postgres_fixture {
    struct postgres_server *server;
    struct test_loop loop;
    struct store *store;
    struct writer_id writer;
    uint64_t next_number;
};

/** The server of all tests. */
extern struct postgres_server postgres_fixture_server;

/** The cmocka pair of a group: the server, without special settings. */
int postgres_fixture_start(void **state);
int postgres_fixture_end(void **state);

/** The cmocka pair of a test: a connected store with a writer. */
int postgres_fixture_set_up(void **state);
int postgres_fixture_tear_down(void **state);

/** Opens a store; `url` NULL is the server's socket. The fixture's own is left alone. */
struct store *postgres_fixture_open(struct postgres_fixture *f, const char *url,
                                    int64_t timeout_ms);

/** Waits until `store` is connected (or is not), at most 20 s. */
void postgres_fixture_wait(struct postgres_fixture *f, const struct store *store, bool connected);

/** A commit with the writer's next number, to be filled. */
struct commit *postgres_fixture_commit(struct postgres_fixture *f);

/** One more for the total of the default site, and for a page; all totals wanted. */
void postgres_fixture_add(struct commit *commit, const char *path, int64_t delta);

/** A record that must not be there yet. */
void postgres_fixture_put(struct commit *commit, const char *key);

/** Sends `commit` on the fixture's store; its number is used up when DONE or CONFLICT. */
struct outcome postgres_fixture_send(struct postgres_fixture *f, struct commit *commit);

/** Sends it, gives it back, and says with which status it ended. */
enum commit_status postgres_fixture_submit(struct postgres_fixture *f, struct commit *commit);

#endif
