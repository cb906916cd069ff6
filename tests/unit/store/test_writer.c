#include "store/writer.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/random.h"
#include "support/cmocka.h"
#include "support/scripted_store.h"
#include "support/virtual_loop.h"

#define TIMEOUT_MS 60000
#define DAY_MS     (INT64_C(24) * 3600 * 1000)

struct fixture {
    struct virtual_loop loop;
    struct store *store;
    struct writer *writer;
    struct commit *commit; /* one addition of 1 to the site's total */
    /* What the writer told last, and how often. */
    size_t told;
    enum commit_status status;
    int64_t total;
    bool commits_again; /* inside the next `done` */
};

static int set_up(void **state)
{
    static struct fixture f;
    struct store_env env = {
        .timers = &f.loop.timers, .clock = &f.loop.clock, .timeout_ms = TIMEOUT_MS};
    struct addition addition = {{SLICE("default"), DIMENSION_TOTAL, SLICE("")}, 1};

    f = (struct fixture){.told = 0};
    virtual_loop_init(&f.loop);
    f.store = scripted_open(&env);
    f.writer = writer_create(f.store, &env);
    assert_non_null(f.writer);
    f.commit = commit_create();
    assert_non_null(f.commit);
    assert_int_equal(commit_add(f.commit, &addition), ERR_OK);
    f.commit->totals_wanted = 1;
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    writer_destroy(f->writer);
    commit_unref(f->commit);
    store_close(f->store);
    virtual_loop_fini(&f->loop);
    return 0;
}

/* ---- helpers -------------------------------------------------------------------------------- */

static void on_resolved(void *ctx, const struct commit_result *result)
{
    struct fixture *f = ctx;

    f->told++;
    f->status = result->status;
    f->total = result->status == COMMIT_DONE ? result->totals[0] : 0;
    assert_false(writer_is_busy(f->writer));
    if (f->commits_again) {
        f->commits_again = false;
        writer_commit(f->writer, f->commit, on_resolved, f);
    }
}

static void commit(struct fixture *f)
{
    size_t told = f->told;

    writer_commit(f->writer, f->commit, on_resolved, f);
    assert_true(writer_is_busy(f->writer));
    assert_int_equal(f->told, told);
}

static void answer_register(struct fixture *f, enum err err)
{
    op_finish_done(scripted_take(f->store, OP_REGISTER), err);
}

/* Answers the commit that is on its way. */
static void answer(struct fixture *f, enum commit_status status)
{
    static const int64_t totals[] = {42};
    static const struct record no_records[1];
    struct commit_result result = {
        .status = status, .totals = totals, .records = no_records, .detail = "by script"};

    op_finish_commit(scripted_take(f->store, OP_COMMIT), &result);
}

static void answer_last_number(struct fixture *f, enum commit_status status, uint64_t last_number)
{
    struct commit_result result = {.status = status, .last_number = last_number};

    op_finish_commit(scripted_take(f->store, OP_COMMIT), &result);
}

/* The commit that is on its way, looked at. */
static struct commit *on_its_way(struct fixture *f)
{
    struct store_op *op = f->store->in_flight;

    assert_non_null(op);
    assert_int_equal(op->kind, OP_COMMIT);
    return op->commit;
}

static struct writer_stats stats_of(const struct fixture *f)
{
    struct writer_stats stats;

    writer_get_stats(f->writer, &stats);
    return stats;
}

/* Has a first commit behind it. */
static void start_up(struct fixture *f)
{
    commit(f);
    answer_register(f, ERR_OK);
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 1);
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void test_it_registers_first_and_numbers_its_commits(void **state)
{
    struct fixture *f = *state;
    uint64_t versions[3];

    commit(f);
    answer_register(f, ERR_OK);
    for (uint64_t n = 1; n <= 3; n++) {
        assert_int_equal(on_its_way(f)->number, n);
        versions[n - 1] = on_its_way(f)->version;
        assert_int_not_equal(versions[n - 1], RECORD_ABSENT);
        answer(f, COMMIT_DONE);
        assert_int_equal(f->told, n);
        assert_int_equal(f->status, COMMIT_DONE);
        assert_int_equal(f->total, 42);
        commit(f);
    }
    assert_int_not_equal(versions[0], versions[1]);
    assert_int_not_equal(versions[1], versions[2]);
    answer(f, COMMIT_DONE);
    assert_int_equal(stats_of(f).commits, 4);
    assert_int_equal(stats_of(f).retries, 0);
    assert_int_equal(scripted_waiting(f->store), 0);
}

