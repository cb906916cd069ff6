#include "cli/command_flag.h"

#include "cli/command.h"

const struct command_flag command_flags[] = {
    {
        .name = SLICE_INIT("help"),
        .offset = offsetof(struct invocation, help),
    },
    {
        .name = SLICE_INIT("json"),
        .help = "Writes one JSON object instead of text.",
        .accepts = ACCEPTS_JSON,
        .offset = offsetof(struct invocation, json),
    },
    {
        .name = SLICE_INIT("man"),
        .help = "Writes footfall(1), the manual page.",
        .accepts = ACCEPTS_MAN,
        .offset = offsetof(struct invocation, man),
    },
    {
        .name = SLICE_INIT("from"),
        .metavar = "DATE",
        .example = "2026-11-01",
        .help = "The first day, in the time zone of the site.",
        .accepts = ACCEPTS_STATS,
        .offset = offsetof(struct invocation, from),
    },
    {
        .name = SLICE_INIT("to"),
        .metavar = "DATE",
        .example = "2026-11-25",
        .help = "The last day. Default: today.",
        .accepts = ACCEPTS_STATS,
        .offset = offsetof(struct invocation, to),
    },
    {
        .name = SLICE_INIT("period"),
        .metavar = "PERIOD",
        .example = "7d",
        .help = "In the place of dates: today, yesterday, 7d, 30d, 90d, 12m, week, month, "
                "year or all. Default: 30d.",
        .accepts = ACCEPTS_STATS,
        .offset = offsetof(struct invocation, period),
    },
    {
        .name = SLICE_INIT("by"),
        .metavar = "UNIT",
        .example = "week",
        .help = "How finely: by hour, day, week, month or year. Default: as fits the days.",
        .accepts = ACCEPTS_STATS,
        .offset = offsetof(struct invocation, by),
    },
    {
        .name = SLICE_INIT("compare"),
        .metavar = "WHAT",
        .example = "year",
        .help = "What the numbers are compared with: previous, as many days just before; year, the "
                "same days a year before; or none. Default: previous.",
        .accepts = ACCEPTS_STATS,
        .offset = offsetof(struct invocation, compare),
    },
    {
        .name = SLICE_INIT("page"),
        .metavar = "PATH",
        .example = "/about",
        .help = "Of this page only.",
        .accepts = ACCEPTS_STATS,
        .offset = offsetof(struct invocation, page),
    },
    {
        .name = SLICE_INIT("watch"),
        .help = "Shows it anew every 2 seconds, until Ctrl-C.",
        .accepts = ACCEPTS_STATS,
        .offset = offsetof(struct invocation, watch),
    },
};

const size_t command_flag_count = sizeof(command_flags) / sizeof(command_flags[0]);

bool command_takes(const struct command *command, const struct command_flag *flag)
{
    return flag->accepts == 0 || (command->accepts & flag->accepts) != 0;
}

const struct command_flag *command_flag_find(const struct command *command, struct slice name)
{
    for (size_t i = 0; i < command_flag_count; i++) {
        if (slice_eq(command_flags[i].name, name) && command_takes(command, &command_flags[i]))
            return &command_flags[i];
    }
    return NULL;
}
