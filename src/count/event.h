/**
 * An event: something a visitor did on a page, with a name, up to five properties and a value.
 *
 *     name "order", properties plan=yearly and coupon=SPRING, value 59.90
 */
#ifndef FOOTFALL_COUNT_EVENT_H
#define FOOTFALL_COUNT_EVENT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

#define EVENT_MAX_NAME           128
#define EVENT_MAX_PROPERTIES     5
#define EVENT_MAX_PROPERTY_NAME  64
#define EVENT_MAX_PROPERTY_VALUE 255

struct event_property {
    struct slice name;  /* 1 to EVENT_MAX_PROPERTY_NAME bytes of clean UTF-8 without '=' */
    struct slice value; /* 0 to EVENT_MAX_PROPERTY_VALUE bytes of clean UTF-8 */
};

struct event {
    struct slice name; /* 1 to EVENT_MAX_NAME bytes of clean UTF-8 */
    const struct event_property *properties;
    size_t property_count; /* at most EVENT_MAX_PROPERTIES */
    double value;          /* finite; 0 when there is none */
    bool has_value;
};

/**
 * The name of an event out of what GoatCounter's clients send as its path: without the slashes
 * before it and the blanks around it.
 */
struct slice event_name(struct slice sent);

/**
 * Checks what came from outside.
 *
 * @param info  what is wrong and what is right; may be NULL
 * @return      ERR_OK; ERR_INVALID: a name, a property or the value is not as struct event says, or
 *              two properties have the same name
 */
enum err event_check(const struct event *event, struct err_info *info) MUST_CHECK;

/**
 * Reads a value: a decimal number of at most 32 characters, as 12, -0.5 or 1.5e3.
 *
 * @return  ERR_OK; ERR_INVALID: it is none, or too large
 */
enum err event_parse_value(struct slice text, double *out, struct err_info *info) MUST_CHECK;

/**
 * The text under which a property is counted: NAME=VALUE. Since a name has no '=', two properties
 * never share one.
 *
 * @return  in `arena`; its ptr is NULL when there was no memory
 */
struct slice event_property_text(const struct event_property *property, struct arena *arena);

#endif
