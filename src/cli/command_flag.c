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
        .name = SLICE_INIT("seed"),
        .metavar = "N",
        .example = "1",
        .help = "The same number gives the same traffic. Default: 1.",
        .accepts = ACCEPTS_TRAFFIC,
        .offset = offsetof(struct invocation, seed),
    },
    {
        .name = SLICE_INIT("days"),
        .metavar = "N",
        .example = "365",
        .help = "So many days of traffic. Default: 365.",
        .accepts = ACCEPTS_TRAFFIC,
        .offset = offsetof(struct invocation, days),
    },
    {
        .name = SLICE_INIT("until"),
        .metavar = "DATE",
        .example = "2026-11-25",
        .help = "The last day of the traffic, in UTC. Default: today, up to this moment.",
        .accepts = ACCEPTS_TRAFFIC,
        .offset = offsetof(struct invocation, until),
    },
    {
        .name = SLICE_INIT("hits-per-day"),
        .metavar = "N",
        .example = "1000",
        .help = "Views of the main site on an average day; the blog and the shop have less. "
                "Default: 1000.",
        .accepts = ACCEPTS_TRAFFIC,
        .offset = offsetof(struct invocation, hits_per_day),
    },
    {
        .name = SLICE_INIT("into"),
        .metavar = "SITE",
        .example = "default",
        .help = "Writes the traffic of the main site into this site of the store that the settings "
                "name, and does not serve.",
        .accepts = ACCEPTS_TRAFFIC,
        .offset = offsetof(struct invocation, into),
    },
    {
        .name = SLICE_INIT("force"),
        .help = "With --into: also when the site has statistics already. They are added to, and "
                "cannot be told apart again.",
        .accepts = ACCEPTS_TRAFFIC,
        .offset = offsetof(struct invocation, force),
    },
    {
        .name = SLICE_INIT("site"),
        .metavar = "ID",
        .example = "default",
        .help = "With prune: only this site.",
        .accepts = ACCEPTS_PRUNE,
        .offset = offsetof(struct invocation, site),
    },
    {
        .name = SLICE_INIT("dry-run"),
        .help = "With prune: only says what would be dropped.",
        .accepts = ACCEPTS_PRUNE,
        .offset = offsetof(struct invocation, dry_run),
    },
    {
        .name = SLICE_INIT("confirm"),
        .metavar = "ID",
        .example = "my-blog",
        .help = "With remove: this site, without asking.",
        .accepts = ACCEPTS_CONFIRM,
        .offset = offsetof(struct invocation, confirm),
    },
    {
        .name = SLICE_INIT("role"),
        .metavar = "ROLE",
        .example = "editor",
        .help = "With add: owner, editor or viewer. Default: viewer; of the first user: owner.",
        .accepts = ACCEPTS_USER,
        .offset = offsetof(struct invocation, role),
    },
    {
        .name = SLICE_INIT("site"),
        .metavar = "ID",
        .example = "my-blog",
        .help = "With add and role: on this site only. Default: on all of them, also those that "
                "are yet to come.",
        .accepts = ACCEPTS_USER,
        .offset = offsetof(struct invocation, site),
    },
    {
        .name = SLICE_INIT("name"),
        .metavar = "NAME",
        .example = "Ann",
        .help = "With add: what the user is called.",
        .accepts = ACCEPTS_USER,
        .offset = offsetof(struct invocation, name),
    },
    {
        .name = SLICE_INIT("password-file"),
        .metavar = "PATH",
        .example = "-",
        .help = "With add and passwd: the password is the first line of this file; of standard "
                "input, when it is -. Default: it is asked for at the terminal; without one, add "
                "prints a link to choose it.",
        .accepts = ACCEPTS_USER,
        .offset = offsetof(struct invocation, password_file),
    },
    {
        .name = SLICE_INIT("confirm"),
        .metavar = "EMAIL",
        .example = "ann@example.com",
        .help = "With remove: this user, without asking.",
        .accepts = ACCEPTS_USER,
        .offset = offsetof(struct invocation, confirm),
    },
    {
        .name = SLICE_INIT("end"),
        .help = "With sessions: ends them all.",
        .accepts = ACCEPTS_USER,
        .offset = offsetof(struct invocation, end),
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
    {
        .name = SLICE_INIT("scopes"),
        .metavar = "SCOPES",
        .example = "count,stats",
        .help = "With add: what the token is good for, with commas between. count: send hits; "
                "stats: read statistics; sites: look after sites, users and tokens; sessions: keep "
                "sessions for an application; export: read everything out.",
        .accepts = ACCEPTS_TOKEN,
        .offset = offsetof(struct invocation, scopes),
    },
    {
        .name = SLICE_INIT("site"),
        .metavar = "ID",
        .example = "my-blog",
        .help = "With add: the token is good for this site only. Default: for all of them.",
        .accepts = ACCEPTS_TOKEN,
        .offset = offsetof(struct invocation, site),
    },
    {
        .name = SLICE_INIT("days"),
        .metavar = "N",
        .example = "90",
        .help = "With add: the token ends after so many days, at most 400. Default: never.",
        .accepts = ACCEPTS_TOKEN,
        .offset = offsetof(struct invocation, days),
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
