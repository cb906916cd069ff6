#include "cli/store_session.h"

#include "support/cmocka.h"

/** A call that is told these answers, one after the other. */
struct scripted_call {
    struct store_call of;
    const enum err *answers; /* END: the call cannot be begun */
    struct timer timer;
    size_t begun;
    size_t canceled;
};

#define END   ERR_COUNT_
#define NEVER ERR_CONFIG /* nothing is told */

static void on_time(void *ctx)
{
    struct scripted_call *call = ctx;
    enum err err = call->answers[call->begun - 1];

    store_call_told(&call->of, err, err == ERR_OK ? "" : "so it is");
}

static void *begin(struct store_call *of)
{
    struct scripted_call *call = (struct scripted_call *)of;
    struct timers *timers = &of->session->db.loop.timers;
    enum err answer = call->answers[call->begun++];

    if (answer == END)
        return NULL;
    if (answer != NEVER)
        assert_int_equal(timer_start(timers, &call->timer, timers_now_ms(timers), on_time, call),
                         ERR_OK);
    return call;
}

static void cancel(void *begun)
{
    struct scripted_call *call = begun;

    call->canceled++;
}

static const struct {
    enum err answers[3];
    bool changes;
    enum err err;
    size_t begun;
    enum exit_code code;
} cases[] = {
    {{ERR_OK}, true, ERR_OK, 1, EXIT_CODE_OK},
    {{ERR_UNAVAILABLE, ERR_BUSY, ERR_OK}, true, ERR_OK, 3, EXIT_CODE_OK},
    {{ERR_UNAVAILABLE, ERR_INVALID}, true, ERR_INVALID, 2, EXIT_CODE_FAILED},
    {{ERR_UNKNOWN}, true, ERR_UNKNOWN, 1, EXIT_CODE_UNAVAILABLE},
    {{ERR_NOT_FOUND}, false, ERR_NOT_FOUND, 1, EXIT_CODE_FAILED},
    {{ERR_UNAVAILABLE, END}, true, ERR_NO_MEMORY, 2, EXIT_CODE_FAILED},
    {{NEVER}, true, ERR_UNKNOWN, 1, EXIT_CODE_UNAVAILABLE},
    {{NEVER}, false, ERR_UNAVAILABLE, 1, EXIT_CODE_UNAVAILABLE},
};

/* What is in doubt is not done a second time. */
static void a_call_is_made_again_only_when_it_was_certainly_not_done(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool is_told = cases[i].answers[0] != NEVER;
        const struct config config = {.store_timeout_ms = is_told ? 2000 : 10};
        struct store_session session = {.store = NULL};
        struct scripted_call call = {
            .of = {.begin = begin, .cancel = cancel, .changes = cases[i].changes},
            .answers = cases[i].answers};

        assert_int_equal(db_session_open(&session.db, &config), ERR_OK);
        assert_int_equal(store_session_wait(&session, &call.of), cases[i].err);
        assert_int_equal(call.begun, cases[i].begun);
        assert_int_equal(call.canceled, cases[i].answers[call.begun - 1] == NEVER ? 1 : 0);
        assert_int_equal(store_session_told(call.of.err, call.of.info.text), cases[i].code);
        db_session_close(&session.db);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_made_again_only_when_it_was_certainly_not_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
