#include "writer_fixture.h"

#include "base/log.h"
#include "base/random.h"
#include "support/cmocka.h"

int writer_set_up(void **state)
{
    static struct writer_fixture f;
    struct store_env env = {
        .timers = &f.loop.timers, .clock = &f.loop.clock, .timeout_ms = TIMEOUT_MS};
    struct addition addition = {.counter = {SLICE("default"), DIMENSION_TOTAL, SLICE("")},
                                .delta = 1};

    random_init();
    log_setup(LOG_LOGFMT, LOG_ERROR);
    f = (struct writer_fixture){.told = 0};
    virtual_loop_init(&f.loop);
    f.store = scripted_open(&env);
    f.writer = writer_create(f.store, 0, &env);
    assert_non_null(f.writer);
    f.commit = commit_create();
    assert_non_null(f.commit);
    assert_int_equal(commit_add(f.commit, &addition), ERR_OK);
    f.commit->totals_wanted = 1;
    *state = &f;
    return 0;
}

int writer_tear_down(void **state)
{
    struct writer_fixture *f = *state;

    writer_destroy(f->writer);
    commit_unref(f->commit);
    store_close(f->store);
    virtual_loop_fini(&f->loop);
    return 0;
}

static void on_resolved(void *ctx, const struct commit_result *result)
{
    struct writer_fixture *f = ctx;

    f->told++;
    f->status = result->status;
    f->total = result->status == COMMIT_DONE ? result->totals[0] : 0;
    assert_false(writer_is_busy(f->writer));
    if (f->commits_again) {
        f->commits_again = false;
        writer_commit(f->writer, f->commit, on_resolved, f);
    }
}

void commit(struct writer_fixture *f)
{
    size_t told = f->told;

    writer_commit(f->writer, f->commit, on_resolved, f);
    assert_true(writer_is_busy(f->writer));
    assert_int_equal(f->told, told);
}

void answer_register(struct writer_fixture *f, enum err err)
{
    op_finish_done(scripted_take(f->store, OP_REGISTER), err);
}

void answer(struct writer_fixture *f, enum commit_status status)
{
    static const int64_t totals[] = {42};
    static const struct record no_records[1];
    struct commit_result result = {
        .status = status, .totals = totals, .records = no_records, .detail = "by script"};

    op_finish_commit(scripted_take(f->store, OP_COMMIT), &result);
}

void answer_last_number(struct writer_fixture *f, enum commit_status status, uint64_t last_number)
{
    struct commit_result result = {.status = status, .last_number = last_number};

    op_finish_commit(scripted_take(f->store, OP_COMMIT), &result);
}

struct commit *on_its_way(const struct writer_fixture *f)
{
    struct store_op *op = f->store->in_flight;

    assert_non_null(op);
    assert_int_equal(op->kind, OP_COMMIT);
    return op->commit;
}

struct writer_stats stats_of(const struct writer_fixture *f)
{
    struct writer_stats stats;

    writer_get_stats(f->writer, &stats);
    return stats;
}

void start_up(struct writer_fixture *f)
{
    commit(f);
    answer_register(f, ERR_OK);
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 1);
}
