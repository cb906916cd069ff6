#include "cli/command.h"

#include <stdio.h>

#include "cli/command_flag.h"
#include "cli/help.h"
#include "cli/suggest.h"
#include "count/site_field.h"

const struct command command_table[] = {
    {
        .name = "serve",
        .arguments = "[OPTION ...]",
        .summary = "count visits and answer, until told to end",
        .text = "Runs in the foreground, writes its log to standard output, and keeps all state in "
                "the store.",
        .accepts = ACCEPTS_OPTIONS,
        .run = cmd_serve,
    },
    {
        .name = "doctor",
        .arguments = "[--json] [OPTION ...]",
        .summary = "check settings, store and machine, and say what to mend",
        .text = "Shows the settings in force and checks what serve depends on, one line each: ok, "
                "warn or fail, what was found, and the remedy. Takes the settings of serve.",
        .accepts = ACCEPTS_OPTIONS | ACCEPTS_JSON,
        .run = cmd_doctor,
    },
    {
        .name = "db",
        .arguments = "status|migrate|copy|backup|restore|prune [WORD ...] [--json] [OPTION ...]",
        .summary = "look after the store: schema, moving, backups",
        .text =
            "status shows which schema the store has, and which one this program needs. migrate "
            "brings the store to that schema, in one transaction; make a backup first, and end "
            "the processes of an older Footfall. copy FROM TO moves everything from one store to "
            "another, which must be empty; nobody may count on either meanwhile, and interrupted "
            "it goes on when it is run again. backup FILE writes an SQLite store to a file while "
            "Footfall counts on; restore FILE puts such a file in its place when no Footfall has "
            "it open, and keeps the old one as .before-restore. prune drops what is older than the "
            "sites keep their statistics, as serve does once a day by itself. Takes the settings "
            "of serve.",
        .accepts = ACCEPTS_OPTIONS | ACCEPTS_JSON | ACCEPTS_PRUNE,
        .max_words = 4,
        .run = cmd_db,
    },
    {
        .name = "site",
        .arguments = "add|list|show|set|remove [ID] [KEY=VALUE ...] [--json] "
                     "[OPTION ...]",
        .summary = "look after the sites, and how each is counted",
        .text =
            "add ID makes a site, with the settings that are given. list names all sites, with the "
            "views that were counted so far; show ID tells all settings of one. set ID changes "
            "settings, all that are given or, when one is wrong, none; it holds for the next hit, "
            "in every process. remove ID removes a site with all that was counted for it, when its "
            "id is typed once more or --confirm=ID is given; the site default is always there, and "
            "begins anew. What was interrupted is finished by the same command once more. Takes "
            "the settings of serve.",
        .accepts = ACCEPTS_OPTIONS | ACCEPTS_JSON | ACCEPTS_CONFIRM | ACCEPTS_FIELDS,
        .max_words = COMMAND_MAX_WORDS,
        .run = cmd_site,
    },
    {
        .name = "user",
        .arguments = "add|list|passwd|role|disable|enable|remove|sessions|reset-factor [EMAIL] "
                     "[ROLE] [--json] [OPTION ...]",
        .summary = "look after the users, and what each may do",
        .text =
            "add EMAIL adds a user. The first one is an owner of all sites, who may do everything; "
            "owner, editor and viewer are roles, on all sites or on one. list names all users. "
            "passwd EMAIL sets a new password. role EMAIL ROLE gives a role, and role EMAIL none "
            "takes it away. disable EMAIL keeps somebody out until enable EMAIL. remove EMAIL "
            "removes a user, when the address is typed once more or --confirm=EMAIL is given. "
            "sessions EMAIL lists the logins there are. reset-factor EMAIL turns the second factor "
            "off, for who lost it. passwd, disable, remove and reset-factor end all sessions of "
            "the user. The last owner of all sites stays one. All of it holds with the next "
            "request, at every process. Takes the settings of serve.",
        .accepts = ACCEPTS_OPTIONS | ACCEPTS_JSON | ACCEPTS_USER,
        .max_words = 3,
        .run = cmd_user,
    },
    {
        .name = "token",
        .arguments = "add|list|revoke [NAME|ID] [--scopes=SCOPES] [--json] [OPTION ...]",
        .summary = "look after API tokens, by which programs are let in",
        .text = "add NAME makes a token and prints it, alone on standard output: it is shown this "
                "once, and the store keeps a hash of it. A program sends it as Authorization: "
                "Bearer TOKEN. list names all tokens, with who made each, what it is good for and "
                "when it was "
                "last used. revoke ID ends one, for the next request at every process. Takes the "
                "settings of serve.",
        .accepts = ACCEPTS_OPTIONS | ACCEPTS_JSON | ACCEPTS_TOKEN,
        .max_words = 2,
        .run = cmd_token,
    },
    {
        .name = "setup-code",
        .arguments = "[OPTION ...]",
        .summary = "print a code to make the first user with",
        .text = "Prints a code, and the link of the page that makes the first user by it, within "
                "an hour; serve logs one when it starts. Fails when there is a user already. Takes "
                "the settings of serve.",
        .accepts = ACCEPTS_OPTIONS,
        .run = cmd_setup_code,
    },
    {
        .name = "demo",
        .arguments = "[--days=N] [--seed=N] [--into=SITE] [OPTION ...]",
        .summary = "serve a year of made-up traffic, to look around",
        .text = "Fills a new SQLite store in a temporary folder with the traffic of websites that "
                "do not exist, serves it with one worker on a free port of this machine, and "
                "removes it when it is told to end: by Ctrl-C. Everything is counted on the way "
                "that hits take in serve. Takes the settings of serve, but for the store, which "
                "is used with --into only.",
        .accepts = ACCEPTS_OPTIONS | ACCEPTS_TRAFFIC,
        .run = cmd_demo,
    },
    {
        .name = "stats",
        .arguments = "[SITE] [--watch] [--json] [--period=PERIOD] [OPTION ...]",
        .summary = "show what was counted, in the terminal",
        .text = "Shows the numbers of a site, of the last 30 days unless told otherwise, compared "
                "with the days before; how they went; and the longest lists. SITE is default when "
                "it is not given. Reads the store, so no server has to run. Takes the settings of "
                "serve.",
        .accepts = ACCEPTS_OPTIONS | ACCEPTS_JSON | ACCEPTS_STATS,
        .max_words = 1,
        .run = cmd_stats,
    },
    {
        .name = "version",
        .arguments = "[--json]",
        .summary = "show the version",
        .text = "Shows the version of Footfall, and with --json also of what it was built with.",
        .accepts = ACCEPTS_JSON,
        .run = cmd_version,
    },
    {
        .name = "help",
        .arguments = "[COMMAND]",
        .summary = "explain a command",
        .text = "Explains a command, or lists them all. With --man writes the manual page.",
        .accepts = ACCEPTS_MAN,
        .max_words = 1,
        .run = cmd_help,
    },
};

