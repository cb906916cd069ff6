#include "store/writer.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/random.h"
#include "store/replay.h"

/* Waiting times before sending again: short at first, for a reply that was lost; then up to a
 * second, for a store that is down. */
#define FIRST_RETRY_MS 10
#define MAX_RETRY_MS   1000

/* The store forgets writers that are silent for long. To be forgotten after half as long or more
 * does not mean that it lost something, so nothing is replayed then: it might be there. */
#define MAX_SILENCE_MS (STORE_WRITER_TTL_S * 1000 / 2)

/* How often a writer that has something to replay looks whether the store was connected anew. */
#define LOOK_MS 1000

/* A confirmed commit that the store refuses for so long, although it can be reached, will not do
 * any more: a counter of it is full now, or a key holds something else. The others must get on. */
#define MAX_REFUSED_MS 60000

struct writer {
    struct store *store;
    struct timers *timers;
    const struct clock *clock;
    unsigned shard;
    struct writer_id id;
    bool is_registered;
    uint64_t next_number; /* of the commit in flight, or of the next one */

    struct commit *commit; /* the caller's, until it is resolved; NULL when idle */
    writer_done_fn *done;
    void *ctx;
    struct commit *probe; /* empty, sent before `commit`; NULL when there is none */
    bool is_unknown; /* an attempt of the current commit may have been applied, or may be later */
    unsigned attempts;
    struct store_op *op;
    struct timer retry; /* kept: a lack of memory is no reason to give up */

    struct replay replay;
    uint64_t replay_next;     /* to be sent again; next_number: nothing */
    struct commit *replaying; /* the commit of that number, when it is ready */
    int64_t refused_since_ms; /* it, without end; TIMER_NEVER: it is not refused */
    bool is_jumping;          /* its number is to be used up by an empty one */

    /* When the store last confirmed something: by both clocks, since one stands still while the
     * machine sleeps and the other can be set. */
    int64_t seen_ms;
    int64_t seen_unix_ms;
    uint64_t seen_opens; /* how often the store had been connected anew when that was sent */
    uint64_t sent_opens; /* the same of what is on its way */
    struct timer look;   /* kept; active while the ring holds something */

    struct writer_stats stats;
};

static void step(void *ctx);
static void on_look(void *ctx);

static void note_seen(struct writer *writer)
{
    writer->seen_ms = timers_now_ms(writer->timers);
    writer->seen_unix_ms = clock_unix_ms(writer->clock);
    writer->seen_opens = writer->sent_opens;
}

static bool was_silent_for_long(const struct writer *writer)
{
    int64_t silence_ms = timers_now_ms(writer->timers) - writer->seen_ms;
    int64_t silence_unix_ms = clock_unix_ms(writer->clock) - writer->seen_unix_ms;

    return silence_ms > MAX_SILENCE_MS || silence_unix_ms > MAX_SILENCE_MS;
}

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
    if (timer_keep(writer->timers, &writer->retry, step, writer) != ERR_OK ||
        timer_keep(writer->timers, &writer->look, on_look, writer) != ERR_OK) {
        writer_destroy(writer);
        return NULL;
    }
    random_bytes(writer->id.bytes, sizeof(writer->id.bytes));
    writer->next_number = 1;
    writer->replay_next = 1;
    writer->refused_since_ms = TIMER_NEVER;
    note_seen(writer);
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

bool writer_is_replaying(const struct writer *writer)
{
    return writer->replay_next < writer->next_number;
}

static uint64_t opens_of(const struct writer *writer)
{
    struct store_stats stats;

    store_get_stats(writer->store, &stats);
    return stats.reconnects;
}

static bool is_connected(const struct writer *writer)
{
    struct store_stats stats;

    store_get_stats(writer->store, &stats);
    return stats.connected > 0;
}

bool writer_is_settled(const struct writer *writer)
{
    if (writer->commit || writer->probe || writer_is_replaying(writer))
        return false;
    return replay_is_empty(&writer->replay) ||
           (is_connected(writer) && opens_of(writer) == writer->seen_opens);
}

void writer_get_stats(const struct writer *writer, struct writer_stats *out)
{
    *out = writer->stats;
    out->unresolved = writer->is_unknown;
}

void writer_each_lost(const struct writer *writer, forgotten_fn *fn, void *ctx)
{
    forgotten_each_lost(&writer->replay.forgotten, fn, ctx);
}

/* The commit that has the number next_number: the probe, the caller's, or NULL. */
static struct commit *current(const struct writer *writer)
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

/* An attempt that certainly did nothing. For the caller it is the last word when it was not about
 * a commit of which an earlier attempt is unknown; what is to be replayed is tried again. */
static void refuse(struct writer *writer, const char *detail)
{
    struct commit_result result = {.status = COMMIT_REFUSED, .detail = detail};
    bool goes_on = writer_is_replaying(writer) || writer->probe || writer->is_unknown;

    if (goes_on)
        try_again(writer);
    if (!writer->commit || writer->is_unknown)
        return;
    writer->stats.refused++;
    tell(writer, &result);
}

