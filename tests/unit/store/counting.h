/**
 * A writer that counts: commits one hit after the other on "/" of the default site, and knows what
 * it was told. The numbers have to grow.
 */
#ifndef FOOTFALL_TESTS_COUNTING_H
#define FOOTFALL_TESTS_COUNTING_H

#include "store/writer.h"
#include "support/test_loop.h"

struct counting {
    struct test_loop *loop;
    struct writer *writer;
    int64_t done;    /* hits told DONE */
    int64_t refused; /* hits told REFUSED */
    int64_t highest; /* the last number it was told */
    volatile bool is_told;
};

/** The writer goes with writer_destroy(). @param timeout_ms  the store's */
void counting_start(struct counting *c, struct test_loop *loop, struct store *store,
                    int64_t timeout_ms);

/** Begins one hit; `is_told` says when it is over. */
void counting_begin(struct counting *c);

/** One hit, to its end. */
void counting_hit(struct counting *c);

#endif
