#include "web/counter_words.h"

#include <inttypes.h>
#include <stdio.h>

const struct slice counter_language_names[COUNTER_LANGUAGE_COUNT_] = {
    [COUNTER_ENGLISH] = SLICE_INIT("en"), [COUNTER_GERMAN] = SLICE_INIT("de"),
    [COUNTER_SPANISH] = SLICE_INIT("es"), [COUNTER_FRENCH] = SLICE_INIT("fr"),
    [COUNTER_DUTCH] = SLICE_INIT("nl"),   [COUNTER_PORTUGUESE] = SLICE_INIT("pt"),
};

const struct slice counter_metric_names[COUNTER_METRIC_COUNT_] = {
    [COUNTER_VIEWS] = SLICE_INIT("views"),
    [COUNTER_VISITORS] = SLICE_INIT("visitors"),
    [COUNTER_VISITS] = SLICE_INIT("visits"),
    [COUNTER_LIVE] = SLICE_INIT("live"),
};

static const struct {
    struct slice labels[COUNTER_METRIC_COUNT_];
    struct slice group; /* between thousands */
    char point;         /* before tenths */
    unsigned grouped;   /* numbers of fewer digits are written without groups */
} languages[COUNTER_LANGUAGE_COUNT_] = {
    [COUNTER_ENGLISH] = {{[COUNTER_VIEWS] = SLICE_INIT("views"),
                          [COUNTER_VISITORS] = SLICE_INIT("visitors"),
                          [COUNTER_VISITS] = SLICE_INIT("visits"),
                          [COUNTER_LIVE] = SLICE_INIT("online")},
                         SLICE_INIT(","),
                         '.',
                         4},
    [COUNTER_GERMAN] = {{[COUNTER_VIEWS] = SLICE_INIT("Aufrufe"),
                         [COUNTER_VISITORS] = SLICE_INIT("Besucher"),
                         [COUNTER_VISITS] = SLICE_INIT("Besuche"),
                         [COUNTER_LIVE] = SLICE_INIT("online")},
                        SLICE_INIT("."),
                        ',',
                        4},
    [COUNTER_SPANISH] = {{[COUNTER_VIEWS] = SLICE_INIT("vistas"),
                          [COUNTER_VISITORS] = SLICE_INIT("visitantes"),
                          [COUNTER_VISITS] = SLICE_INIT("visitas"),
                          [COUNTER_LIVE] = SLICE_INIT("en l\xc3\xadnea")},
                         SLICE_INIT("."),
                         ',',
                         5},
    /* A narrow no-break space. */
    [COUNTER_FRENCH] = {{[COUNTER_VIEWS] = SLICE_INIT("vues"),
                         [COUNTER_VISITORS] = SLICE_INIT("visiteurs"),
                         [COUNTER_VISITS] = SLICE_INIT("visites"),
                         [COUNTER_LIVE] = SLICE_INIT("en ligne")},
                        SLICE_INIT("\xe2\x80\xaf"),
                        ',',
                        4},
    [COUNTER_DUTCH] = {{[COUNTER_VIEWS] = SLICE_INIT("weergaven"),
                        [COUNTER_VISITORS] = SLICE_INIT("bezoekers"),
                        [COUNTER_VISITS] = SLICE_INIT("bezoeken"),
                        [COUNTER_LIVE] = SLICE_INIT("online")},
                       SLICE_INIT("."),
                       ',',
                       4},
    [COUNTER_PORTUGUESE] = {{[COUNTER_VIEWS] = SLICE_INIT("visualiza\xc3\xa7\xc3\xb5"
                                                          "es"),
                             [COUNTER_VISITORS] = SLICE_INIT("visitantes"),
                             [COUNTER_VISITS] = SLICE_INIT("visitas"),
                             [COUNTER_LIVE] = SLICE_INIT("online")},
                            SLICE_INIT("."),
                            ',',
                            4},
};

struct slice counter_label(enum counter_metric metric, enum counter_language language)
{
    return languages[language].labels[metric];
}

static size_t put(char *out, size_t at, struct slice text)
{
    memcpy(out + at, text.ptr, text.len);
    return at + text.len;
}

static struct slice in_groups(struct slice digits, enum counter_language language, char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < digits.len; i++) {
        if (i > 0 && (digits.len - i) % 3 == 0)
            len = put(out, len, languages[language].group);
        out[len++] = digits.ptr[i];
    }
    return slice_of(out, len);
}

/* Cut, never rounded up: 1,999 is not 2k yet. */
static struct slice in_short(int64_t number, enum counter_language language, char *out)
{
    static const char units[] = "kMGTPE";
    int64_t unit = 1000;
    size_t i = 0;
    int len;

    while (number / unit >= 1000) {
        unit *= 1000;
        i++;
    }
    if (number / unit >= 100 || number % unit / (unit / 10) == 0)
        len = snprintf(out, COUNTER_TEXT_BYTES, "%" PRId64 "%c", number / unit, units[i]);
    else
        len = snprintf(out, COUNTER_TEXT_BYTES, "%" PRId64 "%c%" PRId64 "%c", number / unit,
                       languages[language].point, number % unit / (unit / 10), units[i]);
    return slice_of(out, (size_t)len);
}

struct slice counter_number(int64_t number, enum counter_form form, enum counter_language language,
                            unsigned digits, char out[static COUNTER_TEXT_BYTES])
{
    char plain[24];
    int len;

    if (number < 0)
        number = 0; /* a store that was meddled with */
    if (form == COUNTER_SHORT && number >= 1000)
        return in_short(number, language, out);
    if (form == COUNTER_SHORT || digits > COUNTER_MAX_DIGITS)
        digits = 1;
    len = snprintf(plain, sizeof(plain), "%0*" PRId64, (int)digits, number);
    if (form == COUNTER_GROUP && (unsigned)len >= languages[language].grouped)
        return in_groups(slice_of(plain, (size_t)len), language, out);
    memcpy(out, plain, (size_t)len);
    return slice_of(out, (size_t)len);
}
