#include "base/timers.h"

#include "support/cmocka.h"
#include "support/virtual_loop.h"

#define MAX_FIRED 64

/* A timer that writes its name down, and then does something. */
struct bell {
    struct fixture *f;
    char name;
    struct timer timer;
    void (*then)(struct bell *bell);
    struct bell *other;
    int64_t again_at_ms;
};

struct fixture {
    struct virtual_loop loop;
    char fired[MAX_FIRED + 1];
    size_t count;
};

static void set_up(struct fixture *f)
{
    *f = (struct fixture){.count = 0};
    virtual_loop_init(&f->loop);
}

static void on_time(void *ctx)
{
    struct bell *bell = ctx;

    assert_true(bell->f->count < MAX_FIRED);
    bell->f->fired[bell->f->count++] = bell->name;
    if (bell->then)
        bell->then(bell);
}

static struct bell bell_make(struct fixture *f, char name)
{
    return (struct bell){.f = f, .name = name};
}

static void start(struct bell *bell, int64_t at_ms)
{
    struct timers *timers = &bell->f->loop.timers;

    assert_int_equal(timer_start(timers, &bell->timer, at_ms, on_time, bell), ERR_OK);
}

static void stop(struct bell *bell)
{
    timer_stop(&bell->f->loop.timers, &bell->timer);
}

static void run_at(struct fixture *f, int64_t now_ms)
{
    f->loop.now_ms = now_ms;
    timers_run(&f->loop.timers);
}

static void test_timers_fire_in_order_of_time_then_of_their_start(void **state)
{
    struct fixture f;
    struct bell bells[4];

    (void)state;
    set_up(&f);
    for (int i = 0; i < 4; i++)
        bells[i] = bell_make(&f, (char)('a' + i));
    start(&bells[0], 1020);
    start(&bells[1], 1010);
    start(&bells[2], 1020);
    start(&bells[3], 1010);
    run_at(&f, 1009);
    assert_string_equal(f.fired, "");
    assert_int_equal(timers_next_ms(&f.loop.timers), 1010);
    run_at(&f, 1010);
    assert_string_equal(f.fired, "bd");
    run_at(&f, 5000);
    assert_string_equal(f.fired, "bdac");
    assert_int_equal(timers_next_ms(&f.loop.timers), INT64_MAX);
    virtual_loop_fini(&f.loop);
}

static void test_a_timer_fires_once_and_in_a_run_only(void **state)
{
    struct fixture f;
    struct bell bell;

    (void)state;
    set_up(&f);
    bell = bell_make(&f, 'a');
    start(&bell, 0); /* long ago */
    assert_string_equal(f.fired, "");
    assert_true(timer_is_active(&bell.timer));
    run_at(&f, 1000);
    assert_false(timer_is_active(&bell.timer));
    run_at(&f, 2000);
    assert_string_equal(f.fired, "a");
    virtual_loop_fini(&f.loop);
}

static void test_starting_again_moves_and_stopping_twice_is_fine(void **state)
{
    struct fixture f;
    struct bell a;
    struct bell b;

    (void)state;
    set_up(&f);
    a = bell_make(&f, 'a');
    b = bell_make(&f, 'b');
    stop(&a);
    start(&a, 1010);
    start(&b, 1020);
    start(&a, 1030);
    stop(&b);
    stop(&b);
    run_at(&f, 1029);
    assert_string_equal(f.fired, "");
    run_at(&f, 1030);
    assert_string_equal(f.fired, "a");
    virtual_loop_fini(&f.loop);
}

static void start_other(struct bell *bell)
{
    start(bell->other, bell->again_at_ms);
}

static void stop_other(struct bell *bell)
{
    stop(bell->other);
}

static void start_itself(struct bell *bell)
{
    start(bell, bell->again_at_ms);
}

static void test_a_timer_can_stop_another_that_is_due_as_well(void **state)
{
    struct fixture f;
    struct bell a;
    struct bell b;

    (void)state;
    set_up(&f);
    a = bell_make(&f, 'a');
    b = bell_make(&f, 'b');
    a.then = stop_other;
    a.other = &b;
    start(&a, 1001);
    start(&b, 1002);
    run_at(&f, 1010);
    assert_string_equal(f.fired, "a");
    virtual_loop_fini(&f.loop);
}

static void test_one_started_inside_another_waits_for_the_next_run(void **state)
{
    struct fixture f;
    struct bell a;
    struct bell b;

    (void)state;
    set_up(&f);
    a = bell_make(&f, 'a');
    b = bell_make(&f, 'b');
    a.then = start_other;
    a.other = &b;
    start(&a, 1001);
    run_at(&f, 1010);
    assert_string_equal(f.fired, "a");
    assert_true(timers_next_ms(&f.loop.timers) <= 1010);
    run_at(&f, 1010);
    assert_string_equal(f.fired, "ab");
    virtual_loop_fini(&f.loop);
}

