#include "web/badge.h"

#include <inttypes.h>
#include <stdio.h>

#include "web/answer.h"
#include "web/badge_part.h"

/* Digits of styles that have them, unless it is said otherwise. */
#define DIGITS_DEFAULT 6

const struct badge_pair badge_paper = {0xffffff, 0x0d1117};
const struct badge_pair badge_ink = {0x1f2328, 0xf0f6fc};
const struct badge_pair badge_soft = {0x59636e, 0x9aa4af};
const struct badge_pair badge_line = {0xc9d1d9, 0x444c56};

/* ---- colours -------------------------------------------------------------------------------- */

struct badge_pair badge_ink_of(const struct badge *badge, struct badge_pair otherwise)
{
    uint32_t wanted = badge->options->color;

    if (!badge->options->has_color)
        return otherwise;
    return (struct badge_pair){badge_readable(wanted, badge_paper.light),
                               badge_readable(wanted, badge_paper.dark)};
}

/* Each is there once. */
static void note_dark(uint32_t *list, size_t *count, uint32_t color)
{
    for (size_t i = 0; i < *count; i++) {
        if (list[i] == color)
            return;
    }
    if (*count < BADGE_MAX_DARK)
        list[(*count)++] = color;
}

static void paint(struct badge_drawing *drawing, const char *what, struct badge_pair color)
{
    enum counter_theme theme = drawing->badge->options->theme;
    char text[BADGE_COLOR_BYTES];

    badge_color_format(theme == COUNTER_DARK ? color.dark : color.light, text);
    strbuf_printf(drawing->out, " %s=\"%s\"", what, text);
    if (theme == COUNTER_AUTO && color.dark != color.light)
        strbuf_printf(drawing->out, " class=\"ff%c%06" PRIx32 "\"", what[0], color.dark);
}

void badge_fill(struct badge_drawing *drawing, struct badge_pair color)
{
    paint(drawing, "fill", color);
    if (color.dark != color.light)
        note_dark(drawing->dark_fills, &drawing->dark_fill_count, color.dark);
}

void badge_stroke(struct badge_drawing *drawing, struct badge_pair color)
{
    paint(drawing, "stroke", color);
    if (color.dark != color.light)
        note_dark(drawing->dark_strokes, &drawing->dark_stroke_count, color.dark);
}

static void append_rules(struct strbuf *out, const char *what, const uint32_t *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        strbuf_printf(out, ".ff%c%06" PRIx32 "{%s:#%06" PRIx32 "}", what[0], list[i], what,
                      list[i]);
}

/* ---- the root ------------------------------------------------------------------------------- */

static void append_name(struct strbuf *out, const struct badge *badge)
{
    append_html(out, badge->label);
    if (badge->label.len > 0)
        strbuf_append(out, SLICE(": "));
    append_html(out, badge->text);
}

void badge_open(struct badge_drawing *drawing, unsigned width, unsigned height)
{
    struct strbuf *out = drawing->out;

    strbuf_printf(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
                  "viewBox=\"0 0 %u %u\" role=\"img\" aria-label=\"",
                  width, height, width, height);
    append_name(out, drawing->badge);
    strbuf_append(out, SLICE("\"><title>"));
    append_name(out, drawing->badge);
    strbuf_append(out, SLICE("</title>"));
}

void badge_close(struct badge_drawing *drawing)
{
    struct strbuf *out = drawing->out;

    if (drawing->badge->options->theme == COUNTER_AUTO) {
        strbuf_append(out, SLICE("<style>@media(prefers-color-scheme:dark){"));
        append_rules(out, "fill", drawing->dark_fills, drawing->dark_fill_count);
        append_rules(out, "stroke", drawing->dark_strokes, drawing->dark_stroke_count);
        strbuf_append(out, SLICE("}</style>"));
    }
    strbuf_append(out, SLICE("</svg>\n"));
}

/* ---- texts ---------------------------------------------------------------------------------- */

void badge_length(struct strbuf *out, unsigned tenths)
{
    strbuf_append_int(out, tenths / 10);
    if (tenths % 10 != 0) {
        strbuf_append_char(out, '.');
        strbuf_append_int(out, tenths % 10);
    }
}

