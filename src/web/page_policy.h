/**
 * The Content-Security-Policy of pages (CSP 3): nothing from elsewhere, no script in the page
 * itself; the one style sheet that it has is allowed by its hash (section 6.6.2.2), which is
 * computed here, so that a page can change without anybody thinking of it.
 */
#ifndef FOOTFALL_WEB_PAGE_POLICY_H
#define FOOTFALL_WEB_PAGE_POLICY_H

#include "base/slice.h"

#define PAGE_POLICY_BYTES 500

/** What a page has; or'ed. */
enum page_parts {
    PAGE_HAS_FORMS = 1 << 0,  /* that are sent to this server */
    PAGE_HAS_SCRIPT = 1 << 1, /* files of this server, which may ask it */
};

/**
 * Writes the header line "Content-Security-Policy: …\r\n".
 *
 * @param page   has one <style>…</style>
 * @param parts  a set of enum page_parts
 * @return       NUL-terminated, in `out`
 */
void page_policy_make(struct slice page, unsigned parts, char out[static PAGE_POLICY_BYTES]);

#endif
