/**
 * Records that are JSON objects with fixed keys: what their readers and writers share. Reading is
 * strict: a key that is missing, unknown or of another type makes the whole record none.
 */
#ifndef FOOTFALL_SESSION_RECORD_JSON_H
#define FOOTFALL_SESSION_RECORD_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"
#include "base/strbuf.h"

struct json_t;

enum record_field_form {
    RECORD_TEXT,   /* char[size], NUL-terminated */
    RECORD_NUMBER, /* int64_t, not below 0 */
    RECORD_FLAG,   /* bool */
};

/** A key of the object, and where its value is in the struct. */
struct record_field {
    const char *key;
    enum record_field_form form;
    size_t offset;
    size_t size; /* of a text, with its NUL */
};

/** Reads an object that is written as record_json_append() does. ERR_INVALID: it is none, or the
 * library says so for want of memory, which it does now and then; ERR_NO_MEMORY.
 * @param out  to be given back */
enum err record_json_parse(struct slice json, struct json_t **out) MUST_CHECK;

/** Reads the values of all of these keys into the struct at `out`. */
bool record_json_get(const struct json_t *object, const struct record_field *fields, size_t count,
                     void *out);

/** False without memory, or when a text is no UTF-8. */
bool record_json_set(struct json_t *object, const struct record_field *fields, size_t count,
                     const void *in);

/** Appends an object and gives it back; NULL, for want of memory, makes `out` failed. */
void record_json_append(struct json_t *object, struct strbuf *out);

#endif
