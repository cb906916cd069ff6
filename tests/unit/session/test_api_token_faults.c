/* API tokens when something goes wrong: many at once, garbage, calls that nobody waits for, no
 * memory. */
#include <jansson.h>
#include <stdlib.h>

#include "account_fixture.h"
#include "session/api_token_part.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"

#define COUNT(array_) (sizeof(array_) / sizeof((array_)[0]))
#define OWNER         SLICE("0123456789abcdef")

struct act {
    struct account_fixture *f;
    struct secret secret; /* of a token that is there */
    char id[API_TOKEN_ID_TEXT + 1];
    struct answer answer;
};

typedef struct api_token_call *act_fn(struct act *act);

#define TOKENS_OF(act_) ((act_)->f->processes[0].tokens)

static struct api_token new_token(void)
{
    return (struct api_token){.name = "x", .scopes = SCOPE_COUNT, .site = "*"};
}

static struct api_token_call *act_add(struct act *act)
{
    struct api_token fresh = new_token();
    struct secret secret;

    secret_make(&secret, OWNER);
    return api_token_add(TOKENS_OF(act), &secret, &fresh, on_token, &act->answer);
}

static struct api_token_call *act_add_none(struct act *act)
{
    struct api_token fresh = {.name = ""};

    return api_token_add(TOKENS_OF(act), &act->secret, &fresh, on_token, &act->answer);
}

static struct api_token_call *act_find(struct act *act)
{
    return api_token_find(TOKENS_OF(act), &act->secret, on_token, &act->answer);
}

static struct api_token_call *act_list(struct act *act)
{
    return api_token_list(TOKENS_OF(act), on_tokens, &act->answer);
}

static struct api_token_call *act_revoke(struct act *act)
{
    return api_token_revoke(TOKENS_OF(act), slice_str(act->id), on_token, &act->answer);
}

static const struct {
    act_fn *begin;
    enum err err; /* when all is well */
} acts[] = {
    {act_add, ERR_OK},  {act_add_none, ERR_INVALID}, {act_find, ERR_OK},
    {act_list, ERR_OK}, {act_revoke, ERR_OK},
};

#define ACTS COUNT(acts)

static void set_up(struct account_fixture *f, struct act *act)
{
    struct api_token fresh = new_token();

    account_fixture_init(f);
    *act = (struct act){.f = f};
    secret_make(&act->secret, OWNER);
    assert_non_null(
        api_token_add(f->processes[0].tokens, &act->secret, &fresh, on_token, &act->answer));
    assert_int_equal(wait_for(f, &act->answer), ERR_OK);
    memcpy(act->id, act->answer.token.id, sizeof(act->id));
    memset(&act->answer, 0, sizeof(act->answer));
}

/* ---- many at once --------------------------------------------------------------------------- */

static void test_what_is_asked_for_in_one_turn_is_one_read(void **state)
{
    struct answer answers[100] = {{.told = 0}};
    struct account_fixture f;
    struct secret strangers[10];
    struct store_stats before;
    struct store_stats after;
    struct act act;

    (void)state;
    set_up(&f, &act);
    assert_non_null(act_find(&act));
    assert_int_equal(wait_for(&f, &act.answer), ERR_OK);
    virtual_loop_settle(&f.loop); /* its use is noted */
    for (size_t i = 0; i < COUNT(strangers); i++)
        secret_make(&strangers[i], OWNER);
    store_get_stats(f.processes[0].store, &before);
    for (size_t i = 0; i < COUNT(answers); i++)
        assert_non_null(api_token_find(f.processes[0].tokens,
                                       i % 2 ? &strangers[i % COUNT(strangers)] : &act.secret,
                                       on_token, &answers[i]));
    virtual_loop_settle(&f.loop);
    store_get_stats(f.processes[0].store, &after);
    assert_int_equal(after.operations - before.operations, 1);
    for (size_t i = 0; i < COUNT(answers); i++) {
        assert_int_equal(answers[i].told, 1);
        assert_int_equal(answers[i].err, i % 2 ? ERR_NOT_FOUND : ERR_OK);
    }
    account_fixture_fini(&f);
}

static void test_many_are_some_reads_and_too_many_are_refused(void **state)
{
    static struct answer answers[API_TOKEN_MAX_CALLS];
    struct account_fixture f;
    struct store_stats before;
    struct store_stats after;
    struct act act;

    (void)state;
    set_up(&f, &act);
    memset(answers, 0, sizeof(answers));
    store_get_stats(f.processes[0].store, &before);
    for (size_t i = 0; i < API_TOKEN_MAX_CALLS; i++) {
        struct secret stranger;

        secret_make(&stranger, OWNER);
        assert_non_null(api_token_find(f.processes[0].tokens, &stranger, on_token, &answers[i]));
    }
    assert_null(act_find(&act));
    virtual_loop_settle(&f.loop);
    store_get_stats(f.processes[0].store, &after);
    assert_int_equal(after.operations - before.operations,
                     API_TOKEN_MAX_CALLS / API_TOKEN_MAX_BATCH);
    for (size_t i = 0; i < API_TOKEN_MAX_CALLS; i++) {
        assert_int_equal(answers[i].told, 1);
        assert_int_equal(answers[i].err, ERR_NOT_FOUND);
    }
    assert_non_null(act_find(&act));
    assert_int_equal(wait_for(&f, &act.answer), ERR_OK);
    account_fixture_fini(&f);
}

