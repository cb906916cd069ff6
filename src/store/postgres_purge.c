#include "store/postgres_purge.h"

static const enum postgres_statement parts[] = {POSTGRES_PURGE_ROLLUPS, POSTGRES_PURGE_LISTS,
                                                POSTGRES_PURGE_NAMES, POSTGRES_PURGE_COUNTERS,
                                                POSTGRES_PURGE_COUNTER_LISTS};

/* The first parts are those of a range of buckets; all of them make up a site. */
#define PARTS_OF_BUCKETS 2
#define PARTS_OF_SITE    5

unsigned postgres_purge_parts(const struct store_op *op)
{
    bool is_whole = op->first_bucket <= 0 && op->last_bucket == INT32_MAX;

    return is_whole ? PARTS_OF_SITE : PARTS_OF_BUCKETS;
}

enum postgres_statement postgres_purge_encode(struct postgres_params *params,
                                              const struct store_op *op, unsigned part)
{
    postgres_params_clear(params);
    postgres_param_bytes(params, op->site);
    if (part < PARTS_OF_BUCKETS) {
        postgres_param_int8(params, op->first_bucket);
        postgres_param_int8(params, op->last_bucket);
    }
    return parts[part];
}
