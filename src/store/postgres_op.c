#include "store/postgres_op.h"

#include "base/random.h"
#include "store/postgres_error.h"
#include "store/postgres_purge.h"
#include "store/postgres_read.h"
#include "store/postgres_text.h"

/* Waiting times before another attempt: doubled each time, half of them random, so that two that
 * were in each other's way are not again. */
#define FIRST_RETRY_MS 4
#define MAX_RETRY_MS   200

/* So often a commit that lost a race is repeated at once; then it waits, too. */
#define MAX_RACES 8

/* So many rounds of a sweep, POSTGRES_SWEEP_ROWS each, when there is much to sweep. */
#define MAX_SWEEPS 50

static const char *const does_not_fit = "PostgreSQL gave an answer that does not fit";

struct postgres_op *postgres_op_create(struct store_op *op, struct postgres_connection *connection,
                                       const char *(*find_obstacle)(const struct store_op *op))
{
    struct postgres_op *p = arena_alloc(&op->arena, sizeof(*p));
    const struct store_env *env = &op->store->env;

    op->driver_data = p;
    if (!p)
        return NULL;
    *p = (struct postgres_op){
        .op = op,
        .connection = connection,
        .find_obstacle = find_obstacle,
        .give_up_ms = timers_now_ms(env->timers) + env->timeout_ms * 3 / 4,
    };
    if (op->kind == OP_COMMIT && postgres_commit_plan(&p->plan, op->commit, &op->arena) != ERR_OK) {
        op->driver_data = NULL;
        return NULL;
    }
    return p;
}

/* ---- what is sent --------------------------------------------------------------------------- */

static void encode_writer(struct postgres_params *params, const struct writer_id *writer)
{
    postgres_params_clear(params);
    postgres_param_bytes(params, slice_of(writer->bytes, sizeof(writer->bytes)));
}

static enum postgres_statement encode_register(const struct postgres_op *p,
                                               struct postgres_params *params)
{
    encode_writer(params, &p->op->writer);
    postgres_param_int8(params, (int64_t)p->op->number);
    return POSTGRES_WRITER_ADD;
}

static enum postgres_statement encode_commit(const struct postgres_op *p,
                                             struct postgres_params *params)
{
    switch (p->step) {
    case POSTGRES_STEP_ACT:
        return postgres_commit_encode(params, p->op->commit, &p->plan);
    case POSTGRES_STEP_ASK:
        encode_writer(params, &p->op->commit->writer);
        return POSTGRES_WRITER_GET;
    case POSTGRES_STEP_AGAIN:
        break;
    }
    postgres_commit_encode_keys(params, p->op->commit);
    return POSTGRES_RECORDS_GET;
}

static enum postgres_statement encode_read(const struct postgres_op *p,
                                           struct postgres_params *params)
{
    return postgres_read_encode(params, p->op);
}

static enum postgres_statement encode_sweep(const struct postgres_op *p,
                                            struct postgres_params *params)
{
    (void)p;
    postgres_params_clear(params);
    postgres_param_int8(params, POSTGRES_SWEEP_ROWS);
    postgres_param_int8(params, STORE_WRITER_TTL_S);
    return POSTGRES_SWEEP;
}

static enum postgres_statement encode_purge(const struct postgres_op *p,
                                            struct postgres_params *params)
{
    return postgres_purge_encode(params, p->op, p->purged);
}

static enum postgres_statement encode_check(const struct postgres_op *p,
                                            struct postgres_params *params)
{
    (void)p;
    postgres_params_clear(params);
    return POSTGRES_HEALTH;
}

/* ---- another attempt ------------------------------------------------------------------------ */

static void on_retry(void *ctx);

static void retry_later(struct postgres_op *p)
{
    struct timers *timers = p->op->store->env.timers;
    unsigned doublings = p->attempts < 6 ? p->attempts : 6;
    uint64_t ms = (uint64_t)FIRST_RETRY_MS << doublings;
    int64_t now_ms = timers_now_ms(timers);

    if (ms > MAX_RETRY_MS)
        ms = MAX_RETRY_MS;
    ms = ms / 2 + random_nonzero_u64() % (ms / 2 + 1);
    p->attempts++;
    if (p->op->abandoned || now_ms + (int64_t)ms > p->give_up_ms ||
        timer_start(timers, &p->retry, now_ms + (int64_t)ms, on_retry, p) != ERR_OK)
        op_finish_refused(p->op, p->detail.text);
}

