#include "store/memory.h"

#include <stdlib.h>

#include "store/memory_db.h"

struct memory_store {
    struct store base;
    struct memory_db *db;
    bool owns_db;
    struct store_op *first; /* waiting for the next turn, in order */
    struct store_op **last;
    struct timer turn;
};

/* ---- operations ----------------------------------------------------------------------------- */

static int64_t now_unix_ms(const struct memory_store *store)
{
    return clock_unix_ms(store->base.env.clock);
}

static void run_register(struct memory_store *store, struct store_op *op)
{
    struct memory_writer *writer = memory_writer_make(store->db, &op->writer, now_unix_ms(store));

    if (writer && writer->number < op->number) {
        free(writer->totals);
        writer->totals = NULL;
        writer->total_count = 0;
        writer->number = op->number;
        writer->status = COMMIT_DONE;
    }
    op_finish_done(op, writer ? ERR_OK : ERR_UNAVAILABLE);
}

static void run_read(struct memory_store *store, struct store_op *op)
{
    struct record *records = arena_alloc(&op->arena, (op->count + 1) * sizeof(*records));
    int64_t now = now_unix_ms(store);

    for (size_t i = 0; records && i < op->count; i++)
        records[i] = memory_record_look(store->db, op->keys[i], now);
    op_finish_records(op, records ? ERR_OK : ERR_NO_MEMORY, records);
}

static void run_totals(struct memory_store *store, struct store_op *op)
{
    int64_t *totals = arena_alloc(&op->arena, (op->count + 1) * sizeof(*totals));

    for (size_t i = 0; totals && i < op->count; i++)
        totals[i] = memory_counter_views(store->db, &op->counters[i]);
    op_finish_totals(op, totals ? ERR_OK : ERR_NO_MEMORY, totals);
}

static void run_list(struct memory_store *store, struct store_op *op)
{
    struct record *records = NULL;
    size_t count = 0;
    enum err err = memory_db_list(store->db, op, &op->arena, now_unix_ms(store), &records, &count);

    op_finish_list(op, err, records, count);
}

static void run_rollups(struct memory_store *store, struct store_op *op)
{
    struct rollup_sums sums;
    const struct rollup_sum *sorted;
    size_t count;
    enum err err;

    rollup_sums_init(&sums);
    err = memory_rollups_sum(store->db, &op->query, &sums);
    sorted = rollup_sums_sort(&sums, &count);
    op_finish_rollups(op, err, sorted, count);
    rollup_sums_fini(&sums);
}

static void run_names(struct memory_store *store, struct store_op *op)
{
    struct name *names = arena_alloc(&op->arena, (op->count + 1) * sizeof(*names));

    for (size_t i = 0; names && i < op->count; i++)
        names[i] = memory_name_look(store->db, op->site, op->ids[i]);
    op_finish_names(op, names ? ERR_OK : ERR_NO_MEMORY, names);
}

static void run_purge(struct memory_store *store, struct store_op *op)
{
    memory_rollups_purge(store->db, op->site, op->first_bucket, op->last_bucket);
    op_finish_purge(op, ERR_OK, true);
}

static void run_scan(struct memory_store *store, struct store_op *op)
{
    struct scan_step step = {.cursor = SLICE("")};

    if (op->cursor.len > 0)
        op_finish_scan(op, ERR_INVALID, NULL);
    else if (memory_db_scan(store->db, &op->arena, now_unix_ms(store), &step) != ERR_OK)
        op_finish_scan(op, ERR_NO_MEMORY, NULL);
    else
        op_finish_scan(op, ERR_OK, &step);
}

static void run_sweep(struct memory_store *store, struct store_op *op)
{
    memory_db_sweep(store->db, now_unix_ms(store));
    op_finish_done(op, ERR_OK);
}

