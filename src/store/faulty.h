/**
 * The faulty store: a store behind a network that loses, delays and repeats. For tests.
 *
 * It wraps another store and lets each commit meet one of the faults below, drawn from a seeded
 * generator, so that a run can be repeated exactly:
 *
 *     lost request   the inner store never sees it; the caller is told UNKNOWN
 *     lost reply     the inner store does its work; the caller is told UNKNOWN
 *     late request   the caller is told UNKNOWN at once, and the request arrives much later, even
 *                    after the caller's process has ended
 *     refused        the inner store never sees it; the caller is told REFUSED
 *     none           all is well, after a delay
 *
 * Reads and registrations meet delays, refusals and lost requests.
 */
#ifndef FOOTFALL_STORE_FAULTY_H
#define FOOTFALL_STORE_FAULTY_H

#include "store/driver.h"

/** Chances in a thousand, and delays. */
struct faults {
    unsigned lost_request;
    unsigned lost_reply;
    unsigned late_request;
    unsigned refused;
    int64_t max_delay_ms; /* of a request or a reply; uniform from 0 */
    int64_t max_late_ms;  /* of a late request */
};

/** The network: shared by all faulty stores of a test, outlives them. */
struct faulty_network;

/**
 * @param inner   the store behind the network; borrowed
 * @param timers  borrowed
 * @param faults  copied
 * @return        NULL without memory
 */
struct faulty_network *faulty_network_create(struct store *inner, struct timers *timers,
                                             const struct faults *faults, uint64_t seed);

/** Changes the faults from now on. */
void faulty_network_set(struct faulty_network *network, const struct faults *faults);

/** After its stores are closed; late requests that did not arrive yet never do. NULL is fine. */
void faulty_network_destroy(struct faulty_network *network);

/** One process's connection to the store behind `network`. */
enum err faulty_open_on(struct faulty_network *network, const struct store_env *env,
                        struct store **out) MUST_CHECK;

#endif