/* ---- reentry -------------------------------------------------------------------------------- */

struct chain {
    struct act *act;
    struct api_token_call *other; /* canceled when the first is told */
    unsigned told;
};

static void on_chain(void *ctx, enum err err, const char *why, const struct api_token *token)
{
    struct chain *chain = ctx;

    (void)why;
    (void)token;
    assert_int_equal(err, ERR_OK);
    chain->told++;
    api_token_call_cancel(chain->other);
    chain->other = NULL;
    if (chain->told < 3)
        assert_non_null(
            api_token_find(TOKENS_OF(chain->act), &chain->act->secret, on_chain, chain));
}

static void test_who_is_told_may_ask_and_cancel(void **state)
{
    struct account_fixture f;
    struct chain chain = {.told = 0};
    struct act act;

    (void)state;
    set_up(&f, &act);
    chain.act = &act;
    /* The one that was asked for last is told first. */
    chain.other = act_find(&act);
    assert_non_null(chain.other);
    assert_non_null(api_token_find(TOKENS_OF(&act), &act.secret, on_chain, &chain));
    virtual_loop_settle(&f.loop);
    assert_int_equal(chain.told, 3);
    assert_int_equal(act.answer.told, 0);
    account_fixture_fini(&f);
}

/* ---- nobody waits --------------------------------------------------------------------------- */

static void test_a_call_is_canceled_at_any_moment(void **state)
{
    (void)state;
    for (size_t i = 0; i < ACTS; i++) {
        for (unsigned turns = 0; turns < 10; turns++) {
            struct account_fixture f;
            struct api_token_call *call;
            struct act act;

            set_up(&f, &act);
            call = acts[i].begin(&act);
            assert_non_null(call);
            for (unsigned k = 0; k < turns; k++)
                virtual_loop_turn(&f.loop);
            if (act.answer.told == 0) {
                api_token_call_cancel(call);
                virtual_loop_pass(&f.loop, 10000);
                assert_int_equal(act.answer.told, 0);
            }
            account_fixture_fini(&f);
        }
    }
    api_token_call_cancel(NULL);
}

static void test_the_store_is_destroyed_at_any_moment(void **state)
{
    (void)state;
    for (unsigned turns = 0; turns < 10; turns++) {
        struct account_fixture f;
        struct act all[ACTS];
        unsigned told = 0;

        set_up(&f, &all[0]);
        for (size_t i = 1; i < ACTS; i++)
            all[i] = all[0];
        for (size_t i = 0; i < ACTS; i++)
            assert_non_null(acts[i].begin(&all[i]));
        for (unsigned k = 0; k < turns; k++)
            virtual_loop_turn(&f.loop);
        for (size_t i = 0; i < ACTS; i++)
            told += all[i].answer.told;
        api_token_store_destroy(f.processes[0].tokens);
        f.processes[0].tokens = NULL;
        virtual_loop_pass(&f.loop, 10000);
        for (size_t i = 0; i < ACTS; i++)
            told -= all[i].answer.told;
        assert_int_equal(told, 0);
        account_fixture_fini(&f);
    }
}

/* ---- garbage -------------------------------------------------------------------------------- */

#define BASE                                                                                       \
    "{\"id\":\"01234567\",\"name\":\"x\",\"site\":\"*\",\"user\":\"\",\"created\":1,"              \
    "\"expires\":0,\"last_used\":0,\"scopes\":\"count\"}"

static void test_a_token_that_cannot_be_read_lets_nobody_in_and_can_be_revoked(void **state)
{
    static const char *const garbage[] = {
        "",
        "{}",
        "[]",
        "null",
        BASE " ",
        "{\"id\":\"0123456x\",\"name\":\"x\",\"site\":\"*\",\"user\":\"\",\"created\":1,"
        "\"expires\":0,\"last_used\":0,\"scopes\":\"count\"}",
        "{\"id\":\"01234567\",\"name\":\"x\",\"site\":\"*\",\"user\":\"\",\"created\":1,"
        "\"expires\":0,\"last_used\":0,\"scopes\":\"\"}",
        "{\"id\":\"01234567\",\"name\":\"x\",\"site\":\"*\",\"user\":\"\",\"created\":1,"
        "\"expires\":0,\"last_used\":0,\"scopes\":31}",
        "{\"id\":\"01234567\",\"name\":\"x\",\"site\":\"*\",\"user\":\"\",\"created\":1,"
        "\"expires\":0,\"last_used\":0,\"scopes\":\"count\",\"more\":1}",
        "{\"id\":\"01234567\",\"name\":\"x\",\"site\":\"*\",\"user\":\"\",\"created\":1,"
        "\"expires\":1,\"last_used\":0,\"scopes\":\"count\"}", /* ended long ago */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(garbage); i++) {
        char hash[SECRET_HASH_TEXT + 1];
        char room[API_TOKEN_KEY_BYTES];
        struct account_fixture f;
        struct act act;

        set_up(&f, &act);
        secret_hash(&act.secret, SECRET_API_TOKEN, hash);
        put(&f, api_token_key(hash, room), BASE);
        assert_non_null(act_find(&act));
        assert_int_equal(wait_for(&f, &act.answer), ERR_OK);
        virtual_loop_settle(&f.loop);
        put(&f, api_token_key(hash, room), garbage[i]);
        memset(&act.answer, 0, sizeof(act.answer));
        assert_non_null(act_find(&act));
        assert_int_equal(wait_for(&f, &act.answer), ERR_NOT_FOUND);
        memset(&act.answer, 0, sizeof(act.answer));
        assert_non_null(act_revoke(&act));
        assert_int_equal(wait_for(&f, &act.answer), ERR_OK);
        assert_string_equal(act.answer.token.id, act.id);
        assert_int_equal(look_at(&f, api_token_key(hash, room)).version, RECORD_ABSENT);
        account_fixture_fini(&f);
    }
}