static void test_a_conflict_is_told_and_uses_up_its_number(void **state)
{
    struct fixture *f = *state;

    start_up(f);
    commit(f);
    answer(f, COMMIT_CONFLICT);
    assert_int_equal(f->status, COMMIT_CONFLICT);
    assert_int_equal(stats_of(f).conflicts, 1);
    commit(f);
    assert_int_equal(on_its_way(f)->number, 3);
}

static void test_a_refusal_is_told_and_leaves_its_number_free(void **state)
{
    struct fixture *f = *state;

    start_up(f);
    commit(f);
    answer(f, COMMIT_REFUSED);
    assert_int_equal(f->status, COMMIT_REFUSED);
    assert_int_equal(stats_of(f).refused, 1);
    commit(f);
    assert_int_equal(on_its_way(f)->number, 2);
}

static void test_without_registration_nothing_was_sent_so_it_is_refused(void **state)
{
    static const enum err errors[] = {ERR_UNAVAILABLE, ERR_UNKNOWN};
    struct fixture *f = *state;

    for (size_t i = 0; i < 2; i++) {
        commit(f);
        answer_register(f, errors[i]);
        assert_int_equal(f->told, i + 1);
        assert_int_equal(f->status, COMMIT_REFUSED);
    }
    commit(f);
    answer_register(f, ERR_OK);
    assert_int_equal(on_its_way(f)->number, 1);
}

static void test_an_unknown_commit_is_sent_again_as_it_was_until_it_is_known(void **state)
{
    struct fixture *f = *state;
    uint64_t number;
    uint64_t version;

    start_up(f);
    commit(f);
    number = on_its_way(f)->number;
    version = on_its_way(f)->version;
    for (int i = 0; i < 20; i++) {
        assert_ptr_equal(on_its_way(f), f->commit);
        assert_int_equal(on_its_way(f)->number, number);
        assert_int_equal(on_its_way(f)->version, version);
        answer(f, COMMIT_UNKNOWN);
        assert_true(stats_of(f).unresolved);
        assert_int_equal(scripted_waiting(f->store), 0);
        virtual_loop_pass(&f->loop, 1000);
    }
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 2);
    assert_int_equal(f->status, COMMIT_DONE);
    assert_int_equal(stats_of(f).retries, 20);
    assert_false(stats_of(f).unresolved);
    commit(f);
    assert_int_equal(on_its_way(f)->number, number + 1);
}

static void test_a_silent_store_is_asked_again_too(void **state)
{
    struct fixture *f = *state;

    start_up(f);
    commit(f);
    virtual_loop_pass(&f->loop, TIMEOUT_MS + 1000);
    assert_int_equal(scripted_waiting(f->store), 2); /* the first is still with its driver */
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 1); /* it was given up: nobody is told */
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 2);
}

static void test_a_refusal_is_not_believed_after_an_unknown_attempt(void **state)
{
    struct fixture *f = *state;

    start_up(f);
    commit(f);
    answer(f, COMMIT_UNKNOWN);
    for (int i = 0; i < 3; i++) {
        virtual_loop_pass(&f->loop, 1000);
        answer(f, COMMIT_REFUSED);
        assert_int_equal(f->told, 1);
    }
    virtual_loop_pass(&f->loop, 1000);
    answer(f, COMMIT_CONFLICT);
    assert_int_equal(f->told, 2);
    assert_int_equal(f->status, COMMIT_CONFLICT);
    assert_int_equal(stats_of(f).refused, 0);
}

