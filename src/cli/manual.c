/* The manual page: fixed text around the tables. */
#include "cli/help.h"

#include "cli/command_flag.h"
#include "count/site_field.h"

static const char head[] =
    ".Dd " FOOTFALL_MANUAL_DATE "\n"
    ".Dt FOOTFALL 1\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm footfall\n"
    ".Nd count the visits to websites exactly once\n"
    ".Sh SYNOPSIS\n"
    ".Nm footfall\n"
    ".Ar command\n"
    ".Op Ar option ...\n"
    ".Sh DESCRIPTION\n"
    ".Nm\n"
    "is a web server that counts visits.\n"
    "It answers a visitor only after the visit is stored, counts a visit once\n"
    "even when it is sent again, and runs as any number of processes that share\n"
    "nothing but the store.\n"
    ".Pp\n"
    "Settings come from flags and from the environment, never from a file of its own.\n"
    "Each flag has a variable and each variable a flag; the flag goes first.\n"
    "An empty variable counts as not set.\n";

static const char signals[] = ".Sh SIGNALS\n"
                              ".Bl -tag -width Ds\n"
                              ".It Dv SIGTERM , Dv SIGINT , Dv SIGQUIT\n"
                              "Accept nothing new, finish what is under way, and end.\n"
                              "A second one ends at once.\n"
                              ".It Dv SIGHUP\n"
                              "Replace the workers one by one; no connection is refused.\n"
                              "A single process without a master ignores it.\n"
                              ".El\n";

static const char service_variables[] =
    ".It Ev LISTEN_FDS , LISTEN_PID\n"
    "Listening sockets passed by the service manager; they take the place of\n"
    ".Ev FOOTFALL_LISTEN .\n"
    ".It Ev NOTIFY_SOCKET , WATCHDOG_USEC\n"
    "Where and how often the service manager wants to be told that all is well.\n";

static const char redis[] = ".Sh REDIS\n"
                            "A Redis user\n"
                            ".Pq ACL SETUSER\n"
                            "needs no more rights than\n"
                            ".Bd -literal -offset indent\n"
                            "~footfall:* +select +eval +evalsha +mget +hmget +get +exists +hlen\n"
                            "+zcard +incrby +hset +hincrby +set +expire +del +zadd +zrem\n"
                            "+zremrangebyscore +zrange +hgetall +hscan +unlink +info\n"
                            "+config|get\n"
                            ".Ed\n"
                            ".Pp\n"
                            "With\n"
                            ".Ar wait\n"
                            "in the URL it needs +wait too; in a cluster, on each node,\n"
                            "+cluster|info +cluster|slots +asking.\n"
                            "To read everything out takes +scan +pttl.\n";

static const char tail[] =
    ".Sh EXIT STATUS\n"
    ".Bl -tag -width Ds -compact\n"
    ".It 0\n"
    "All is well.\n"
    ".It 1\n"
    "It failed, or\n"
    ".Ic doctor\n"
    "found a failure.\n"
    ".It 2\n"
    "There is no such command or flag.\n"
    ".It 69\n"
    "The store cannot be reached\n"
    ".Pq Ic doctor , db , site , user , token , setup-code , stats .\n"
    ".It 78\n"
    "A setting is wrong.\n"
    "The message names it, its value, and a right example.\n"
    "Or the schema of the store is an older or a newer one;\n"
    "the message says what to run.\n"
    ".El\n"
    ".Sh EXAMPLES\n"
    "Count in a file, at http://localhost:8080:\n"
    ".Pp\n"
    ".Dl footfall serve\n"
    ".Pp\n"
    "In a PostgreSQL, with TLS and the password in a file:\n"
    ".Bd -literal -offset indent\n"
    "FOOTFALL_STORE=postgres://ann@db.example/footfall?sslmode=verify-full \\e\n"
    "PGPASSFILE=/etc/footfall/pgpass footfall serve\n"
    ".Ed\n"
    ".Pp\n"
    "Four workers on a Redis, behind a proxy at 10.0.0.5:\n"
    ".Bd -literal -offset indent\n"
    "FOOTFALL_STORE=redis://redis.example/0 \\e\n"
    "FOOTFALL_TRUSTED_PROXIES=10.0.0.5 WEB_CONCURRENCY=4 \\e\n"
    "footfall serve --listen=:8080\n"
    ".Ed\n"
    ".Pp\n"
    "From the file to a PostgreSQL, while nobody counts:\n"
    ".Pp\n"
    ".Dl footfall db copy sqlite:footfall.db postgres://db.example/footfall\n"
    ".Pp\n"
    "Look around in a year of made-up traffic:\n"
    ".Pp\n"
    ".Dl footfall demo\n"
    ".Pp\n"
    "What was counted this week, kept up to date:\n"
    ".Pp\n"
    ".Dl footfall stats --period=week --watch\n"
    ".Pp\n"
    "A backup of the file, while everybody counts:\n"
    ".Pp\n"
    ".Dl footfall db backup /backup/monday.db\n"
    ".Pp\n"
    "A site of its own, on two hosts:\n"
    ".Pp\n"
    ".Dl footfall site add blog zone=Europe/Berlin domains=blog.example,blog.test\n"
    ".Pp\n"
    "Somebody who sees the statistics of that site; a link to choose a password:\n"
    ".Pp\n"
    ".Dl footfall user add ann@example.com --role=viewer --site=blog < /dev/null\n"
    ".Pp\n"
    "A token for a program that sends hits, in a variable of the shell:\n"
    ".Pp\n"
    ".Dl TOKEN=$(footfall token add importer --scopes=count --days=90)\n"
    ".Sh SEE ALSO\n"
    ".Xr psql 1 ,\n"
    ".Xr redis-server 1 ,\n"
    ".Xr sqlite3 1 ,\n"
    ".Xr systemd.socket 5\n";

