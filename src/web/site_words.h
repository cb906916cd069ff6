/**
 * What the settings of a site are called on its page.
 */
#ifndef FOOTFALL_WEB_SITE_WORDS_H
#define FOOTFALL_WEB_SITE_WORDS_H

#include "count/site_field.h"

struct site_words {
    const char *section; /* the heading above it; NULL: it stands below the one before */
    const char *label;
    const char *help; /* may be empty */
};

/** Of a setting that has no words here, its key and the help of the table. */
struct site_words site_words_of(const struct site_field *field);

/** One of its choices; the word itself, when there is nothing better. */
const char *site_choice_text(const struct site_choices *choices, struct slice word);

#endif
