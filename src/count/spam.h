/**
 * Hosts that fake visits, to be seen in statistics: referrer spam.
 *
 * The list is a text file with one host a line, as Matomo's referrer-spam-list is. A '#' begins a
 * comment; empty lines do not matter, nor do blanks at the ends and upper case. A name in another
 * script is compared byte by byte, so write it as punycode, as browsers send it.
 */
#ifndef FOOTFALL_COUNT_SPAM_H
#define FOOTFALL_COUNT_SPAM_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"

#define SPAM_MAX_LINES 1000000
#define SPAM_MAX_BYTES (64L * 1024 * 1024)

struct spam_list;

/**
 * Reads the list at `path`. Open it before forking: it never changes, so all processes share it.
 *
 * @param out   the caller's, for spam_list_close()
 * @param info  what is wrong, naming the file and the line; may be NULL
 * @return      ERR_OK; ERR_CONFIG: the file cannot be read, is over one of the limits, or has a
 *              line that is no host; ERR_NO_MEMORY
 */
enum err spam_list_open(const char *path, struct spam_list **out, struct err_info *info) MUST_CHECK;

/** May be NULL. */
void spam_list_close(struct spam_list *list);

/**
 * True when `host` or a domain above it is on the list.
 *
 * @param list  NULL: an empty one
 * @param host  in lower case: struct source, `host`
 */
bool spam_list_has(const struct spam_list *list, struct slice host);

#endif
