/*
 * The disk fails at one call, or at several in a row, and then works again: the store finds back by
 * itself, and what it acknowledged is there after a power cut.
 *
 * Each trial lets call number n of one kind fail, in a load that begins with no file; n goes
 * through all calls of a trial. FOOTFALL_TEST_SEED=S repeats the chance in it.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/random.h"
#include "powercut_load.h"
#include "support/cmocka.h"
#include "support/powercut_vfs.h"

/* The fourth commit is a large one. */
#define COMMITS 6

/* From call number DENSE on, in the large commit, one in STRIDE is tried. */
#define DENSE  120
#define STRIDE 17

struct fault {
    const char *name;
    enum powercut_call call;
    int code;
    uint64_t times; /* in a row */
};

/* One trial. @return false when the load makes fewer than `n` such calls */
static bool run_trial(const struct fault *fault, uint64_t n, int64_t *acknowledged)
{
    struct load load;
    bool is_kept;
    bool has_failed;

    load_init(&load);
    powercut_fail(fault->call, n, fault->times, fault->code);
    load_open(&load, 1, 1);
    load_run(&load, COMMITS);
    has_failed = powercut_failures() > 0;
    powercut_now();
    load_close(&load);
    powercut_restore();
    powercut_fail(fault->call, 0, 0, 0);
    is_kept = load_check(&load);
    if (!is_kept)
        fail_msg("%s, number %" PRIu64 ": %s", fault->name, n, load.why);
    assert_int_equal(load_acknowledged(&load), COMMITS);
    *acknowledged += load_acknowledged(&load);
    load_fini(&load);
    return has_failed;
}

static void try_every_call(const struct fault *fault)
{
    const char *text = getenv("FOOTFALL_TEST_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 10) : random_nonzero_u64() % 1000000;
    int64_t acknowledged = 0;
    unsigned trials = 0;

    printf("%s, seed %" PRIu64 ": ", fault->name, seed);
    powercut_install(seed);
    for (uint64_t n = 1; run_trial(fault, n, &acknowledged); n += n < DENSE ? 1 : STRIDE)
        trials++;
    printf("%u trials, %" PRId64 " commits acknowledged and kept\n", trials, acknowledged);
    assert_true(trials > 3);
}

static void test_a_sync_that_fails_leads_to_no_answer_that_is_not_kept(void **state)
{
    (void)state;
    try_every_call(&(struct fault){"sync", POWERCUT_SYNC, SQLITE_IOERR_FSYNC, 1});
}

static void test_nor_do_four_in_a_row(void **state)
{
    (void)state;
    try_every_call(&(struct fault){"4 syncs", POWERCUT_SYNC, SQLITE_IOERR_FSYNC, 4});
}

static void test_a_write_that_fails_leads_to_no_answer_that_is_not_kept(void **state)
{
    (void)state;
    try_every_call(&(struct fault){"write", POWERCUT_WRITE, SQLITE_IOERR_WRITE, 1});
}

static void test_a_disk_that_is_full_for_a_while_leads_to_no_answer_that_is_not_kept(void **state)
{
    (void)state;
    try_every_call(&(struct fault){"full", POWERCUT_WRITE, SQLITE_FULL, 4});
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
        CASE(test_a_sync_that_fails_leads_to_no_answer_that_is_not_kept),
        CASE(test_nor_do_four_in_a_row),
        CASE(test_a_write_that_fails_leads_to_no_answer_that_is_not_kept),
        CASE(test_a_disk_that_is_full_for_a_while_leads_to_no_answer_that_is_not_kept),
    };

    random_init();
    log_setup(LOG_LOGFMT, LOG_ERROR); /* each unresolved commit would be a line */
    return cmocka_run_group_tests_name("sqlite, failing disk", tests, NULL, NULL);
}
