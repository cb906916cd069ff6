#include "web/badge_color.h"

#include <math.h>
#include <stdio.h>

#include "base/ascii.h"

const struct slice badge_color_names[] = {
    SLICE_INIT("blue"),   SLICE_INIT("teal"),   SLICE_INIT("green"), SLICE_INIT("lime"),
    SLICE_INIT("amber"),  SLICE_INIT("orange"), SLICE_INIT("red"),   SLICE_INIT("pink"),
    SLICE_INIT("purple"), SLICE_INIT("grey"),   SLICE_INIT("black"), SLICE_INIT("white"),
};

/* By the order of the names. */
static const uint32_t named[] = {
    0x1f6feb, 0x0f766e, 0x1a7f37, 0x84cc16, 0xf5b301, 0xe8590c,
    0xcf222e, 0xd6336c, 0x7c3aed, 0x59636e, 0x1b1f24, 0xffffff,
};

#define NAMES (sizeof(named) / sizeof(named[0]))

const size_t badge_color_name_count = NAMES;

_Static_assert(sizeof(badge_color_names) / sizeof(badge_color_names[0]) == NAMES,
               "each name has a colour");

/* 16: none. */
static unsigned hex_digit(char c)
{
    if (ascii_is_digit(c))
        return (unsigned)(c - '0');
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

static bool parse_hex(struct slice text, uint32_t *out)
{
    unsigned times = text.len == 3 ? 2 : 1; /* "f80" is "ff8800" */
    uint32_t color = 0;

    if (text.len != 3 && text.len != 6)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = hex_digit(text.ptr[i]);

        if (digit > 15)
            return false;
        for (unsigned n = 0; n < times; n++)
            color = color << 4 | digit;
    }
    *out = color;
    return true;
}

bool badge_color_parse(struct slice text, uint32_t *out)
{
    for (size_t i = 0; i < NAMES; i++) {
        if (slice_eq(text, badge_color_names[i])) {
            *out = named[i];
            return true;
        }
    }
    if (text.len > 0 && text.ptr[0] == '#')
        text = slice_from(text, 1);
    return parse_hex(text, out);
}

void badge_color_format(uint32_t color, char out[static BADGE_COLOR_BYTES])
{
    (void)snprintf(out, BADGE_COLOR_BYTES, "#%06x", (unsigned)(color & 0xffffff));
}

/* WCAG 2.2, "relative luminance". */
static double linear(uint32_t channel)
{
    double c = (double)(channel & 0xff) / 255;

    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(uint32_t color)
{
    return 0.2126 * linear(color >> 16) + 0.7152 * linear(color >> 8) + 0.0722 * linear(color);
}

double badge_contrast(uint32_t a, uint32_t b)
{
    double of_a = luminance(a) + 0.05;
    double of_b = luminance(b) + 0.05;

    return of_a > of_b ? of_a / of_b : of_b / of_a;
}

/* Black is last: wherever white cannot be read, it can. */
uint32_t badge_text_on(uint32_t background)
{
    static const uint32_t texts[] = {0xffffff, 0x1b1f24, 0x000000};

    for (size_t i = 0; i < 2; i++) {
        if (badge_contrast(texts[i], background) >= BADGE_MIN_CONTRAST)
            return texts[i];
    }
    return texts[2];
}

uint32_t badge_mix(uint32_t from, uint32_t to, uint32_t part)
{
    uint32_t mixed = 0;

    for (unsigned shift = 0; shift <= 16; shift += 8) {
        uint32_t a = from >> shift & 0xff;
        uint32_t b = to >> shift & 0xff;

        mixed |= (a * (16 - part) + b * part) / 16 << shift;
    }
    return mixed;
}

uint32_t badge_readable(uint32_t wanted, uint32_t background)
{
    uint32_t text = badge_text_on(background);

    for (uint32_t part = 0; part < 16; part++) {
        uint32_t color = badge_mix(wanted, text, part);

        if (badge_contrast(color, background) >= BADGE_MIN_CONTRAST)
            return color;
    }
    return text;
}
