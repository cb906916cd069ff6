/* Counters without a background: they stand in a page as its own text does. */
#include "web/badge_part.h"

/* Of the number alone; its digits are as high as those of a heading. */
#define TEXT_SIZE      150
#define TEXT_BASELINE  155

#define GHOST_SIZE     110
#define GHOST_BASELINE 140
#define GHOST_MARGIN   70
#define GHOST_GAP      60

void badge_draw_text(struct badge_drawing *drawing)
{
    const struct badge_text number = {.text = drawing->badge->text,
                                      .y = TEXT_BASELINE,
                                      .size = TEXT_SIZE,
                                      .weight = BADGE_BOLD,
                                      .color = badge_ink_of(drawing->badge, badge_ink)};

    badge_open(drawing, badge_pixels(badge_text_length(&number)), BADGE_HEIGHT);
    badge_put_text(drawing, &number);
    badge_close(drawing);
}

static void put_frame(struct badge_drawing *drawing, unsigned width)
{
    strbuf_printf(drawing->out,
                  "<rect x=\".5\" y=\".5\" width=\"%u\" height=\"%u\" rx=\"3\" "
                  "fill=\"none\"",
                  width - 1, BADGE_HEIGHT - 1);
    badge_stroke(drawing, badge_line);
    strbuf_append(drawing->out, SLICE("/>"));
}

void badge_draw_ghost(struct badge_drawing *drawing)
{
    const struct badge *badge = drawing->badge;
    struct badge_text label = {.text = badge->label,
                               .x = GHOST_MARGIN,
                               .y = GHOST_BASELINE,
                               .size = GHOST_SIZE,
                               .color = badge_soft};
    struct badge_text number = {.text = badge->text,
                                .y = GHOST_BASELINE,
                                .size = GHOST_SIZE,
                                .weight = BADGE_BOLD,
                                .color = badge_ink_of(badge, badge_ink)};
    unsigned width;

    number.x = GHOST_MARGIN + badge_text_length(&label) + (label.text.len > 0 ? GHOST_GAP : 0);
    width = badge_pixels(number.x + badge_text_length(&number) + GHOST_MARGIN);
    badge_open(drawing, width, BADGE_HEIGHT);
    put_frame(drawing, width);
    badge_put_text(drawing, &label);
    badge_put_text(drawing, &number);
    badge_close(drawing);
}
