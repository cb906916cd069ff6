/**
 * The fields of a hit in JSON, read by a table: which there are, and what each may be, is the
 * business of the address that takes them.
 *
 *     {"path":"/blog","title":"Blog","size":[1920,1080]}  ->  struct hit_fields
 */
#ifndef FOOTFALL_WEB_HIT_FIELDS_H
#define FOOTFALL_WEB_HIT_FIELDS_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "count/event.h"

/** What a client said: of the right type, and not too long, and nothing else is checked. Texts are
 *  UTF-8 without NUL; empty: not given. */
struct hit_fields {
    struct slice site;
    struct slice path; /* or the whole address of the page */
    struct slice url;
    struct slice title;
    struct slice referrer;
    struct slice query;
    struct slice size; /* see screen.h */
    struct slice user_agent;
    struct slice ip;
    struct slice language;
    struct slice country;
    struct slice session;
    struct slice id;
    struct slice event; /* its name */
    bool is_event;      /* the path is its name */
    bool has_time;
    bool has_value;
    int64_t unix_s;
    int64_t bot; /* see bot_reason_of_hint() */
    double value;
    struct event_property properties[EVENT_MAX_PROPERTIES];
    size_t property_count;
};

/** What a field has to be in JSON. `null` is as good as leaving it out. */
enum hit_form {
    HIT_FORM_TEXT,
    HIT_FORM_SIZE,       /* a text, a width, or a list of width, height, and so on */
    HIT_FORM_TIME,       /* RFC 3339, or seconds since 1970 */
    HIT_FORM_WHOLE,      /* a number */
    HIT_FORM_NUMBER,     /* one that may have decimals; notes that it is there */
    HIT_FORM_BOOLEAN,    /* also 0 and 1 */
    HIT_FORM_PROPERTIES, /* an object of texts, numbers, true and false */
};

struct hit_field {
    const char *name;
    enum hit_form form;
    size_t offset;    /* in struct hit_fields; unused when the form leaves no choice */
    size_t max_bytes; /* of a text */
};

/**
 * Reads one hit.
 *
 * @param hit    any value of JSON
 * @param arena  for copies: nothing is borrowed from `hit`
 * @param out    valid with ERR_OK only
 * @param info   the first thing that is wrong, naming the field; valid UTF-8
 * @return       ERR_OK; ERR_INVALID: no object, a field that is not in the table, or is not of its
 *               form; ERR_NO_MEMORY
 */
enum err hit_fields_read(json_t *hit, const struct hit_field *table, size_t count,
                         struct arena *arena, struct hit_fields *out,
                         struct err_info *info) MUST_CHECK;

#endif
