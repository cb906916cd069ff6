/**
 * The class of a device by its user agent, for hits without the width of a screen.
 */
#ifndef FOOTFALL_COUNT_DEVICE_H
#define FOOTFALL_COUNT_DEVICE_H

#include "base/slice.h"

enum device_class {
    DEVICE_OTHER = 0, /* consoles, watches, programs, and what does not say */
    DEVICE_DESKTOP,
    DEVICE_PHONE,
    DEVICE_TABLET,
    DEVICE_TELEVISION,
    DEVICE_CLASS_COUNT_ /* how many there are; not a class */
};

/** Short, stable name: "desktop". */
const char *device_class_name(enum device_class device);

/** Any bytes. An iPad that asks for desktop pages says it is a Mac, and is taken for one. */
enum device_class device_of_agent(struct slice agent);

#endif
