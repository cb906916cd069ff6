/**
 * The simulation: several processes' batchers and writers on one store behind a faulty network, in
 * one thread, on a clock of its own. A seed decides everything: which request is lost, late or
 * refused, who is killed when, which client leaves or asks twice.
 *
 * In one run of four the store goes back to an earlier moment instead of processes being killed.
 *
 *     clients -> process 1 … 4 (batcher, writer) -> faulty network -> one memory store
 *                    killed at any moment, replaced
 *
 * What must hold at the end is checked: simulation_run().
 */
#ifndef FOOTFALL_TESTS_SIMULATION_H
#define FOOTFALL_TESTS_SIMULATION_H

#include <stdbool.h>
#include <stdint.h>

/** What happened, to show that a run was not an idle one. */
struct simulation_stats {
    uint64_t hits;       /* stored */
    uint64_t rollups;    /* sums of them that were compared with the counters */
    uint64_t answers;    /* told ok */
    uint64_t duplicates; /* told so */
    uint64_t unknown;    /* plain hits whose fate was not told */
    uint64_t retries;    /* commits sent again */
    uint64_t conflicts;
    uint64_t kills;
    uint64_t restores; /* of the store to an earlier moment */
    uint64_t replayed; /* commits, after that */
    uint64_t lost;     /* commits that could not be replayed */
};

/**
 * Runs one seed.
 *
 * @param ignores_numbers  the negative control: the store applies every commit it gets
 * @param stats            added to
 * @param why              gets what does not hold, at least 200 bytes
 * @return                 true when all holds: every hit with an id is stored exactly once; plain
 *                         hits lie between answered and answered + unknown; no two answers carry
 *                         the same number; each client's numbers only grow; nothing is left over.
 * The rollups add up to the counters, whatever those are: simulation_rollups.h.
 * When the store went back: nothing that was answered is missing, and no more is stored than ids
 * asked more than once explain
 */
bool simulation_run(uint64_t seed, bool ignores_numbers, struct simulation_stats *stats, char *why);

#endif
