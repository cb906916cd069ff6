#include "http/content_coding.h"
#include "support/cmocka.h"

static void test_a_coding_is_welcome_when_it_is_named(void **state)
{
    static const struct {
        const char *accept; /* NULL: absent */
        bool gzip, brotli;
    } cases[] = {
        {NULL, false, false},
        {"", false, false},
        {"gzip", true, false},
        {"GZIP, Br", true, true},
        {"gzip, deflate, br, zstd", true, true},
        {"gzip;q=1.0, identity; q=0.5, *;q=0", true, false},
        {"gzip;q=0", false, false},
        {"gzip;q=0.000,br ; Q=0.", false, false},
        {"gzip;q=0.001", true, false},
        {"*", false, false},
        {"xgzip, brotli", false, false},
        {",, ;q=1,gzip ;", true, false},
        {"gzip;q=", true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slice accept = cases[i].accept ? slice_str(cases[i].accept) : slice_of(NULL, 0);

        if (content_coding_is_welcome(accept, SLICE("gzip")) != cases[i].gzip ||
            content_coding_is_welcome(accept, SLICE("br")) != cases[i].brotli)
            fail_msg("case %zu: %s", i, cases[i].accept);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_coding_is_welcome_when_it_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
