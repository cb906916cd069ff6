/**
 * Colours of counters, each 0xRRGGBB in sRGB: which there are, and which can be read on which.
 */
#ifndef FOOTFALL_WEB_BADGE_COLOR_H
#define FOOTFALL_WEB_BADGE_COLOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/** "#rrggbb" with its NUL. */
#define BADGE_COLOR_BYTES 8

/** What text needs of its background (WCAG 2.2, success criterion 1.4.3). */
#define BADGE_MIN_CONTRAST 4.5

/**
 * Reads a colour: one of the names below, or 3 or 6 hex digits, with or without '#'. False: it is
 * none, and `out` is as it was.
 */
bool badge_color_parse(struct slice text, uint32_t *out);

/** The names, in the order in which people choose: the first is that of a counter. */
extern const struct slice badge_color_names[];
extern const size_t badge_color_name_count;

void badge_color_format(uint32_t color, char out[static BADGE_COLOR_BYTES]);

/** The contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio"). */
double badge_contrast(uint32_t a, uint32_t b);

/** White or near black: what can be read on this background. */
uint32_t badge_text_on(uint32_t background);

/** A colour on the way from one to another: `part` sixteenths of it. */
uint32_t badge_mix(uint32_t from, uint32_t to, uint32_t part);

/** `wanted`, made lighter or darker as far as it needs to be read on this background. */
uint32_t badge_readable(uint32_t wanted, uint32_t background);

#endif
