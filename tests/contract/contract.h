/**
 * The contract of store.h as tests that every store has to pass.
 */
#ifndef FOOTFALL_TESTS_CONTRACT_H
#define FOOTFALL_TESTS_CONTRACT_H

#include "store/store.h"
#include "support/test_loop.h"

/** How a store under test is had. */
struct subject {
    const char *name;

    /** Makes an empty store behind `loop`; called before each test. */
    struct store *(*open)(struct test_loop *loop);

    /** A further connection to the same contents, as another process would have. NULL: cannot. */
    struct store *(*open_second)(struct test_loop *loop);

    /** After each test, when its stores are closed. */
    void (*clean)(void);

    unsigned shard;      /* that is tried */
    bool has_real_clock; /* expiry follows the server's clock, not ours: 1 s is waited for */
};

/** Runs all tests on `subject`; returns the number of those that failed. */
int contract_run(const struct subject *subject);

#endif
