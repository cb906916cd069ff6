/* A server that answers oddly: what a commit, a read, a greeting make of it. */
#include <stdio.h>
#include <stdlib.h>

#include "calls.h"
#include "postgres_peer.h"
#include "support/cmocka.h"

/* An array of one bigint, 17; and a bigint. */
#define ARRAY_17    SLICE_INIT("\0\0\0\1\0\0\0\0\0\0\0\x14\0\0\0\1\0\0\0\1\0\0\0\x8\0\0\0\0\0\0\0\x11")
#define INT8(byte_) SLICE_INIT("\0\0\0\0\0\0\0" byte_)

#define COUNT       "footfall_count"
#define CAPPED      "footfall_count_capped"
#define WRITER      "footfall_writer_get"

/* An answer's rows, all alike. */
#define ROWS(statement_, columns_, rows_, ...)                                                     \
    .statement = (statement_), .columns = (columns_), .rows = (rows_), .values = {__VA_ARGS__}
#define NO_ROWS(statement_, columns_) .statement = (statement_), .columns = (columns_)

/* One commit, number 5, that wants one total; the status it ends with. */
static enum commit_status commit_below(struct peer *peer, uint32_t cap, int64_t *total)
{
    struct addition addition = {
        .counter = {SLICE("a"), DIMENSION_TOTAL, SLICE("")}, .delta = 1, .cap = cap};
    struct commit *c = commit_create();
    struct outcome outcome;
    enum commit_status status;

    assert_non_null(c);
    c->number = 5;
    c->version = 1;
    assert_int_equal(commit_add(c, &addition), ERR_OK);
    c->totals_wanted = 1;
    outcome = call_commit(&peer->loop, peer->store, c);
    status = outcome.status;
    *total = outcome.totals ? outcome.totals[0] : -1;
    outcome_fini(&outcome);
    commit_unref(c);
    return status;
}

static enum commit_status commit(struct peer *peer, int64_t *total)
{
    return commit_below(peer, 0, total);
}

