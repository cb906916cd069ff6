/*
 * Puts into a store, and tells of it, what no command of Footfall does yet: for tests that copy.
 *
 *     store_tool URL fill ROWS     so many rollups, of some sites, half of them with names
 *     store_tool URL forever KEY [VALUE]   a record that does not expire
 *     store_tool URL list          all rollups and lasting records, a line each, in no order:
 *
 *         rollup SITE BUCKET DIMENSION PAGE VALUE VIEWS VISITS VISITORS BOUNCES SECONDS TEXT TITLE
 *         record KEY
 *
 * The fields of a line are divided by tabs. It ends with 1 when the store does not do it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/random.h"
#include "store/writer.h"
#include "support/test_loop.h"

#define ROWS_PER_COMMIT 1000
#define FIRST_DAY       20000
#define A_MINUTE        40000007
#define ATTEMPTS        100

static const struct slice sites[] = {SLICE_INIT("default"), SLICE_INIT("site-1"),
                                     SLICE_INIT("site-2")};
#define SITES (sizeof(sites) / sizeof(sites[0]))

struct tool {
    struct test_loop loop;
    struct store_env env;
    struct store *store;
    volatile bool is_told;
    bool is_done; /* and it went well */
    char *cursor; /* of the next step of a scan; malloc()ed; NULL: the beginning or the end */
    size_t cursor_len;
};

static void fail(const char *what)
{
    (void)fprintf(stderr, "store_tool: %s\n", what);
    exit(1);
}

/* ---- writing -------------------------------------------------------------------------------- */

static void on_committed(void *ctx, const struct commit_result *result)
{
    struct tool *tool = ctx;

    tool->is_done = result->status == COMMIT_DONE;
    tool->is_told = true;
}

/* Again while it is refused: the store may still be connecting. */
static void commit_to(struct tool *tool, unsigned shard, struct commit *commit)
{
    struct writer *writer = writer_create(tool->store, shard, &tool->env);

    if (!writer)
        fail("out of memory");
    tool->is_done = false;
    for (int i = 0; !tool->is_done && i < ATTEMPTS; i++) {
        tool->is_told = false;
        writer_commit(writer, commit, on_committed, tool);
        if (!test_loop_wait(&tool->loop, &tool->is_told))
            fail("no answer to a commit");
        for (int turns = 0; !tool->is_done && turns < 20; turns++)
            test_loop_turn(&tool->loop);
    }
    if (!tool->is_done)
        fail("a commit is refused");
    writer_destroy(writer);
    commit_unref(commit);
}

static struct commit *create(void)
{
    struct commit *commit = commit_create();

    if (!commit)
        fail("out of memory");
    return commit;
}

static void roll_up(struct commit *commit, const struct rollup_addition *addition)
{
    if (commit_roll_up(commit, addition) != ERR_OK)
        fail("no rollup");
}

/* Every second one is within the page of the one before, so it has no name. */
static void add_row(struct commit *commit, struct slice site, int64_t i)
{
    char path[64];
    int len = snprintf(path, sizeof(path), "/page/%" PRId64 "/\u00e9?", i & ~INT64_C(1));
    uint64_t page = value_id(slice_of(path, (size_t)len));
    struct rollup_addition addition = {
        .rollup = {site, (int32_t)(FIRST_DAY + i % 90), DIMENSION_PAGE, VALUE_NONE, page},
        .delta = {i + 1, i / 2, i / 3, -(i % 5), i * 100000},
        .text = slice_of(path, (size_t)len),
        .title = i % 4 == 0 ? SLICE("A title") : SLICE(""),
    };

    if (i % 2 == 1) {
        addition.rollup.dimension = DIMENSION_BROWSER;
        addition.rollup.page = page;
        addition.rollup.value = i % 10 == 9 ? VALUE_OTHER : (uint64_t)i << 40;
        addition.text = SLICE("");
        addition.title = SLICE("");
    }
    roll_up(commit, &addition);
}

static void fill(struct tool *tool, int64_t rows)
{
    for (size_t s = 0; s < SITES; s++) {
        unsigned shard = store_shard_of(tool->store, sites[s]);
        struct commit *commit = create();
        const struct rollup_addition minute = {
            .rollup = {sites[s], A_MINUTE, DIMENSION_TOTAL, VALUE_NONE, VALUE_NONE},
            .delta = {.views = 1},
        };

        roll_up(commit, &minute);
        for (int64_t i = 0; i < rows / (int64_t)SITES; i++) {
            add_row(commit, sites[s], i);
            if (commit->rollup_count < ROWS_PER_COMMIT)
                continue;
            commit_to(tool, shard, commit);
            commit = create();
        }
        commit_to(tool, shard, commit);
    }
}