static void test_one_that_starts_itself_in_the_past_holds_up_nobody(void **state)
{
    struct fixture f;
    struct bell a;
    struct bell b;

    (void)state;
    set_up(&f);
    a = bell_make(&f, 'a');
    b = bell_make(&f, 'b');
    a.then = start_itself;
    a.again_at_ms = 0;
    start(&a, 1001);
    start(&b, 1005);
    run_at(&f, 1010);
    assert_string_equal(f.fired, "ab");
    run_at(&f, 1011);
    assert_string_equal(f.fired, "aba");
    virtual_loop_fini(&f.loop);
}

static void test_a_kept_timer_fires_each_time_it_was_moved(void **state)
{
    struct fixture f;
    struct bell a;

    (void)state;
    set_up(&f);
    a = bell_make(&f, 'a');
    assert_int_equal(timer_keep(&f.loop.timers, &a.timer, on_time, &a), ERR_OK);
    assert_int_equal(timers_next_ms(&f.loop.timers), TIMER_NEVER);
    run_at(&f, 1000000000);
    assert_string_equal(f.fired, "");
    for (int i = 0; i < 2; i++) {
        timer_move(&f.loop.timers, &a.timer, f.loop.now_ms + 5);
        run_at(&f, f.loop.now_ms + 10);
        run_at(&f, f.loop.now_ms + 10);
    }
    assert_string_equal(f.fired, "aa");
    stop(&a);
    assert_false(timer_is_active(&a.timer));
    assert_int_equal(f.loop.timers.count, 0);
    virtual_loop_fini(&f.loop);
}

static void test_a_stopped_kept_timer_is_an_ordinary_one_again(void **state)
{
    struct fixture f;
    struct bell a;

    (void)state;
    set_up(&f);
    a = bell_make(&f, 'a');
    assert_int_equal(timer_keep(&f.loop.timers, &a.timer, on_time, &a), ERR_OK);
    stop(&a);
    start(&a, 1001);
    run_at(&f, 1001);
    assert_string_equal(f.fired, "a");
    assert_false(timer_is_active(&a.timer));
    virtual_loop_fini(&f.loop);
}

static void test_timers_left_over_are_stopped_at_the_end(void **state)
{
    struct fixture f;
    struct bell a;

    (void)state;
    set_up(&f);
    a = bell_make(&f, 'a');
    start(&a, 1001);
    virtual_loop_fini(&f.loop);
    assert_false(timer_is_active(&a.timer));
    stop(&a);
}

#define CROWD 500

struct crowd {
    struct virtual_loop loop;
    struct timer timers[CROWD];
    int64_t last_at_ms;
    uint64_t last_order;
    size_t fired;

    struct member {
        struct crowd *crowd;
        struct timer *timer;
    } members[CROWD];
};

static void on_member(void *ctx)
{
    const struct member *member = ctx;
    struct crowd *crowd = member->crowd;
    const struct timer *timer = member->timer;

    assert_true(timer->at_ms > crowd->last_at_ms ||
                (timer->at_ms == crowd->last_at_ms && timer->order > crowd->last_order));
    crowd->last_at_ms = timer->at_ms;
    crowd->last_order = timer->order;
    crowd->fired++;
}

/* Each is started, every third is moved, every fifth is stopped. */
static void test_a_crowd_of_timers_keeps_its_order(void **state)
{
    static struct crowd crowd;
    uint64_t random = 42;
    size_t expected = 0;

    (void)state;
    virtual_loop_init(&crowd.loop);
    for (size_t i = 0; i < 3 * (size_t)CROWD; i++) {
        struct member *member = &crowd.members[i % CROWD];
        int64_t at_ms;

        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        at_ms = 1000 + (int64_t)((random >> 33) % 300);
        *member = (struct member){&crowd, &crowd.timers[i % CROWD]};
        if (i < CROWD || i % 3 == 0)
            assert_int_equal(
                timer_start(&crowd.loop.timers, member->timer, at_ms, on_member, member), ERR_OK);
        if (i % 5 == 0)
            timer_stop(&crowd.loop.timers, member->timer);
    }
    for (size_t i = 0; i < CROWD; i++)
        expected += timer_is_active(&crowd.timers[i]) ? 1 : 0;
    assert_true(expected > CROWD / 2);
    virtual_loop_pass(&crowd.loop, 300);
    assert_int_equal(crowd.fired, expected);
    virtual_loop_fini(&crowd.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timers_fire_in_order_of_time_then_of_their_start),
        cmocka_unit_test(test_a_timer_fires_once_and_in_a_run_only),
        cmocka_unit_test(test_starting_again_moves_and_stopping_twice_is_fine),
        cmocka_unit_test(test_a_timer_can_stop_another_that_is_due_as_well),
        cmocka_unit_test(test_one_started_inside_another_waits_for_the_next_run),
        cmocka_unit_test(test_one_that_starts_itself_in_the_past_holds_up_nobody),
        cmocka_unit_test(test_a_kept_timer_fires_each_time_it_was_moved),
        cmocka_unit_test(test_a_stopped_kept_timer_is_an_ordinary_one_again),
        cmocka_unit_test(test_timers_left_over_are_stopped_at_the_end),
        cmocka_unit_test(test_a_crowd_of_timers_keeps_its_order),
    };

    return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
