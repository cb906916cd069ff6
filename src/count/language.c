#include "count/language.h"

/* Weights are counted in thousandths: 1, the highest, is what a range without a weight has. */
#define WEIGHT_ONE 1000

static struct slice trim(struct slice text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = slice_from(text, 1);
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* Cuts what stands before the first `separator` off `text`, and the separator too. */
static struct slice take_until(struct slice *text, char separator)
{
    const char *end = text->len > 0 ? memchr(text->ptr, separator, text->len) : NULL;
    struct slice part = slice_of(text->ptr, end ? (size_t)(end - text->ptr) : text->len);

    *text = slice_from(*text, end ? part.len + 1 : part.len);
    return part;
}

/* "0", "0.5", "1.000" as thousandths; -1: it is no weight (RFC 9110, section 12.4.2). */
static int parse_weight(struct slice text)
{
    int weight;

    if (text.len == 0 || text.len > 5 || (text.ptr[0] != '0' && text.ptr[0] != '1'))
        return -1;
    if (text.len > 1 && text.ptr[1] != '.')
        return -1;
    weight = text.ptr[0] == '1' ? WEIGHT_ONE : 0;
    for (size_t i = 2, unit = 100; i < text.len; i++, unit /= 10) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return -1;
        weight += (text.ptr[i] - '0') * (int)unit;
    }
    return weight <= WEIGHT_ONE ? weight : -1;
}

/* The weight in the parameters behind a range. */
static int read_weight(struct slice parameters)
{
    struct slice weight = trim(parameters);

    if (weight.len == 0)
        return WEIGHT_ONE;
    if (!slice_starts_with(weight, SLICE("q=")) && !slice_starts_with(weight, SLICE("Q=")))
        return -1;
    return parse_weight(slice_from(weight, 2));
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The primary subtag of a range as a language; false: it is none. */
static bool read_language(struct slice range, char out[static LANGUAGE_SIZE])
{
    struct slice subtag = take_until(&range, '-');

    if (subtag.len < 2 || subtag.len >= LANGUAGE_SIZE)
        return false;
    for (size_t i = 0; i < subtag.len; i++) {
        if (!is_letter(subtag.ptr[i]))
            return false;
    }
    for (size_t i = 0; i < subtag.len; i++)
        out[i] = (char)(subtag.ptr[i] | 0x20);
    out[subtag.len] = '\0';
    return true;
}

bool language_find(struct slice field, char out[static LANGUAGE_SIZE])
{
    int best = 0;

    while (field.len > 0) {
        struct slice parameters = take_until(&field, ',');
        struct slice range = trim(take_until(&parameters, ';'));
        int weight = read_weight(parameters);

        if (weight > best && read_language(range, out))
            best = weight;
    }
    return best > 0;
}
