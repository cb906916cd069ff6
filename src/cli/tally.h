/**
 * A tally: what a store holds, in a few numbers, by which two stores can be compared. Things that a
 * scan tells twice count once; some 16 to 32 bytes of memory for each.
 */
#ifndef FOOTFALL_CLI_TALLY_H
#define FOOTFALL_CLI_TALLY_H

#include "cli/number_set.h"
#include "store/store.h"

struct tally {
    uint64_t counters; /* that are not 0 */
    int64_t views;     /* their sum, modulo 2^64 */
    uint64_t rollups;  /* that are not 0 in all */
    uint64_t checksum; /* over all of them with their numbers and names, in whatever order */
    uint64_t records;
    struct number_set seen;
};

void tally_init(struct tally *tally);
void tally_fini(struct tally *tally);

/** Frees most of its memory: nothing is added any more. */
void tally_end(struct tally *tally);

/** ERR_NO_MEMORY */
enum err tally_add_counter(struct tally *tally, const struct scanned_counter *scanned) MUST_CHECK;
enum err tally_add_rollup(struct tally *tally, const struct scanned_rollup *scanned) MUST_CHECK;
enum err tally_add_record(struct tally *tally, struct slice key) MUST_CHECK;

/** True when both have seen the same counters with the same views, and the same rollups with the
 * same metrics and names. */
bool tally_same_counts(const struct tally *a, const struct tally *b);

/** A number that stands for the rollup, and one for it with these metrics. */
uint64_t tally_rollup_number(const struct rollup *rollup);
uint64_t tally_metrics_number(uint64_t rollup_number, const struct metrics *metrics);

#endif
