/**
 * The languages of counters: how a number is written in them, and what it is called.
 */
#ifndef FOOTFALL_WEB_COUNTER_WORDS_H
#define FOOTFALL_WEB_COUNTER_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum counter_language {
    COUNTER_ENGLISH,
    COUNTER_GERMAN,
    COUNTER_SPANISH,
    COUNTER_FRENCH,
    COUNTER_DUTCH,
    COUNTER_PORTUGUESE,
    COUNTER_LANGUAGE_COUNT_ /* how many there are; none itself */
};

/** What a counter counts. */
enum counter_metric {
    COUNTER_VIEWS,
    COUNTER_VISITORS,
    COUNTER_VISITS,
    COUNTER_LIVE,         /* visitors of the last minutes */
    COUNTER_METRIC_COUNT_ /* how many there are; none itself */
};

/** How a number is written. */
enum counter_form {
    COUNTER_GROUP,      /* 1,234 */
    COUNTER_PLAIN,      /* 1234 */
    COUNTER_SHORT,      /* 1.2k */
    COUNTER_FORM_COUNT_ /* how many there are; none itself */
};

/** The longest number, in any form. */
#define COUNTER_TEXT_BYTES 80

/** Most zeros that a number is filled up with, and digits that come of it. */
#define COUNTER_MAX_DIGITS 12

/** "en", "de", … and "views", "visitors", "visits", "live": as options name them. */
extern const struct slice counter_language_names[COUNTER_LANGUAGE_COUNT_];
extern const struct slice counter_metric_names[COUNTER_METRIC_COUNT_];

/** What the metric is called, as "Besucher". */
struct slice counter_label(enum counter_metric metric, enum counter_language language);

/**
 * Writes a number.
 *
 * @param digits  at least so many, with zeros before it; at most COUNTER_MAX_DIGITS; of a short
 *                number not looked at
 * @return        in `out`
 */
struct slice counter_number(int64_t number, enum counter_form form, enum counter_language language,
                            unsigned digits, char out[static COUNTER_TEXT_BYTES]);

#endif
