/**
 * What a copy from store to store is made of, for the files that carry it out: db_copy.c, the
 * command; copy_compare.c, which counts what is in both; copy_tell.c, which says how it went.
 */
#ifndef FOOTFALL_CLI_COPY_JOB_H
#define FOOTFALL_CLI_COPY_JOB_H

#include "cli/copy.h"
#include "cli/db.h"
#include "cli/db_tally.h"
#include "cli/progress.h"

/* A url, masked; a longer one is cut, and still tells one source from another. */
#define COPY_SHOWN_BYTES 200

struct copy_job {
    struct db_session session;
    struct store *from;
    struct store *to;
    char from_name[COPY_SHOWN_BYTES];
    char to_name[COPY_SHOWN_BYTES];
    struct copy copy;
    struct db_tally before; /* of the source, before anything was copied */
    struct db_tally after;  /* of the source, when all was copied */
    struct db_tally there;  /* of the destination, at the end */
    struct progress progress;
    enum copy_verdict verdict; /* of the page that ended a scan */
    bool is_unfinished;        /* a marker is in what was scanned */
    uint64_t missing;          /* records that are not in the destination, or not the same */
};

/* ---- copy_compare.c ------------------------------------------------------------------------- */

/** How many things are on the page. */
size_t copy_items(const struct db_page *page);

/** How many are in the source, as `before` says. */
uint64_t copy_all_items(const struct copy_job *job);

/** Fills `before`. */
enum exit_code copy_count_source(struct copy_job *job);

/** Fills `after`, `there` and `missing`. */
enum exit_code copy_scan_both(struct copy_job *job);

/** After both: the source was counted on meanwhile. */
bool copy_has_moved(const struct copy_job *job);

/** After copy_scan_both(): the destination holds what the source holds. */
bool copy_is_same(const struct copy_job *job);

/* ---- copy_tell.c: a sentence each, and the exit code that goes with it ---------------------- */

/** A store did not answer. @param name  which */
enum exit_code copy_fail_store(const char *name, enum err err);

/** EXIT_CODE_OK for COPY_WELL. */
enum exit_code copy_fail(const struct copy_job *job, enum copy_verdict verdict);

enum exit_code copy_fail_occupied(const struct copy_job *job);
enum exit_code copy_fail_unfinished(const struct copy_job *job);
enum exit_code copy_fail_moved(const struct copy_job *job);
enum exit_code copy_fail_comparison(const struct copy_job *job);

/** It went well. @param what  "copied and compared" */
enum exit_code copy_tell(const struct copy_job *job, const char *what);

#endif
