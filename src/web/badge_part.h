/**
 * What the styles of counters are drawn with; only for badge*.c.
 *
 * Lengths are tenths of a pixel. A colour is a pair, for light and for dark pages: with theme=auto
 * a class that is named by the colour, and so means the same in all counters of a page, has the
 * dark one.
 */
#ifndef FOOTFALL_WEB_BADGE_PART_H
#define FOOTFALL_WEB_BADGE_PART_H

#include "web/badge.h"
#include "web/badge_width.h"

#define BADGE_MAX_DARK 6

/* Pixels. */
#define BADGE_HEIGHT        20 /* of those that stand in a line with others */
#define BADGE_BIG_HEIGHT    28
#define BADGE_DIGITS_HEIGHT 34
#define BADGE_LED_HEIGHT    38
#define BADGE_SPARK_HEIGHT  40

/** How wide so many digits are, in pixels. */
unsigned badge_digits_width(size_t count);
unsigned badge_led_width(size_t count);

struct badge_pair {
    uint32_t light;
    uint32_t dark;
};

/** What a page looks like that a counter without a background of its own stands on. */
extern const struct badge_pair badge_paper;
extern const struct badge_pair badge_ink;
extern const struct badge_pair badge_soft; /* for labels */
extern const struct badge_pair badge_line;

struct badge_drawing {
    struct strbuf *out;
    const struct badge *badge;
    uint32_t dark_fills[BADGE_MAX_DARK]; /* those that have a class */
    size_t dark_fill_count;
    uint32_t dark_strokes[BADGE_MAX_DARK];
    size_t dark_stroke_count;
};

/** A text on one line. */
struct badge_text {
    struct slice text;
    unsigned x; /* of its left end */
    unsigned y; /* of its baseline */
    unsigned size;
    enum badge_weight weight;
    unsigned spacing; /* between characters, and behind the last */
    struct badge_pair color;
};

/** The same colour on light and dark pages. */
static inline struct badge_pair badge_same(uint32_t color)
{
    return (struct badge_pair){color, color};
}

/** The colour that was asked for, as it can be read on the page; else `otherwise`. */
struct badge_pair badge_ink_of(const struct badge *badge, struct badge_pair otherwise);

/** The root with its title; `width` and `height` are whole pixels. */
void badge_open(struct badge_drawing *drawing, unsigned width, unsigned height);

/** What theme=auto needs, and the end of the root. */
void badge_close(struct badge_drawing *drawing);

/** Appends a length: "12.5". */
void badge_length(struct strbuf *out, unsigned tenths);

/** Appends ` fill="…"` and ` stroke="…"`. */
void badge_fill(struct badge_drawing *drawing, struct badge_pair color);
void badge_stroke(struct badge_drawing *drawing, struct badge_pair color);

/** How long a text is; without one, 0. */
unsigned badge_text_length(const struct badge_text *text);

void badge_put_text(struct badge_drawing *drawing, const struct badge_text *text);

/** Whole pixels that have room for a length. */
static inline unsigned badge_pixels(unsigned tenths)
{
    return (tenths + 9) / 10;
}

/** The digits of a number, at least as many as asked for. @return  how many there are */
size_t badge_digits(const struct badge *badge, char out[static 24], size_t *zeros);

/* A file each, but for what is noted. */
void badge_draw_flat(struct badge_drawing *drawing); /* and square, big */
void badge_draw_text(struct badge_drawing *drawing); /* badge_plain.c */
void badge_draw_ghost(struct badge_drawing *drawing);
void badge_draw_digits(struct badge_drawing *drawing);
void badge_draw_led(struct badge_drawing *drawing);
void badge_draw_spark(struct badge_drawing *drawing);

#endif