static void test_it_waits_longer_each_time_up_to_a_second(void **state)
{
    static const int64_t waits_ms[] = {10, 20, 40, 80, 160, 320, 640, 1000, 1000, 1000};
    struct fixture *f = *state;

    start_up(f);
    commit(f);
    for (size_t i = 0; i < sizeof(waits_ms) / sizeof(waits_ms[0]); i++) {
        answer(f, COMMIT_UNKNOWN);
        virtual_loop_pass(&f->loop, waits_ms[i] - 1);
        assert_int_equal(scripted_waiting(f->store), 0);
        virtual_loop_pass(&f->loop, 1);
        assert_int_equal(scripted_waiting(f->store), 1);
    }
    answer(f, COMMIT_DONE);
    commit(f);
    answer(f, COMMIT_UNKNOWN);
    virtual_loop_pass(&f->loop, 10); /* it begins anew with each commit */
    assert_int_equal(scripted_waiting(f->store), 1);
}

static void test_a_store_that_is_full_is_asked_again(void **state)
{
    struct fixture *f = *state;

    while (store_sweep(f->store, NULL, NULL))
        store_op_cancel(f->store->in_flight);
    commit(f);
    virtual_loop_pass(&f->loop, 500);
    assert_int_equal(f->told, 0);
    while (scripted_waiting(f->store) > 0)
        op_finish_refused(scripted_take(f->store, OP_SWEEP), "room");
    virtual_loop_pass(&f->loop, 1000);
    answer_register(f, ERR_OK);
    answer(f, COMMIT_DONE);
    assert_int_equal(f->status, COMMIT_DONE);
}

/* The frozen commit may still be with a driver, so its identity must not change under its hands. */
static void assert_starts_over(struct fixture *f, const struct commit *old)
{
    struct writer_id id = old->writer;
    uint64_t number = old->number;

    assert_int_equal(f->told, 3);
    assert_true(writer_is_busy(f->writer));
    answer_register(f, ERR_OK);
    assert_ptr_not_equal(on_its_way(f), old);
    assert_memory_not_equal(&on_its_way(f)->writer, &id, sizeof(id));
    assert_int_equal(on_its_way(f)->number, 1);
    assert_int_equal(on_its_way(f)->addition_count, 1);
    assert_int_equal(on_its_way(f)->totals_wanted, 1);
    assert_memory_equal(&old->writer, &id, sizeof(id));
    assert_int_equal(old->number, number);
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 4);
    commit(f);
    assert_int_equal(on_its_way(f)->number, 2);
}

/* Three commits are confirmed, the fourth is on its way. */
static struct commit *reach_the_fourth(struct fixture *f)
{
    start_up(f);
    for (int i = 0; i < 3; i++) {
        commit(f);
        if (i < 2)
            answer(f, COMMIT_DONE);
    }
    assert_int_equal(on_its_way(f)->number, 4);
    return commit_ref(on_its_way(f));
}

static void test_a_store_that_went_back_gets_the_commit_under_a_new_identity(void **state)
{
    struct fixture *f = *state;
    struct commit *old = reach_the_fourth(f);

    answer_last_number(f, COMMIT_BEHIND, 1);
    assert_int_equal(stats_of(f).went_back, 1);
    assert_int_equal(stats_of(f).lost_commits, 2);
    assert_starts_over(f, old);
    commit_unref(old);
}

static void test_a_store_that_was_emptied_gets_the_commit_under_a_new_identity(void **state)
{
    struct fixture *f = *state;
    struct commit *old = reach_the_fourth(f);

    answer_last_number(f, COMMIT_NO_WRITER, 0);
    assert_int_equal(stats_of(f).replaced, 1);
    assert_int_equal(stats_of(f).lost_commits, 3);
    assert_starts_over(f, old);
    commit_unref(old);
}

/* What was unknown went with the store: from then on a refusal is certain again. */
static void test_after_starting_over_a_refusal_is_believed(void **state)
{
    struct fixture *f = *state;

    start_up(f);
    commit(f);
    answer(f, COMMIT_UNKNOWN);
    virtual_loop_pass(&f->loop, 1000);
    answer_last_number(f, COMMIT_NO_WRITER, 0);
    answer_register(f, ERR_UNAVAILABLE);
    assert_int_equal(f->told, 2);
    assert_int_equal(f->status, COMMIT_REFUSED);
}

