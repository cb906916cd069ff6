/**
 * The Content-Security-Policy of pages (CSP 3): nothing from elsewhere, no script; the one style
 * sheet that the page has in it is allowed by its hash (section 6.6.2.2), which is computed here,
 * so that a page can change without anybody thinking of it.
 */
#ifndef FOOTFALL_WEB_PAGE_POLICY_H
#define FOOTFALL_WEB_PAGE_POLICY_H

#include "base/slice.h"

#define PAGE_POLICY_BYTES 400

/**
 * Writes the header line "Content-Security-Policy: …\r\n".
 *
 * @param page      has one <style>…</style>
 * @param has_forms its forms may be sent to this server
 * @return          NUL-terminated, in `out`
 */
void page_policy_make(struct slice page, bool has_forms, char out[static PAGE_POLICY_BYTES]);

#endif
