#include "cli/help.h"

#include "cli/command_flag.h"
#include "count/site_field.h"

/* Terminals are at least this wide. */
#define COLUMNS 80

/* Prints `text` word by word, each line indented; begins at the margin, ends with a line feed. */
static void print_wrapped(FILE *out, int indent, const char *text)
{
    int column = fprintf(out, "%*s", indent, "");

    while (*text != '\0') {
        int len = (int)strcspn(text, " ");

        if (column > indent && column + 1 + len > COLUMNS)
            column = fprintf(out, "\n%*s", indent, "") - 1;
        else if (column > indent)
            column += fprintf(out, " ");
        column += fprintf(out, "%.*s", len, text);
        text += len;
        text += strspn(text, " ");
    }
    (void)fprintf(out, "\n");
}

void help_overview(FILE *out)
{
    (void)fprintf(out, "Footfall counts the visits to websites exactly once.\n\n"
                       "usage: footfall COMMAND [OPTION ...]\n\n");
    for (size_t i = 0; i < command_count; i++)
        (void)fprintf(out, "  %-10s  %s\n", command_table[i].name, command_table[i].summary);
    (void)fprintf(out, "\nfootfall serve       starts at http://localhost:8080 with a file, "
                       "footfall.db\n"
                       "footfall help serve  lists all settings\n");
}

static void print_option(FILE *out, const struct option *option)
{
    char flag[OPTION_MAX_FLAG];
    char heading[128];
    const char *fallback = option->fallback ? option->fallback : option->default_text;

    option_flag(option, flag);
    (void)snprintf(heading, sizeof(heading), "--%s=%s", flag, option->metavar);
    (void)fprintf(out, "  %-42s %s\n", heading, option->variable);
    print_wrapped(out, 6, option->help);
    if (fallback)
        (void)fprintf(out, "      Default: %s.\n", fallback);
}

static void print_flag(FILE *out, const struct command_flag *flag)
{
    (void)fprintf(out, "\n  --%.*s%s%s\n", SLICE_ARG(flag->name), flag->metavar ? "=" : "",
                  flag->metavar ? flag->metavar : "");
    print_wrapped(out, 6, flag->help);
}

static void print_fields(FILE *out)
{
    (void)fprintf(out, "\nSettings of a site, KEY=VALUE:\n\n");
    for (size_t i = 0; i < site_field_count; i++) {
        const struct site_field *field = &site_fields[i];

        if (field->is_fixed)
            continue;
        (void)fprintf(out, "  %s\n", field->key);
        print_wrapped(out, 6, field->help);
        if (field->fallback[0] != '\0')
            (void)fprintf(out, "      Default: %s.\n", field->fallback);
    }
}

void help_command(FILE *out, const struct command *command)
{
    (void)fprintf(out, "usage: footfall %s %s\n\n", command->name, command->arguments);
    print_wrapped(out, 0, command->text);
    for (size_t i = 0; i < command_flag_count; i++) {
        if (command_flags[i].help && command_takes(command, &command_flags[i]))
            print_flag(out, &command_flags[i]);
    }
    if (command->accepts & ACCEPTS_FIELDS)
        print_fields(out);
    if (!(command->accepts & ACCEPTS_OPTIONS))
        return;
    (void)fprintf(out,
                  "\nSettings, by flag or by the variable beside it; the flag goes first:\n\n");
    for (size_t i = 0; i < option_count; i++)
        print_option(out, &option_table[i]);
}