/* Sends it, or waits when something is in its way. */
static void attempt(struct postgres_op *p)
{
    const char *obstacle = p->find_obstacle(p->op);
    enum err err = obstacle ? ERR_UNAVAILABLE : postgres_op_send(p);

    if (obstacle)
        err_info_set(&p->detail, "%s", obstacle);
    if (err == ERR_NO_MEMORY)
        op_finish_refused(p->op, "out of memory");
    else if (err != ERR_OK)
        retry_later(p);
}

static void on_retry(void *ctx)
{
    attempt(ctx);
}

void postgres_op_stop(struct postgres_op *p)
{
    timer_stop(p->op->store->env.timers, &p->retry);
    op_finish_refused(p->op, p->detail.text);
}

/* ---- what comes back ------------------------------------------------------------------------ */

/* False: the connection is to be given up, after which the operation may go on. */
static bool take_error(struct postgres_op *p, const PGresult *reply)
{
    const char *state = PQresultErrorField(reply, PG_DIAG_SQLSTATE);
    char line[POSTGRES_LINE_BYTES];

    postgres_error_line(reply, line, sizeof(line));
    err_info_set(&p->detail, "PostgreSQL: %s", line);
    switch (postgres_error_verdict(state)) {
    case POSTGRES_REFUSED:
        op_finish_refused(p->op, p->detail.text);
        return true;
    case POSTGRES_RACE:
        if (++p->attempts <= MAX_RACES)
            attempt(p);
        else
            retry_later(p);
        return true;
    case POSTGRES_RETRY:
        retry_later(p);
        return true;
    case POSTGRES_MOVED:
        retry_later(p);
        return false;
    case POSTGRES_BUG:
        log_error("PostgreSQL answered what only a mistake of ours explains",
                  LOG_STR("error", p->detail.text));
        break;
    case POSTGRES_UNKNOWN:
        break;
    }
    op_finish_unknown(p->op, p->detail.text);
    return false;
}

static bool finish_unfit(struct store_op *op)
{
    op_finish_unknown(op, does_not_fit);
    return false;
}

static bool take_register(struct postgres_op *p, const PGresult *reply)
{
    (void)reply;
    op_finish_done(p->op, ERR_OK);
    return true;
}

/* Takes a step of its own with the same operation. */
static bool go_on(struct postgres_op *p, enum err err)
{
    if (err != ERR_OK)
        op_finish_unknown(p->op, "out of memory, or no connection to PostgreSQL any more");
    return true;
}

static bool finish_commit(struct postgres_op *p, const struct commit_result *result, enum err err)
{
    if (err == ERR_INVALID)
        return finish_unfit(p->op);
    if (err == ERR_OK)
        op_finish_commit(p->op, result);
    else
        op_finish_unknown(p->op, "out of memory");
    return true;
}

static bool take_act(struct postgres_op *p, const PGresult *reply)
{
    struct commit_result result;
    enum err err;

    if (PQntuples(reply) == 0) {
        if (p->plan.has_caps && !p->plan.is_capped)
            p->plan.is_capped = true;
        else
            p->step = POSTGRES_STEP_ASK;
        return go_on(p, postgres_op_send(p));
    }
    err = postgres_commit_decode(&result, p->op->commit, &p->plan, reply, &p->op->arena);
    return finish_commit(p, &result, err);
}

static bool take_ask(struct postgres_op *p, const PGresult *reply)
{
    const struct commit *commit = p->op->commit;
    struct commit_result result;
    enum err err = postgres_writer_decode(&result, commit, &p->plan, reply, &p->op->arena);

    if (err == ERR_OK && result.status == COMMIT_CONFLICT) {
        p->step = POSTGRES_STEP_AGAIN;
        return go_on(p, postgres_op_send(p));
    }
    /* The number is right now, and was not then: the writer was registered in between. */
    if (err == ERR_OK && result.status == COMMIT_BEHIND &&
        result.last_number == commit->number - 1) {
        p->step = POSTGRES_STEP_ACT;
        retry_later(p);
        return true;
    }
    return finish_commit(p, &result, err);
}

static bool take_again(struct postgres_op *p, const PGresult *reply)
{
    const struct commit *commit = p->op->commit;
    struct record *records =
        arena_alloc(&p->op->arena, (commit->write_count + 1) * sizeof(*records));
    struct commit_result result = {.status = COMMIT_CONFLICT, .records = records};

    if (!records)
        return finish_commit(p, &result, ERR_NO_MEMORY);
    for (size_t i = 0; i < commit->write_count; i++)
        records[i] = (struct record){
            .key = commit->writes[i].key, .value = SLICE(""), .version = RECORD_ABSENT};
    if (!postgres_records_decode(records, commit->write_count, reply))
        return finish_unfit(p->op);
    return finish_commit(p, &result, ERR_OK);
}

