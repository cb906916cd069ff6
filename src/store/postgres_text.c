#include "store/postgres_text.h"

#include "base/strbuf.h"

static struct slice take_line(const char **message)
{
    struct slice line = slice_of(*message, strcspn(*message, "\n"));

    *message += line.len + ((*message)[line.len] == '\n');
    while (line.len > 0 && (line.ptr[line.len - 1] == ' ' || line.ptr[line.len - 1] == '.'))
        line.len--;
    return line;
}

/* The lines that are set in are explanations: "Is the server running on that host …?" */
void postgres_one_line(const char *message, char *out, size_t size)
{
    struct strbuf text;

    strbuf_init_fixed(&text, out, size - 1);
    while (*message != '\0') {
        struct slice line = take_line(&message);

        if (line.len == 0 || line.ptr[0] == '\t')
            continue;
        if (text.len > 0)
            strbuf_append(&text, SLICE("; "));
        if (line.len > text.capacity - text.len)
            line.len = text.capacity - text.len;
        strbuf_append(&text, line);
    }
    out[text.len] = '\0';
}

void postgres_error_line(const PGresult *error, char *out, size_t size)
{
    const char *primary = PQresultErrorField(error, PG_DIAG_MESSAGE_PRIMARY);

    postgres_one_line(primary ? primary : PQresultErrorMessage(error), out, size);
}
