/**
 * Numbers: what the database calls sites, lists, pages and values. They are counted from 1, so they
 * take one to three bytes where a rollup has a text or 64 bits.
 *
 *     site "default"                                  1   table `site`
 *     list (1, 2026-11-25, browser, of the site)   4711   table `list`, with the number of its rows
 *     value (1, the value_id() of "Firefox")         42   table `name`, with text and title
 *
 * Values and pages share one table. Every value_id has a number, also VALUE_NONE and VALUE_OTHER;
 * only for `no page` the number is SQLITE_NO_PAGE everywhere.
 *
 * A commit has a page in some ten rows and a list in hundreds, so this is a memo: each is looked up
 * once. It lives as long as one transaction, in which nobody else can change them.
 */
#ifndef FOOTFALL_STORE_SQLITE_NUMBER_H
#define FOOTFALL_STORE_SQLITE_NUMBER_H

#include "base/arena.h"
#include "base/hashmap.h"
#include "store/sqlite_db.h"

/** Of what the database does not have yet. */
#define SQLITE_NO_NUMBER 0

/** In the place of a page, of rows of the whole site. */
#define SQLITE_NO_PAGE 0

struct sqlite_site {
    struct slice id; /* the commit's */
    int64_t number;
};

struct sqlite_list {
    struct sqlite_site *site;
    int32_t bucket;
    enum dimension dimension;
    enum rollup_scope scope;
    int64_t number;
    int64_t rows;
    bool is_grown;           /* `rows` is not in the database yet */
    bool has_other;          /* this commit has found or made the row of VALUE_OTHER, and … */
    struct metrics kept_out; /* … this is still to be added to it */
};

struct sqlite_value {
    struct sqlite_site *site;
    uint64_t id;
    int64_t number;
};

struct sqlite_numbers {
    struct sqlite_db *db;
    struct arena *arena; /* takes what is looked up */
    struct hashmap sites;
    struct hashmap lists;
    struct hashmap values;
    struct sqlite_site *last_site; /* that was asked for: mostly it is the next one, too */
};

/** An empty memo. @param db, arena  borrowed, outlive it */
void sqlite_numbers_init(struct sqlite_numbers *numbers, struct sqlite_db *db, struct arena *arena);
void sqlite_numbers_fini(struct sqlite_numbers *numbers);

/**
 * Looks up the list of a rollup, or a value of a site. What the database does not have is given
 * with SQLITE_NO_NUMBER.
 *
 * @param out  the memo's
 * @return     SQLITE_OK or an error
 */
int sqlite_numbers_list(struct sqlite_numbers *numbers, const struct rollup *rollup,
                        struct sqlite_list **out);
int sqlite_numbers_value(struct sqlite_numbers *numbers, struct sqlite_site *site, uint64_t id,
                         struct sqlite_value **out);

/** Gives it a number, if it has none. @return SQLITE_OK or an error */
int sqlite_numbers_make_list(struct sqlite_numbers *numbers, struct sqlite_list *list);
int sqlite_numbers_make_value(struct sqlite_numbers *numbers, struct sqlite_value *value);

/** Stores a name, and gives the value a number. @param title  empty: keeps that which is there */
int sqlite_numbers_name_value(struct sqlite_numbers *numbers, struct sqlite_value *value,
                              struct slice text, struct slice title);

/** Stores how many rows the list has, if it has grown. @return SQLITE_OK or an error */
int sqlite_numbers_save_list(struct sqlite_numbers *numbers, const struct sqlite_list *list);

/**
 * Looks up the number of one outside of a commit, and the rows of a list; SQLITE_NO_NUMBER when it
 * is not there. All members in front of the number are set; a site may be one without a number.
 *
 * @return  SQLITE_OK or an error
 */
int sqlite_site_find(struct sqlite_db *db, struct sqlite_site *site);
int sqlite_list_find(struct sqlite_db *db, struct sqlite_list *list);
int sqlite_value_find(struct sqlite_db *db, struct sqlite_value *value);

#endif
