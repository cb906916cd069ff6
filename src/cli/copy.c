#include "cli/copy.h"

/* What a step of a scan tells is mostly less than that; the server of the store should not have to
 * work on much more at once. */
#define MAX_ROLLUPS_PER_COMMIT 5000

/* ---- all lanes at once ---------------------------------------------------------------------- */

typedef void lane_start_fn(struct copy_lane *lane);

static bool is_all_done(const struct copy *copy)
{
    for (unsigned i = 0; i < copy->shards; i++) {
        if (!copy->lanes[i].is_done)
            return false;
    }
    return true;
}

/* Starts what is not done in each lane, and waits for it; again until all of it is done. */
static enum copy_verdict run_lanes(struct copy *copy, lane_start_fn *start)
{
    copy->verdict = COPY_WELL;
    for (;;) {
        for (unsigned i = 0; i < copy->shards; i++) {
            if (!copy->lanes[i].is_done)
                start(&copy->lanes[i]);
        }
        if (!db_wait(copy->session, &copy->pending))
            return COPY_UNAVAILABLE;
        if (copy->verdict != COPY_WELL)
            return copy->verdict;
        if (is_all_done(copy))
            break;
        if (!db_pause(copy->session))
            return COPY_UNAVAILABLE;
    }
    db_went_well(copy->session);
    return COPY_WELL;
}

static void lane_ended(struct copy_lane *lane, bool is_done)
{
    lane->is_done = is_done;
    db_told(lane->copy->session, &lane->copy->pending);
}

/* ---- commits -------------------------------------------------------------------------------- */

static void on_committed(void *ctx, const struct commit_result *result)
{
    struct copy_lane *lane = ctx;

    if (result->status == COMMIT_CONFLICT)
        lane->copy->verdict = COPY_TAKEN_OVER;
    if (result->status == COMMIT_DONE)
        lane->marker_version = lane->commit->version;
    lane_ended(lane, result->status == COMMIT_DONE);
}

static void start_commit(struct copy_lane *lane)
{
    lane->copy->pending++;
    writer_commit(lane->writer, lane->commit, on_committed, lane);
}

static void drop_commits(struct copy *copy)
{
    for (unsigned i = 0; i < copy->shards; i++) {
        commit_unref(copy->lanes[i].commit);
        copy->lanes[i].commit = NULL;
    }
}

/* Commits what the lanes have made ready; a lane without a commit has nothing to do. */
static enum copy_verdict commit_all(struct copy *copy)
{
    enum copy_verdict verdict;

    for (unsigned i = 0; i < copy->shards; i++)
        copy->lanes[i].is_done = !copy->lanes[i].commit;
    verdict = run_lanes(copy, start_commit);
    drop_commits(copy);
    return verdict;
}

/* A commit of the lane that writes the marker, or with `value` nothing removes it. */
static enum err begin_commit(struct copy_lane *lane, struct slice value)
{
    struct record_write marker = {COPY_MARKER, value, lane->marker_version, RECORD_MAX_TTL_S};

    lane->commit = commit_create();
    return lane->commit ? commit_write(lane->commit, &marker) : ERR_NO_MEMORY;
}

static enum copy_verdict write_markers(struct copy *copy, struct slice value)
{
    for (unsigned i = 0; i < copy->shards; i++) {
        if (begin_commit(&copy->lanes[i], value) != ERR_OK) {
            drop_commits(copy);
            return COPY_NO_MEMORY;
        }
    }
    return commit_all(copy);
}

enum copy_verdict copy_mark(struct copy *copy)
{
    return write_markers(copy, copy->source);
}

enum copy_verdict copy_finish(struct copy *copy)
{
    return write_markers(copy, slice_of(NULL, 0));
}

/* ---- the beginning -------------------------------------------------------------------------- */

static void on_marker(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct copy_lane *lane = ctx;

    if (count > 0) {
        lane->marker_version = records[0].version;
        lane->is_of_source = slice_eq(records[0].value, lane->copy->source);
    }
    lane_ended(lane, err == ERR_OK);
}