unsigned badge_text_length(const struct badge_text *text)
{
    unsigned width = (badge_width(text->text, text->weight) * text->size + 500) / 1000;

    return width + (unsigned)badge_characters(text->text) * text->spacing;
}

static void append_length(struct strbuf *out, const char *name, unsigned tenths)
{
    strbuf_printf(out, " %s=\"", name);
    badge_length(out, tenths);
    strbuf_append_char(out, '"');
}

void badge_put_text(struct badge_drawing *drawing, const struct badge_text *text)
{
    struct strbuf *out = drawing->out;

    if (text->text.len == 0)
        return;
    strbuf_append(out, SLICE("<text"));
    append_length(out, "x", text->x);
    append_length(out, "y", text->y);
    append_length(out, "font-size", text->size);
    append_length(out, "textLength", badge_text_length(text));
    if (text->weight == BADGE_BOLD)
        strbuf_append(out, SLICE(" font-weight=\"bold\""));
    if (text->spacing > 0)
        append_length(out, "letter-spacing", text->spacing);
    strbuf_append(out, SLICE(" font-family=\"Verdana,Geneva,DejaVu Sans,sans-serif\""));
    badge_fill(drawing, text->color);
    strbuf_append(out, SLICE(" aria-hidden=\"true\">"));
    append_html(out, text->text);
    strbuf_append(out, SLICE("</text>"));
}

static unsigned digits_of(const struct counter_options *options)
{
    return options->has_digits ? options->digits : DIGITS_DEFAULT;
}

size_t badge_digits(const struct badge *badge, char out[static 24], size_t *zeros)
{
    unsigned wanted = digits_of(badge->options);
    char plain[21];
    size_t len = format_int(plain, badge->number < 0 ? 0 : badge->number);

    *zeros = len < wanted ? wanted - len : 0;
    memset(out, '0', *zeros);
    memcpy(out + *zeros, plain, len);
    return *zeros + len;
}

/* ---- the styles ----------------------------------------------------------------------------- */

static void (*const draw[COUNTER_STYLE_COUNT_])(struct badge_drawing *drawing) = {
    [COUNTER_FLAT] = badge_draw_flat,     [COUNTER_SQUARE] = badge_draw_flat,
    [COUNTER_BIG] = badge_draw_flat,      [COUNTER_TEXT] = badge_draw_text,
    [COUNTER_DIGITS] = badge_draw_digits, [COUNTER_LED] = badge_draw_led,
    [COUNTER_GHOST] = badge_draw_ghost,   [COUNTER_SPARK] = badge_draw_spark,
    [COUNTER_SHIELDS] = badge_draw_flat, /* as a picture, it is flat */
};

unsigned badge_height(enum counter_style style)
{
    static const unsigned heights[COUNTER_STYLE_COUNT_] = {
        [COUNTER_FLAT] = BADGE_HEIGHT,          [COUNTER_SQUARE] = BADGE_HEIGHT,
        [COUNTER_BIG] = BADGE_BIG_HEIGHT,       [COUNTER_TEXT] = BADGE_HEIGHT,
        [COUNTER_DIGITS] = BADGE_DIGITS_HEIGHT, [COUNTER_LED] = BADGE_LED_HEIGHT,
        [COUNTER_GHOST] = BADGE_HEIGHT,         [COUNTER_SPARK] = BADGE_SPARK_HEIGHT,
        [COUNTER_SHIELDS] = BADGE_HEIGHT,
    };

    return heights[style];
}

unsigned badge_fixed_width(const struct counter_options *options)
{
    unsigned digits = digits_of(options);

    if (digits == 0)
        return 0;
    if (options->style == COUNTER_DIGITS)
        return badge_digits_width(digits);
    return options->style == COUNTER_LED ? badge_led_width(digits) : 0;
}

void badge_append(struct strbuf *out, const struct badge *badge)
{
    struct badge_drawing drawing = {.out = out, .badge = badge};

    draw[badge->options->style](&drawing);
}

void badge_append_notice(struct strbuf *out, const char *text)
{
    struct counter_options options;

    counter_options_init(&options);
    (void)counter_options_set(&options, SLICE("color"), SLICE("grey"));
    badge_append(out, &(struct badge){
                          .options = &options, .label = SLICE("counter"), .text = slice_str(text)});
}
