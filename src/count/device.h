/**
 * The classes of devices that pages are read on.
 */
#ifndef FOOTFALL_COUNT_DEVICE_H
#define FOOTFALL_COUNT_DEVICE_H

enum device_class {
    DEVICE_UNKNOWN,
    DEVICE_PHONE,
    DEVICE_TABLET,
    DEVICE_DESKTOP,
    DEVICE_TELEVISION,
};

/** As it is counted: "phone", "tablet", "desktop", "television"; "unknown". */
const char *device_class_name(enum device_class class);

#endif