static void start_marker(struct copy_lane *lane)
{
    static const struct slice key = SLICE_INIT("copy/unfinished");

    if (store_read(lane->copy->to, lane->shard, &key, 1, on_marker, lane))
        lane->copy->pending++;
}

static bool open_lanes(struct copy *copy)
{
    struct store_env env = db_session_env(copy->session);

    for (unsigned i = 0; i < copy->shards; i++) {
        copy->lanes[i] = (struct copy_lane){.copy = copy, .shard = i};
        copy->lanes[i].writer = writer_create(copy->to, i, &env);
        if (!copy->lanes[i].writer)
            return false;
    }
    return true;
}

enum copy_verdict copy_open(struct copy *copy, struct db_session *session, struct store *to,
                            const char *source, bool *resumed)
{
    enum copy_verdict verdict;

    *copy = (struct copy){
        .session = session, .to = to, .source = slice_str(source), .shards = store_shard_count(to)};
    copy_rollups_init(&copy->rollups);
    if (!open_lanes(copy))
        return COPY_NO_MEMORY;
    verdict = run_lanes(copy, start_marker);
    *resumed = false;
    for (unsigned i = 0; verdict == COPY_WELL && i < copy->shards; i++) {
        if (copy->lanes[i].marker_version == RECORD_ABSENT)
            continue;
        if (!copy->lanes[i].is_of_source)
            verdict = COPY_OTHER_SOURCE;
        *resumed = true;
    }
    return verdict;
}

void copy_close(struct copy *copy)
{
    for (unsigned i = 0; i < copy->shards; i++)
        writer_destroy(copy->lanes[i].writer);
    drop_commits(copy);
    copy_rollups_fini(&copy->rollups);
}

enum err copy_note_held(struct copy *copy, const struct db_page *page)
{
    enum err err = ERR_OK;

    for (size_t i = 0; err == ERR_OK && i < page->rollup_count; i++)
        err = copy_rollups_note(&copy->rollups, &page->rollups[i]);
    return err;
}

/* ---- a page --------------------------------------------------------------------------------- */

unsigned copy_shard_of_record(const struct copy *copy, struct slice key)
{
    return store_shard_of(copy->to, record_owner(key));
}

/* Room for all counters of the page in each lane that gets some. */
static bool prepare_lane(struct copy_lane *lane, struct arena *arena, size_t count)
{
    if (lane->counter_count > 0)
        return true;
    lane->counters = arena_alloc(arena, count * sizeof(*lane->counters));
    lane->views = arena_alloc(arena, count * sizeof(*lane->views));
    lane->held = arena_alloc(arena, count * sizeof(*lane->held));
    return lane->counters && lane->views && lane->held;
}

static enum copy_verdict share_counters(struct copy *copy, const struct db_page *page,
                                        struct arena *arena)
{
    for (unsigned i = 0; i < copy->shards; i++)
        copy->lanes[i].counter_count = 0;
    for (size_t i = 0; i < page->counter_count; i++) {
        const struct scanned_counter *scanned = &page->counters[i];
        struct copy_lane *lane = &copy->lanes[store_shard_of(copy->to, scanned->counter.site)];

        if (!prepare_lane(lane, arena, page->counter_count))
            return COPY_NO_MEMORY;
        lane->counters[lane->counter_count] = scanned->counter;
        lane->views[lane->counter_count++] = scanned->views;
    }
    return COPY_WELL;
}

static void on_totals(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct copy_lane *lane = ctx;

    if (count > 0)
        memcpy(lane->held, totals, count * sizeof(*totals));
    lane_ended(lane, err == ERR_OK);
}

static void start_totals(struct copy_lane *lane)
{
    if (store_totals(lane->copy->to, lane->shard, lane->counters, lane->counter_count, on_totals,
                     lane))
        lane->copy->pending++;
}

