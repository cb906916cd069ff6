#include "store/faulty.h"

#include <assert.h>
#include <stdlib.h>

enum fault { FAULT_NONE, FAULT_LOST_REQUEST, FAULT_LOST_REPLY, FAULT_LATE_REQUEST, FAULT_REFUSED };

struct late_request {
    struct faulty_network *network;
    struct commit *commit; /* a reference */
    struct timer arrival;
    struct late_request *next;
    struct late_request **link; /* what points here */
};

struct faulty_network {
    struct store *inner;
    struct timers *timers;
    struct faults faults;
    uint64_t random;
    struct late_request *late; /* under way */
};

struct faulty_store {
    struct store base;
    struct faulty_network *network;
    struct passage *passages; /* of all operations in flight */
};

/* An operation on its way through the network. */
struct passage {
    struct faulty_store *store;
    struct store_op *op;
    struct store_op *inner_op; /* NULL when the inner store is not at work */
    enum fault fault;
    struct timer timer;
    struct passage *next;
    struct passage **link;
};

/* ---- chance --------------------------------------------------------------------------------- */

/* SplitMix64 (Steele, Lea, Flood 2014): small, and good enough to choose faults. */
static uint64_t draw(struct faulty_network *network)
{
    uint64_t z = network->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int64_t draw_up_to(struct faulty_network *network, int64_t max)
{
    return max > 0 ? (int64_t)(draw(network) % (uint64_t)(max + 1)) : 0;
}

static enum fault draw_fault(struct faulty_network *network, enum store_op_kind kind)
{
    const struct faults *f = &network->faults;
    unsigned roll = (unsigned)(draw(network) % 1000);

    if (roll < f->lost_request)
        return FAULT_LOST_REQUEST;
    roll -= f->lost_request;
    if (roll < f->refused)
        return FAULT_REFUSED;
    roll -= f->refused;
    if (kind != OP_COMMIT)
        return FAULT_NONE;
    if (roll < f->lost_reply)
        return FAULT_LOST_REPLY;
    roll -= f->lost_reply;
    return roll < f->late_request ? FAULT_LATE_REQUEST : FAULT_NONE;
}

/* ---- late requests -------------------------------------------------------------------------- */

static void late_free(struct late_request *late)
{
    timer_stop(late->network->timers, &late->arrival);
    *late->link = late->next;
    if (late->next)
        late->next->link = late->link;
    commit_unref(late->commit);
    free(late);
}

static void on_nobody_cares(void *ctx, const struct commit_result *result)
{
    (void)ctx;
    (void)result;
}

static void on_late_arrival(void *ctx)
{
    struct late_request *late = ctx;

    (void)store_commit(late->network->inner, late->commit, on_nobody_cares, NULL);
    late_free(late);
}

/* Without memory it is a lost request instead, which is a fault as well. */
static void send_late(struct faulty_network *network, struct commit *commit)
{
    struct late_request *late = calloc(1, sizeof(*late));
    int64_t at_ms =
        timers_now_ms(network->timers) + draw_up_to(network, network->faults.max_late_ms);

    if (!late)
        return;
    late->network = network;
    late->commit = commit_ref(commit);
    late->next = network->late;
    if (late->next)
        late->next->link = &late->next;
    late->link = &network->late;
    network->late = late;
    if (timer_start(network->timers, &late->arrival, at_ms, on_late_arrival, late) != ERR_OK)
        late_free(late);
}

/* ---- passages ------------------------------------------------------------------------------- */

static struct store_op *passage_end(struct passage *p)
{
    struct store_op *op = p->op;

    timer_stop(p->store->network->timers, &p->timer);
    store_op_cancel(p->inner_op);
    *p->link = p->next;
    if (p->next)
        p->next->link = p->link;
    free(p);
    return op;
}

static void on_done(void *ctx, enum err err)
{
    struct passage *p = ctx;

    p->inner_op = NULL;
    op_finish_done(passage_end(p), err);
}

static void on_commit(void *ctx, const struct commit_result *result)
{
    struct passage *p = ctx;
    bool is_lost = p->fault == FAULT_LOST_REPLY;

    p->inner_op = NULL;
    if (is_lost)
        op_finish_unknown(passage_end(p), "the reply was lost");
    else
        op_finish_commit(passage_end(p), result);
}

static void on_read(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct passage *p = ctx;

    (void)count;
    p->inner_op = NULL;
    op_finish_records(passage_end(p), err, records);
}

static void on_totals(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct passage *p = ctx;

    (void)count;
    p->inner_op = NULL;
    op_finish_totals(passage_end(p), err, totals);
}

static void on_list(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct passage *p = ctx;

    p->inner_op = NULL;
    op_finish_list(passage_end(p), err, records, count);
}

static void on_rollups(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct passage *p = ctx;

    p->inner_op = NULL;
    op_finish_rollups(passage_end(p), err, sums, count);
}

static void on_names(void *ctx, enum err err, const struct name *names, size_t count)
{
    struct passage *p = ctx;

    (void)count;
    p->inner_op = NULL;
    op_finish_names(passage_end(p), err, names);
}

static void on_purge(void *ctx, enum err err, bool is_done)
{
    struct passage *p = ctx;

    p->inner_op = NULL;
    op_finish_purge(passage_end(p), err, is_done);
}

static void on_scan(void *ctx, enum err err, const struct scan_step *step)
{
    struct passage *p = ctx;

    p->inner_op = NULL;
    op_finish_scan(passage_end(p), err, step);
}

static void on_check(void *ctx, const struct store_health *health)
{
    struct passage *p = ctx;

    p->inner_op = NULL;
    op_finish_check(passage_end(p), health);
}

static struct store_op *start_inner(struct passage *p)
{
    struct store *inner = p->store->network->inner;
    struct store_op *op = p->op;

    switch (op->kind) {
    case OP_REGISTER:
        return store_register(inner, op->shard, &op->writer, op->number, on_done, p);
    case OP_COMMIT:
        return store_commit(inner, op->commit, on_commit, p);
    case OP_READ:
        return store_read(inner, op->shard, op->keys, op->count, on_read, p);
    case OP_TOTALS:
        return store_totals(inner, op->shard, op->counters, op->count, on_totals, p);
    case OP_LIST:
        return store_list(inner, op->shard, op->prefix, op->after, op->count, on_list, p);
    case OP_ROLLUPS:
        return store_rollups(inner, op->shard, &op->query, on_rollups, p);
    case OP_NAMES:
        return store_names(inner, op->shard, op->site, op->ids, op->count, on_names, p);
    case OP_PURGE:
        return store_purge(inner, op->shard, op->site, op->first_bucket, op->last_bucket, on_purge,
                           p);
    case OP_SCAN:
        return store_scan(inner, op->shard, op->cursor, on_scan, p);
    case OP_SWEEP:
        return store_sweep(inner, on_done, p);
    case OP_CHECK:
        return store_check(inner, on_check, p);
    }
    return NULL;
}

/* The request has crossed the network, or should have. */
static void on_arrival(void *ctx)
{
    struct passage *p = ctx;

    switch (p->fault) {
    case FAULT_REFUSED:
        op_finish_refused(passage_end(p), "refused by chance");
        return;
    case FAULT_LATE_REQUEST:
        send_late(p->store->network, p->op->commit);
        op_finish_unknown(passage_end(p), "the request is late");
        return;
    case FAULT_LOST_REQUEST:
        op_finish_unknown(passage_end(p), "the request was lost");
        return;
    case FAULT_NONE:
    case FAULT_LOST_REPLY:
        p->inner_op = start_inner(p);
        if (!p->inner_op)
            op_finish_refused(passage_end(p), "the inner store is busy");
        return;
    }
}

/* ---- the driver ----------------------------------------------------------------------------- */

static void faulty_start(struct store *base, struct store_op *op)
{
    struct faulty_store *store = (struct faulty_store *)base;
    struct faulty_network *network = store->network;
    struct passage *p = calloc(1, sizeof(*p));
    int64_t at_ms =
        timers_now_ms(network->timers) + draw_up_to(network, network->faults.max_delay_ms);

    /* Tests only: without memory the test is over. */
    if (!p || timer_start(network->timers, &p->timer, at_ms, on_arrival, p) != ERR_OK)
        abort();
    p->store = store;
    p->op = op;
    p->fault = draw_fault(network, op->kind);
    p->next = store->passages;
    if (p->next)
        p->next->link = &p->next;
    p->link = &store->passages;
    store->passages = p;
}

static void faulty_close(struct store *base)
{
    struct faulty_store *store = (struct faulty_store *)base;

    for (struct passage *p = store->passages, *next; p; p = next) {
        next = p->next;
        op_finish_unknown(passage_end(p), "the store was closed");
    }
    free(store);
}

static const struct store_driver faulty_driver = {
    .kind = "faulty",
    .start = faulty_start,
    .close = faulty_close,
};

struct faulty_network *faulty_network_create(struct store *inner, struct timers *timers,
                                             const struct faults *faults, uint64_t seed)
{
    struct faulty_network *network = calloc(1, sizeof(*network));

    if (!network)
        return NULL;
    network->inner = inner;
    network->timers = timers;
    network->faults = *faults;
    network->random = seed;
    return network;
}

void faulty_network_set(struct faulty_network *network, const struct faults *faults)
{
    network->faults = *faults;
}

void faulty_network_destroy(struct faulty_network *network)
{
    if (!network)
        return;
    for (struct late_request *late = network->late, *next; late; late = next) {
        next = late->next;
        late_free(late);
    }
    free(network);
}

enum err faulty_open_on(struct faulty_network *network, const struct store_env *env,
                        struct store **out)
{
    struct faulty_store *store = calloc(1, sizeof(*store));

    if (!store)
        return ERR_NO_MEMORY;
    store->base.driver = &faulty_driver;
    store->base.env = *env;
    store->base.stats.connected = 1;
    store->network = network;
    *out = &store->base;
    return ERR_OK;
}
