#include "store/writer.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/random.h"

/* Waiting times before sending again: short at first, for a reply that was lost; then up to a
 * second, for a store that is down. */
#define FIRST_RETRY_MS 10
#define MAX_RETRY_MS   1000

/* The store forgets writers that are silent for long. Who was silent for half as long takes a new
 * identity, so that being forgotten always means that the store lost something. */
#define MAX_SILENCE_MS (STORE_WRITER_TTL_S * 1000 / 2)

struct writer {
    struct store *store;
    unsigned shard;
    struct timers *timers;
    struct writer_id id;
    bool is_registered;
    uint64_t next_number; /* of the commit in flight, or of the next one */

    struct commit *commit; /* in flight; NULL when idle */
    writer_done_fn *done;
    void *ctx;
    bool is_unknown; /* an attempt of this commit may have been applied, or may be later */
    unsigned attempts;
    int64_t seen_ms; /* when the store last confirmed something under this identity */
    struct store_op *op;
    struct timer retry; /* kept: a lack of memory is no reason to give up */

    struct writer_stats stats;
};

static void step(void *ctx);

static void renew_identity(struct writer *writer)
{
    random_bytes(writer->id.bytes, sizeof(writer->id.bytes));
    writer->next_number = 1;
    writer->is_registered = false;
}

struct writer *writer_create(struct store *store, unsigned shard, const struct store_env *env)
{
    struct writer *writer = calloc(1, sizeof(*writer));

    if (!writer)
        return NULL;
    writer->store = store;
    writer->shard = shard;
    writer->timers = env->timers;
    if (timer_keep(writer->timers, &writer->retry, step, writer) != ERR_OK) {
        free(writer);
        return NULL;
    }
    renew_identity(writer);
    return writer;
}

void writer_destroy(struct writer *writer)
{
    if (!writer)
        return;
    store_op_cancel(writer->op);
    timer_stop(writer->timers, &writer->retry);
    commit_unref(writer->commit);
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

static void tell(struct writer *writer, const struct commit_result *result)
{
    struct commit *commit = writer->commit;

    writer->commit = NULL;
    writer->is_unknown = false;
    writer->done(writer->ctx, result);
    commit_unref(commit);
}

/* Sends again after a while. */
static void try_again(struct writer *writer)
{
    unsigned doublings = writer->attempts > 7 ? 7 : writer->attempts;
    int64_t delay_ms = (int64_t)FIRST_RETRY_MS << doublings;

    if (delay_ms > MAX_RETRY_MS)
        delay_ms = MAX_RETRY_MS;
    writer->attempts++;
    writer->stats.retries++;
    timer_move(writer->timers, &writer->retry, timers_now_ms(writer->timers) + delay_ms);
}

/* An attempt that certainly did nothing. It is the last word only when every attempt was one. */
static void refuse(struct writer *writer, const char *detail)
{
    struct commit_result result = {.status = COMMIT_REFUSED, .detail = detail};

    if (writer->is_unknown) {
        try_again(writer);
        return;
    }
    writer->stats.refused++;
    tell(writer, &result);
}

static void identify(struct writer *writer, struct commit *commit)
{
    commit->writer = writer->id;
    commit->number = writer->next_number;
    commit->shard = writer->shard;
    do {
        commit->version = random_nonzero_u64();
    } while (commit->version == RECORD_ANY);
}

/* The store has fewer of our commits than it confirmed. A new identity makes sure that no old copy
 * of this commit, wherever it still is, can be applied after all; so does a new object, since
 * drivers may still hold the frozen one. */
static void start_over(struct writer *writer, uint64_t lost_commits)
{
    struct commit *copy = commit_dup(writer->commit);

    writer->stats.lost_commits += lost_commits;
    writer->is_unknown = false;
    renew_identity(writer);
    if (!copy) {
        refuse(writer, "out of memory");
        return;
    }
    identify(writer, copy);
    commit_unref(writer->commit);
    writer->commit = copy;
    step(writer);
}

static void on_behind(struct writer *writer, uint64_t last_number)
{
    uint64_t lost = writer->commit->number - 1 - last_number;

    writer->stats.went_back++;
    log_error("the store went back in time: confirmed commits are missing",
              LOG_INT("lost_commits", lost), LOG_INT("last_number", last_number),
              LOG_STR("hint", "restored backup, or fail-over to a replica that lagged behind"));
    start_over(writer, lost);
}

static void on_no_writer(struct writer *writer)
{
    uint64_t lost = writer->commit->number - 1;

    writer->stats.replaced++;
    log_error("the store does not know this process any more: it was emptied or replaced",
              LOG_INT("lost_commits", lost),
              LOG_STR("hint", "check that it persists, and that all processes use the same store"));
    start_over(writer, lost);
}

/* The store counted further than we did: two processes would share an identity. */
static void on_ahead(struct writer *writer, uint64_t last_number)
{
    log_error("a bug: the store has a higher commit number than its writer",
              LOG_INT("number", writer->commit->number), LOG_INT("last_number", last_number));
    abort();
}

static void use_up_number(struct writer *writer, const struct commit_result *result)
{
    writer->next_number++;
    writer->seen_ms = timers_now_ms(writer->timers);
    tell(writer, result);
}

static void on_committed(void *ctx, const struct commit_result *result)
{
    struct writer *writer = ctx;

    writer->op = NULL;
    switch (result->status) {
    case COMMIT_DONE:
        writer->stats.commits++;
        use_up_number(writer, result);
        return;
    case COMMIT_CONFLICT:
        writer->stats.conflicts++;
        use_up_number(writer, result);
        return;
    case COMMIT_REFUSED:
        refuse(writer, result->detail);
        return;
    case COMMIT_UNKNOWN:
        if (!writer->is_unknown)
            log_warn("a commit is unresolved, sending it again", LOG_STR("why", result->detail));
        writer->is_unknown = true;
        try_again(writer);
        return;
    case COMMIT_BEHIND:
        on_behind(writer, result->last_number);
        return;
    case COMMIT_NO_WRITER:
        on_no_writer(writer);
        return;
    case COMMIT_AHEAD:
        on_ahead(writer, result->last_number);
        return;
    }
}

static void on_registered(void *ctx, enum err err)
{
    struct writer *writer = ctx;

    writer->op = NULL;
    writer->is_registered = err == ERR_OK;
    writer->seen_ms = timers_now_ms(writer->timers);
    if (writer->is_registered)
        step(writer);
    else
        refuse(writer, "the store cannot be reached");
}

/* Sends what is to be sent next: the registration, or the commit. */
static void step(void *ctx)
{
    struct writer *writer = ctx;

    if (writer->is_registered)
        writer->op = store_commit(writer->store, writer->commit, on_committed, writer);
    else
        writer->op =
            store_register(writer->store, writer->shard, &writer->id, 0, on_registered, writer);
    if (!writer->op)
        try_again(writer);
}

void writer_commit(struct writer *writer, struct commit *commit, writer_done_fn *done, void *ctx)
{
    assert(!writer_is_busy(writer));
    if (writer->is_registered && timers_now_ms(writer->timers) - writer->seen_ms > MAX_SILENCE_MS)
        renew_identity(writer);
    writer->commit = commit_ref(commit);
    identify(writer, commit);
    writer->done = done;
    writer->ctx = ctx;
    writer->attempts = 0;
    writer->is_unknown = false;
    step(writer);
}