static void write_forever(struct tool *tool, struct slice key, struct slice value)
{
    const struct record_write write = {key, value, RECORD_ABSENT, RECORD_FOREVER};
    struct commit *commit = create();

    if (commit_write(commit, &write) != ERR_OK)
        fail("no record");
    commit_to(tool, store_shard_of(tool->store, record_owner(key)), commit);
}

/* ---- reading -------------------------------------------------------------------------------- */

static void print_rollup(const struct scanned_rollup *scanned)
{
    const struct rollup *rollup = &scanned->rollup;
    const struct metrics *m = &scanned->metrics;

    (void)printf("rollup\t%.*s\t%" PRId32 "\t%d\t%" PRIu64 "\t%" PRIu64, SLICE_ARG(rollup->site),
                 rollup->bucket, (int)rollup->dimension, rollup->page, rollup->value);
    (void)printf("\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64, m->views,
                 m->visits, m->visitors, m->bounces, m->seconds);
    (void)printf("\t%.*s\t%.*s\n", SLICE_ARG(scanned->name.text), SLICE_ARG(scanned->name.title));
}

static void on_step(void *ctx, enum err err, const struct scan_step *step)
{
    struct tool *tool = ctx;

    tool->is_told = true;
    tool->is_done = err == ERR_OK;
    if (err != ERR_OK)
        return;
    for (size_t i = 0; i < step->rollup_count; i++) {
        if (!metrics_are_zero(&step->rollups[i].metrics))
            print_rollup(&step->rollups[i]);
    }
    for (size_t i = 0; i < step->record_count; i++) {
        if (step->records[i].ttl_s == RECORD_FOREVER)
            (void)printf("record\t%.*s\n", SLICE_ARG(step->records[i].key));
    }
    free(tool->cursor);
    tool->cursor_len = step->cursor.len;
    tool->cursor = step->cursor.len > 0 ? malloc(step->cursor.len) : NULL;
    if (tool->cursor)
        memcpy(tool->cursor, step->cursor.ptr, step->cursor.len);
}

static void step(struct tool *tool, unsigned shard)
{
    struct slice cursor = slice_of(tool->cursor ? tool->cursor : "", tool->cursor_len);

    tool->is_done = false;
    for (int i = 0; !tool->is_done && i < ATTEMPTS; i++) {
        tool->is_told = false;
        if (!store_scan(tool->store, shard, cursor, on_step, tool) ||
            !test_loop_wait(&tool->loop, &tool->is_told))
            fail("no answer to a scan");
        for (int turns = 0; !tool->is_done && turns < 20; turns++)
            test_loop_turn(&tool->loop);
    }
    if (!tool->is_done)
        fail("the store cannot be read out");
}

static void list(struct tool *tool)
{
    for (unsigned shard = 0; shard < store_shard_count(tool->store); shard++) {
        do
            step(tool, shard);
        while (tool->cursor);
    }
}

/* ---- the program ---------------------------------------------------------------------------- */

/* @param words  NULL at the end, as in argv */
static bool run(struct tool *tool, char **words)
{
    const char *verb = words[0];
    const char *argument = words[1];

    if (strcmp(verb, "list") == 0)
        list(tool);
    else if (strcmp(verb, "fill") == 0 && argument)
        fill(tool, strtoll(argument, NULL, 10));
    else if (strcmp(verb, "forever") == 0 && argument)
        write_forever(tool, slice_str(argument), slice_str(words[2] ? words[2] : "{}"));
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    static struct tool tool;
    struct err_info info = {""};
    bool is_known;

    if (argc < 3)
        return 2;
    random_init();
    log_setup(LOG_LOGFMT, LOG_ERROR + 1);
    test_loop_init(&tool.loop);
    tool.env = (struct store_env){.loop = &tool.loop.uv,
                                  .timers = &tool.loop.timers,
                                  .clock = &tool.loop.clock,
                                  .timeout_ms = 5000};
    if (store_open(argv[1], &tool.env, &tool.store, &info) != ERR_OK)
        fail(info.text);
    is_known = run(&tool, argv + 2);
    store_close(tool.store);
    test_loop_fini(&tool.loop);
    return is_known ? 0 : 2;
}
