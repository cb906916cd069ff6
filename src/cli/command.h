/**
 * The commands: one table, from which come parsing, help and the manual page. Each runs in a file
 * of its own, cmd_NAME.c.
 */
#ifndef FOOTFALL_CLI_COMMAND_H
#define FOOTFALL_CLI_COMMAND_H

#include "cli/options.h"
#include "process/exit_code.h"

/** What a command takes besides -h and --help; or'ed. The flags are in command_flag.c. */
enum command_accepts {
    ACCEPTS_OPTIONS = 1 << 0, /* the settings of option.h */
    ACCEPTS_JSON = 1 << 1,    /* --json */
    ACCEPTS_MAN = 1 << 2,     /* --man */
    ACCEPTS_TRAFFIC = 1 << 3, /* --seed, --days, … of demo */
    ACCEPTS_PRUNE = 1 << 4,   /* --site, --dry-run of db prune */
    ACCEPTS_CONFIRM = 1 << 5, /* --confirm of site remove */
    ACCEPTS_FIELDS = 1 << 6,  /* the settings of a site: words KEY=VALUE, also as --KEY=VALUE */
    ACCEPTS_STATS = 1 << 7,   /* --from, --to, … of stats */
    ACCEPTS_TOKEN = 1 << 8,   /* --scopes, --days, --site of token add */
    ACCEPTS_USER = 1 << 9,    /* --role, --password-file, … of user */
};

#define COMMAND_MAX_WORDS 20

struct command;

/** One call of a command, taken apart. */
struct invocation {
    const struct command *command;
    struct options *options; /* flags are in it already; the command reads the environment */
    const char *words[COMMAND_MAX_WORDS]; /* those that are no flags */
    unsigned word_count;
    bool json;
    bool man;
    bool help;
    bool force;
    bool dry_run;
    const char *seed; /* this and the next ones: NULL when not given */
    const char *days;
    const char *until;
    const char *hits_per_day;
    const char *into;
    const char *site;
    const char *confirm;
    bool watch;
    const char *from; /* this and the next ones: NULL when not given */
    const char *to;
    const char *period;
    const char *by;
    const char *compare;
    const char *page;
    const char *scopes;
    const char *role;
    const char *name;
    const char *password_file;
    bool end;
};

struct command {
    const char *name;
    const char *arguments; /* for the synopsis: "[--json] [OPTION ...]" */
    const char *summary;   /* half a sentence, for the list of commands */
    const char *text;      /* whole sentences */
    unsigned accepts;
    unsigned max_words; /* at most COMMAND_MAX_WORDS */
    enum exit_code (*run)(const struct invocation *invocation);
};

extern const struct command command_table[];
extern const size_t command_count;

/** NULL when there is none. */
const struct command *command_find(struct slice name);

/** Finds and runs the command that `argv` names; complains on stderr about what is wrong. */
enum exit_code command_main(int argc, char **argv);

enum exit_code cmd_serve(const struct invocation *invocation);
enum exit_code cmd_doctor(const struct invocation *invocation);
enum exit_code cmd_db(const struct invocation *invocation);
enum exit_code cmd_demo(const struct invocation *invocation);
enum exit_code cmd_site(const struct invocation *invocation);
enum exit_code cmd_user(const struct invocation *invocation);
enum exit_code cmd_token(const struct invocation *invocation);
enum exit_code cmd_setup_code(const struct invocation *invocation);
enum exit_code cmd_stats(const struct invocation *invocation);
enum exit_code cmd_version(const struct invocation *invocation);
enum exit_code cmd_help(const struct invocation *invocation);

#endif
