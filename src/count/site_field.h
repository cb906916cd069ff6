/**
 * The table of a site's settings. One row gives the key, the check, the text for people and the
 * form in JSON; there is no other place to add one.
 */
#ifndef FOOTFALL_COUNT_SITE_FIELD_H
#define FOOTFALL_COUNT_SITE_FIELD_H

#include "count/site.h"

/** How a field stands in JSON. */
enum site_field_form {
    SITE_FIELD_TEXT,
    SITE_FIELD_NUMBER,
    SITE_FIELD_LIST, /* of texts; as one text they are joined by commas, and "none" is empty */
};

struct site_field;

/**
 * Checks `text`, any bytes, and writes the field. False: it is wrong, `info` says in a sentence
 * why, and the site is as it was.
 */
typedef bool site_field_set_fn(const struct site_field *field, struct site *site, struct slice text,
                               struct err_info *info);

/** Appends the field as the text that sets it. */
typedef void site_field_format_fn(const struct site_field *field, const struct site *site,
                                  struct strbuf *out);

/** The words of a choice, by the number of its enum; of a list, which may have several of them. */
struct site_choices {
    const struct slice *words;
    size_t count;
    const char *text; /* "a, b or c" */
};

extern const struct site_choices site_collect_choices;
extern const struct site_choices site_privacy_choices;
extern const struct site_choices site_public_choices;
extern const struct site_choices site_dashboard_choices;

struct site_field {
    const char *key;
    const char *fallback; /* the default, as text; NULL: it has none */
    const char *example;  /* a right value */
    const char *help;     /* one or two sentences */
    site_field_set_fn *set;
    site_field_format_fn *format;
    enum site_field_form form;
    bool is_fixed; /* belongs to the record, and site_set() does not change it */
    size_t offset; /* of a number, its int64_t in struct site; of a choice, its enum */
    int64_t min;   /* of a number */
    int64_t max;
    const struct site_choices *choices; /* of a choice, or a list of some; NULL: any text */
};

extern const struct site_field site_fields[];
extern const size_t site_field_count;

/** Longest text of a field. */
#define SITE_FIELD_MAX_TEXT 8192

/** NULL when there is none. */
const struct site_field *site_field_find(struct slice key);

/** True when both sites have the same. */
bool site_field_is_same(const struct site_field *field, const struct site *a, const struct site *b);

/** All defaults, but no id yet, which every site has; NULL without memory. */
struct site *site_create_blank(void);

/* What sets and formats them: site_value.c. */
site_field_set_fn site_set_id;
site_field_set_fn site_set_name;
site_field_set_fn site_set_domains;
site_field_set_fn site_set_zone;
site_field_set_fn site_set_collect;
site_field_set_fn site_set_choice;
site_field_set_fn site_set_number;
site_field_set_fn site_set_origins;
site_field_set_fn site_set_ignored;

site_field_format_fn site_format_id;
site_field_format_fn site_format_name;
site_field_format_fn site_format_domains;
site_field_format_fn site_format_zone;
site_field_format_fn site_format_collect;
site_field_format_fn site_format_choice;
site_field_format_fn site_format_number;
site_field_format_fn site_format_origins;
site_field_format_fn site_format_ignored;

#endif