static enum copy_verdict read_held(struct copy *copy)
{
    for (unsigned i = 0; i < copy->shards; i++)
        copy->lanes[i].is_done = copy->lanes[i].counter_count == 0;
    return run_lanes(copy, start_totals);
}

static enum err need_commit(struct copy_lane *lane)
{
    return lane->commit ? ERR_OK : begin_commit(lane, lane->copy->source);
}

/* The differences; a counter that holds more than it is to have belongs to somebody else. */
static enum copy_verdict add_differences(struct copy_lane *lane)
{
    for (size_t i = 0; i < lane->counter_count; i++) {
        struct addition addition = {.counter = lane->counters[i]};

        if (lane->views[i] == lane->held[i])
            continue;
        if ((lane->views[i] > lane->held[i]) != (lane->views[i] > 0) ||
            __builtin_sub_overflow(lane->views[i], lane->held[i], &addition.delta))
            return COPY_TOO_MUCH;
        if (need_commit(lane) != ERR_OK || commit_add(lane->commit, &addition) != ERR_OK)
            return COPY_NO_MEMORY;
    }
    return COPY_WELL;
}

static enum copy_verdict add_records(struct copy *copy, const struct db_page *page)
{
    for (size_t i = 0; i < page->record_count; i++) {
        const struct scanned_record *record = &page->records[i];
        struct copy_lane *lane = &copy->lanes[copy_shard_of_record(copy, record->key)];
        struct record_write write = {record->key, record->value, RECORD_ANY, record->ttl_s};

        if (need_commit(lane) != ERR_OK || commit_write(lane->commit, &write) != ERR_OK)
            return COPY_NO_MEMORY;
    }
    return COPY_WELL;
}

static enum copy_verdict verdict_on(enum err err)
{
    if (err == ERR_OK)
        return COPY_WELL;
    if (err == ERR_INVALID)
        return COPY_TOO_MUCH;
    return err == ERR_UNAVAILABLE ? COPY_UNAVAILABLE : COPY_NO_MEMORY;
}

static enum copy_verdict add_rollup(struct copy *copy, const struct scanned_rollup *scanned)
{
    struct copy_lane *lane = &copy->lanes[store_shard_of(copy->to, scanned->rollup.site)];
    struct rollup_addition addition;
    enum err err =
        copy_rollups_difference(&copy->rollups, copy->session, copy->to, scanned, &addition);

    if (err != ERR_OK)
        return verdict_on(err);
    if (metrics_are_zero(&addition.delta))
        return COPY_WELL;
    if (need_commit(lane) != ERR_OK || commit_roll_up(lane->commit, &addition) != ERR_OK)
        return COPY_NO_MEMORY;
    return lane->commit->rollup_count < MAX_ROLLUPS_PER_COMMIT ? COPY_WELL : commit_all(copy);
}

static enum copy_verdict put_page(struct copy *copy, const struct db_page *page,
                                  struct arena *arena)
{
    enum copy_verdict verdict = share_counters(copy, page, arena);

    if (verdict == COPY_WELL)
        verdict = read_held(copy);
    for (unsigned i = 0; verdict == COPY_WELL && i < copy->shards; i++)
        verdict = add_differences(&copy->lanes[i]);
    if (verdict == COPY_WELL)
        verdict = add_records(copy, page);
    for (size_t i = 0; verdict == COPY_WELL && i < page->rollup_count; i++)
        verdict = add_rollup(copy, &page->rollups[i]);
    if (verdict == COPY_WELL)
        return commit_all(copy);
    drop_commits(copy);
    return verdict;
}

enum copy_verdict copy_page(struct copy *copy, const struct db_page *page)
{
    struct arena arena;
    enum copy_verdict verdict;

    /* A counter and two numbers, in as many lanes as there are shards. */
    arena_init(&arena, 65536, (size_t)256 << 20);
    verdict = put_page(copy, page, &arena);
    arena_fini(&arena);
    return verdict;
}
