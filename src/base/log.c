#include "base/log.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/strbuf.h"

/* A pipe takes this much in one piece (PIPE_BUF), so lines of several processes do not mix. */
#define LINE_BYTES 4096

/* Room kept for the closing quote, brace and line feed. */
#define TAIL_BYTES 4

static enum log_format format = LOG_LOGFMT;
static enum log_level threshold = LOG_INFO;

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};

void log_setup(enum log_format new_format, enum log_level level)
{
    format = new_format;
    threshold = level;
}

static void append(struct strbuf *line, const char *bytes, size_t len)
{
    if (line->len + len + TAIL_BYTES <= LINE_BYTES)
        strbuf_append(line, slice_of(bytes, len));
}

/* Control characters, quotes and backslashes are escaped the same way in JSON and in logfmt. */
static void append_quoted(struct strbuf *line, struct slice text)
{
    append(line, "\"", 1);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        char escaped[8];
        int len = 1;

        if (c == '"' || c == '\\')
            len = snprintf(escaped, sizeof(escaped), "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            len = snprintf(escaped, sizeof(escaped), "\\u%04x", c);
        else
            escaped[0] = (char)c;
        append(line, escaped, (size_t)len);
    }
    strbuf_append_char(line, '"');
}

static bool is_plain(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c <= 0x20 || c >= 0x7f || c == '"' || c == '=' || c == '\\')
            return false;
    }
    return text.len > 0;
}

static void append_field(struct strbuf *line, const char *key, const struct log_field *field)
{
    char number[24];

    if (format == LOG_JSON)
        append(line, line->len == 1 ? "\"" : ",\"", line->len == 1 ? 1 : 2);
    else if (line->len > 0)
        append(line, " ", 1);
    append(line, key, strlen(key));
    append(line, format == LOG_JSON ? "\":" : "=", format == LOG_JSON ? 2 : 1);
    if (field->type == LOG_FIELD_INT)
        append(line, number, (size_t)snprintf(number, sizeof(number), "%" PRId64, field->number));
    else if (format == LOG_LOGFMT && is_plain(field->text))
        append(line, field->text.ptr, field->text.len);
    else
        append_quoted(line, field->text);
}

static void append_time(struct strbuf *line)
{
    struct timespec now;
    struct tm utc;
    char text[48];
    size_t len;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
    len += (size_t)snprintf(text + len, sizeof(text) - len, ".%03ldZ", now.tv_nsec / 1000000);
    append_field(line, "time", &LOG_SLICE("time", slice_of(text, len)));
}

void log_write(enum log_level level, const char *message, const struct log_field *fields,
               size_t field_count)
{
    char storage[LINE_BYTES];
    struct strbuf line;

    if (level < threshold)
        return;
    strbuf_init_fixed(&line, storage, sizeof(storage));
    if (format == LOG_JSON)
        strbuf_append_char(&line, '{');
    append_time(&line);
    append_field(&line, "level", &LOG_STR("level", level_names[level]));
    append_field(&line, "msg", &LOG_STR("msg", message));
    for (size_t i = 0; i < field_count; i++)
        append_field(&line, fields[i].key, &fields[i]);
    if (format == LOG_JSON)
        strbuf_append_char(&line, '}');
    strbuf_append_char(&line, '\n');
    /* A log that cannot be written has nowhere to say so. */
    if (write(STDOUT_FILENO, line.ptr, line.len) < 0)
        return;
}
