#include "store/postgres_text.h"

#include <stdbool.h>

static bool is_space(char c)
{
    return c == '\n' || c == '\t' || c == ' ';
}

void postgres_one_line(const char *message, char *out, size_t size)
{
    size_t len = 0;

    for (const char *c = message; *c != '\0' && len + 1 < size; c++) {
        if (!is_space(*c))
            out[len++] = *c;
        else if (len > 0 && out[len - 1] != ' ')
            out[len++] = ' ';
    }
    while (len > 0 && (out[len - 1] == ' ' || out[len - 1] == '.'))
        len--;
    out[len] = '\0';
}

void postgres_error_line(const PGresult *error, char *out, size_t size)
{
    const char *primary = PQresultErrorField(error, PG_DIAG_MESSAGE_PRIMARY);

    postgres_one_line(primary ? primary : PQresultErrorMessage(error), out, size);
}
