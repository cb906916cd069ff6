/**
 * The log: one event a line, on stdout, never to a file (twelve-factor, XI).
 *
 *     log_info("worker started", LOG_INT("pid", pid), LOG_STR("store", "sqlite"));
 *
 * On a terminal a line is logfmt:   time=… level=info msg="worker started" pid=17 store=sqlite
 * With FOOTFALL_LOG_FORMAT=json it is one JSON object with the same keys. Values are escaped, so an
 * event can never forge a second line. A line is written with one write(2) and is at most 4 KiB:
 * longer values are cut, and fields that have no room are left out. No address, no user agent, no
 * secret is ever logged.
 */
#ifndef FOOTFALL_BASE_LOG_H
#define FOOTFALL_BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

enum log_format { LOG_LOGFMT, LOG_JSON };

/** One key and its value. */
struct log_field {
    const char *key;

    enum { LOG_FIELD_INT, LOG_FIELD_TEXT } type;

    int64_t number;
    struct slice text;
};

#define LOG_INT(key_, value_)                                                                      \
    ((struct log_field){.key = (key_), .type = LOG_FIELD_INT, .number = (int64_t)(value_)})
#define LOG_SLICE(key_, value_)                                                                    \
    ((struct log_field){.key = (key_), .type = LOG_FIELD_TEXT, .text = (value_)})
#define LOG_STR(key_, value_) LOG_SLICE(key_, slice_str(value_))

/** Sets how and from which level on to write; before the first call logfmt from LOG_INFO on. */
void log_setup(enum log_format format, enum log_level level);

/** Nothing is written any more: for commands whose standard output is what they have to say. */
void log_off(void);

/** Writes one event; `message` is a constant text of ours. Use the macros below. */
void log_write(enum log_level level, const char *message, const struct log_field *fields,
               size_t field_count);

#define LOG_EVENT_(level_, ...) LOG_EVENT_FIELDS_(level_, __VA_ARGS__, LOG_STR(NULL, NULL))
#define LOG_EVENT_FIELDS_(level_, message_, ...)                                                   \
    log_write(level_, message_, (const struct log_field[]){__VA_ARGS__},                           \
              sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field) - 1)

#define log_debug(...) LOG_EVENT_(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)  LOG_EVENT_(LOG_INFO, __VA_ARGS__)
#define log_warn(...)  LOG_EVENT_(LOG_WARN, __VA_ARGS__)
#define log_error(...) LOG_EVENT_(LOG_ERROR, __VA_ARGS__)

#endif
