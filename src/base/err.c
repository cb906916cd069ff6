#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *name;
    enum log_level level;
    int status;
} errors[ERR_COUNT_] = {
    [ERR_OK] = {"ok", LOG_DEBUG, 200},
    [ERR_INVALID] = {"invalid", LOG_DEBUG, 400},
    [ERR_NOT_FOUND] = {"not_found", LOG_DEBUG, 404},
    [ERR_NO_MEMORY] = {"no_memory", LOG_ERROR, 503},
    [ERR_BUSY] = {"busy", LOG_WARN, 503},
    [ERR_UNAVAILABLE] = {"unavailable", LOG_WARN, 503},
    [ERR_STALE] = {"stale", LOG_DEBUG, 503},
    [ERR_UNKNOWN] = {"unknown", LOG_WARN, 504},
    [ERR_CONFIG] = {"config", LOG_ERROR, 500},
};

const char *err_name(enum err err)
{
    assert(err < ERR_COUNT_);
    return errors[err].name;
}

enum log_level err_log_level(enum err err)
{
    assert(err < ERR_COUNT_);
    return errors[err].level;
}

int err_http_status(enum err err)
{
    assert(err < ERR_COUNT_);
    return errors[err].status;
}

void err_info_set(struct err_info *info, const char *format, ...)
{
    va_list args;

    if (!info)
        return;
    va_start(args, format);
    (void)vsnprintf(info->text, sizeof(info->text), format, args);
    va_end(args);
}