static void run_check(struct store_op *op)
{
    static const struct store_health health = {
        .reachable = true,
        .durability = DURABILITY_NONE,
        .sufficient = true,
        .findings = {{"all counts are lost when the process ends",
                      "set FOOTFALL_STORE=sqlite:footfall.db"}},
        .finding_count = 1,
    };

    op_finish_check(op, &health);
}

static void run(struct memory_store *store, struct store_op *op)
{
    switch (op->kind) {
    case OP_REGISTER:
        run_register(store, op);
        return;
    case OP_COMMIT:
        memory_commit(store->db, op, now_unix_ms(store));
        return;
    case OP_READ:
        run_read(store, op);
        return;
    case OP_TOTALS:
        run_totals(store, op);
        return;
    case OP_LIST:
        run_list(store, op);
        return;
    case OP_ROLLUPS:
        run_rollups(store, op);
        return;
    case OP_NAMES:
        run_names(store, op);
        return;
    case OP_PURGE:
        run_purge(store, op);
        return;
    case OP_SCAN:
        run_scan(store, op);
        return;
    case OP_SWEEP:
        run_sweep(store, op);
        return;
    case OP_CHECK:
        run_check(op);
        return;
    }
}

/* ---- the driver ----------------------------------------------------------------------------- */

static struct store_op *take_first(struct memory_store *store)
{
    struct store_op *op = store->first;

    if (op) {
        store->first = op->next;
        if (!store->first)
            store->last = &store->first;
    }
    return op;
}

/* Those that came while this turn runs wait for the next one: an op never ends inside its start. */
static void on_turn(void *ctx)
{
    struct memory_store *store = ctx;
    struct store_op *queue = store->first;

    store->first = NULL;
    store->last = &store->first;
    while (queue) {
        struct store_op *op = queue;

        queue = op->next;
        run(store, op);
    }
}

static void memory_start(struct store *base, struct store_op *op)
{
    struct memory_store *store = (struct memory_store *)base;

    op->next = NULL;
    *store->last = op;
    store->last = &op->next;
    timer_move(base->env.timers, &store->turn, timers_now_ms(base->env.timers));
}

static void memory_close(struct store *base)
{
    struct memory_store *store = (struct memory_store *)base;
    struct store_op *op;

    timer_stop(base->env.timers, &store->turn);
    while ((op = take_first(store)))
        op_finish_refused(op, "the store was closed");
    if (store->owns_db)
        memory_db_destroy(store->db);
    free(store);
}

static const struct store_driver memory_driver;

enum err memory_open_on(struct memory_db *db, const struct store_env *env, struct store **out)
{
    struct memory_store *store = calloc(1, sizeof(*store));

    if (!store)
        return ERR_NO_MEMORY;
    store->base.driver = &memory_driver;
    store->base.env = *env;
    store->base.stats.connected = 1;
    store->db = db;
    store->last = &store->first;
    if (timer_keep(env->timers, &store->turn, on_turn, store) != ERR_OK) {
        free(store);
        return ERR_NO_MEMORY;
    }
    *out = &store->base;
    return ERR_OK;
}

enum err memory_open(const char *url, const struct store_env *env, struct store **out,
                     struct err_info *info)
{
    struct memory_db *db;
    enum err err = memory_url_check(url, info);

    if (err != ERR_OK)
        return err;
    db = memory_db_create();
    if (!db)
        return ERR_NO_MEMORY;
    err = memory_open_on(db, env, out);
    if (err != ERR_OK) {
        memory_db_destroy(db);
        return err;
    }
    ((struct memory_store *)*out)->owns_db = true;
    return ERR_OK;
}

enum err memory_url_check(const char *url, struct err_info *info)
{
    if (strcmp(url, "memory:") == 0)
        return ERR_OK;
    err_info_set(info, "a memory store takes nothing after the colon: memory:");
    return ERR_CONFIG;
}

static const struct store_driver memory_driver = {
    .kind = "memory",
    .start = memory_start,
    .close = memory_close,
};
