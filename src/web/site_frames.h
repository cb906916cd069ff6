/**
 * Which pages may have the dashboard of a site in a frame: /shared?…&embed=1, which shows what
 * everybody sees, or what a link shows, and lets nobody change anything. All other answers are
 * framed by nobody.
 */
#ifndef FOOTFALL_WEB_SITE_FRAMES_H
#define FOOTFALL_WEB_SITE_FRAMES_H

#include "base/strbuf.h"
#include "count/site.h"

/** What is longer would be too much of a head for a proxy in front; later ones are left out. */
#define SITE_FRAMES_MAX 2000

/**
 * Appends the sources for frame-ancestors (CSP 3, section 6.4.2), at most SITE_FRAMES_MAX bytes:
 * the site's own domains and its allowed origins; "*" when it is shown anywhere; nothing when there
 * are none.
 */
void site_append_frames(const struct site *site, struct strbuf *out);

#endif
