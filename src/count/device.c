#include "count/device.h"

static const char *const names[] = {
    [DEVICE_UNKNOWN] = "unknown", [DEVICE_PHONE] = "phone",           [DEVICE_TABLET] = "tablet",
    [DEVICE_DESKTOP] = "desktop", [DEVICE_TELEVISION] = "television",
};

const char *device_class_name(enum device_class class)
{
    return names[class];
}
