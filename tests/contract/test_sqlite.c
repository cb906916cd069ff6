/* The contract on the SQLite store, in a file of its own for each test. */
#include <stdio.h>

#include "contract.h"
#include "support/cmocka.h"
#include "support/temp_folder.h"

static struct temp_folder folder;

static struct store *open_second(struct test_loop *loop)
{
    struct store_env env = {
        .loop = &loop->uv, .timers = &loop->timers, .clock = &loop->clock, .timeout_ms = 10000};
    struct store *store = NULL;
    char url[128];

    (void)snprintf(url, sizeof(url), "sqlite:%s/footfall.db", folder.path);
    assert_int_equal(store_open(url, &env, &store, NULL), ERR_OK);
    return store;
}

static struct store *open_first(struct test_loop *loop)
{
    temp_folder_make(&folder);
    return open_second(loop);
}

static void clean(void)
{
    temp_folder_remove(&folder);
}

int main(void)
{
    const struct subject subject = {
        .name = "sqlite", .open = open_first, .open_second = open_second, .clean = clean};

    return contract_run(&subject);
}
