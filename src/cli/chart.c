#include "cli/chart.h"

#define LEVELS  8
#define EIGHTHS 8

/* Wider ones look like a bar chart without gaps. */
#define MAX_REPEATED 3

static const char *const columns_utf8[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const columns_ascii[LEVELS] = {"_", ".", ":", "-", "=", "+", "*", "#"};
static const char *const bar_ends_utf8[EIGHTHS] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

static double sum_of(const int64_t *values, size_t begin, size_t end)
{
    double sum = 0;

    for (size_t i = begin; i < end; i++)
        sum += values[i] > 0 ? (double)values[i] : 0;
    return sum;
}

/* The lowest column is for nothing at all. */
static size_t level_of(double value, double largest)
{
    size_t level;

    if (value <= 0 || largest <= 0)
        return 0;
    level = 1 + (size_t)(value / largest * (LEVELS - 1));
    return level < LEVELS ? level : LEVELS - 1;
}

void append_sparkline(struct strbuf *out, bool has_utf8, const int64_t *values, size_t count,
                      size_t width)
{
    const char *const *columns = has_utf8 ? columns_utf8 : columns_ascii;
    size_t shared = (count + width - 1) / width;
    size_t repeated = width / count < MAX_REPEATED ? width / count : MAX_REPEATED;
    double largest = 0;

    for (size_t i = 0; i < count; i += shared) {
        double sum = sum_of(values, i, i + shared < count ? i + shared : count);

        largest = sum > largest ? sum : largest;
    }
    for (size_t i = 0; i < count; i += shared) {
        double sum = sum_of(values, i, i + shared < count ? i + shared : count);
        const char *column = columns[level_of(sum, largest)];

        for (size_t r = 0; r < repeated || r == 0; r++)
            strbuf_append(out, slice_str(column));
    }
}

void append_bar(struct strbuf *out, bool has_utf8, int64_t part, int64_t whole, unsigned width)
{
    double share = part > 0 && whole > 0 ? (double)part / (double)whole : 0;
    unsigned eighths = (unsigned)((share > 1 ? 1 : share) * width * EIGHTHS + 0.5);
    unsigned used = eighths / EIGHTHS;

    for (unsigned i = 0; i < used; i++)
        strbuf_append(out, has_utf8 ? SLICE("█") : SLICE("#"));
    if (has_utf8 && eighths % EIGHTHS > 0) {
        strbuf_append(out, slice_str(bar_ends_utf8[eighths % EIGHTHS]));
        used++;
    }
    for (; used < width; used++)
        strbuf_append_char(out, ' ');
}
