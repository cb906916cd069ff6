/* Seven segments a digit, lit or not. Trapezoids are easier to read than bars. */
#include "web/badge_part.h"

/* Pixels. */
#define DIGIT_WIDTH  13
#define DIGIT_HEIGHT 24
#define DIGIT_GAP    5
#define MARGIN       7

static const uint32_t panel_color = 0x14110f;
static const uint32_t lit_color = 0xff5240;

/* In a box of 13 by 24, clockwise from the top one; the last one is in the middle. */
static const char *const segments[7] = {
    "M.9 0h11.2L9.4 2.7H3.6z",
    "M13 .9v10.3l-.9.6-1.8-1.8V3.6z",
    "M13 23.1V12.8l-.9-.6-1.8 1.8v6.4z",
    "M.9 24h11.2l-2.7-2.7H3.6z",
    "M0 23.1V12.8l.9-.6L2.7 14v6.4z",
    "M0 .9v10.3l.9.6L2.7 10V3.6z",
    "M3.2 10.7h6.6l1.3 1.3-1.3 1.3H3.2L1.9 12z",
};

/* Bit i: segments[i] is lit. */
static const unsigned char lit[10] = {0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f};

static void put_segments(struct strbuf *out, unsigned which, const char *opacity)
{
    if (which == 0)
        return;
    strbuf_printf(out, "<path%s d=\"", opacity);
    for (unsigned i = 0; i < 7; i++) {
        if (which & 1U << i)
            strbuf_append(out, slice_str(segments[i]));
    }
    strbuf_append(out, SLICE("\"/>"));
}

static void put_digit(struct strbuf *out, unsigned x, int digit, bool is_dim)
{
    strbuf_printf(out, "<g transform=\"translate(%u %u)skewX(-5)\">", x, MARGIN);
    put_segments(out, lit[digit], is_dim ? " opacity=\".4\"" : "");
    put_segments(out, 0x7fU & ~lit[digit], " opacity=\".11\"");
    strbuf_append(out, SLICE("</g>"));
}

_Static_assert(DIGIT_HEIGHT + 2 * MARGIN == BADGE_LED_HEIGHT, "nothing else is in it");

unsigned badge_led_width(size_t count)
{
    return (unsigned)count * (DIGIT_WIDTH + DIGIT_GAP) - DIGIT_GAP + 2 * MARGIN;
}

void badge_draw_led(struct badge_drawing *drawing)
{
    const struct counter_options *options = drawing->badge->options;
    struct strbuf *out = drawing->out;
    char digits[24];
    size_t zeros;
    size_t count = badge_digits(drawing->badge, digits, &zeros);
    unsigned width = badge_led_width(count);
    uint32_t panel = options->has_label_color ? options->label_color : panel_color;
    uint32_t wanted = options->has_color ? options->color : lit_color;

    badge_open(drawing, width, BADGE_LED_HEIGHT);
    strbuf_printf(out, "<rect width=\"%u\" height=\"%u\" rx=\"4\"", width, BADGE_LED_HEIGHT);
    badge_fill(drawing, badge_same(panel));
    strbuf_append(out, SLICE("/><g aria-hidden=\"true\""));
    badge_fill(drawing, badge_same(badge_readable(wanted, panel)));
    strbuf_append_char(out, '>');
    /* A digit leans to the right by 2 pixels at its top: 1 more to the right is the middle. */
    for (size_t i = 0; i < count; i++)
        put_digit(out, MARGIN + 1 + (unsigned)i * (DIGIT_WIDTH + DIGIT_GAP), digits[i] - '0',
                  i < zeros);
    strbuf_append(out, SLICE("</g>"));
    badge_close(drawing);
}
