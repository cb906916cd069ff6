/**
 * What the program writes to its standard output while a test looks.
 */
#ifndef FOOTFALL_TESTS_CAPTURED_OUTPUT_H
#define FOOTFALL_TESTS_CAPTURED_OUTPUT_H

#include "base/slice.h"

#define CAPTURED_MAX_BYTES 65536

struct captured_output {
    int stdout_fd; /* the real one */
    int read_fd;
    char bytes[CAPTURED_MAX_BYTES];
};

/** Leads standard output into a pipe, which holds CAPTURED_MAX_BYTES. */
void captured_output_start(struct captured_output *capture);

/** Leads it back; what was written since, in `capture`. */
struct slice captured_output_stop(struct captured_output *capture);

#endif