/* ---- a store that lost commits -------------------------------------------------------------- */

/* The store has our commits up to `last_number`; all later ones are sent again. Those that the ring
 * has not any more are lost: their numbers are jumped over by a registration. */
static void replay_from(struct writer *writer, uint64_t last_number)
{
    uint64_t floor = writer->replay.floor;

    commit_unref(writer->replaying);
    writer->replaying = NULL;
    writer->refused_since_ms = TIMER_NEVER;
    writer->replay_next = last_number + 1;
    if (last_number >= floor)
        return;
    writer->stats.lost_commits += floor - last_number;
    forgotten_lose(&writer->replay.forgotten, last_number);
    writer->replay_next = floor + 1;
    writer->is_registered = false;
}

static void log_lost(void *ctx, struct slice site, int64_t views)
{
    (void)ctx;
    log_error("views are lost: the store had confirmed them, and they are too old to be replayed",
              LOG_SLICE("site", site), LOG_INT("views_at_most", views));
}

static void go_back(struct writer *writer, uint64_t last_number, const char *what, const char *hint)
{
    uint64_t confirmed = writer->next_number - 1;
    uint64_t lost = writer->stats.lost_commits;

    replay_from(writer, last_number);
    lost = writer->stats.lost_commits - lost;
    log_error(what, LOG_INT("missing_commits", confirmed - last_number),
              LOG_INT("replaying", writer->next_number - writer->replay_next),
              LOG_INT("lost_commits", lost), LOG_STR("hint", hint));
    if (lost > 0)
        writer_each_lost(writer, log_lost, NULL);
    step(writer);
}

static void on_behind(struct writer *writer, uint64_t last_number)
{
    writer->stats.went_back++;
    go_back(writer, last_number, "the store went back in time: confirmed commits are missing",
            "restored backup, or fail-over to a replica that lagged behind");
}

/* Goes on under the same number, so that no copy of an older commit can be applied. */
static void on_forgotten(struct writer *writer)
{
    log_warn("the store forgot this process, which was silent for days",
             LOG_INT("last_number", writer->next_number - 1));
    commit_unref(writer->replaying);
    writer->replaying = NULL;
    replay_reset(&writer->replay, writer->next_number - 1);
    writer->replay_next = writer->next_number;
    step(writer);
}

static void on_no_writer(struct writer *writer)
{
    writer->is_registered = false;
    if (was_silent_for_long(writer)) {
        on_forgotten(writer);
        return;
    }
    writer->stats.replaced++;
    go_back(writer, 0, "the store does not know this process any more: it was emptied or replaced",
            "check that it persists, and that all processes use the same store");
}

/* The store counted further than we did: two processes would share an identity. */
static void on_ahead(const struct writer *writer, uint64_t last_number)
{
    log_error("a bug: the store has a higher commit number than its writer",
              LOG_INT("number", writer->next_number), LOG_INT("last_number", last_number));
    abort();
}

/* While it was replayed the store got its commits back by itself. */
static void on_ahead_of_replay(struct writer *writer, uint64_t last_number)
{
    if (last_number > writer->next_number)
        on_ahead(writer, last_number);
    if (last_number == writer->next_number)
        last_number--; /* the current one, sent before: it is sent again, and told its result */
    replay_from(writer, last_number);
    step(writer);
}

static void replay_goes_on(struct writer *writer)
{
    commit_unref(writer->replaying);
    writer->replaying = NULL;
    writer->refused_since_ms = TIMER_NEVER;
    writer->attempts = 0;
    writer->replay_next++;
    if (!writer_is_replaying(writer))
        log_warn("the store has its missing commits again",
                 LOG_INT("replayed", writer->stats.replayed));
    step(writer);
}

static bool is_empty(const struct commit *commit)
{
    return commit->write_count + commit->addition_count == 0;
}

static void lose_replayed(struct writer *writer, const char *why)
{
    writer->stats.lost_commits++;
    log_error("a confirmed commit is lost: it cannot be replayed",
              LOG_INT("number", writer->replay_next), LOG_STR("why", why));
}

/* Its number is used up by an empty commit, when it was refused for too long. */
static void on_replay_refused(struct writer *writer, const char *detail)
{
    int64_t now_ms = timers_now_ms(writer->timers);

    if (!is_connected(writer))
        writer->refused_since_ms = TIMER_NEVER;
    else if (writer->refused_since_ms == TIMER_NEVER)
        writer->refused_since_ms = now_ms;
    if (writer->refused_since_ms != TIMER_NEVER && !is_empty(writer->replaying) &&
        now_ms - writer->refused_since_ms > MAX_REFUSED_MS) {
        lose_replayed(writer, detail);
        commit_unref(writer->replaying);
        writer->replaying = NULL;
        writer->is_jumping = true;
    }
    refuse(writer, detail);
}