#define HASH "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"

static void test_an_index_that_cannot_be_read_is_told_and_tokens_are_found(void **state)
{
    static const char *const garbage[] = {
        "x",
        "01234567",
        "01234567 " HASH,
        "01234567 " HASH " ",
        "01234567 " HASH " 0",
        "01234567 " HASH " ;",
        "01234567 " HASH " -1;",
        "01234567 " HASH " 99999999999999;",
        "0123456x " HASH " 0;",
        "01234567 " HASH "x 0;",
        "01234567 /bcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ 0;",
        "01234567 " HASH " 0;x",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(garbage); i++) {
        struct account_fixture f;
        struct act act;

        set_up(&f, &act);
        put(&f, API_TOKENS_KEY, garbage[i]);
        for (size_t k = 0; k < ACTS; k++) {
            bool needs_index = acts[k].begin != act_find && acts[k].begin != act_add_none;

            memset(&act.answer, 0, sizeof(act.answer));
            assert_non_null(acts[k].begin(&act));
            assert_int_equal(wait_for(&f, &act.answer), needs_index ? ERR_INVALID : acts[k].err);
        }
        account_fixture_fini(&f);
    }
}

/* ---- memory --------------------------------------------------------------------------------- */

/* One call; false when it never ran out of memory. */
static bool act_without_memory(size_t i, size_t k)
{
    struct account_fixture f;
    struct api_token_call *call;
    struct act act;
    bool has_failed;

    set_up(&f, &act);
    failing_malloc_at(k);
    call = acts[i].begin(&act);
    virtual_loop_settle(&f.loop);
    has_failed = failing_malloc_stop();
    if (call)
        (void)wait_for(&f, &act.answer);
    else
        assert_int_equal(act.answer.told, 0);
    if (!has_failed)
        assert_int_equal(act.answer.err, acts[i].err);
    virtual_loop_pass(&f.loop, 10000);
    if (acts[i].begin != act_revoke) {
        memset(&act.answer, 0, sizeof(act.answer));
        assert_non_null(act_find(&act));
        assert_int_equal(wait_for(&f, &act.answer), ERR_OK);
        assert_string_equal(act.answer.token.id, act.id);
    }
    account_fixture_fini(&f);
    return has_failed;
}

static void test_without_memory_a_call_is_told_or_not_begun(void **state)
{
    (void)state;
    for (size_t i = 0; i < ACTS; i++) {
        for (size_t k = 1; act_without_memory(i, k); k++)
            assert_true(k < 2000);
    }
}

static void test_a_store_is_made_whole_or_not_at_all(void **state)
{
    struct account_fixture f;

    (void)state;
    account_fixture_init(&f);
    failing_malloc_at(1);
    assert_null(api_token_store_create(
        f.processes[0].store,
        &(struct store_env){.timers = &f.loop.timers, .clock = &f.loop.clock, .timeout_ms = 1000},
        f.processes[0].changer));
    assert_true(failing_malloc_stop());
    api_token_store_destroy(NULL);
    account_fixture_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_asked_for_in_one_turn_is_one_read),
        cmocka_unit_test(test_many_are_some_reads_and_too_many_are_refused),
        cmocka_unit_test(test_who_is_told_may_ask_and_cancel),
        cmocka_unit_test(test_a_call_is_canceled_at_any_moment),
        cmocka_unit_test(test_the_store_is_destroyed_at_any_moment),
        cmocka_unit_test(test_a_token_that_cannot_be_read_lets_nobody_in_and_can_be_revoked),
        cmocka_unit_test(test_an_index_that_cannot_be_read_is_told_and_tokens_are_found),
        cmocka_unit_test(test_without_memory_a_call_is_told_or_not_begun),
        cmocka_unit_test(test_a_store_is_made_whole_or_not_at_all),
    };

    json_set_alloc_funcs(malloc, free); /* those of this program, which fail */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
