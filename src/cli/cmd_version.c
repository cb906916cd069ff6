#include <jansson.h>
#include <stdio.h>
#include <uv.h>

#include "cli/command.h"

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

static enum exit_code print_json(void)
{
    json_t *version =
        json_pack("{s:s, s:s, s:s, s:s}", "name", "footfall", "version", FOOTFALL_VERSION,
                  "compiler", COMPILER, "libuv", uv_version_string());
    int failed = !version || json_dumpf(version, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF;

    json_decref(version);
    return failed ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

enum exit_code cmd_version(const struct invocation *invocation)
{
    if (invocation->json)
        return print_json();
    return printf("footfall %s\n", FOOTFALL_VERSION) < 0 ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}