/* Longer lines than this are frowned upon by mandoc(1). */
#define FILL_COLUMNS 72

static int print_word(FILE *out, const char *word, int len)
{
    for (int i = 0; i < len; i++)
        (void)fputs(word[i] == '\\' ? "\\e" : (char[]){word[i], '\0'}, out);
    return len;
}

/* Fills lines, and begins a new one after each sentence, as mdoc(7) wants it. */
static void print_text(FILE *out, const char *text)
{
    int column = 0;

    while (*text != '\0') {
        int len = (int)strcspn(text, " ");
        bool ends_sentence = text[len - 1] == '.';

        column += print_word(out, text, len);
        text += len;
        text += strspn(text, " ");
        if (ends_sentence || column + (int)strcspn(text, " ") >= FILL_COLUMNS || *text == '\0') {
            (void)fputc('\n', out);
            column = 0;
        } else {
            column += fprintf(out, " ");
        }
    }
}

/* What --json and --man do, the synopsis of their commands says. */
static bool has_own_flags(const struct command *command)
{
    return (command->accepts &
            (ACCEPTS_TRAFFIC | ACCEPTS_PRUNE | ACCEPTS_STATS | ACCEPTS_TOKEN | ACCEPTS_USER)) != 0;
}

static void print_flags(FILE *out, const struct command *command)
{
    (void)fputs(".Bl -tag -width Ds\n", out);
    for (size_t i = 0; i < command_flag_count; i++) {
        const struct command_flag *flag = &command_flags[i];

        if (!flag->help || !command_takes(command, flag))
            continue;
        (void)fprintf(out, ".It Fl -%.*s", SLICE_ARG(flag->name));
        if (flag->metavar)
            (void)fprintf(out, " Ns = Ns Ar %s", flag->metavar);
        (void)fputc('\n', out);
        print_text(out, flag->help);
    }
    (void)fputs(".El\n", out);
}

static void print_commands(FILE *out)
{
    (void)fputs(".Sh COMMANDS\n.Bl -tag -width Ds\n", out);
    for (size_t i = 0; i < command_count; i++) {
        (void)fprintf(out, ".It Ic %s %s\n", command_table[i].name, command_table[i].arguments);
        print_text(out, command_table[i].text);
        if (has_own_flags(&command_table[i]))
            print_flags(out, &command_table[i]);
    }
    (void)fputs(".El\n", out);
}

static void print_options(FILE *out)
{
    (void)fputs(".Sh OPTIONS\nFor\n.Ic serve , doctor , db , site , user , token , setup-code , "
                "demo\nand\n.Ic stats :\n"
                ".Bl -tag -width Ds\n",
                out);
    for (size_t i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        const char *fallback = option->fallback ? option->fallback : option->default_text;
        char flag[OPTION_MAX_FLAG];

        option_flag(option, flag);
        (void)fprintf(out, ".It Fl -%s Ns = Ns Ar %s\n", flag, option->metavar);
        print_text(out, option->help);
        if (fallback)
            (void)fprintf(out, "Default: %s.\n", fallback);
    }
    (void)fputs(".El\n", out);
}

static void print_fields(FILE *out)
{
    (void)fputs(".Sh SETTINGS OF A SITE\nFor\n.Ic site add\nand\n.Ic site set :\n"
                ".Bl -tag -width Ds\n",
                out);
    for (size_t i = 0; i < site_field_count; i++) {
        const struct site_field *field = &site_fields[i];

        if (field->is_fixed)
            continue;
        (void)fprintf(out, ".It Ar %s\n", field->key);
        print_text(out, field->help);
        if (field->fallback[0] != '\0')
            (void)fprintf(out, "Default: %s.\n", field->fallback);
    }
    (void)fputs(".El\n", out);
}

static void print_environment(FILE *out)
{
    (void)fputs(".Sh ENVIRONMENT\n.Bl -tag -width Ds\n", out);
    for (size_t i = 0; i < option_count; i++) {
        char flag[OPTION_MAX_FLAG];

        option_flag(&option_table[i], flag);
        (void)fprintf(out, ".It Ev %s\nAs\n.Fl -%s .\n", option_table[i].variable, flag);
    }
    (void)fputs(service_variables, out);
    (void)fputs(".El\n", out);
}

void help_manual(FILE *out)
{
    (void)fputs(head, out);
    print_commands(out);
    print_options(out);
    print_fields(out);
    (void)fputs(signals, out);
    print_environment(out);
    (void)fputs(redis, out);
    (void)fputs(tail, out);
}
