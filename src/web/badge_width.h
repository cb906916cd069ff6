/**
 * How wide text is: the advances of DejaVu Sans, which are those of Verdana but for a hair. A
 * counter says how wide its text is (textLength), so that with another font it fits as well.
 */
#ifndef FOOTFALL_WEB_BADGE_WIDTH_H
#define FOOTFALL_WEB_BADGE_WIDTH_H

#include "base/slice.h"

enum badge_weight { BADGE_REGULAR, BADGE_BOLD };

/**
 * The width of clean UTF-8 in thousandths of the font's size: exact for ASCII, about right for
 * all else.
 */
unsigned badge_width(struct slice text, enum badge_weight weight);

/** How many characters clean UTF-8 has. */
size_t badge_characters(struct slice text);

#endif
