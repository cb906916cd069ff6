/* An odometer: a wheel a digit, on which the digits before and after can just be seen. */
#include "web/badge_part.h"

/* Pixels. */
#define WHEEL_WIDTH  17
#define WHEEL_HEIGHT 28
#define WHEEL_GAP    1
#define FRAME        3

/* From one digit of a wheel to the next. */
#define TURN 18

static const uint32_t wheel_color = 0x121417;
static const uint32_t digit_color = 0xf4f1e8;

/* Lines, to be drawn 2 wide with round ends, in a box of 12 by 17. */
static const char *const shapes[10] = {
    "M6 2C3.4 2 2 4.4 2 8.5S3.4 15 6 15s4-2.4 4-6.5S8.6 2 6 2z",
    "M3 4.6 6.6 2v13M3.4 15h6",
    "M2.2 5.4C2.4 3.3 4 2 6 2c2.3 0 3.8 1.4 3.8 3.4C9.8 9 2.4 11 2 15h8",
    "M2.3 3.9C3 2.7 4.3 2 5.9 2c2.2 0 3.6 1.2 3.6 3S8.1 8 5.6 8C8.4 8 10 9.3 10 11.4S8.4 15 6 "
    "15c-1.9 "
    "0-3.3-.8-4-2.3",
    "M8 15V2L1.9 11.2h8.3",
    "M9.4 2h-6l-.6 6c.8-.6 1.9-.9 3-.9 2.5 0 4.2 1.5 4.2 3.9S8.3 15 5.8 15c-1.8 0-3.2-.8-3.8-2.2",
    "M9.2 2.6C8.5 2.2 7.6 2 6.8 2 3.7 2 2 4.7 2 9.2 2 13 3.5 15 6 15s4-1.7 4-4.1S8.4 7 6.1 7C4 7 "
    "2.4 "
    "8.4 2 10.6",
    "M2 2h8L4.9 15",
    "M6 2C3.9 2 2.5 3.2 2.5 5S3.9 8 6 8s3.5-1.2 3.5-3S8.1 2 6 2zM6 8c-2.5 0-4 1.4-4 3.5S3.5 15 6 "
    "15s4-"
    "1.4 4-3.5S8.5 8 6 8z",
    "M2.8 14.4c.7.4 1.6.6 2.4.6C8.3 15 10 12.3 10 7.8 10 4 8.5 2 6 2S2 3.7 2 6.1 3.6 10 5.9 10C8 "
    "10 9.6 "
    "8.6 10 6.4",
};

/* @param turn  -1: the digit before, which stands above; 1: the one behind */
static void put_digit(struct strbuf *out, int digit, int turn)
{
    strbuf_printf(out, "<path transform=\"translate(2.5 %d.5)\"%s d=\"%s\"/>", 5 + turn * TURN,
                  turn == 0 ? "" : " opacity=\".4\"", shapes[(digit + turn + 10) % 10]);
}

static void put_wheel(struct strbuf *out, unsigned x, int digit, bool is_dim)
{
    strbuf_printf(out, "<svg x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"><g%s>", x, FRAME,
                  WHEEL_WIDTH, WHEEL_HEIGHT, is_dim ? " opacity=\".45\"" : "");
    for (int turn = -1; turn <= 1; turn++)
        put_digit(out, digit, turn);
    strbuf_append(out, SLICE("</g></svg>"));
}

/* Bands at both ends of the wheels, `height` pixels high. */
static void put_bands(struct strbuf *out, unsigned width, unsigned height)
{
    strbuf_printf(out, "M%u %uh%uv%uh-%uzM%u %uh%uv%uh-%uz", FRAME, FRAME, width, height, width,
                  FRAME, FRAME + WHEEL_HEIGHT - height, width, height, width);
}

/* Wheels are round: darker towards their ends. */
static void put_shade(struct strbuf *out, unsigned width)
{
    static const unsigned heights[] = {2, 4, 6};

    for (size_t i = 0; i < sizeof(heights) / sizeof(heights[0]); i++) {
        strbuf_append(out, SLICE("<path opacity=\".22\" d=\""));
        put_bands(out, width, heights[i]);
        strbuf_append(out, SLICE("\"/>"));
    }
}

static void put_frame(struct badge_drawing *drawing, unsigned width, uint32_t color)
{
    strbuf_printf(drawing->out, "<rect width=\"%u\" height=\"%u\" rx=\"4\"", width,
                  BADGE_DIGITS_HEIGHT);
    badge_fill(drawing, badge_same(color));
    strbuf_append(drawing->out, SLICE("/>"));
}

static void put_wheels(struct badge_drawing *drawing, size_t count, uint32_t color)
{
    strbuf_append(drawing->out, SLICE("<path"));
    badge_fill(drawing, badge_same(color));
    strbuf_printf(drawing->out, " d=\"M%u %u", FRAME, FRAME);
    for (size_t i = 0; i < count; i++)
        strbuf_printf(drawing->out, "%sh%uv%uh-%uz", i == 0 ? "" : "m18 0", WHEEL_WIDTH,
                      WHEEL_HEIGHT, WHEEL_WIDTH);
    strbuf_append(drawing->out, SLICE("\"/>"));
}

_Static_assert(WHEEL_WIDTH + WHEEL_GAP == 18, "as the path has it");
_Static_assert(WHEEL_HEIGHT + 2 * FRAME == BADGE_DIGITS_HEIGHT, "nothing else is in it");

unsigned badge_digits_width(size_t count)
{
    return (unsigned)count * (WHEEL_WIDTH + WHEEL_GAP) - WHEEL_GAP + 2 * FRAME;
}

void badge_draw_digits(struct badge_drawing *drawing)
{
    const struct counter_options *options = drawing->badge->options;
    struct strbuf *out = drawing->out;
    char digits[24];
    size_t zeros;
    size_t count = badge_digits(drawing->badge, digits, &zeros);
    unsigned width = badge_digits_width(count);
    uint32_t wheel = options->has_label_color ? options->label_color : wheel_color;
    uint32_t wanted = options->has_color ? options->color : digit_color;

    badge_open(drawing, width, BADGE_DIGITS_HEIGHT);
    put_frame(drawing, width, badge_mix(wheel, badge_text_on(wheel), 3));
    put_wheels(drawing, count, wheel);
    strbuf_append(out, SLICE("<g fill=\"none\" stroke-width=\"2\" stroke-linecap=\"round\" "
                             "stroke-linejoin=\"round\" aria-hidden=\"true\""));
    badge_stroke(drawing, badge_same(badge_readable(wanted, wheel)));
    strbuf_append_char(out, '>');
    for (size_t i = 0; i < count; i++)
        put_wheel(out, FRAME + (unsigned)i * (WHEEL_WIDTH + WHEEL_GAP), digits[i] - '0', i < zeros);
    strbuf_append(out, SLICE("</g>"));
    put_shade(out, width - 2 * FRAME);
    badge_close(drawing);
}
