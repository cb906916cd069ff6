#include "process/master.h"

#include <signal.h>
#include <unistd.h>

#include "process/signals.h"
#include "support/cmocka.h"

static const struct config settings = {
    .store = "memory:", /* each worker its own: nothing is counted here */
    .store_source = "the test",
    .name = "Footfall",
    .workers = 3,
    .hit_timeout_ms = 1000,
    .store_timeout_ms = 1000,
    .drain_timeout_ms = 1000,
};

static void open_listeners(struct listeners *listeners)
{
    const char *address = "127.0.0.1:0";

    assert_int_equal(listeners_open(listeners, &address, 1, NULL), ERR_OK);
}

static void end_when_ready(void *ctx)
{
    unsigned *ready = ctx;

    (*ready)++;
    (void)kill(getpid(), SIGTERM);
}

static void it_says_once_that_all_workers_serve_and_ends_when_told(void **state)
{
    struct tables tables = {.countries = NULL};
    struct listeners listeners;
    unsigned ready = 0;

    (void)state;
    open_listeners(&listeners);
    assert_int_equal(master_run(&settings, &tables, &listeners, end_when_ready, &ready),
                     EXIT_CODE_OK);
    assert_int_equal(ready, 1);
    assert_int_equal(listeners.list[0].fd, -1);
}

static void a_store_that_can_never_work_ends_it_with_the_code_for_settings(void **state)
{
    struct config config = settings;
    struct tables tables = {.countries = NULL};
    struct listeners listeners;
    unsigned ready = 0;

    (void)state;
    config.store = "gopher://host";
    open_listeners(&listeners);
    assert_int_equal(master_run(&config, &tables, &listeners, end_when_ready, &ready),
                     EXIT_CODE_CONFIG);
    assert_int_equal(ready, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_once_that_all_workers_serve_and_ends_when_told),
        cmocka_unit_test(a_store_that_can_never_work_ends_it_with_the_code_for_settings),
    };

    signals_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
