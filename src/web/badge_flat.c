/* Two boxes, label and number, in three sizes: those of the badges that people put side by side. */
#include "web/badge_part.h"

/* Both are of the same width in the usual fonts, so that text lies as it does in badges of others.
 */
static const struct look {
    unsigned height;   /* pixels */
    unsigned baseline; /* tenths, as all below */
    unsigned size;
    unsigned margin; /* at both ends of a text */
    unsigned spacing;
    unsigned radius; /* pixels */
    bool is_upper;
    enum badge_weight weight; /* of the number */
} looks[] = {
    [COUNTER_FLAT] = {BADGE_HEIGHT, 140, 110, 60, 0, 3, false, BADGE_REGULAR},
    [COUNTER_SQUARE] = {BADGE_HEIGHT, 140, 110, 60, 0, 0, false, BADGE_REGULAR},
    [COUNTER_BIG] = {BADGE_BIG_HEIGHT, 177, 100, 110, 12, 0, true, BADGE_BOLD},
};

static const struct badge_pair label_colors = {0x4b535d, 0x3d444d};

#define MAX_TEXT 256

/* Of ASCII and of the letters of Latin-1, which are one bit off in the second of their two bytes.
 */
static struct slice upper(struct slice text, char out[static MAX_TEXT])
{
    if (text.len > MAX_TEXT)
        return text;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_latin = i > 0 && text.ptr[i - 1] == '\xc3' && (unsigned char)c >= 0xa0 &&
                        c != '\xb7' && c != '\xbf';

        if ((c >= 'a' && c <= 'z') || is_latin)
            c = (char)(c & ~0x20);
        out[i] = c;
    }
    return slice_of(out, text.len);
}

/* A box from x on, with round corners at the ends that are those of the counter. */
static void put_box(struct badge_drawing *drawing, const struct look *look, unsigned x,
                    unsigned width, bool is_first, bool is_last)
{
    unsigned r = look->radius;
    unsigned left = is_first ? r : 0;
    unsigned right = is_last ? r : 0;
    struct strbuf *out = drawing->out;

    strbuf_printf(out, " d=\"M%u 0h%u", x + left, width - left - right);
    if (right > 0)
        strbuf_printf(out, "a%u %u 0 0 1 %u %uv%ua%u %u 0 0 1-%u %u", r, r, r, r,
                      look->height - 2 * r, r, r, r, r);
    else
        strbuf_printf(out, "v%u", look->height);
    strbuf_printf(out, "h-%u", width - left - right);
    if (left > 0)
        strbuf_printf(out, "a%u %u 0 0 1-%u-%uv-%ua%u %u 0 0 1 %u-%u", r, r, r, r,
                      look->height - 2 * r, r, r, r, r);
    strbuf_append(out, SLICE("z\"/>"));
}

/* A box of the drawing. */
struct part {
    struct badge_text text;
    struct badge_pair color;
    unsigned x; /* pixels */
    unsigned width;
};

static void measure(struct part *part, const struct look *look, unsigned x)
{
    unsigned length = badge_text_length(&part->text);

    part->x = x;
    part->width = part->text.text.len > 0 ? badge_pixels(length + 2 * look->margin) : 0;
    /* The space behind the last character is none to see. */
    part->text.x = 10 * x + (10 * part->width + look->spacing - length) / 2;
}

static struct badge_pair text_on(struct badge_pair background)
{
    return (struct badge_pair){badge_text_on(background.light), badge_text_on(background.dark)};
}

static struct part part_of(const struct look *look, struct slice text, enum badge_weight weight,
                           struct badge_pair color)
{
    return (struct part){.text = {.text = text,
                                  .y = look->baseline,
                                  .size = look->size,
                                  .weight = weight,
                                  .spacing = look->spacing,
                                  .color = text_on(color)},
                         .color = color};
}

static void put_part(struct badge_drawing *drawing, const struct look *look,
                     const struct part *part, unsigned width)
{
    if (part->width == 0)
        return;
    strbuf_append(drawing->out, SLICE("<path"));
    badge_fill(drawing, part->color);
    put_box(drawing, look, part->x, part->width, part->x == 0, part->x + part->width == width);
    badge_put_text(drawing, &part->text);
}

void badge_draw_flat(struct badge_drawing *drawing)
{
    const struct badge *badge = drawing->badge;
    const struct counter_options *options = badge->options;
    const struct look *look =
        &looks[options->style == COUNTER_SHIELDS ? COUNTER_FLAT : options->style];
    char label_text[MAX_TEXT];
    char number_text[MAX_TEXT];
    uint32_t color = 0;
    struct part label = part_of(
        look, look->is_upper ? upper(badge->label, label_text) : badge->label, BADGE_REGULAR,
        options->has_label_color ? badge_same(options->label_color) : label_colors);
    struct part number;

    (void)badge_color_parse(badge_color_names[0], &color);
    number = part_of(look, look->is_upper ? upper(badge->text, number_text) : badge->text,
                     look->weight, badge_same(options->has_color ? options->color : color));
    measure(&label, look, 0);
    measure(&number, look, label.width);
    badge_open(drawing, label.width + number.width, look->height);
    put_part(drawing, look, &label, label.width + number.width);
    put_part(drawing, look, &number, label.width + number.width);
    badge_close(drawing);
}