static void test_each_answer_to_a_commit_has_its_meaning(void **state)
{
    static const struct {
        struct peer_answer answers[2]; /* to the commit; to the question for the number */
        enum commit_status status;
        bool reconnects;
    } cases[] = {
        {{{ROWS(COUNT, 1, 1, ARRAY_17)}}, COMMIT_DONE, false},
        /* no row, and then */
        {{{NO_ROWS(COUNT, 1)}, {NO_ROWS(WRITER, 2)}}, COMMIT_NO_WRITER, false},
        {{{NO_ROWS(COUNT, 1)}, {ROWS(WRITER, 2, 1, INT8("\3"), ARRAY_17)}}, COMMIT_BEHIND, false},
        {{{NO_ROWS(COUNT, 1)}, {ROWS(WRITER, 2, 1, INT8("\x9"), ARRAY_17)}}, COMMIT_AHEAD, false},
        {{{NO_ROWS(COUNT, 1)}, {ROWS(WRITER, 2, 1, INT8("\5"), ARRAY_17)}}, COMMIT_DONE, false},
        {{{NO_ROWS(COUNT, 1)}, {ROWS(WRITER, 2, 1, INT8("\4"), ARRAY_17)}}, COMMIT_REFUSED, false},
        {{{NO_ROWS(COUNT, 1)}, {ROWS(WRITER, 2, 1, INT8("\5"), {NULL, 0})}},
         COMMIT_CONFLICT,
         false},
        {{{NO_ROWS(COUNT, 1)}, {ROWS(WRITER, 2, 1, SLICE_INIT("\5"), ARRAY_17)}},
         COMMIT_UNKNOWN,
         true},
        {{{NO_ROWS(COUNT, 1)}, {ROWS(WRITER, 2, 2, INT8("\5"), ARRAY_17)}}, COMMIT_UNKNOWN, true},
        {{{NO_ROWS(COUNT, 1)}, {ROWS(WRITER, 1, 1, INT8("\5"))}}, COMMIT_UNKNOWN, true},
        {{{NO_ROWS(COUNT, 1)}, {.statement = WRITER, .closes = PEER_AT_BIND}},
         COMMIT_UNKNOWN,
         true},
        {{{NO_ROWS(COUNT, 1)}, {.statement = WRITER, .state = "53200"}}, COMMIT_REFUSED, false},
        /* rows that do not fit */
        {{{ROWS(COUNT, 1, 2, ARRAY_17)}}, COMMIT_UNKNOWN, true},
        {{{ROWS(COUNT, 1, 1, {NULL, 0})}}, COMMIT_UNKNOWN, true},
        {{{ROWS(COUNT, 1, 1, SLICE_INIT("17"))}}, COMMIT_UNKNOWN, true},
        {{{ROWS(COUNT, 2, 1, ARRAY_17, ARRAY_17)}}, COMMIT_UNKNOWN, true},
        {{{ROWS(COUNT, 1, 1, SLICE_INIT("\0\0\0\0\0\0\0\0\0\0\0\x14"))}}, COMMIT_UNKNOWN, true},
        /* errors */
        {{{.statement = COUNT, .state = "53100"}}, COMMIT_REFUSED, false},
        {{{.statement = COUNT, .state = "22003"}}, COMMIT_REFUSED, false},
        {{{.statement = COUNT, .state = "40001"}}, COMMIT_REFUSED, false},
        {{{.statement = COUNT, .state = "40P01"}}, COMMIT_REFUSED, false},
        {{{.statement = COUNT, .state = "22012"}}, COMMIT_REFUSED, false},
        {{{.statement = COUNT, .state = "XX000"}}, COMMIT_UNKNOWN, true},
        {{{.statement = COUNT, .state = "42601"}}, COMMIT_UNKNOWN, true},
        {{{.statement = COUNT, .state = "57P01", .closes = PEER_AFTER_ERROR}},
         COMMIT_UNKNOWN,
         true},
        /* the error of the transaction's end, behind the rows */
        {{{ROWS(COUNT, 1, 1, ARRAY_17), .state = "53100", .fails = PEER_AT_SYNC}},
         COMMIT_REFUSED,
         false},
        {{{ROWS(COUNT, 1, 1, ARRAY_17), .state = "XX000", .fails = PEER_AT_SYNC}},
         COMMIT_UNKNOWN,
         true},
        /* no answer */
        {{{.statement = COUNT, .closes = PEER_AT_BIND}}, COMMIT_UNKNOWN, true},
        {{{ROWS(COUNT, 1, 1, ARRAY_17), .closes = PEER_AT_SYNC}}, COMMIT_UNKNOWN, true},
        {{{.statement = COUNT, .is_silent = true}}, COMMIT_UNKNOWN, true},
        {{{.statement = COUNT, .garbage = "HTTP/1.1 400 Bad Request\r\n\r\n"}},
         COMMIT_UNKNOWN,
         true},
    };
    struct peer *peer = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum commit_status status;
        size_t clients;
        int64_t total;

        peer_wait_connected(peer);
        clients = peer->client_count;
        peer->special = cases[i].answers;
        peer->special_count = cases[i].answers[1].statement ? 2 : 1;
        status = commit(peer, &total);
        if (status != cases[i].status)
            fail_msg("case %zu: %s", i, commit_status_name(status));
        assert_int_equal(total, status == COMMIT_DONE ? 17 : -1);
        while (cases[i].reconnects && peer->client_count == clients)
            test_loop_turn(&peer->loop);
        peer_wait_connected(peer);
        assert_int_equal(peer->client_count, clients + cases[i].reconnects);
    }
}

/* No row may mean that a list has no room: only what the capped form says counts. */
static void
test_a_commit_with_caps_is_sent_in_the_capped_form_before_the_number_is_asked_for(void **state)
{
    static const struct {
        struct peer_answer answers[3];
        size_t executed;
        enum commit_status status;
    } cases[] = {
        {{{ROWS(COUNT, 1, 1, ARRAY_17)}}, 1, COMMIT_DONE},
        {{{NO_ROWS(COUNT, 1)}, {ROWS(CAPPED, 1, 1, ARRAY_17)}}, 2, COMMIT_DONE},
        {{{NO_ROWS(COUNT, 1)}, {NO_ROWS(CAPPED, 1)}, {NO_ROWS(WRITER, 2)}}, 3, COMMIT_NO_WRITER},
        {{{NO_ROWS(COUNT, 1)}, {NO_ROWS(CAPPED, 1)}, {ROWS(WRITER, 2, 1, INT8("\5"), ARRAY_17)}},
         3,
         COMMIT_DONE},
        {{{NO_ROWS(COUNT, 1)}, {.statement = CAPPED, .state = "53100"}}, 2, COMMIT_REFUSED},
    };
    struct peer *peer = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t total;

        peer_wait_connected(peer);
        peer->special = cases[i].answers;
        peer->special_count = cases[i].executed;
        peer->executed = 0;
        assert_int_equal(commit_below(peer, 10, &total), cases[i].status);
        assert_int_equal(total, cases[i].status == COMMIT_DONE ? 17 : -1);
        assert_int_equal(peer->executed, cases[i].executed);
    }
}

