/* Two processes that change the same records at the same time: no change is lost, none is done
 * twice, and what is told is true. */
#include "change_fixture.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "base/random.h"
#include "store/faulty.h"
#include "store/memory.h"
#include "support/cmocka.h"

#define PROCESSES      2
#define EACH           200
#define AT_ONCE        8      /* changes of a process at the same time */
#define PATIENCE_MS    600000 /* nothing is told as unknown */
#define MAX_VIRTUAL_MS 2000000

struct process {
    struct change_fixture f; /* its store and its changer */
    struct deed deeds[AT_ONCE];
    size_t begun; /* less those that were told that they are not done */
    size_t done;
    size_t plans;
};

struct world {
    struct virtual_loop loop;
    struct store_env env;
    struct memory_db *db;
    struct store *inner; /* behind the network */
    struct faulty_network *network;
    struct process processes[PROCESSES];
    uint64_t seed;
};

/* A small generator of its own, so that a seed repeats what is begun when. */
static uint64_t draw(struct world *world, uint64_t below)
{
    world->seed = world->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (world->seed >> 33) % below;
}

static void open_world(struct world *world, const struct faults *faults, uint64_t seed)
{
    *world = (struct world){.seed = seed};
    virtual_loop_init(&world->loop);
    world->env = (struct store_env){
        .timers = &world->loop.timers, .clock = &world->loop.clock, .timeout_ms = PATIENCE_MS};
    world->db = memory_db_create();
    assert_non_null(world->db);
    assert_int_equal(memory_open_on(world->db, &world->env, &world->inner), ERR_OK);
    world->network = faulty_network_create(world->inner, &world->loop.timers, faults, seed);
    assert_non_null(world->network);
    for (size_t i = 0; i < PROCESSES; i++) {
        struct change_fixture *f = &world->processes[i].f;

        assert_int_equal(faulty_open_on(world->network, &world->env, &f->store), ERR_OK);
        f->changer = changer_create(f->store, &world->env);
        assert_non_null(f->changer);
    }
}

static void close_world(struct world *world)
{
    for (size_t i = 0; i < PROCESSES; i++) {
        changer_destroy(world->processes[i].f.changer);
        store_close(world->processes[i].f.store);
    }
    faulty_network_destroy(world->network);
    store_close(world->inner);
    memory_db_destroy(world->db);
    virtual_loop_fini(&world->loop);
}

static void note_end(struct process *process, struct deed *deed)
{
    assert_int_equal(deed->told, 1);
    assert_true(deed->err == ERR_OK || deed->err == ERR_BUSY || deed->err == ERR_UNAVAILABLE);
    if (deed->err == ERR_OK)
        process->done++;
    else
        process->begun--;
    process->plans += deed->plans;
    deed->told = 0;
}

static void go_on(struct world *world, struct process *process)
{
    for (size_t i = 0; i < AT_ONCE; i++) {
        struct deed *deed = &process->deeds[i];

        if (deed->change)
            continue;
        if (deed->told)
            note_end(process, deed);
        if (process->begun == EACH || draw(world, 3) == 0)
            continue;
        begin(&process->f, deed, draw(world, 2) ? "ab" : "a");
        process->begun++;
    }
}

static size_t done_by_all(const struct world *world)
{
    return world->processes[0].done + world->processes[1].done;
}

static void run(const struct faults *faults, uint64_t seed)
{
    static struct world world;

    open_world(&world, faults, seed);
    while (done_by_all(&world) < (size_t)PROCESSES * EACH) {
        go_on(&world, &world.processes[draw(&world, PROCESSES)]);
        world.loop.now_ms += (int64_t)draw(&world, 3);
        virtual_loop_turn(&world.loop);
        assert_true(world.loop.now_ms < MAX_VIRTUAL_MS);
    }
    virtual_loop_pass(&world.loop, PATIENCE_MS); /* what was late on the network arrives */
    assert_true(changer_is_idle(world.processes[0].f.changer));
    assert_true(changer_is_idle(world.processes[1].f.changer));
    assert_true(world.processes[0].plans + world.processes[1].plans > (size_t)PROCESSES * EACH);
    assert_int_equal(number_on(&world.loop, world.inner, 'a'), PROCESSES * EACH);
    close_world(&world);
}

static const struct {
    const char *name;
    struct faults faults;
} networks[] = {
    {"a good network", {.max_delay_ms = 2}},
    {"lost and late messages",
     {.lost_request = 50,
      .lost_reply = 100,
      .late_request = 50,
      .refused = 50,
      .max_delay_ms = 5,
      .max_late_ms = 1000}},
};

static void test_no_change_is_lost_or_done_twice(void **state)
{
    uint64_t first = random_nonzero_u64() % 1000000;

    (void)state;
    printf("seeds from %" PRIu64 "\n", first);
    for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
        for (uint64_t k = 0; k < 5; k++)
            run(&networks[i].faults, first + k);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_change_is_lost_or_done_twice),
    };

    random_init();
    log_setup(LOG_LOGFMT, LOG_ERROR);
    return cmocka_run_group_tests_name("changes of several processes", tests, NULL, NULL);
}