const size_t command_count = sizeof(command_table) / sizeof(command_table[0]);

const struct command *command_find(struct slice name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (slice_eq(slice_str(command_table[i].name), name))
            return &command_table[i];
    }
    return NULL;
}

/* ---- complaints ----------------------------------------------------------------------------- */

static enum exit_code unknown_command(const char *name)
{
    struct suggestion suggestion;

    suggestion_init(&suggestion, slice_str(name));
    for (size_t i = 0; i < command_count; i++)
        suggestion_add(&suggestion, slice_str(command_table[i].name));
    (void)fprintf(stderr, "footfall: there is no command \"%s\"", name);
    if (suggestion.best.ptr)
        (void)fprintf(stderr, "; did you mean \"footfall %.*s\"?\n", SLICE_ARG(suggestion.best));
    else
        (void)fprintf(stderr, "; \"footfall help\" lists them\n");
    return EXIT_CODE_USAGE;
}

static enum exit_code unknown_flag(const struct command *command, struct slice name)
{
    char flags[OPTIONS_MAX_ROWS][OPTION_MAX_FLAG];
    struct suggestion suggestion;

    suggestion_init(&suggestion, name);
    for (size_t i = 0; i < command_flag_count; i++) {
        if (command_takes(command, &command_flags[i]))
            suggestion_add(&suggestion, command_flags[i].name);
    }
    for (size_t i = 0; (command->accepts & ACCEPTS_OPTIONS) != 0 && i < option_count; i++) {
        option_flag(&option_table[i], flags[i]);
        suggestion_add(&suggestion, slice_str(flags[i]));
    }
    for (size_t i = 0; (command->accepts & ACCEPTS_FIELDS) != 0 && i < site_field_count; i++)
        suggestion_add(&suggestion, slice_str(site_fields[i].key));
    (void)fprintf(stderr, "footfall: %s takes no flag \"--%.*s\"", command->name, SLICE_ARG(name));
    if (suggestion.best.ptr)
        (void)fprintf(stderr, "; did you mean \"--%.*s\"?\n", SLICE_ARG(suggestion.best));
    else
        (void)fprintf(stderr, "; \"footfall help %s\" lists them\n", command->name);
    return EXIT_CODE_USAGE;
}

static enum exit_code unexpected(const struct command *command, const char *argument)
{
    (void)fprintf(stderr,
                  "footfall: %s does not take \"%s\"; \"footfall help %s\" says what it does\n",
                  command->name, argument, command->name);
    return EXIT_CODE_USAGE;
}

