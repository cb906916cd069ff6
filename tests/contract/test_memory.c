/* The contract on the memory store, and on the faulty one without faults. */
#include "contract.h"
#include "store/faulty.h"
#include "store/memory.h"
#include "support/cmocka.h"

static struct memory_db *db;
static struct store *inner;
static struct faulty_network *network;

static struct store_env env_of(struct test_loop *loop)
{
    return (struct store_env){
        .loop = &loop->uv, .timers = &loop->timers, .clock = &loop->clock, .timeout_ms = 10000};
}

static struct store *open_second(struct test_loop *loop)
{
    struct store_env env = env_of(loop);
    struct store *store = NULL;

    assert_int_equal(memory_open_on(db, &env, &store), ERR_OK);
    return store;
}

static struct store *open_memory(struct test_loop *loop)
{
    db = memory_db_create();
    return open_second(loop);
}

static void clean_memory(void)
{
    memory_db_destroy(db);
}

static struct store *open_faulty(struct test_loop *loop)
{
    struct store_env env = env_of(loop);
    struct store *store = NULL;

    inner = open_memory(loop);
    network = faulty_network_create(inner, &loop->timers, &(struct faults){0}, 1);
    assert_non_null(network);
    assert_int_equal(faulty_open_on(network, &env, &store), ERR_OK);
    return store;
}

/* The inner store closes on timers that are gone by now: it only forgets its own. */
static void clean_faulty(void)
{
    faulty_network_destroy(network);
    store_close(inner);
    clean_memory();
}

int main(void)
{
    const struct subject subjects[] = {
        {.name = "memory", .open = open_memory, .open_second = open_second, .clean = clean_memory},
        {.name = "faulty", .open = open_faulty, .clean = clean_faulty},
    };
    int failed = 0;

    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
        failed += contract_run(&subjects[i]);
    return failed;
}
