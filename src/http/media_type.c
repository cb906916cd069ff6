#include "http/media_type.h"

#include "http/field.h"

/* A q-value in thousandths (RFC 9110, section 12.4.2); a malformed one counts as 0. */
static int parse_quality(struct slice text)
{
    int quality = 0;
    int weight = 100;

    if (text.len == 0 || text.len > 5 || (text.ptr[0] != '0' && text.ptr[0] != '1'))
        return 0;
    if (text.len > 1 && text.ptr[1] != '.')
        return 0;
    for (size_t i = 2; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return 0;
        quality += (text.ptr[i] - '0') * weight;
        weight /= 10;
    }
    return text.ptr[0] == '1' ? 1000 : quality;
}

static struct slice take_until(struct slice *rest, char end)
{
    const char *at = memchr(rest->ptr, end, rest->len);
    size_t len = at ? (size_t)(at - rest->ptr) : rest->len;
    struct slice taken = field_trim(slice_of(rest->ptr, len));

    *rest = slice_from(*rest, at ? len + 1 : len);
    return taken;
}

/* One element of an Accept field: a type, or a wildcard, and how welcome it is. */
struct range {
    struct slice type;
    int quality; /* 0 to 1000 */
};

static struct range parse_range(struct slice element)
{
    struct range range = {.type = take_until(&element, ';'), .quality = 1000};

    while (element.len > 0) {
        struct slice parameter = take_until(&element, ';');

        if (parameter.len >= 2 && (parameter.ptr[0] | 0x20) == 'q' && parameter.ptr[1] == '=')
            range.quality = parse_quality(slice_from(parameter, 2));
    }
    return range;
}

/* How closely a range fits: 3 the type itself, 2 its kind only, 1 anything, 0 not at all. */
static int closeness(struct slice range, struct slice type)
{
    if (field_text_eq(range, type))
        return 3;
    if (slice_eq(range, SLICE("*/*")))
        return 1;
    if (range.len > 2 && range.len <= type.len && memcmp(range.ptr + range.len - 2, "/*", 2) == 0 &&
        field_text_eq(slice_of(range.ptr, range.len - 1), slice_of(type.ptr, range.len - 1)))
        return 2;
    return 0;
}

/* The quality of the closest range that fits `type`. */
static int quality_of(struct slice accept, struct slice type)
{
    struct slice element;
    int best_closeness = 0;
    int quality = 0;

    while (field_list_next(&accept, &element)) {
        struct range range = parse_range(element);
        int close = closeness(range.type, type);

        if (close > best_closeness) {
            best_closeness = close;
            quality = range.quality;
        }
    }
    return quality;
}

size_t media_type_choose(struct slice accept, const struct slice *types, size_t count)
{
    size_t best = 0;
    int best_quality = 0;

    for (size_t i = 0; i < count; i++) {
        int quality = quality_of(accept, types[i]);

        if (quality > best_quality) {
            best = i;
            best_quality = quality;
        }
    }
    return best;
}

bool media_type_is_named(struct slice accept, struct slice type)
{
    struct slice element;

    while (field_list_next(&accept, &element)) {
        struct range range = parse_range(element);

        if (range.quality > 0 && field_text_eq(range.type, type))
            return true;
    }
    return false;
}
