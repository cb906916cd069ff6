/**
 * Counters as pictures: SVG that stands for itself, without fonts, scripts, links and ids, so it
 * may be put into a page twice. One file a family of styles; what they share is badge_part.h.
 */
#ifndef FOOTFALL_WEB_BADGE_H
#define FOOTFALL_WEB_BADGE_H

#include "web/counter_options.h"

/** No picture is longer. */
#define BADGE_MAX_BYTES 16384

struct badge {
    const struct counter_options *options;
    struct slice label;  /* clean UTF-8; empty: none */
    struct slice text;   /* the number as it is written */
    int64_t number;      /* what `text` says; of styles that have digits of their own */
    const int64_t *days; /* of the sparkline, the oldest first */
    size_t day_count;
};

/** Appends the picture, at most BADGE_MAX_BYTES. */
void badge_append(struct strbuf *out, const struct badge *badge);

/** How high a picture is, in pixels. */
unsigned badge_height(enum counter_style style);

/** How wide it is as long as the number has no more digits than are asked for; 0: its text decides.
 */
unsigned badge_fixed_width(const struct counter_options *options);

/** Appends a grey picture that says what is wrong, as "no such site". */
void badge_append_notice(struct strbuf *out, const char *text);

#endif
