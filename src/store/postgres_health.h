/**
 * What a PostgreSQL server says about itself, and what that means for what is confirmed by it. No
 * I/O.
 */
#ifndef FOOTFALL_STORE_POSTGRES_HEALTH_H
#define FOOTFALL_STORE_POSTGRES_HEALTH_H

#include <libpq-fe.h>

#include "store/store.h"

struct postgres_facts {
    bool is_standby;
    bool is_read_only;     /* its transactions are, though it is no standby */
    char encoding[32];     /* of the database */
    bool fsync;            /* it waits for the disk at all */
    bool full_page_writes; /* a page that was half written when the power failed is mended */
    bool waits;            /* a commit waits for the disk */
    char missing[96];      /* rights that are missing, "TABLE RIGHT, …", cut; empty: none */
    char unlogged[96];     /* tables that a crash empties; empty: none */
};

/** Reads the answer to POSTGRES_HEALTH. @return false: it is none */
bool postgres_facts_take(struct postgres_facts *facts, const PGresult *reply);

/** @param require  DURABILITY_LOSSY: anything is sufficient */
void postgres_health_judge(const struct postgres_facts *facts, enum durability require,
                           struct store_health *out);

#endif
