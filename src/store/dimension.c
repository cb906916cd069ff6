#include "store/dimension.h"

static const char *const names[DIMENSION_COUNT_] = {
    [DIMENSION_TOTAL] = "total",
    [DIMENSION_PAGE] = "page",
    [DIMENSION_ENTRY] = "entry",
    [DIMENSION_EXIT] = "exit",
    [DIMENSION_SOURCE] = "source",
    [DIMENSION_MEDIUM] = "medium",
    [DIMENSION_CAMPAIGN] = "campaign",
    [DIMENSION_TERM] = "term",
    [DIMENSION_CONTENT] = "content",
    [DIMENSION_COUNTRY] = "country",
    [DIMENSION_LANGUAGE] = "language",
    [DIMENSION_BROWSER] = "browser",
    [DIMENSION_BROWSER_VERSION] = "browser_version",
    [DIMENSION_SYSTEM] = "system",
    [DIMENSION_SYSTEM_VERSION] = "system_version",
    [DIMENSION_DEVICE] = "device",
    [DIMENSION_SIZE] = "size",
    [DIMENSION_EVENT] = "event",
    [DIMENSION_PROPERTY] = "property",
    [DIMENSION_BOT] = "bot",
};

const char *dimension_name(enum dimension dimension)
{
    return names[dimension];
}

bool dimension_parse(struct slice name, enum dimension *out)
{
    for (int i = 0; i < DIMENSION_COUNT_; i++) {
        if (slice_eq(slice_str(names[i]), name)) {
            *out = (enum dimension)i;
            return true;
        }
    }
    return false;
}
