#include "cli/account_link.h"

#include <stdio.h>

#include "support/cmocka.h"

static void a_link_leads_to_where_browsers_find_the_server(void **state)
{
    static const struct {
        const char *url;
        const char *listen;
        const char *origin;
    } cases[] = {
        {"https://stats.example", "127.0.0.1:80", "https://stats.example"},
        {NULL, "localhost:8080", "http://localhost:8080"},
        {NULL, "127.0.0.1:9000", "http://127.0.0.1:9000"},
        {NULL, "[::1]:9000", "http://[::1]:9000"},
        {NULL, "[::]:9000", "http://localhost:9000"},
        {NULL, "0.0.0.0:9000", "http://localhost:9000"},
        {NULL, "*:9000", "http://localhost:9000"},
        {NULL, ":9000", "http://localhost:9000"},
        {NULL, "unix:/run/footfall.sock", "http://localhost"},
        {NULL, NULL, "http://localhost"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct config config = {.url = cases[i].url,
                                      .listen = {cases[i].listen, "other.example:1"},
                                      .listen_count = cases[i].listen ? 2 : 0};
        char wanted[ACCOUNT_LINK_TEXT];
        char link[ACCOUNT_LINK_TEXT];

        (void)snprintf(wanted, sizeof(wanted), "%s/reset?code=ab-c_d", cases[i].origin);
        account_link(&config, "reset", "ab-c_d", link);
        assert_string_equal(link, wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_leads_to_where_browsers_find_the_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
