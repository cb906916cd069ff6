#include "base/log.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/strbuf.h"

/* A pipe takes this much in one piece (PIPE_BUF), so lines of several processes do not mix. */
#define LINE_BYTES 4096

/* Room kept for the closing brace and the line feed. */
#define TAIL_BYTES 2

/* What stands around a key and its value, at most: a comma, two quotes, a colon; the 20 bytes of
 * the longest number, or the two quotes of a text. */
#define FIELD_BYTES (4 + 20)

static enum log_format format = LOG_LOGFMT;
static enum log_level threshold = LOG_INFO;
static bool is_off;

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};

void log_setup(enum log_format new_format, enum log_level level)
{
    format = new_format;
    threshold = level;
    is_off = false;
}

void log_off(void)
{
    is_off = true;
}

static size_t room(const struct strbuf *line)
{
    return LINE_BYTES - TAIL_BYTES - line->len;
}

/* Control characters, quotes and backslashes are escaped the same way in JSON and in logfmt. A text
 * that is too long is cut between two characters. */
static void append_quoted(struct strbuf *line, struct slice text)
{
    strbuf_append_char(line, '"');
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
        if ((size_t)len + 1 > room(line)) /* 1: the closing quote */
            break;
        strbuf_append(line, slice_of(escaped, (size_t)len));
    }
    strbuf_append_char(line, '"');
}

static void append_plain(struct strbuf *line, struct slice text)
{
    strbuf_append(line, slice_of(text.ptr, text.len < room(line) ? text.len : room(line)));
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

static void append_key(struct strbuf *line, const char *key)
{
    if (format == LOG_JSON)
        strbuf_append(line, line->len == 1 ? SLICE("\"") : SLICE(",\""));
    else if (line->len > 0)
        strbuf_append_char(line, ' ');
    strbuf_append(line, slice_str(key));
    strbuf_append(line, format == LOG_JSON ? SLICE("\":") : SLICE("="));
}

/* A field that has no room is left out, so that what stands in the line is whole. */
static void append_field(struct strbuf *line, const char *key, const struct log_field *field)
{
    if (strlen(key) + FIELD_BYTES > room(line))
        return;
    append_key(line, key);
    if (field->type == LOG_FIELD_INT)
        strbuf_append_int(line, field->number);
    else if (format == LOG_LOGFMT && is_plain(field->text))
        append_plain(line, field->text);
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

    if (is_off || level < threshold)
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