static void test_what_may_go_in_a_moment_is_tried_again_and_the_rest_is_not(void **state)
{
    static const struct {
        const char *sqlstate;
        size_t at_least;
        size_t at_most;
    } cases[] = {
        {"53100", 1, 1},  /* disk full */
        {"40001", 3, 60}, /* serialization failure: with pauses */
        {"22012", 9, 60}, /* a race: at once, then with pauses */
        {"XX000", 1, 1},
    };
    struct peer *peer = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct peer_answer special = {.statement = COUNT, .state = cases[i].sqlstate};
        int64_t total;

        peer_wait_connected(peer);
        peer->special = &special;
        peer->special_count = 1;
        peer->executed = 0;
        (void)commit(peer, &total);
        assert_in_range(peer->executed, cases[i].at_least, cases[i].at_most);
    }
}

static void test_one_that_moves_is_tried_again_on_the_next_connection(void **state)
{
    static const struct peer_answer special = {.statement = COUNT, .state = "25006"};
    struct peer *peer = *state;
    size_t clients;
    int64_t total;

    peer_wait_connected(peer);
    clients = peer->client_count;
    peer->special = &special;
    peer->special_count = 1;
    assert_int_equal(commit(peer, &total), COMMIT_REFUSED);
    assert_true(peer->client_count > clients);
}

static void test_registrations_end_with_what_is_known(void **state)
{
    static const struct {
        struct peer_answer special;
        enum err registered;
    } cases[] = {
        {{.statement = "footfall_writer_add"}, ERR_OK},
        {{.statement = "footfall_writer_add", .state = "53100"}, ERR_UNAVAILABLE},
        {{.statement = "footfall_writer_add", .state = "40001"}, ERR_UNAVAILABLE},
        {{.statement = "footfall_writer_add", .state = "XX000"}, ERR_UNKNOWN},
        {{.statement = "footfall_writer_add", .closes = PEER_AT_BIND}, ERR_UNKNOWN},
        {{.statement = "footfall_writer_add", .is_silent = true}, ERR_UNKNOWN},
    };
    static const struct writer_id writer;
    struct peer *peer = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        peer_wait_connected(peer);
        peer->special = &cases[i].special;
        peer->special_count = 1;
        assert_int_equal(call_register(&peer->loop, peer->store, &writer, 0), cases[i].registered);
    }
}

static void expect_no_records(void *ctx, enum err err, const struct record *records, size_t count)
{
    bool *is_told = ctx;

    assert_int_equal(err, ERR_UNAVAILABLE);
    assert_null(records);
    assert_int_equal(count, 0);
    *is_told = true;
}

static void expect_no_totals(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    bool *is_told = ctx;

    assert_int_equal(err, ERR_UNAVAILABLE);
    assert_null(totals);
    assert_int_equal(count, 0);
    *is_told = true;
}

static void test_reads_with_answers_that_do_not_fit_are_unavailable(void **state)
{
#define RECORDS  "footfall_records_get"
#define COUNTERS "footfall_counters_get"
    static const struct peer_answer cases[] = {
        {ROWS(RECORDS, 2, 1, INT8("\1"), INT8("\1"))},
        {ROWS(RECORDS, 3, 1, INT8("\0"), INT8("\1"), SLICE_INIT("x"))},
        {ROWS(RECORDS, 3, 1, INT8("\2"), INT8("\1"), SLICE_INIT("x"))},
        {ROWS(RECORDS, 3, 1, INT8("\1"), SLICE_INIT("\1"), SLICE_INIT("x"))},
        {ROWS(RECORDS, 3, 1, INT8("\1"), INT8("\1"), {NULL, 0})},
        {.statement = RECORDS, .state = "53200"},
        {.statement = RECORDS, .is_silent = true},
        {.statement = RECORDS, .closes = PEER_AT_SYNC},
        {ROWS(COUNTERS, 1, 1, INT8("\1"))},
        {ROWS(COUNTERS, 2, 1, INT8("\0"), INT8("\1"))},
        {ROWS(COUNTERS, 2, 1, INT8("\3"), INT8("\1"))},
        {ROWS(COUNTERS, 2, 1, INT8("\1"), SLICE_INIT("\1"))},
        {.statement = COUNTERS, .state = "XX000"},
        {.statement = COUNTERS, .garbage = "what?"},
    };
    static const struct counter counters[] = {
        {SLICE_INIT("a"), DIMENSION_TOTAL, SLICE_INIT("")},
        {SLICE_INIT("a"), DIMENSION_PAGE, SLICE_INIT("/")},
    };
    const struct slice key = SLICE_INIT("r");
    struct peer *peer = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool is_told = false;

        peer_wait_connected(peer);
        peer->special = &cases[i];
        peer->special_count = 1;
        if (strcmp(cases[i].statement, RECORDS) == 0)
            assert_non_null(store_read(peer->store, 0, &key, 1, expect_no_records, &is_told));
        else
            assert_non_null(store_totals(peer->store, 0, counters, 2, expect_no_totals, &is_told));
        assert_true(test_loop_wait(&peer->loop, &is_told));
    }
}

