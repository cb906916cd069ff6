#include "count/screen.h"

/* Android calls a device a tablet when the shorter side of its screen has so many pixels. */
#define TABLET_MIN_SIDE_PX 600

/* A tablet's screen is this wide at most, held upright as browsers report it. */
#define TABLET_MAX_WIDTH_PX 1024

static const struct {
    const char *name;
    unsigned max_width_px;
} sizes[] = {
    [SCREEN_PHONE] = {"phone", 384},         [SCREEN_LARGE_PHONE] = {"large phone", 1024},
    [SCREEN_TABLET] = {"tablet", 1440},      [SCREEN_DESKTOP] = {"desktop", 1920},
    [SCREEN_WIDE] = {"wide", SCREEN_MAX_PX},
};

/* Skips digits. */
static struct slice skip_digits(struct slice text)
{
    while (text.len > 0 && text.ptr[0] >= '0' && text.ptr[0] <= '9')
        text = slice_from(text, 1);
    return text;
}

/* A number, with decimals or without, that ends the text or has a comma behind it. */
static bool take_side(struct slice *text, unsigned *out)
{
    unsigned value = 0;
    struct slice rest = skip_digits(*text);
    size_t len = text->len - rest.len;

    for (size_t i = 0; i < len && value <= SCREEN_MAX_PX; i++)
        value = value * 10 + (unsigned)(text->ptr[i] - '0');
    if (slice_starts_with(rest, SLICE(".")))
        rest = skip_digits(slice_from(rest, 1));
    if (value == 0 || value > SCREEN_MAX_PX || (rest.len > 0 && rest.ptr[0] != ','))
        return false;
    *text = rest.len > 0 ? slice_from(rest, 1) : rest;
    *out = value;
    return true;
}

bool screen_parse(struct slice text, struct screen *out)
{
    struct screen screen = {.height_px = 0};

    if (!take_side(&text, &screen.width_px))
        return false;
    (void)take_side(&text, &screen.height_px);
    *out = screen;
    return true;
}

enum screen_size screen_size(const struct screen *screen)
{
    enum screen_size size = SCREEN_PHONE;

    while (size < SCREEN_WIDE && screen->width_px > sizes[size].max_width_px)
        size++;
    return size;
}

const char *screen_size_name(enum screen_size size)
{
    return sizes[size].name;
}

enum device_class screen_device(const struct screen *screen)
{
    unsigned shorter = screen->width_px;

    if (screen->height_px > 0 && screen->height_px < shorter)
        shorter = screen->height_px;
    if (shorter < TABLET_MIN_SIDE_PX)
        return DEVICE_PHONE;
    return screen->width_px <= TABLET_MAX_WIDTH_PX ? DEVICE_TABLET : DEVICE_DESKTOP;
}
