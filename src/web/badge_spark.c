/* The number, and the days before today as a line. */
#include "web/badge_part.h"

/* Tenths of a pixel. */
#define MARGIN        100
#define GAP           120
#define NUMBER_SIZE   150
#define NUMBER_Y      195
#define LABEL_SIZE    95
#define LABEL_Y       310
#define CHART_WIDTH   900
#define CHART_TOP     90
#define CHART_BOTTOM  310
#define LONE_NUMBER_Y 255 /* without a label below */

static int64_t largest(const int64_t *days, size_t count)
{
    int64_t most = 1;

    for (size_t i = 0; i < count; i++)
        most = days[i] > most ? days[i] : most;
    return most;
}

static unsigned y_of(int64_t value, int64_t most)
{
    double part = value > 0 ? (double)value / (double)most : 0;

    return CHART_BOTTOM - (unsigned)(part * (CHART_BOTTOM - CHART_TOP) + 0.5);
}

static void put_point(struct strbuf *out, unsigned x, unsigned y)
{
    badge_length(out, x);
    strbuf_append_char(out, ' ');
    badge_length(out, y);
}

static void put_line(struct strbuf *out, const struct badge *badge, unsigned left)
{
    int64_t most = largest(badge->days, badge->day_count);
    size_t steps = badge->day_count - 1;

    for (size_t i = 0; i < badge->day_count; i++) {
        strbuf_append(out, i == 0 ? SLICE("M") : i == 1 ? SLICE("L") : SLICE(" "));
        put_point(out, left + (unsigned)(i * CHART_WIDTH / steps), y_of(badge->days[i], most));
    }
}

static void put_chart(struct badge_drawing *drawing, unsigned left, struct badge_pair color)
{
    const struct badge *badge = drawing->badge;
    struct strbuf *out = drawing->out;

    if (badge->day_count < 2)
        return;
    strbuf_append(out, SLICE("<path opacity=\".15\""));
    badge_fill(drawing, color);
    strbuf_append(out, SLICE(" d=\""));
    put_line(out, badge, left);
    strbuf_append_char(out, 'V');
    badge_length(out, CHART_BOTTOM);
    strbuf_append_char(out, 'H');
    badge_length(out, left);
    strbuf_append(out,
                  SLICE("z\"/><path fill=\"none\" stroke-width=\"1.5\" stroke-linejoin=\"round\" "
                        "stroke-linecap=\"round\""));
    badge_stroke(drawing, color);
    strbuf_append(out, SLICE(" d=\""));
    put_line(out, badge, left);
    strbuf_append(out, SLICE("\"/><circle r=\"2.2\" cx=\""));
    badge_length(out, left + CHART_WIDTH);
    strbuf_append(out, SLICE("\" cy=\""));
    badge_length(out,
                 y_of(badge->days[badge->day_count - 1], largest(badge->days, badge->day_count)));
    strbuf_append_char(out, '"');
    badge_fill(drawing, color);
    strbuf_append(out, SLICE("/>"));
}

static void put_card(struct badge_drawing *drawing, unsigned width)
{
    strbuf_printf(drawing->out, "<rect x=\".5\" y=\".5\" width=\"%u\" height=\"%u\" rx=\"5.5\"",
                  width - 1, BADGE_SPARK_HEIGHT - 1);
    badge_fill(drawing, badge_paper);
    strbuf_append(drawing->out, SLICE("/><rect x=\".5\" y=\".5\" fill=\"none\""));
    strbuf_printf(drawing->out, " width=\"%u\" height=\"%u\" rx=\"5.5\"", width - 1,
                  BADGE_SPARK_HEIGHT - 1);
    badge_stroke(drawing, badge_line);
    strbuf_append(drawing->out, SLICE("/>"));
}

/* What is drawn in the colour of counters can be read on both papers. */
static struct badge_pair line_color(const struct badge *badge)
{
    uint32_t color = 0;

    (void)badge_color_parse(badge_color_names[0], &color);
    return badge_ink_of(badge, (struct badge_pair){badge_readable(color, badge_paper.light),
                                                   badge_readable(color, badge_paper.dark)});
}

void badge_draw_spark(struct badge_drawing *drawing)
{
    const struct badge *badge = drawing->badge;
    bool has_label = badge->label.len > 0;
    struct badge_text number = {.text = badge->text,
                                .x = MARGIN,
                                .y = has_label ? NUMBER_Y : LONE_NUMBER_Y,
                                .size = NUMBER_SIZE,
                                .weight = BADGE_BOLD,
                                .color = badge_ink};
    struct badge_text label = {
        .text = badge->label, .x = MARGIN, .y = LABEL_Y, .size = LABEL_SIZE, .color = badge_soft};
    unsigned of_number = badge_text_length(&number);
    unsigned of_label = badge_text_length(&label);
    unsigned left = MARGIN + (of_number > of_label ? of_number : of_label) + GAP;
    unsigned width = badge_pixels(left + CHART_WIDTH + MARGIN);

    badge_open(drawing, width, BADGE_SPARK_HEIGHT);
    put_card(drawing, width);
    badge_put_text(drawing, &number);
    badge_put_text(drawing, &label);
    put_chart(drawing, left, line_color(badge));
    badge_close(drawing);
}