static void expect_no_sums(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    bool *is_told = ctx;

    assert_int_equal(err, ERR_UNAVAILABLE);
    assert_null(sums);
    assert_int_equal(count, 0);
    *is_told = true;
}

static void expect_no_names(void *ctx, enum err err, const struct name *names, size_t count)
{
    bool *is_told = ctx;

    assert_int_equal(err, ERR_UNAVAILABLE);
    assert_null(names);
    assert_int_equal(count, 0);
    *is_told = true;
}

static void expect_no_purge(void *ctx, enum err err, bool is_done)
{
    bool *is_told = ctx;

    assert_int_equal(err, ERR_UNAVAILABLE);
    assert_false(is_done);
    *is_told = true;
}

static void expect_no_step(void *ctx, enum err err, const struct scan_step *step)
{
    bool *is_told = ctx;

    assert_int_equal(err, ERR_UNAVAILABLE);
    assert_null(step);
    *is_told = true;
}

static struct store_op *ask_rollups(struct store *store, bool *is_told)
{
    static const int32_t buckets[] = {1, 2};
    static const struct rollup_query query = {.site = SLICE_INIT("a"),
                                              .dimension = DIMENSION_PAGE,
                                              .buckets = buckets,
                                              .bucket_count = 2,
                                              .group = ROLLUP_BY_VALUE};

    return store_rollups(store, 0, &query, expect_no_sums, is_told);
}

static struct store_op *ask_names(struct store *store, bool *is_told)
{
    static const uint64_t ids[] = {7, UINT64_MAX};

    return store_names(store, 0, SLICE("a"), ids, 2, expect_no_names, is_told);
}

static struct store_op *ask_list(struct store *store, bool *is_told)
{
    return store_list(store, 0, SLICE("site/"), SLICE(""), 1, expect_no_records, is_told);
}

static struct store_op *ask_purge(struct store *store, bool *is_told)
{
    return store_purge(store, 0, SLICE("a"), 0, INT32_MAX, expect_no_purge, is_told);
}

static struct store_op *ask_scan(struct store *store, bool *is_told)
{
    return store_scan(store, 0, SLICE("k"), expect_no_step, is_told);
}

