#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/command.h"
#include "process/serve.h"

static void warn_of_unknown(const struct options *options)
{
    for (unsigned i = 0; i < options->unknown_count; i++) {
        const struct unknown_variable *unknown = &options->unknown[i];

        if (unknown->suggestion)
            log_warn("unknown variable ignored", LOG_SLICE("variable", unknown->name),
                     LOG_STR("did_you_mean", unknown->suggestion));
        else
            log_warn("unknown variable ignored", LOG_SLICE("variable", unknown->name));
    }
}

enum exit_code cmd_serve(const struct invocation *invocation)
{
    struct options *options = invocation->options;
    struct options_error error;

    options_read_environment(options, environ);
    if (options_resolve(options, &error) != ERR_OK) {
        (void)fprintf(stderr, "footfall: %s\n", error.text);
        return EXIT_CODE_CONFIG;
    }
    log_setup(options->config.log_format, options->config.log_level);
    warn_of_unknown(options);
    return serve(&options->config);
}