/* ---- taking the arguments apart ------------------------------------------------------------- */

/** What is left of the command line. */
struct arguments {
    char **next;     /* NULL at the end, as in argv */
    bool only_words; /* after "--" */
};

static enum exit_code needs_value(struct slice name, const char *example)
{
    (void)fprintf(stderr, "footfall: --%.*s needs a value, for example --%.*s=%s\n",
                  SLICE_ARG(name), SLICE_ARG(name), example);
    return EXIT_CODE_USAGE;
}

/* Of a flag that is no setting. @param value  what stands behind its '='; NULL: nothing does */
static enum exit_code take_own_flag(struct invocation *invocation, struct arguments *arguments,
                                    const struct command_flag *flag, const char *value)
{
    char *place = (char *)invocation + flag->offset;

    if (!flag->metavar) {
        *(bool *)place = true;
        return EXIT_CODE_OK;
    }
    if (!value && !*arguments->next)
        return needs_value(flag->name, flag->example);
    *(const char **)place = value ? value : *arguments->next++;
    return EXIT_CODE_OK;
}

static enum exit_code take_word(struct invocation *invocation, const char *text)
{
    if (invocation->word_count == invocation->command->max_words)
        return unexpected(invocation->command, text);
    invocation->words[invocation->word_count++] = text;
    return EXIT_CODE_OK;
}

static enum exit_code take_option(struct invocation *invocation, struct arguments *arguments,
                                  struct slice name, const char *value)
{
    const struct option *option = NULL;

    if ((invocation->command->accepts & ACCEPTS_OPTIONS) != 0)
        option = option_by_flag(name);
    if (!option)
        return unknown_flag(invocation->command, name);
    if (!value && !*arguments->next)
        return needs_value(name, option->example);
    options_set_flag(invocation->options, option, value ? value : *arguments->next++);
    return EXIT_CODE_OK;
}

/* "--name=value", "--name value", or "--name" of a flag that has no value. A setting of a site is
 * the word that stands behind the dashes. */
static enum exit_code take_flag(struct invocation *invocation, struct arguments *arguments,
                                const char *text)
{
    const char *equals = strchr(text, '=');
    const char *value = equals ? equals + 1 : NULL;
    struct slice name = slice_of(text, equals ? (size_t)(equals - text) : strlen(text));
    const struct command_flag *flag = command_flag_find(invocation->command, name);
    const struct site_field *field = NULL;

    if (flag && (flag->metavar || !value))
        return take_own_flag(invocation, arguments, flag, value);
    if ((invocation->command->accepts & ACCEPTS_FIELDS) != 0)
        field = site_field_find(name);
    if (!field)
        return take_option(invocation, arguments, name, value);
    return value ? take_word(invocation, text) : needs_value(name, field->example);
}

static enum exit_code take_argument(struct invocation *invocation, struct arguments *arguments,
                                    const char *text)
{
    if (!arguments->only_words && strcmp(text, "--") == 0) {
        arguments->only_words = true;
        return EXIT_CODE_OK;
    }
    if (!arguments->only_words && strcmp(text, "-h") == 0) {
        invocation->help = true;
        return EXIT_CODE_OK;
    }
    if (!arguments->only_words && strncmp(text, "--", 2) == 0)
        return take_flag(invocation, arguments, text + 2);
    if (!arguments->only_words && text[0] == '-')
        return unexpected(invocation->command, text);
    return take_word(invocation, text);
}

static enum exit_code run(struct invocation *invocation, char **argv)
{
    struct arguments arguments = {.next = argv};

    while (*arguments.next) {
        const char *text = *arguments.next++;
        enum exit_code code = take_argument(invocation, &arguments, text);

        if (code != EXIT_CODE_OK)
            return code;
    }
    if (invocation->help) {
        help_command(stdout, invocation->command);
        return EXIT_CODE_OK;
    }
    return invocation->command->run(invocation);
}

/* What everybody tries first is understood, too. */
static const char *without_dashes(const char *name)
{
    if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0)
        return "help";
    return strcmp(name, "--version") == 0 ? "version" : name;
}

enum exit_code command_main(int argc, char **argv)
{
    struct options options;
    struct invocation invocation = {.options = &options};
    enum exit_code code;

    if (argc < 2) {
        help_overview(stderr);
        return EXIT_CODE_USAGE;
    }
    invocation.command = command_find(slice_str(without_dashes(argv[1])));
    if (!invocation.command)
        return unknown_command(argv[1]);
    options_init(&options);
    code = run(&invocation, argv + 2);
    options_fini(&options);
    return code;
}
