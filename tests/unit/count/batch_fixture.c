#include "batch_fixture.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/random.h"
#include "support/cmocka.h"

static void on_turn(void *ctx)
{
    struct batch_fixture *f = ctx;

    if (f->batcher)
        batcher_turn(f->batcher);
}

int batch_set_up(void **state)
{
    struct batch_fixture *f = calloc(1, sizeof(*f));
    struct store_env env = {.timeout_ms = STORE_MS};

    assert_non_null(f);
    random_init();
    log_setup(LOG_LOGFMT, LOG_ERROR);
    virtual_loop_init(&f->loop);
    f->loop.on_turn = on_turn;
    f->loop.ctx = f;
    env.timers = &f->loop.timers;
    env.clock = &f->loop.clock;
    f->store = scripted_open(&env);
    f->batcher = batcher_create(f->store, &env, HIT_MS);
    assert_non_null(f->batcher);
    for (size_t i = 0; i < MAX_VISITORS; i++)
        f->visitors[i].f = f;
    *state = f;
    return 0;
}

int batch_tear_down(void **state)
{
    struct batch_fixture *f = *state;

    batcher_destroy(f->batcher);
    store_close(f->store);
    virtual_loop_fini(&f->loop);
    free(f);
    return 0;
}

static void on_told(void *ctx, const struct hit_answer *told)
{
    struct guest *visitor = ctx;

    visitor->hit = NULL;
    visitor->told++;
    visitor->answer = *told;
    if (visitor->then)
        visitor->then(visitor);
}

void visit(struct guest *visitor, const char *path, const char *id)
{
    struct hit_input input = {SLICE("default"), slice_str(path), slice_str(id)};
    size_t told = visitor->told;

    assert_null(visitor->hit);
    visitor->hit = batcher_add(visitor->f->batcher, &input, NULL, on_told, visitor);
    assert_non_null(visitor->hit);
    assert_int_equal(visitor->told, told); /* never inside the call */
}

void turn(struct batch_fixture *f)
{
    virtual_loop_turn(&f->loop);
}

void start_up(struct batch_fixture *f)
{
    struct guest *first = &f->visitors[MAX_VISITORS - 1];

    visit(first, "/first", "");
    turn(f);
    op_finish_done(scripted_take(f->store, OP_REGISTER), ERR_OK);
    answer_done(f);
    assert_counted(first, 101, 101);
    *first = (struct guest){.f = f};
}

const struct commit *on_its_way(const struct batch_fixture *f)
{
    const struct store_op *op = f->store->in_flight;

    assert_non_null(op);
    assert_int_equal(op->kind, OP_COMMIT);
    return op->commit;
}

/* What a store with nothing but the record of `known` has under `key`. */
static struct record look(struct slice key, const char *known)
{
    struct slice id = slice_from(key, strlen("hit/default/"));

    if (known && slice_eq(id, slice_str(known)))
        return (struct record){.key = key, .value = SLICE("/known"), .version = 7};
    return (struct record){.key = key, .value = SLICE(""), .version = RECORD_ABSENT};
}

void answer_read(struct batch_fixture *f, const char *known)
{
    struct store_op *op = scripted_take(f->store, OP_READ);
    struct record *records = calloc(op->count, sizeof(*records));

    assert_non_null(records);
    for (size_t i = 0; i < op->count; i++)
        records[i] = look(op->keys[i], known);
    op_finish_records(op, ERR_OK, records);
    free(records);
}

void answer_conflict(struct batch_fixture *f, const char *id)
{
    struct store_op *op = scripted_take(f->store, OP_COMMIT);
    struct record *records = calloc(op->commit->write_count, sizeof(*records));

    assert_non_null(records);
    for (size_t i = 0; i < op->commit->write_count; i++)
        records[i] = look(op->commit->writes[i].key, id);
    op_finish_commit(op, &(struct commit_result){.status = COMMIT_CONFLICT, .records = records});
    free(records);
}

void answer_done(struct batch_fixture *f)
{
    struct store_op *op = scripted_take(f->store, OP_COMMIT);
    int64_t *totals = calloc(op->commit->addition_count + 1, sizeof(*totals));

    assert_non_null(totals);
    for (size_t i = 0; i < op->commit->addition_count; i++)
        totals[i] = 100 + op->commit->additions[i].delta;
    op_finish_commit(op, &(struct commit_result){.status = COMMIT_DONE, .totals = totals});
    free(totals);
}

void answer(struct batch_fixture *f, enum commit_status status)
{
    struct commit_result result = {.status = status, .detail = "by script"};

    op_finish_commit(scripted_take(f->store, OP_COMMIT), &result);
}

struct batcher_stats stats_of(const struct batch_fixture *f)
{
    struct batcher_stats stats;

    batcher_get_stats(f->batcher, &stats);
    return stats;
}

static void assert_told(const struct guest *visitor, bool is_duplicate, int64_t site_count,
                        int64_t count)
{
    assert_int_equal(visitor->told, 1);
    assert_int_equal(visitor->answer.err, ERR_OK);
    assert_int_equal(visitor->answer.duplicate, is_duplicate);
    assert_int_equal(visitor->answer.site_count, site_count);
    assert_int_equal(visitor->answer.count, count);
}

void assert_counted(const struct guest *visitor, int64_t site_count, int64_t count)
{
    assert_told(visitor, false, site_count, count);
}

void assert_duplicate(const struct guest *visitor, int64_t site_count, int64_t count)
{
    assert_told(visitor, true, site_count, count);
}

void assert_failed(const struct guest *visitor, enum err err)
{
    assert_int_equal(visitor->told, 1);
    assert_int_equal(visitor->answer.err, err);
}

void assert_idle(const struct batch_fixture *f)
{
    assert_true(batcher_is_idle(f->batcher));
    assert_int_equal(scripted_waiting(f->store), 0);
    assert_int_equal(stats_of(f).waiting, 0);
}
