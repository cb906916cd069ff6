#include "count/event.h"

#include <math.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/utf8.h"

#define MAX_NUMBER 32

struct slice event_name(struct slice sent)
{
    struct slice name = ascii_trim(sent);

    while (name.len > 0 && name.ptr[0] == '/')
        name = slice_from(name, 1);
    return ascii_trim(name);
}

static enum err check_name(struct slice name, struct err_info *info)
{
    if (name.len == 0) {
        err_info_set(info, "the name of the event is missing");
        return ERR_INVALID;
    }
    if (name.len > EVENT_MAX_NAME) {
        err_info_set(info, "the name of the event has %zu bytes; at most %d are taken", name.len,
                     EVENT_MAX_NAME);
        return ERR_INVALID;
    }
    if (!utf8_is_clean(name)) {
        err_info_set(info, "the name of the event is not UTF-8 or has control characters");
        return ERR_INVALID;
    }
    return ERR_OK;
}

static enum err fail_property(struct err_info *info, size_t number, const char *what, int limit)
{
    err_info_set(info, "property %zu: %s, of at most %d bytes of UTF-8 without control characters",
                 number, what, limit);
    return ERR_INVALID;
}

/* `number` counts from 1, for the one who reads the error. */
static enum err check_property(const struct event_property *property, size_t number,
                               struct err_info *info)
{
    struct slice name = property->name;

    if (name.len == 0 || name.len > EVENT_MAX_PROPERTY_NAME || memchr(name.ptr, '=', name.len) ||
        !utf8_is_clean(name))
        return fail_property(info, number, "its name must be a text without \"=\"",
                             EVENT_MAX_PROPERTY_NAME);
    if (property->value.len > EVENT_MAX_PROPERTY_VALUE || !utf8_is_clean(property->value))
        return fail_property(info, number, "its value must be a text, or empty",
                             EVENT_MAX_PROPERTY_VALUE);
    return ERR_OK;
}

static bool is_named_before(const struct event *event, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (slice_eq(event->properties[i].name, event->properties[at].name))
            return true;
    }
    return false;
}

static enum err check_properties(const struct event *event, struct err_info *info)
{
    if (event->property_count > EVENT_MAX_PROPERTIES) {
        err_info_set(info, "the event has %zu properties; at most %d are taken",
                     event->property_count, EVENT_MAX_PROPERTIES);
        return ERR_INVALID;
    }
    for (size_t i = 0; i < event->property_count; i++) {
        enum err err = check_property(&event->properties[i], i + 1, info);

        if (err != ERR_OK)
            return err;
        if (is_named_before(event, i)) {
            err_info_set(info, "property %zu has the name of another one", i + 1);
            return ERR_INVALID;
        }
    }
    return ERR_OK;
}

enum err event_check(const struct event *event, struct err_info *info)
{
    enum err err = check_name(event->name, info);

    if (err == ERR_OK)
        err = check_properties(event, info);
    if (err != ERR_OK || !event->has_value || isfinite(event->value))
        return err;
    err_info_set(info, "the value of the event is not a finite number");
    return ERR_INVALID;
}

/* Takes the digits off `rest`; false when there are none. */
static bool skip_digits(struct slice *rest)
{
    size_t count = 0;

    while (count < rest->len && ascii_is_digit(rest->ptr[count]))
        count++;
    *rest = count > 0 ? slice_from(*rest, count) : *rest;
    return count > 0;
}

static bool skip(struct slice *rest, const char *any)
{
    if (rest->len == 0 || rest->ptr[0] == '\0' || !strchr(any, rest->ptr[0]))
        return false;
    *rest = slice_from(*rest, 1);
    return true;
}

/* [-]DIGITS[.DIGITS][e[+-]DIGITS]: no blanks, no hexadecimal, no "inf", which strtod() would take.
 */
static bool is_decimal(struct slice text)
{
    struct slice rest = text;

    (void)skip(&rest, "-");
    if (!skip_digits(&rest))
        return false;
    if (skip(&rest, ".") && !skip_digits(&rest))
        return false;
    if (skip(&rest, "eE")) {
        (void)skip(&rest, "+-");
        if (!skip_digits(&rest))
            return false;
    }
    return rest.len == 0;
}

enum err event_parse_value(struct slice text, double *out, struct err_info *info)
{
    char copy[MAX_NUMBER + 1];
    double value;

    if (text.len > MAX_NUMBER || !is_decimal(text)) {
        err_info_set(info, "the value of the event is not a decimal number, as 12, -0.5 or 1.5e3");
        return ERR_INVALID;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    value = strtod(copy, NULL);
    if (!isfinite(value)) {
        err_info_set(info, "the value of the event is too large");
        return ERR_INVALID;
    }
    *out = value;
    return ERR_OK;
}

struct slice event_property_text(const struct event_property *property, struct arena *arena)
{
    size_t len = property->name.len + 1 + property->value.len;
    char *text = arena_alloc(arena, len);

    if (!text)
        return slice_of(NULL, 0);
    memcpy(text, property->name.ptr, property->name.len);
    text[property->name.len] = '=';
    if (property->value.len > 0)
        memcpy(text + property->name.len + 1, property->value.ptr, property->value.len);
    return slice_of(text, len);
}
