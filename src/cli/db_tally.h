/**
 * A tally: what a store holds, in a few numbers, by which two stores can be compared. Things that a
 * scan tells twice count once; some 16 to 32 bytes of memory for each.
 */
#ifndef FOOTFALL_CLI_DB_TALLY_H
#define FOOTFALL_CLI_DB_TALLY_H

#include "cli/number_set.h"
#include "store/store.h"

struct db_tally {
    uint64_t counters; /* that are not 0 */
    int64_t views;     /* their sum, modulo 2^64 */
    uint64_t rollups;  /* that are not 0 in all */
    uint64_t checksum; /* over all of them with their numbers and names, in whatever order */
    uint64_t records;
    struct number_set seen;
};

void db_tally_init(struct db_tally *tally);
void db_tally_fini(struct db_tally *tally);

/** Frees most of its memory: nothing is added any more. */
void db_tally_end(struct db_tally *tally);

/** ERR_NO_MEMORY */
enum err db_tally_add_counter(struct db_tally *tally,
                              const struct scanned_counter *scanned) MUST_CHECK;
enum err db_tally_add_rollup(struct db_tally *tally,
                             const struct scanned_rollup *scanned) MUST_CHECK;
enum err db_tally_add_record(struct db_tally *tally, struct slice key) MUST_CHECK;

/** True when both have seen the same counters with the same views, and the same rollups with the
 * same metrics and names. */
bool db_tally_same_counts(const struct db_tally *a, const struct db_tally *b);

/** A number that stands for the rollup, and one for it with these metrics. */
uint64_t db_tally_rollup_number(const struct rollup *rollup);
uint64_t db_tally_metrics_number(uint64_t rollup_number, const struct metrics *metrics);

#endif