static void test_a_store_that_is_ahead_is_a_bug_and_ends_the_process(void **state)
{
    struct fixture *f = *state;
    int status = 0;
    pid_t child;

    start_up(f);
    commit(f);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};

        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)signal(SIGABRT, SIG_DFL);
        (void)close(STDOUT_FILENO);
        answer_last_number(f, COMMIT_AHEAD, 7);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void test_the_next_commit_may_be_given_inside_done(void **state)
{
    static const enum commit_status outcomes[] = {COMMIT_DONE, COMMIT_CONFLICT, COMMIT_REFUSED};
    struct fixture *f = *state;

    start_up(f);
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        size_t told = f->told;

        f->commits_again = true;
        commit(f);
        answer(f, outcomes[i]);
        assert_int_equal(f->told, told + 1);
        assert_true(writer_is_busy(f->writer));
        answer(f, COMMIT_DONE);
        assert_int_equal(f->told, told + 2);
        assert_int_equal(f->status, COMMIT_DONE);
    }
}

static void destroy(struct fixture *f)
{
    writer_destroy(f->writer);
    f->writer = NULL;
    virtual_loop_pass(&f->loop, 5000);
}

static void test_destroyed_while_it_registers_it_tells_nobody(void **state)
{
    struct fixture *f = *state;

    commit(f);
    destroy(f);
    answer_register(f, ERR_OK);
    assert_int_equal(scripted_waiting(f->store), 0);
    assert_int_equal(f->told, 0);
}

static void test_destroyed_while_it_sends_it_tells_nobody(void **state)
{
    struct fixture *f = *state;

    start_up(f);
    commit(f);
    destroy(f);
    answer(f, COMMIT_UNKNOWN);
    virtual_loop_pass(&f->loop, 5000);
    assert_int_equal(scripted_waiting(f->store), 0);
    assert_int_equal(f->told, 1);
}

static void test_destroyed_while_it_waits_it_does_not_send_again(void **state)
{
    struct fixture *f = *state;

    start_up(f);
    commit(f);
    answer(f, COMMIT_UNKNOWN);
    destroy(f);
    assert_int_equal(scripted_waiting(f->store), 0);
    assert_int_equal(f->told, 1);
    writer_destroy(NULL);
}

/* The store forgets the silent; that must not look as if it had lost something. */
static void test_after_days_of_silence_it_takes_a_new_identity(void **state)
{
    struct fixture *f = *state;
    struct writer_id id;

    start_up(f);
    id = f->commit->writer;
    virtual_loop_pass(&f->loop, 3 * DAY_MS);
    commit(f);
    assert_memory_equal(&on_its_way(f)->writer, &id, sizeof(id));
    answer(f, COMMIT_DONE);
    virtual_loop_pass(&f->loop, 4 * DAY_MS);
    commit(f);
    answer_register(f, ERR_OK);
    assert_memory_not_equal(&on_its_way(f)->writer, &id, sizeof(id));
    assert_int_equal(on_its_way(f)->number, 1);
    assert_int_equal(stats_of(f).replaced, 0);
    assert_int_equal(stats_of(f).lost_commits, 0);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_it_registers_first_and_numbers_its_commits),
        CASE(test_a_conflict_is_told_and_uses_up_its_number),
        CASE(test_a_refusal_is_told_and_leaves_its_number_free),
        CASE(test_without_registration_nothing_was_sent_so_it_is_refused),
        CASE(test_an_unknown_commit_is_sent_again_as_it_was_until_it_is_known),
        CASE(test_a_silent_store_is_asked_again_too),
        CASE(test_a_refusal_is_not_believed_after_an_unknown_attempt),
        CASE(test_it_waits_longer_each_time_up_to_a_second),
        CASE(test_a_store_that_is_full_is_asked_again),
        CASE(test_a_store_that_went_back_gets_the_commit_under_a_new_identity),
        CASE(test_a_store_that_was_emptied_gets_the_commit_under_a_new_identity),
        CASE(test_after_starting_over_a_refusal_is_believed),
        CASE(test_a_store_that_is_ahead_is_a_bug_and_ends_the_process),
        CASE(test_the_next_commit_may_be_given_inside_done),
        CASE(test_destroyed_while_it_registers_it_tells_nobody),
        CASE(test_destroyed_while_it_sends_it_tells_nobody),
        CASE(test_destroyed_while_it_waits_it_does_not_send_again),
        CASE(test_after_days_of_silence_it_takes_a_new_identity),
    };

    random_init();
    log_setup(LOG_LOGFMT, LOG_ERROR);
    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
