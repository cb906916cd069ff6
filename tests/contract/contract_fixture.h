/**
 * What each test of the contract begins with: an empty store and a writer, which is not registered.
 */
#ifndef FOOTFALL_TESTS_CONTRACT_FIXTURE_H
#define FOOTFALL_TESTS_CONTRACT_FIXTURE_H

#include "contract.h"

struct fixture {
    struct test_loop loop;
    struct store *store;
    struct writer_id writer;
};

/** The subject of all fixtures from now on. */
void fixture_use(const struct subject *subject);

int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/** A commit with an identity, and nothing in it yet. */
struct commit *fixture_commit(const struct fixture *f, uint64_t number);

enum commit_status fixture_submit(struct fixture *f, struct commit *c);
enum commit_status fixture_submit_and_free(struct fixture *f, struct commit *c);

/** Writes a record as part of the commit. */
void fixture_put(struct commit *c, struct slice key, struct slice value, uint64_t expect,
                 uint32_t ttl_s);

/** The part of the contract that is about rollups, names and lists: contract_rollups.c. */
int contract_run_rollups(const char *name);

#endif
