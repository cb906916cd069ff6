/**
 * What the size of a client's screen says, as the tracking script of GoatCounter sends it.
 */
#ifndef FOOTFALL_COUNT_SCREEN_H
#define FOOTFALL_COUNT_SCREEN_H

#include <stdbool.h>

#include "base/slice.h"
#include "count/device.h"

/** A side over this is not believed. */
#define SCREEN_MAX_PX 20000

/** CSS pixels, which are larger than those of the device. */
struct screen {
    unsigned width_px;  /* 1 to SCREEN_MAX_PX */
    unsigned height_px; /* the same; 0: not told */
};

/** By width, with the limits of GoatCounter, so that its numbers can be continued. */
enum screen_size {
    SCREEN_PHONE,       /* up to 384 */
    SCREEN_LARGE_PHONE, /* up to 1024: and small tablets */
    SCREEN_TABLET,      /* up to 1440: and small laptops */
    SCREEN_DESKTOP,     /* up to 1920 */
    SCREEN_WIDE,
};

/**
 * Parses "1920", "1920,1080" or "1920,1080,1.5": width, height, pixels of the device for one of
 * CSS.
 *
 * Decimals are cut off. What comes behind the height is not looked at; a height that makes no sense
 * counts as not told.
 *
 * @return  false: there is no width of 1 to SCREEN_MAX_PX
 */
bool screen_parse(struct slice text, struct screen *out);

enum screen_size screen_size(const struct screen *screen);

/** As it is counted: "phone", "large phone", "tablet", "desktop", "wide". */
const char *screen_size_name(enum screen_size size);

/**
 * The most probable class of device. A guess, for clients whose user agent does not tell: the sizes
 * of large tablets are those of small laptops too.
 */
enum device_class screen_device(const struct screen *screen);

#endif