static void on_replayed(void *ctx, const struct commit_result *result)
{
    struct writer *writer = ctx;

    writer->op = NULL;
    switch (result->status) {
    case COMMIT_DONE:
        writer->stats.replayed++;
        replay_goes_on(writer);
        return;
    case COMMIT_CONFLICT:
        /* A copy that was still under way came first, and met a record that others wrote since. */
        if (!is_empty(writer->replaying))
            lose_replayed(writer, "a copy of it met a conflict");
        replay_goes_on(writer);
        return;
    case COMMIT_REFUSED:
        on_replay_refused(writer, result->detail);
        return;
    case COMMIT_UNKNOWN:
        try_again(writer);
        return;
    case COMMIT_BEHIND:
        on_behind(writer, result->last_number);
        return;
    case COMMIT_NO_WRITER:
        on_no_writer(writer);
        return;
    case COMMIT_AHEAD:
        on_ahead_of_replay(writer, result->last_number);
        return;
    }
}

/* ---- the current commit --------------------------------------------------------------------- */

static void identify(struct writer *writer, struct commit *commit)
{
    commit->writer = writer->id;
    commit->number = writer->next_number;
    commit->shard = writer->shard;
    do {
        commit->version = random_nonzero_u64();
    } while (commit->version == RECORD_ANY);
}

static void keep(struct writer *writer)
{
    if (is_empty(writer->commit))
        return;
    replay_drop_before(&writer->replay, writer->seen_ms - WRITER_KEEP_MS);
    replay_push(&writer->replay, writer->commit, writer->seen_ms);
    if (writer->look.at_ms == TIMER_NEVER)
        timer_move(writer->timers, &writer->look, writer->seen_ms + LOOK_MS);
}

static void use_up_number(struct writer *writer)
{
    writer->next_number++;
    writer->replay_next = writer->next_number;
    note_seen(writer);
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
    identify(writer, writer->commit);
    step(writer);
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
        keep(writer);
    } else {
        writer->stats.conflicts++;
    }
    tell(writer, result);
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
    if (writer->is_registered)
        step(writer);
    else
        refuse(writer, "the store cannot be reached");
}

/* ---- sending -------------------------------------------------------------------------------- */

static struct store_op *send_replay(struct writer *writer)
{
    if (!writer->replaying) {
        enum err err = writer->is_jumping
                           ? replay_get_empty(writer->replay_next, &writer->replaying)
                           : replay_get(&writer->replay, writer->replay_next, &writer->replaying);

        if (err != ERR_OK)
            return NULL;
        writer->is_jumping = false;
        writer->replaying->writer = writer->id;
        writer->replaying->shard = writer->shard;
    }
    return store_commit(writer->store, writer->replaying, on_replayed, writer);
}

/* Sends what is to be sent next: the registration, a lost commit, or the current one. */
static void step(void *ctx)
{
    struct writer *writer = ctx;

    if (writer->op)
        return;
    writer->sent_opens = opens_of(writer);
    if (!writer->is_registered)
        writer->op = store_register(writer->store, writer->shard, &writer->id,
                                    writer->replay_next - 1, on_registered, writer);
    else if (writer_is_replaying(writer))
        writer->op = send_replay(writer);
    else if (current(writer))
        writer->op = store_commit(writer->store, current(writer), on_committed, writer);
    else
        return;
    if (!writer->op)
        try_again(writer);
}

void writer_commit(struct writer *writer, struct commit *commit, writer_done_fn *done, void *ctx)
{
    assert(!writer_is_busy(writer));
    writer->commit = commit_ref(commit);
    writer->done = done;
    writer->ctx = ctx;
    if (writer->probe)
        return; /* which has the number that is next */
    identify(writer, commit);
    writer->attempts = 0;
    writer->is_unknown = false;
    step(writer);
}

/* ---- looking after the ring ----------------------------------------------------------------- */

/* Sends an empty commit; with one of the caller's on its way there is no need. */
static void probe(struct writer *writer)
{
    if (current(writer) || writer_is_replaying(writer))
        return;
    writer->probe = commit_create();
    if (!writer->probe)
        return; /* the next look tries again */
    identify(writer, writer->probe);
    writer->attempts = 0;
    step(writer);
}

static void on_look(void *ctx)
{
    struct writer *writer = ctx;
    int64_t now_ms = timers_now_ms(writer->timers);

    if (is_connected(writer) && opens_of(writer) != writer->seen_opens)
        probe(writer);
    else if (is_connected(writer) && !writer_is_replaying(writer))
        replay_drop_before(&writer->replay, now_ms - WRITER_KEEP_MS);
    if (!replay_is_empty(&writer->replay))
        timer_move(writer->timers, &writer->look, now_ms + LOOK_MS);
}
