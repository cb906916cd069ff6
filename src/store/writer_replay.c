/* A store that lost commits: what was confirmed is kept, and sent again. */
#include "base/log.h"
#include "store/writer_core.h"

/* The store forgets writers that are silent for long. To be forgotten after half as long or more
 * does not mean that it lost something, so nothing is replayed then: it might be there. */
#define MAX_SILENCE_MS (STORE_WRITER_TTL_S * 1000 / 2)

/* How often a writer that has something to replay looks whether the store was connected anew. */
#define LOOK_MS 1000

/* A confirmed commit that the store refuses for so long, although it can be reached, will not do
 * any more: a counter of it is full now, or a key holds something else. The others must get on. */
#define MAX_REFUSED_MS 60000

bool writer_is_replaying(const struct writer *writer)
{
    return writer->replay_next < writer->next_number;
}

uint64_t writer_opens(const struct writer *writer)
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
           (is_connected(writer) && writer_opens(writer) == writer->seen_opens);
}

void writer_each_lost(const struct writer *writer, forgotten_fn *fn, void *ctx)
{
    forgotten_each_lost(&writer->replay.forgotten, fn, ctx);
}

void writer_note_seen(struct writer *writer)
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
    writer_step(writer);
}

void writer_on_behind(struct writer *writer, uint64_t last_number)
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
    writer_step(writer);
}

void writer_on_no_writer(struct writer *writer)
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

/* While it was replayed the store got its commits back by itself. */
static void on_ahead_of_replay(struct writer *writer, uint64_t last_number)
{
    if (last_number > writer->next_number)
        writer_on_ahead(writer, last_number);
    if (last_number == writer->next_number)
        last_number--; /* the current one, sent before: it is sent again, and told its result */
    replay_from(writer, last_number);
    writer_step(writer);
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
    writer_step(writer);
}

static bool is_empty(const struct commit *commit)
{
    return commit->write_count + commit->addition_count + commit->rollup_count == 0;
}

static void lose_replayed(struct writer *writer, const char *why)
{
    for (size_t i = 0; i < writer->replaying->addition_count; i++) {
        const struct addition *addition = &writer->replaying->additions[i];

        if (addition->counter.dimension == DIMENSION_TOTAL)
            forgotten_lose_views(&writer->replay.forgotten, addition->counter.site,
                                 addition->delta);
    }
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
    writer_refuse(writer, detail);
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
        writer_try_again(writer);
        return;
    case COMMIT_BEHIND:
        writer_on_behind(writer, result->last_number);
        return;
    case COMMIT_NO_WRITER:
        writer_on_no_writer(writer);
        return;
    case COMMIT_AHEAD:
        on_ahead_of_replay(writer, result->last_number);
        return;
    }
}

struct store_op *writer_send_replay(struct writer *writer)
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

void writer_keep(struct writer *writer)
{
    if (is_empty(writer->commit))
        return;
    replay_drop_before(&writer->replay, writer->seen_ms - WRITER_KEEP_MS);
    replay_push(&writer->replay, writer->commit, writer->seen_ms);
    if (writer->look.at_ms == TIMER_NEVER)
        timer_move(writer->timers, &writer->look, writer->seen_ms + LOOK_MS);
}

/* ---- looking after the ring ----------------------------------------------------------------- */

/* Sends an empty commit; with one of the caller's on its way there is no need. */
static void probe(struct writer *writer)
{
    if (writer_current(writer) || writer_is_replaying(writer))
        return;
    writer->probe = commit_create();
    if (!writer->probe)
        return; /* the next look tries again */
    writer_identify(writer, writer->probe);
    writer->attempts = 0;
    writer_step(writer);
}

void writer_look(void *ctx)
{
    struct writer *writer = ctx;
    int64_t now_ms = timers_now_ms(writer->timers);

    if (is_connected(writer) && writer_opens(writer) != writer->seen_opens)
        probe(writer);
    else if (is_connected(writer) && !writer_is_replaying(writer))
        replay_drop_before(&writer->replay, now_ms - WRITER_KEEP_MS);
    if (!replay_is_empty(&writer->replay))
        timer_move(writer->timers, &writer->look, now_ms + LOOK_MS);
}
