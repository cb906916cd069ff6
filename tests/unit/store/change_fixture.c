#include "change_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/random.h"
#include "support/cmocka.h"

static struct change_fixture *set_up(void **state)
{
    static struct change_fixture f;

    random_init();
    log_setup(LOG_LOGFMT, LOG_ERROR);
    f = (struct change_fixture){.told = 0};
    virtual_loop_init(&f.loop);
    f.env = (struct store_env){
        .timers = &f.loop.timers, .clock = &f.loop.clock, .timeout_ms = TIMEOUT_MS};
    *state = &f;
    return &f;
}

static int make_changer(struct change_fixture *f)
{
    f->changer = changer_create(f->store, &f->env);
    assert_non_null(f->changer);
    return 0;
}

int change_set_up_scripted(void **state)
{
    struct change_fixture *f = set_up(state);

    f->store = scripted_open(&f->env);
    return make_changer(f);
}

int change_set_up_memory(void **state)
{
    struct change_fixture *f = set_up(state);

    assert_int_equal(store_open("memory:", &f->env, &f->store, NULL), ERR_OK);
    return make_changer(f);
}

int change_tear_down(void **state)
{
    struct change_fixture *f = *state;

    changer_destroy(f->changer);
    store_close(f->store);
    virtual_loop_fini(&f->loop);
    return 0;
}

static long read_number(const struct record *record)
{
    char text[32];

    if (record->version == RECORD_ABSENT)
        return -1;
    assert_true(record->value.len < sizeof(text));
    (void)snprintf(text, sizeof(text), "%.*s", SLICE_ARG(record->value));
    return strtol(text, NULL, 10);
}

static enum err write_one(const struct deed *deed, const struct record *now, size_t index,
                          struct change_writes *out)
{
    long number = read_number(&now[index]);
    char text[32];
    int len;

    if (deed->kind == DEED_NOTHING)
        return ERR_OK;
    if (deed->kind == DEED_DELETE)
        return change_delete(out, index);
    len = snprintf(text, sizeof(text), "%ld", number < 0 ? 1 : number + 1);
    return change_write(out, index, slice_of(text, (size_t)len),
                        deed->ttl_s > 0 ? deed->ttl_s : RECORD_FOREVER);
}

static enum err on_plan(void *ctx, const struct record *now, size_t count,
                        struct change_writes *out)
{
    struct deed *deed = ctx;
    enum err err = ERR_OK;

    assert_int_equal(deed->told, 0);
    deed->plans++;
    for (size_t i = 0; i < count && err == ERR_OK; i++)
        err = write_one(deed, now, i, out);
    if (deed->on_plan)
        deed->on_plan(deed);
    return err == ERR_OK ? deed->plan_err : err;
}

static void on_done(void *ctx, enum err err)
{
    struct deed *deed = ctx;

    assert_non_null(deed->change);
    deed->change = NULL;
    deed->told++;
    deed->err = err;
    deed->place = ++deed->f->told;
    if (deed->on_told)
        deed->on_told(deed);
}

bool begin_with(struct change_fixture *f, struct deed *deed, const struct slice *keys, size_t count)
{
    deed->f = f;
    deed->plans = 0;
    deed->told = 0;
    deed->change = change_start(f->changer, 0, keys, count, on_plan, on_done, deed);
    assert_int_equal(deed->plans, 0);
    assert_int_equal(deed->told, 0);
    return deed->change != NULL;
}

bool try_begin(struct change_fixture *f, struct deed *deed, const char *keys)
{
    struct slice slices[CHANGE_MAX_KEYS];
    size_t count = strlen(keys);

    for (size_t i = 0; i < count; i++)
        slices[i] = slice_of(&keys[i], 1);
    return begin_with(f, deed, slices, count);
}

void begin(struct change_fixture *f, struct deed *deed, const char *keys)
{
    assert_true(try_begin(f, deed, keys));
}

void assert_told(const struct deed *deed, enum err err)
{
    assert_int_equal(deed->told, 1);
    assert_int_equal(deed->err, err);
}

/* ---- the scripted store --------------------------------------------------------------------- */

void start_up(struct change_fixture *f)
{
    struct deed deed = {.kind = DEED_ADD};

    begin(f, &deed, "z");
    virtual_loop_settle(&f->loop);
    answer_read(f, ERR_OK);
    op_finish_done(scripted_take(f->store, OP_REGISTER), ERR_OK);
    answer_commit(f, COMMIT_DONE);
    assert_told(&deed, ERR_OK);
    assert_int_equal(scripted_waiting(f->store), 0);
    f->told = 0;
}

const struct store_op *on_its_way(const struct change_fixture *f, enum store_op_kind kind)
{
    const struct store_op *op = f->store->in_flight;

    assert_non_null(op);
    assert_int_equal(op->kind, kind);
    return op;
}

void answer_read(struct change_fixture *f, enum err err)
{
    static struct record records[STORE_MAX_READ];
    struct store_op *op = scripted_take(f->store, OP_READ);

    for (size_t i = 0; i < op->count; i++)
        records[i] = (struct record){
            .key = op->keys[i], .value = SLICE("1"), .version = (unsigned char)op->keys[i].ptr[0]};
    op_finish_records(op, err, err == ERR_OK ? records : NULL);
    virtual_loop_settle(&f->loop);
}

void answer_commit(struct change_fixture *f, enum commit_status status)
{
    static const struct record no_records[COMMIT_MAX_WRITES];
    const struct commit_result result = {
        .status = status, .records = no_records, .detail = "by script"};
    bool was_awaited;

    do {
        struct store_op *op = scripted_take(f->store, OP_COMMIT);

        was_awaited = !op->abandoned;
        op_finish_commit(op, &result);
    } while (!was_awaited);
    virtual_loop_settle(&f->loop);
}

void assert_reads(const struct change_fixture *f, const char *keys)
{
    const struct store_op *op = on_its_way(f, OP_READ);

    assert_int_equal(op->count, strlen(keys));
    for (size_t i = 0; i < op->count; i++)
        assert_memory_equal(op->keys[i].ptr, &keys[i], 1);
}

void assert_writes(const struct change_fixture *f, const char *keys)
{
    const struct commit *commit = on_its_way(f, OP_COMMIT)->commit;

    assert_int_equal(commit->write_count, strlen(keys));
    for (size_t i = 0; i < commit->write_count; i++) {
        assert_memory_equal(commit->writes[i].key.ptr, &keys[i], 1);
        assert_int_equal(commit->writes[i].expect_version, (unsigned char)keys[i]);
    }
}

void begin_commit(struct change_fixture *f, struct deed *deed)
{
    begin(f, deed, "a");
    virtual_loop_settle(&f->loop);
    answer_read(f, ERR_OK);
    (void)on_its_way(f, OP_COMMIT);
}

/* ---- the memory store ----------------------------------------------------------------------- */

struct number_read {
    bool is_told;
    long number;
};

static void on_number(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct number_read *read = ctx;

    assert_int_equal(err, ERR_OK);
    assert_int_equal(count, 1);
    read->is_told = true;
    read->number = read_number(&records[0]);
}

long number_on(struct virtual_loop *loop, struct store *store, char key)
{
    struct number_read read = {.is_told = false};
    struct slice slice = slice_of(&key, 1);

    assert_non_null(store_read(store, 0, &slice, 1, on_number, &read));
    virtual_loop_settle(loop);
    assert_true(read.is_told);
    return read.number;
}

long number_of(struct change_fixture *f, char key)
{
    return number_on(&f->loop, f->store, key);
}
