/*
 * A process that commits to a store as fast as it can: for tests with several processes.
 *
 *     sqlite_committer URL SECONDS PAGES [tell]
 *
 * Each of its commits adds 1 to the total of site `default` and 1 to each of PAGES pages. It writes
 *
 *     writer HEX                 its identity, as soon as it is registered
 *     N                          with `tell`: commit number N was confirmed
 *     done N LONGEST_US CPU_US   at the end: commits, the longest wait for one, its CPU time
 *
 * and ends with 1 when anything but DONE comes back. It can be killed at any moment.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/random.h"
#include "store/store.h"
#include "support/test_loop.h"

struct committer {
    struct test_loop loop;
    struct store *store;
    struct commit *commit;
    bool tells;
    bool ended;
    int failure;
    int64_t until_us;
    int64_t sent_us;
    int64_t longest_us;
};

static void send_next(struct committer *c);

static int64_t now_us(const struct committer *c)
{
    return clock_mono_us(&c->loop.clock);
}

static void fail(struct committer *c, const char *what, const char *detail)
{
    fprintf(stderr, "sqlite_committer: %s: %s\n", what, detail ? detail : "");
    c->failure = 1;
    c->ended = true;
}

static void on_commit(void *ctx, const struct commit_result *result)
{
    struct committer *c = ctx;
    int64_t waited_us = now_us(c) - c->sent_us;

    if (result->status != COMMIT_DONE || result->totals[0] <= 0) {
        fail(c, commit_status_name(result->status), result->detail);
        return;
    }
    if (waited_us > c->longest_us)
        c->longest_us = waited_us;
    if (c->tells)
        printf("%" PRIu64 "\n", c->commit->number);
    if (now_us(c) < c->until_us)
        send_next(c);
    else
        c->ended = true;
}

static void send_next(struct committer *c)
{
    c->commit->number++;
    c->commit->version = random_nonzero_u64();
    c->sent_us = now_us(c);
    if (!store_commit(c->store, c->commit, on_commit, c))
        fail(c, "busy", NULL);
}

static void on_registered(void *ctx, enum err err)
{
    struct committer *c = ctx;

    if (err != ERR_OK) {
        fail(c, "register", err_name(err));
        return;
    }
    printf("writer ");
    for (size_t i = 0; i < sizeof(c->commit->writer.bytes); i++)
        printf("%02x", c->commit->writer.bytes[i]);
    printf("\n");
    send_next(c);
}

static struct commit *build_commit(int pages)
{
    struct commit *commit = commit_create();
    struct addition addition = {.counter = {SLICE("default"), DIMENSION_TOTAL, SLICE("")},
                                .delta = 1};
    char path[64];

    if (!commit || commit_add(commit, &addition) != ERR_OK)
        return NULL;
    for (int i = 0; i < pages; i++) {
        int len = snprintf(path, sizeof(path), "/articles/%d/some-title", i);

        addition.counter.dimension = DIMENSION_PAGE;
        addition.counter.value = slice_of(path, (size_t)len);
        if (commit_add(commit, &addition) != ERR_OK)
            return NULL;
    }
    commit->totals_wanted = commit->addition_count;
    random_bytes(commit->writer.bytes, sizeof(commit->writer.bytes));
    return commit;
}

static int64_t cpu_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000) +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static int run(struct committer *c)
{
    if (!store_register(c->store, 0, &c->commit->writer, 0, on_registered, c))
        return 1;
    while (!c->ended)
        test_loop_turn(&c->loop);
    printf("done %" PRIu64 " %" PRId64 " %" PRId64 "\n", c->commit->number, c->longest_us,
           cpu_us());
    return c->failure;
}

int main(int argc, char **argv)
{
    static struct committer c;
    struct store_env env = {
        .loop = &c.loop.uv, .timers = &c.loop.timers, .clock = &c.loop.clock, .timeout_ms = 20000};
    struct err_info info = {""};
    int failure;

    if (argc < 4)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    random_init();
    test_loop_init(&c.loop);
    c.tells = argc > 4 && strcmp(argv[4], "tell") == 0;
    c.commit = build_commit(atoi(argv[3])); /* NOLINT(cert-err34-c): only our own tests call this */
    c.until_us = now_us(&c) + (int64_t)(strtod(argv[2], NULL) * 1e6);
    if (!c.commit || store_open(argv[1], &env, &c.store, &info) != ERR_OK) {
        fail(&c, "open", info.text);
        return 1;
    }
    failure = run(&c);
    store_close(c.store);
    test_loop_fini(&c.loop);
    commit_unref(c.commit);
    return failure;
}
