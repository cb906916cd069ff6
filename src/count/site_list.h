/**
 * Lists in one text, their items between commas: "a, b". The empty list is "none", or no text at
 * all.
 */
#ifndef FOOTFALL_COUNT_SITE_LIST_H
#define FOOTFALL_COUNT_SITE_LIST_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/strbuf.h"

struct site_list_reader {
    struct slice rest;
    bool is_done;
};

/** @param text  borrowed for the life of the reader */
struct site_list_reader site_list_read(struct slice text);

/** The next item without the blanks around it; it may be empty. False: there are no more. */
bool site_list_next(struct site_list_reader *reader, struct slice *out);

/** Appends one more item to the list that begins at `start` of `out`. */
void site_list_append(struct strbuf *out, size_t start, struct slice item);

/** Ends it: appends "none" when nothing was appended. */
void site_list_end(struct strbuf *out, size_t start);

#endif
