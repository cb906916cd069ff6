/**
 * Small things that several pages show.
 */
#ifndef FOOTFALL_WEB_PAGE_DATA_H
#define FOOTFALL_WEB_PAGE_DATA_H

#include <jansson.h>
#include <stdint.h>

#include "base/slice.h"
#include "session/user.h"

/**
 * A time for <time datetime="{{iso}}">{{text}}</time>:
 * {"iso":"2026-11-26T06:26Z","text":"2026-11-26 06:26 UTC"}; JSON's null, so that a block of it is
 * not there, for 0: never.
 */
json_t *page_time(int64_t unix_s);

/** A whole number for people: "12,345". */
json_t *page_number(int64_t number);

/** Rows that say in "by" the id of who made them, or nothing, say there his e-mail. False without
 * memory. */
bool page_name_makers(json_t *rows, const struct user *users, size_t count);

/** What was done, as ?done= says it: only these words, and what they mean. */
struct page_done {
    const char *word;
    const char *text;
};

/** NULL: none of them, or none was given. */
const char *page_done_text(const struct page_done *texts, size_t count, struct slice word);

#endif
