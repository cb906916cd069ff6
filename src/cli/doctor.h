/**
 * What `footfall doctor` finds. Each check adds its findings to the report; cmd_doctor.c holds the
 * table of checks and prints the report.
 */
#ifndef FOOTFALL_CLI_DOCTOR_H
#define FOOTFALL_CLI_DOCTOR_H

#include "cli/options.h"
#include "process/exit_code.h"

enum verdict { VERDICT_OK, VERDICT_WARN, VERDICT_FAIL };

struct finding {
    enum verdict verdict;
    const char *what; /* the subject, one or two words; borrowed, lives as long as the options */
    char text[400];   /* what was found */
    char remedy[200]; /* what mends it; empty: nothing to mend */
};

#define REPORT_MAX 64

/** Zero-initialised: nothing found, all well. */
struct report {
    struct finding list[REPORT_MAX];
    unsigned count;
    enum exit_code code; /* the highest that a finding asked for */
};

/**
 * Adds a finding; beyond REPORT_MAX it only counts for the exit code.
 *
 * @param remedy  NULL or empty: none
 */
void report_add(struct report *report, enum verdict verdict, const char *what, const char *remedy,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

/** The exit code will be at least `code`. */
void report_raise(struct report *report, enum exit_code code);

typedef void doctor_check_fn(const struct options *options, struct report *report);

doctor_check_fn doctor_check_settings; /* doctor.c */
doctor_check_fn doctor_check_workers;
doctor_check_fn doctor_check_files;
doctor_check_fn doctor_check_clock;
doctor_check_fn doctor_check_store;  /* doctor_store.c */
doctor_check_fn doctor_check_listen; /* doctor_listen.c */

#endif
