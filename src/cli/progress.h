/**
 * How far something is, on standard error: a bar on a terminal, elsewhere a line now and then.
 */
#ifndef FOOTFALL_CLI_PROGRESS_H
#define FOOTFALL_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *what; /* "copying"; borrowed */
    uint64_t done;
    uint64_t total; /* 0: not known */
    bool is_terminal;
    bool is_shown;   /* a bar stands on the line */
    int64_t next_ms; /* monotonic: not before that */
};

/** Begins with nothing done. */
void progress_start(struct progress *progress, const char *what, uint64_t total);

/** `more` is done now. Cheap: may be called for each step. */
void progress_add(struct progress *progress, uint64_t more);

/** Takes the bar away, or says a last line. */
void progress_end(struct progress *progress);

#endif
