#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "process/system_clock.h"

/* A bar moves smoothly at this rate; lines are for logs. */
#define BAR_EVERY_MS  100
#define LINE_EVERY_MS 5000

#define BAR_WIDTH     30

/* From the beginning of the line to its end, and back: takes away what stands there. */
#define CLEAR_LINE "\r\x1b[K"

void progress_start(struct progress *progress, const char *what, uint64_t total)
{
    *progress = (struct progress){
        .what = what,
        .total = total,
        .is_terminal = isatty(STDERR_FILENO) != 0,
    };
    progress->next_ms = clock_mono_ms(&system_clock) + (progress->is_terminal ? 0 : LINE_EVERY_MS);
}

static unsigned percent(const struct progress *progress)
{
    if (progress->total == 0 || progress->done >= progress->total)
        return progress->total == 0 ? 0 : 100;
    return (unsigned)(100.0 * (double)progress->done / (double)progress->total);
}

static void print_amount(const struct progress *progress)
{
    if (progress->total > 0)
        (void)fprintf(stderr, "%3u %%, %" PRIu64 " of %" PRIu64, percent(progress), progress->done,
                      progress->total);
    else
        (void)fprintf(stderr, "%" PRIu64, progress->done);
}

static void print_bar(struct progress *progress)
{
    unsigned filled = percent(progress) * BAR_WIDTH / 100;

    (void)fprintf(stderr, CLEAR_LINE "%-9s ", progress->what);
    if (progress->total > 0) {
        (void)fputc('[', stderr);
        for (unsigned i = 0; i < BAR_WIDTH; i++)
            (void)fputc(i < filled ? '#' : '.', stderr);
        (void)fputs("] ", stderr);
    }
    print_amount(progress);
    progress->is_shown = true;
}

static void print_line(const struct progress *progress)
{
    (void)fprintf(stderr, "%s: ", progress->what);
    print_amount(progress);
    (void)fputc('\n', stderr);
}

void progress_add(struct progress *progress, uint64_t more)
{
    int64_t now_ms = clock_mono_ms(&system_clock);

    progress->done += more;
    if (now_ms < progress->next_ms)
        return;
    progress->next_ms = now_ms + (progress->is_terminal ? BAR_EVERY_MS : LINE_EVERY_MS);
    if (progress->is_terminal)
        print_bar(progress);
    else
        print_line(progress);
}

void progress_end(struct progress *progress)
{
    if (progress->is_shown)
        (void)fputs(CLEAR_LINE, stderr);
    if (!progress->is_terminal)
        print_line(progress);
    progress->is_shown = false;
}
