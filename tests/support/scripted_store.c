#include "support/scripted_store.h"

#include <stdlib.h>

#include "support/cmocka.h"

struct scripted_store {
    struct store base;
    struct store_op *first;
    struct store_op **last;
    size_t waiting;
    size_t timeouts;
};

static void scripted_start(struct store *base, struct store_op *op)
{
    struct scripted_store *store = (struct scripted_store *)base;

    op->next = NULL;
    *store->last = op;
    store->last = &op->next;
    store->waiting++;
}

static void scripted_on_timeout(struct store *base, struct store_op *op)
{
    (void)op;
    ((struct scripted_store *)base)->timeouts++;
}

static struct store_op *take_first(struct scripted_store *store)
{
    struct store_op *op = store->first;

    store->first = op->next;
    if (!store->first)
        store->last = &store->first;
    store->waiting--;
    return op;
}

static void scripted_close(struct store *base)
{
    struct scripted_store *store = (struct scripted_store *)base;

    while (store->waiting > 0)
        op_finish_refused(take_first(store), "the store was closed");
    assert_null(base->in_flight);
    free(store);
}

static const struct store_driver scripted_driver = {
    .kind = "scripted",
    .start = scripted_start,
    .on_timeout = scripted_on_timeout,
    .close = scripted_close,
};

struct store *scripted_open(const struct store_env *env)
{
    struct scripted_store *store = calloc(1, sizeof(*store));

    assert_non_null(store);
    store->base.driver = &scripted_driver;
    store->base.env = *env;
    store->base.stats.connected = 1;
    store->last = &store->first;
    return &store->base;
}

size_t scripted_waiting(const struct store *store)
{
    return ((const struct scripted_store *)store)->waiting;
}

size_t scripted_timeouts(const struct store *store)
{
    return ((const struct scripted_store *)store)->timeouts;
}

struct store_op *scripted_take(struct store *store, enum store_op_kind kind)
{
    assert_true(scripted_waiting(store) > 0);
    assert_int_equal(((struct scripted_store *)store)->first->kind, kind);
    return take_first((struct scripted_store *)store);
}