static bool take_commit(struct postgres_op *p, const PGresult *reply)
{
    switch (p->step) {
    case POSTGRES_STEP_ACT:
        return take_act(p, reply);
    case POSTGRES_STEP_ASK:
        return take_ask(p, reply);
    case POSTGRES_STEP_AGAIN:
        break;
    }
    return take_again(p, reply);
}

static bool take_read(struct postgres_op *p, const PGresult *reply)
{
    return postgres_read_finish(p->op, reply) || finish_unfit(p->op);
}

static bool take_count(const PGresult *reply, int64_t *out)
{
    return PQntuples(reply) == 1 && PQnfields(reply) == 1 &&
           postgres_int8(postgres_value(reply, 0, 0), out);
}

/* Where much has expired it goes on, behind those who wait meanwhile. */
static bool take_sweep(struct postgres_op *p, const PGresult *reply)
{
    int64_t rows;

    if (!take_count(reply, &rows))
        return finish_unfit(p->op);
    p->attempts++;
    if (rows < POSTGRES_SWEEP_ROWS || p->attempts == MAX_SWEEPS || p->op->abandoned ||
        timers_now_ms(p->op->store->env.timers) > p->give_up_ms || postgres_op_send(p) != ERR_OK)
        op_finish_done(p->op, ERR_OK);
    return true;
}

/* When nothing is left of one part it goes on with the next. */
static bool take_purge(struct postgres_op *p, const PGresult *reply)
{
    int64_t rows;

    if (!take_count(reply, &rows))
        return finish_unfit(p->op);
    p->purged += rows < STORE_SCAN_ITEMS ? 1 : 0;
    if (rows == STORE_SCAN_ITEMS || p->op->abandoned || p->purged == postgres_purge_parts(p->op))
        op_finish_purge(p->op, ERR_OK, p->purged == postgres_purge_parts(p->op));
    else
        return go_on(p, postgres_op_send(p));
    return true;
}

static bool take_check(struct postgres_op *p, const PGresult *reply)
{
    struct postgres_facts facts;
    struct store_health health;

    if (!postgres_facts_take(&facts, reply))
        return finish_unfit(p->op);
    postgres_health_judge(&facts, p->connection->target->require, &health);
    op_finish_check(p->op, &health);
    return true;
}

/* ---- the kinds ------------------------------------------------------------------------------ */

static const struct {
    enum postgres_statement (*encode)(const struct postgres_op *p, struct postgres_params *params);
    bool (*take)(struct postgres_op *p, const PGresult *reply);
    bool changes; /* its loss leaves a doubt */
} kinds[] = {
    [OP_REGISTER] = {encode_register, take_register, true},
    [OP_COMMIT] = {encode_commit, take_commit, true},
    [OP_READ] = {encode_read, take_read, false},
    [OP_TOTALS] = {encode_read, take_read, false},
    [OP_LIST] = {encode_read, take_read, false},
    [OP_ROLLUPS] = {encode_read, take_read, false},
    [OP_NAMES] = {encode_read, take_read, false},
    [OP_PURGE] = {encode_purge, take_purge, true},
    [OP_SCAN] = {encode_read, take_read, false},
    [OP_SWEEP] = {encode_sweep, take_sweep, true},
    [OP_CHECK] = {encode_check, take_check, false},
};

static bool on_reply(struct postgres_request *request, const PGresult *reply)
{
    struct postgres_op *p = (struct postgres_op *)request;
    ExecStatusType status = PQresultStatus(reply);

    p->is_queued = false;
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return kinds[p->op->kind].take(p, reply);
    return take_error(p, reply);
}

static void on_lost(struct postgres_request *request, const char *reason)
{
    struct postgres_op *p = (struct postgres_op *)request;

    p->is_queued = false;
    if (kinds[p->op->kind].changes) {
        op_finish_unknown(p->op, reason);
        return;
    }
    err_info_set(&p->detail, "%s", reason);
    retry_later(p);
}

enum err postgres_op_send(struct postgres_op *p)
{
    enum postgres_statement statement = kinds[p->op->kind].encode(p, &p->connection->params);
    enum err err;

    p->request = (struct postgres_request){.on_reply = on_reply, .on_lost = on_lost};
    err = postgres_connection_send(p->connection, statement, &p->request);
    p->is_queued = err == ERR_OK;
    return err;
}
