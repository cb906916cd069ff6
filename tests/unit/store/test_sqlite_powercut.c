/*
 * Power cuts under the real SQLite store: nothing that was acknowledged is lost, nothing is there
 * twice, the file is sound.
 *
 * FOOTFALL_TEST_SEED=S repeats a run: with one store, which does one thing at a time, nearly
 * always; with two only the decisions, since the threads of two stores meet as they like.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/random.h"
#include "powercut_load.h"
#include "support/cmocka.h"
#include "support/powercut_vfs.h"

#define ROUNDS         140 /* of each kind of load */
#define CONTROL_ROUNDS 5

/* In place of base/random.c: identities from the seed too. */
static uint64_t random_state;

void random_init(void)
{
}

uint64_t random_nonzero_u64(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return random_state ^ (random_state >> 29) ? random_state ^ (random_state >> 29) : 1;
}

void random_bytes(void *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)out)[i] = (unsigned char)(random_nonzero_u64() >> 56);
}

static uint64_t seed_of_this_run(void)
{
    const char *text = getenv("FOOTFALL_TEST_SEED");
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return text ? strtoull(text, NULL, 10) : (uint64_t)now.tv_nsec / 1000 + 1;
}

/* Where the power goes: at one of the first `most` such calls. A small commit writes some 20 times
 * to the log, a large one 200 times; after 1,000 pages there is a checkpoint. */
static const struct point {
    enum powercut_place place;
    enum powercut_call call;
    uint64_t most;
} points[] = {
    {POWERCUT_LOG, POWERCUT_WRITE, 60},     {POWERCUT_LOG, POWERCUT_WRITE, 4000},
    {POWERCUT_LOG, POWERCUT_SYNC, 40},      {POWERCUT_LOG, POWERCUT_REMOVE, 1},
    {POWERCUT_DATABASE, POWERCUT_WRITE, 4}, {POWERCUT_DATABASE, POWERCUT_WRITE, 800},
    {POWERCUT_DATABASE, POWERCUT_SYNC, 4},
};

/* While it is opened after a power cut. */
static const struct point points_of_recovery[] = {
    {POWERCUT_LOG, POWERCUT_WRITE, 4},
    {POWERCUT_LOG, POWERCUT_SYNC, 2},
    {POWERCUT_DATABASE, POWERCUT_WRITE, 20},
    {POWERCUT_DATABASE, POWERCUT_SYNC, 1},
};

static void plan_cut(const struct point *from, size_t count)
{
    const struct point *point = &from[powercut_draw(count)];

    powercut_plan(point->place, point->call, 1 + powercut_draw(point->most));
}

struct tally {
    unsigned cuts;
    unsigned cuts_in_recovery;
    unsigned kills;
    int64_t acknowledged;
    int64_t unresolved;
};

static int64_t count_unresolved(const struct load *load)
{
    int64_t count = 0;

    for (unsigned i = 0; i < LOAD_MAX_AUTHORS; i++)
        count += load->authors[i].commit ? 1 : 0;
    return count;
}

/* The power goes again while the store is opened after the last time. */
static void cut_in_recovery(struct load *load, struct tally *tally)
{
    struct writer_id writer;

    random_bytes(writer.bytes, sizeof(writer.bytes));
    plan_cut(points_of_recovery, sizeof(points_of_recovery) / sizeof(points_of_recovery[0]));
    load_open(load, 1, 0);
    (void)call_register(&load->loop, load->stores[0], &writer, 0);
    tally->cuts_in_recovery += powercut_is_off() ? 1 : 0;
    powercut_now();
    load_close(load);
    powercut_restore();
}

/* One life of the processes, ended by a power cut or by kill -9, and what is left of it. */
static bool run_round(struct load *load, unsigned stores, unsigned authors, struct tally *tally)
{
    plan_cut(points, sizeof(points) / sizeof(points[0]));
    load_open(load, stores, authors);
    load->is_reading = stores > 1;
    load_run(load, 80);
    tally->unresolved += count_unresolved(load);
    load_close(load);
    if (powercut_draw(4) == 0) {
        tally->kills++;
        powercut_revive();
        return load_check(load);
    }
    tally->cuts++;
    powercut_now(); /* if it did not go by then */
    powercut_restore();
    if (powercut_draw(3) == 0)
        cut_in_recovery(load, tally);
    return load_check(load);
}

