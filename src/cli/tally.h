/**
 * A tally: what a store holds, in a few numbers, by which two stores can be compared. Things that a
 * scan tells twice count once; 16 bytes of memory for each.
 */
#ifndef FOOTFALL_CLI_TALLY_H
#define FOOTFALL_CLI_TALLY_H

#include "store/store.h"

/** A set of 64-bit numbers: open addressing, 0 stands for a free place. */
struct number_set {
    uint64_t *places;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

struct tally {
    uint64_t counters; /* that are not 0 */
    int64_t views;     /* their sum, modulo 2^64 */
    uint64_t checksum; /* over all of them with their views, in whatever order */
    uint64_t records;
    struct number_set seen;
};

void tally_init(struct tally *tally);
void tally_fini(struct tally *tally);

/** ERR_NO_MEMORY */
enum err tally_add_counter(struct tally *tally, const struct scanned_counter *scanned) MUST_CHECK;
enum err tally_add_record(struct tally *tally, struct slice key) MUST_CHECK;

/** True when both have seen the same counters with the same views. */
bool tally_same_counters(const struct tally *a, const struct tally *b);

#endif
