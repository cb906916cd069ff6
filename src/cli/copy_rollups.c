#include "cli/copy_rollups.h"

#include "cli/db_tally.h"

void copy_rollups_init(struct copy_rollups *known)
{
    number_set_init(&known->there);
    number_set_init(&known->states);
}

void copy_rollups_fini(struct copy_rollups *known)
{
    number_set_fini(&known->there);
    number_set_fini(&known->states);
}

enum err copy_rollups_note(struct copy_rollups *known, const struct scanned_rollup *held)
{
    uint64_t number = db_tally_rollup_number(&held->rollup);
    bool ignored;

    if (number_set_add(&known->there, number, &ignored) != ERR_OK)
        return ERR_NO_MEMORY;
    return number_set_add(&known->states, db_tally_metrics_number(number, &held->metrics),
                          &ignored);
}

/* ---- reading one ---------------------------------------------------------------------------- */

struct question {
    struct db_session *session;
    uint64_t value;
    struct metrics *out;
    size_t pending;
    enum err err;
};

static void on_sums(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct question *question = ctx;

    question->err = err;
    for (size_t i = 0; i < count; i++) {
        if (sums[i].id == question->value)
            *question->out = sums[i].metrics;
    }
    db_told(question->session, &question->pending);
}

static enum err read_one(struct db_session *session, struct store *to, const struct rollup *rollup,
                         struct metrics *out)
{
    struct question question = {.session = session, .value = rollup->value, .out = out};
    const struct rollup_query query = {
        .site = rollup->site,
        .dimension = rollup->dimension,
        .scope = rollup->page == VALUE_NONE ? ROLLUP_OF_SITE : ROLLUP_WITHIN_PAGES,
        .page = rollup->page,
        .value = rollup->value,
        .buckets = &rollup->bucket,
        .bucket_count = 1,
        .group = ROLLUP_BY_VALUE,
    };
    unsigned shard = store_shard_of(to, rollup->site);

    *out = (struct metrics){0};
    do {
        struct store_op *op = store_rollups(to, shard, &query, on_sums, &question);

        question.err = ERR_UNAVAILABLE;
        question.pending = 1;
        if (op && !db_wait(session, &question.pending)) {
            store_op_cancel(op);
            return ERR_UNAVAILABLE;
        }
    } while (question.err == ERR_UNAVAILABLE && db_pause(session));
    if (question.err == ERR_OK)
        db_went_well(session);
    return question.err;
}

/* ---- what it lacks -------------------------------------------------------------------------- */

/* Views of a total only grow, so one with more of them was counted on. Other numbers may go down: a
 * visit that goes on is no bounce any more, and ends with another page. */
static bool is_counted_on(const struct scanned_rollup *wanted, const struct metrics *held)
{
    return wanted->rollup.dimension == DIMENSION_TOTAL && held->views > wanted->metrics.views;
}

/* False: it does not fit. */
static bool subtract(struct metrics *out, const struct metrics *from, const struct metrics *what)
{
    return !__builtin_sub_overflow(from->views, what->views, &out->views) &&
           !__builtin_sub_overflow(from->visits, what->visits, &out->visits) &&
           !__builtin_sub_overflow(from->visitors, what->visitors, &out->visitors) &&
           !__builtin_sub_overflow(from->bounces, what->bounces, &out->bounces) &&
           !__builtin_sub_overflow(from->seconds, what->seconds, &out->seconds);
}

enum err copy_rollups_difference(struct copy_rollups *known, struct db_session *session,
                                 struct store *to, const struct scanned_rollup *wanted,
                                 struct rollup_addition *out)
{
    uint64_t number = db_tally_rollup_number(&wanted->rollup);
    struct metrics held = {0};
    enum err err = ERR_OK;

    *out = (struct rollup_addition){
        .rollup = wanted->rollup, .text = wanted->name.text, .title = wanted->name.title};
    if (number_set_has(&known->states, db_tally_metrics_number(number, &wanted->metrics)))
        return ERR_OK;
    if (number_set_has(&known->there, number))
        err = read_one(session, to, &wanted->rollup, &held);
    if (err != ERR_OK)
        return err;
    if (is_counted_on(wanted, &held) || !subtract(&out->delta, &wanted->metrics, &held))
        return ERR_INVALID;
    return copy_rollups_note(known, wanted);
}