/* A database lives for ten cuts, then there is a new one. @return the rounds that went well */
static unsigned run_rounds(unsigned stores, unsigned authors, unsigned rounds, struct tally *tally,
                           char why[static 200])
{
    struct load load;
    unsigned round = 0;
    bool is_kept = true;

    load_init(&load);
    while (round < rounds && is_kept) {
        if (round % 10 == 9) {
            tally->acknowledged += load_acknowledged(&load);
            load_fini(&load);
            load_init(&load);
        }
        is_kept = run_round(&load, stores, authors, tally);
        round += is_kept ? 1 : 0;
    }
    tally->acknowledged += load_acknowledged(&load);
    (void)snprintf(why, 200, "%s", load.why);
    load_fini(&load);
    return round;
}

static void print_cuts(const char *where, const uint64_t cuts[static POWERCUT_CALLS_])
{
    printf("  cuts at the %s: %" PRIu64 " at a write, %" PRIu64 " at a truncation, %" PRIu64
           " at a sync, %" PRIu64 " at a removal\n",
           where, cuts[POWERCUT_WRITE], cuts[POWERCUT_TRUNCATE], cuts[POWERCUT_SYNC],
           cuts[POWERCUT_REMOVE]);
}

static void report(const char *name, uint64_t seed, const struct tally *tally)
{
    struct powercut_stats stats;

    powercut_get_stats(&stats);
    printf("%s, seed %" PRIu64 ": %u power cuts, %u in recovery, %u kills; %" PRId64
           " commits acknowledged, %" PRId64 " unresolved\n",
           name, seed, tally->cuts, tally->cuts_in_recovery, tally->kills, tally->acknowledged,
           tally->unresolved);
    print_cuts("log", stats.cuts[POWERCUT_LOG]);
    print_cuts("database", stats.cuts[POWERCUT_DATABASE]);
    /* Cuts at which nothing was under way show nothing. */
    assert_true(tally->cuts + tally->cuts_in_recovery >= 100);
    assert_true(stats.cuts[POWERCUT_LOG][POWERCUT_WRITE] > 10);
    assert_true(stats.cuts[POWERCUT_LOG][POWERCUT_SYNC] > 5);
    assert_true(stats.cuts[POWERCUT_DATABASE][POWERCUT_WRITE] > 5);
    assert_true(stats.cuts[POWERCUT_DATABASE][POWERCUT_SYNC] > 2);
    assert_true(tally->unresolved > tally->cuts / 2);
}

static void expect_nothing_lost(const char *name, unsigned stores, unsigned authors)
{
    uint64_t seed = seed_of_this_run();
    struct tally tally = {0};
    char why[200];
    unsigned round;

    random_state = seed;
    powercut_install(seed);
    round = run_rounds(stores, authors, ROUNDS, &tally, why);
    if (round < ROUNDS)
        fail_msg("%s, round %u: %s (again: FOOTFALL_TEST_SEED=%" PRIu64 ")", name, round, why,
                 seed);
    report(name, seed, &tally);
}

static void test_one_store_keeps_what_it_acknowledged(void **state)
{
    (void)state;
    expect_nothing_lost("one store", 1, 3);
}

static void test_two_stores_on_one_file_keep_what_they_acknowledged(void **state)
{
    (void)state;
    expect_nothing_lost("two stores", 2, 4);
}

static void test_a_disk_that_lies_is_found_out_soon(void **state)
{
    struct tally tally = {0};
    char why[200];

    (void)state;
    powercut_install(seed_of_this_run());
    powercut_lie(true);
    assert_true(run_rounds(1, 3, CONTROL_ROUNDS, &tally, why) < CONTROL_ROUNDS);
    printf("negative control, cut %u: %s\n", tally.cuts, why);
}

static int remove_shim(void **state)
{
    (void)state;
    powercut_uninstall();
    return 0;
}

#define CASE(test_) cmocka_unit_test_teardown(test_, remove_shim)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_one_store_keeps_what_it_acknowledged),
        CASE(test_two_stores_on_one_file_keep_what_they_acknowledged),
        CASE(test_a_disk_that_lies_is_found_out_soon),
    };

    log_setup(LOG_LOGFMT, LOG_ERROR); /* each unresolved commit would be a line */
    return cmocka_run_group_tests_name("sqlite power cuts", tests, NULL, NULL);
}