static void test_queries_with_answers_that_do_not_fit_are_unavailable(void **state)
{
#define SUM            "sum(g.views)"
#define NAMES          "footfall_names_get"
#define LIST           "footfall_records_list"
#define PURGE          "footfall_purge_rollups"
#define SCAN           "footfall_rollups_scan"
#define FIVE           INT8("\1"), INT8("\1"), INT8("\1"), INT8("\1"), INT8("\1")
#define KEY(site_, n_) SLICE_INIT(site_), INT8(n_), INT8("\1"), INT8("\0"), INT8("\7")

    static const struct {
        struct store_op *(*ask)(struct store *store, bool *is_told);
        struct peer_answer answer;
    } cases[] = {
        {ask_rollups, {ROWS(SUM, 5, 1, FIVE)}},
        {ask_rollups, {ROWS(SUM, 6, 1, SLICE_INIT("\1"), FIVE)}},
        {ask_rollups, {ROWS(SUM, 6, 1, FIVE, SLICE_INIT("1"))}},
        {ask_rollups, {ROWS(SUM, 6, 1, FIVE, {NULL, 0})}},
        {ask_rollups, {.statement = SUM, .state = "22003"}},
        {ask_rollups, {.statement = SUM, .closes = PEER_AT_BIND}},
        {ask_names, {ROWS(NAMES, 2, 1, INT8("\1"), SLICE_INIT("x"))}},
        {ask_names, {ROWS(NAMES, 3, 1, INT8("\0"), SLICE_INIT("x"), SLICE_INIT("y"))}},
        {ask_names, {ROWS(NAMES, 3, 1, INT8("\3"), SLICE_INIT("x"), SLICE_INIT("y"))}},
        {ask_names, {ROWS(NAMES, 3, 1, INT8("\1"), {NULL, 0}, SLICE_INIT("y"))}},
        {ask_names, {ROWS(NAMES, 3, 1, INT8("\1"), SLICE_INIT("x"), {NULL, 0})}},
        {ask_list, {ROWS(LIST, 2, 1, SLICE_INIT("site/a"), INT8("\1"))}},
        {ask_list, {ROWS(LIST, 3, 2, SLICE_INIT("site/a"), INT8("\1"), SLICE_INIT("x"))}},
        {ask_list, {ROWS(LIST, 3, 1, SLICE_INIT("site/a"), SLICE_INIT("1"), SLICE_INIT("x"))}},
        {ask_list, {ROWS(LIST, 3, 1, {NULL, 0}, INT8("\1"), SLICE_INIT("x"))}},
        {ask_purge, {ROWS(PURGE, 1, 1, SLICE_INIT("1"))}},
        {ask_purge, {ROWS(PURGE, 1, 2, INT8("\1"))}},
        {ask_purge, {.statement = PURGE, .state = "53200"}},
        {ask_purge, {.statement = PURGE, .is_silent = true}},
        {ask_scan, {ROWS(SCAN, 11, 1, KEY("a", "\1"), FIVE, {NULL, 0})}},
        {ask_scan, {ROWS(SCAN, 12, 1, {NULL, 0}, INT8("\1"), FIVE, FIVE)}},
        {ask_scan, {ROWS(SCAN, 12, 1, KEY("a", "\1"), FIVE, SLICE_INIT("x"), {NULL, 0})}},
        {ask_scan,
         {ROWS(SCAN, 12, 1, SLICE_INIT("a"), SLICE_INIT("\xff\0\0\0\0\0\0\1"), INT8("\1"),
               INT8("\0"), INT8("\7"), FIVE)}},
        {ask_scan,
         {ROWS(SCAN, 12, 1, SLICE_INIT("a"), INT8("\1"), INT8("\x7f"), INT8("\0"), INT8("\7"),
               FIVE)}},
    };
    struct peer *peer = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool is_told = false;

        peer_wait_connected(peer);
        peer->special = &cases[i].answer;
        peer->special_count = 1;
        assert_non_null(cases[i].ask(peer->store, &is_told));
        assert_true(test_loop_wait(&peer->loop, &is_told));
    }
}

static void test_a_greeting_that_fails_anywhere_is_tried_again(void **state)
{
    static const struct peer_answer cases[] = {
        {.statement = "set_config", .state = "42501"},
        {.statement = "set_config", .closes = PEER_AT_BIND},
        {.statement = "set_config", .garbage = "hello"},
        {.statement = "pg_class", .state = "XX000"},
        {.statement = "max(version)", .is_silent = true},
        {.statement = "max(version)", .state = "42P01"},
        {.statement = "max(version)"},
        {.statement = "footfall_health", .columns = 1, .rows = 1, .values = {SLICE_INIT("t")}},
        {.statement = "footfall_health", .state = "42501"},
        {.statement = "footfall_health", .is_silent = true},
    };
    struct peer *peer = *state;
    int64_t total;

    peer_wait_connected(peer);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct peer_answer special[] = {cases[i],
                                              {.statement = COUNT, .closes = PEER_AT_BIND}};
        size_t clients = peer->client_count;

        peer->special = special;
        peer->special_count = 2;
        assert_int_equal(commit(peer, &total), COMMIT_UNKNOWN);
        while (peer->client_count < clients + 3)
            test_loop_turn(&peer->loop);
        assert_int_equal(commit(peer, &total), COMMIT_REFUSED);
        peer->special_count = 0;
        peer_wait_connected(peer);
    }
}

#define WITH_PEER(test_) cmocka_unit_test_setup_teardown(test_, peer_set_up, peer_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PEER(test_each_answer_to_a_commit_has_its_meaning),
        WITH_PEER(
            test_a_commit_with_caps_is_sent_in_the_capped_form_before_the_number_is_asked_for),
        WITH_PEER(test_what_may_go_in_a_moment_is_tried_again_and_the_rest_is_not),
        WITH_PEER(test_one_that_moves_is_tried_again_on_the_next_connection),
        WITH_PEER(test_registrations_end_with_what_is_known),
        WITH_PEER(test_reads_with_answers_that_do_not_fit_are_unavailable),
        WITH_PEER(test_queries_with_answers_that_do_not_fit_are_unavailable),
        WITH_PEER(test_a_greeting_that_fails_anywhere_is_tried_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
