#include "session/guess.h"

#include <stdlib.h>

#include "session/user.h"

struct guess {
    struct guesses *guesses;
    bool is_counted; /* among guesses->waiting */
    struct change *change;
    enum throttle_kind kinds[GUESS_MAX_BUCKETS];
    char keys[GUESS_MAX_BUCKETS][THROTTLE_KEY_BYTES];
    size_t count;
    int64_t now_ms;
    int64_t wait_ms;
    guess_done_fn *done;
    void *ctx;
};

static bool ask_all(struct guess *guess, const struct record *now, struct throttle_answer *answers)
{
    guess->wait_ms = 0;
    for (size_t i = 0; i < guess->count; i++) {
        throttle_take(guess->kinds[i], now[i].value, guess->now_ms, &answers[i]);
        if (!answers[i].is_allowed && answers[i].wait_ms > guess->wait_ms)
            guess->wait_ms = answers[i].wait_ms;
    }
    return guess->wait_ms == 0;
}

/* All buckets are asked before one is written. Of those that refuse some have to be, after a clock
 * was set back. */
static enum err plan_taking(void *ctx, const struct record *now, size_t count,
                            struct change_writes *out)
{
    struct guess *guess = ctx;
    struct throttle_answer answers[GUESS_MAX_BUCKETS] = {0};
    bool is_allowed = ask_all(guess, now, answers);
    enum err err = ERR_OK;

    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        const struct throttle_answer *answer = &answers[i];

        if (answer->is_changed && answer->is_allowed == is_allowed)
            err = change_write(out, i, slice_of(answer->value, answer->len), answer->ttl_s);
    }
    return err;
}

static enum err plan_success(void *ctx, const struct record *now, size_t count,
                             struct change_writes *out)
{
    struct guess *guess = ctx;
    struct throttle_answer answer;

    (void)count;
    throttle_succeed(guess->kinds[0], now[0].value, guess->now_ms, &answer);
    return answer.is_changed
               ? change_write(out, 0, slice_of(answer.value, answer.len), answer.ttl_s)
               : ERR_OK;
}

static void release(struct guess *guess)
{
    if (guess->is_counted)
        guess->guesses->waiting--;
    free(guess);
}

static void on_changed(void *ctx, enum err err)
{
    struct guess *guess = ctx;
    guess_done_fn *done = guess->done;
    void *done_ctx = guess->ctx;
    int64_t wait_ms = guess->wait_ms;

    release(guess);
    done(done_ctx, err, wait_ms);
}

static struct guess *start(const struct guess_bucket *buckets, size_t count, change_plan_fn *plan,
                           const struct guess *like)
{
    struct guesses *guesses = like->guesses;
    struct guess *guess = calloc(1, sizeof(*guess));
    struct slice keys[GUESS_MAX_BUCKETS];

    if (!guess)
        return NULL;
    *guess = *like;
    guess->count = count;
    for (size_t i = 0; i < count; i++) {
        guess->kinds[i] = buckets[i].kind;
        keys[i] = throttle_key(buckets[i].kind, buckets[i].subject, guess->keys[i]);
    }
    guess->change = change_start(guesses->changer, store_shard_of(guesses->store, ACCOUNTS), keys,
                                 count, plan, on_changed, guess);
    if (guess->change)
        return guess;
    free(guess);
    return NULL;
}

struct guess *guess_take(struct guesses *guesses, const struct guess_bucket *buckets, size_t count,
                         int64_t now_ms, guess_done_fn *done, void *ctx)
{
    const struct guess like = {.guesses = guesses, .now_ms = now_ms, .done = done, .ctx = ctx};
    struct guess *guess;

    if (guesses->waiting >= GUESS_MAX_WAITING)
        return NULL;
    guess = start(buckets, count, plan_taking, &like);
    if (guess) {
        guess->is_counted = true;
        guesses->waiting++;
    }
    return guess;
}

struct guess *guess_succeed(struct guesses *guesses, const struct guess_bucket *bucket,
                            int64_t now_ms, guess_done_fn *done, void *ctx)
{
    return start(bucket, 1, plan_success,
                 &(struct guess){.guesses = guesses, .now_ms = now_ms, .done = done, .ctx = ctx});
}

void guess_cancel(struct guess *guess)
{
    if (!guess)
        return;
    change_cancel(guess->change);
    release(guess);
}
