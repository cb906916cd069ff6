#include "store/writer_core.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/random.h"

/* Waiting times before sending again: short at first, for a reply that was lost; then up to a
 * second, for a store that is down. */
#define FIRST_RETRY_MS 10
#define MAX_RETRY_MS   1000

struct writer *writer_create(struct store *store, unsigned shard, const struct store_env *env)
{
    struct writer *writer = calloc(1, sizeof(*writer));

    if (!writer)
        return NULL;
    writer->store = store;
    writer->shard = shard;
    writer->timers = env->timers;
    writer->clock = env->clock;
    replay_init(&writer->replay, WRITER_KEEP_BYTES / store_shard_count(store));
    if (timer_keep(writer->timers, &writer->retry, writer_step, writer) != ERR_OK ||
        timer_keep(writer->timers, &writer->look, writer_look, writer) != ERR_OK) {
        writer_destroy(writer);
        return NULL;
    }
    random_bytes(writer->id.bytes, sizeof(writer->id.bytes));
    writer->next_number = 1;
    writer->replay_next = 1;
    writer->refused_since_ms = TIMER_NEVER;
    writer_note_seen(writer);
    return writer;
}

void writer_destroy(struct writer *writer)
{
    if (!writer)
        return;
    store_op_cancel(writer->op);
    timer_stop(writer->timers, &writer->retry);
    timer_stop(writer->timers, &writer->look);
    commit_unref(writer->commit);
    commit_unref(writer->probe);
    commit_unref(writer->replaying);
    replay_fini(&writer->replay);
    free(writer);
}

bool writer_is_busy(const struct writer *writer)
{
    return writer->commit != NULL;
}

void writer_get_stats(const struct writer *writer, struct writer_stats *out)
{
    *out = writer->stats;
    out->unresolved = writer->is_unknown;
}

/* The commit that has the number next_number: the probe, the caller's, or NULL. */
struct commit *writer_current(const struct writer *writer)
{
    return writer->probe ? writer->probe : writer->commit;
}

/* ---- telling -------------------------------------------------------------------------------- */

static void tell(struct writer *writer, const struct commit_result *result)
{
    struct commit *commit = writer->commit;

    writer->commit = NULL;
    writer->is_unknown = false;
    writer->done(writer->ctx, result);
    commit_unref(commit);
}

/* Sends again after a while. */
void writer_try_again(struct writer *writer)
{
    unsigned doublings = writer->attempts > 7 ? 7 : writer->attempts;
    int64_t delay_ms = (int64_t)FIRST_RETRY_MS << doublings;

    if (delay_ms > MAX_RETRY_MS)
        delay_ms = MAX_RETRY_MS;
    writer->attempts++;
    writer->stats.retries++;
    timer_move(writer->timers, &writer->retry, timers_now_ms(writer->timers) + delay_ms);
}

/* An attempt that certainly did nothing. For the caller it is the last word when it was not about
 * a commit of which an earlier attempt is unknown; what is to be replayed is tried again. */
void writer_refuse(struct writer *writer, const char *detail)
{
    struct commit_result result = {.status = COMMIT_REFUSED, .detail = detail};
    bool goes_on = writer_is_replaying(writer) || writer->probe || writer->is_unknown;

    if (goes_on)
        writer_try_again(writer);
    if (!writer->commit || writer->is_unknown)
        return;
    writer->stats.refused++;
    tell(writer, &result);
}

/* ---- the current commit --------------------------------------------------------------------- */

void writer_identify(struct writer *writer, struct commit *commit)
{
    commit->writer = writer->id;
    commit->number = writer->next_number;
    commit->shard = writer->shard;
    do {
        commit->version = random_nonzero_u64();
    } while (commit->version == RECORD_ANY);
}

static void use_up_number(struct writer *writer)
{
    writer->next_number++;
    writer->replay_next = writer->next_number;
    writer_note_seen(writer);
}

/* The caller's commit can go now. */
static void end_probe(struct writer *writer)
{
    use_up_number(writer);
    writer->is_unknown = false;
    writer->attempts = 0;
    commit_unref(writer->probe);
    writer->probe = NULL;
    if (!writer->commit)
        return;
    writer_identify(writer, writer->commit);
    writer_step(writer);
}

static void end_commit(struct writer *writer, const struct commit_result *result)
{
    if (writer->probe) {
        end_probe(writer);
        return;
    }
    use_up_number(writer);
    if (result->status == COMMIT_DONE) {
        writer->stats.commits++;
        writer_keep(writer);
    } else {
        writer->stats.conflicts++;
    }
    tell(writer, result);
}

/* The store counted further than we did: two processes would share an identity. */
void writer_on_ahead(const struct writer *writer, uint64_t last_number)
{
    log_error("a bug: the store has a higher commit number than its writer",
              LOG_INT("number", writer->next_number), LOG_INT("last_number", last_number));
    abort();
}

static void on_committed(void *ctx, const struct commit_result *result)
{
    struct writer *writer = ctx;

    writer->op = NULL;
    switch (result->status) {
    case COMMIT_DONE:
    case COMMIT_CONFLICT:
        end_commit(writer, result);
        return;
    case COMMIT_REFUSED:
        writer_refuse(writer, result->detail);
        return;
    case COMMIT_UNKNOWN:
        if (!writer->is_unknown)
            log_warn("a commit is unresolved, sending it again", LOG_STR("why", result->detail));
        writer->is_unknown = true;
        writer_try_again(writer);
        return;
    case COMMIT_BEHIND:
        writer_on_behind(writer, result->last_number);
        return;
    case COMMIT_NO_WRITER:
        writer_on_no_writer(writer);
        return;
    case COMMIT_AHEAD:
        writer_on_ahead(writer, result->last_number);
        return;
    }
}

static void on_registered(void *ctx, enum err err)
{
    struct writer *writer = ctx;

    writer->op = NULL;
    writer->is_registered = err == ERR_OK;
    if (writer->is_registered)
        writer_step(writer);
    else
        writer_refuse(writer, "the store cannot be reached");
}

/* ---- sending -------------------------------------------------------------------------------- */

/* Sends what is to be sent next: the registration, a lost commit, or the current one. */
void writer_step(void *ctx)
{
    struct writer *writer = ctx;

    if (writer->op)
        return;
    writer->sent_opens = writer_opens(writer);
    if (!writer->is_registered)
        writer->op = store_register(writer->store, writer->shard, &writer->id,
                                    writer->replay_next - 1, on_registered, writer);
    else if (writer_is_replaying(writer))
        writer->op = writer_send_replay(writer);
    else if (writer_current(writer))
        writer->op = store_commit(writer->store, writer_current(writer), on_committed, writer);
    else
        return;
    if (!writer->op)
        writer_try_again(writer);
}

void writer_commit(struct writer *writer, struct commit *commit, writer_done_fn *done, void *ctx)
{
    assert(!writer_is_busy(writer));
    writer->commit = commit_ref(commit);
    writer->done = done;
    writer->ctx = ctx;
    if (writer->probe)
        return; /* which has the number that is next */
    writer_identify(writer, commit);
    writer->attempts = 0;
    writer->is_unknown = false;
    writer_step(writer);
}
