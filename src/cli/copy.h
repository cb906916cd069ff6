/**
 * Putting what was read out of one store into another, so that it can be interrupted at any moment
 * and done again:
 *
 *     counters   what the destination holds is read first, and the difference is added
 *     rollups    what it holds is known from the beginning, and the difference is added, too
 *     records    are written whatever is there, with the seconds they have left to live
 *
 * All go through writers, so a lost reply doubles nothing. In each shard of the destination a
 * record, the marker, says that a copy of that source is unfinished. Every commit also writes the
 * marker, on top of the version that this copy wrote last: so two copies never work side by side,
 * and what an interrupted one had sent last and comes late does nothing.
 */
#ifndef FOOTFALL_CLI_COPY_H
#define FOOTFALL_CLI_COPY_H

#include "cli/copy_rollups.h"
#include "cli/db_session.h"
#include "store/writer.h"

#define COPY_MARKER SLICE("copy/unfinished")

enum copy_verdict {
    COPY_WELL,
    COPY_NO_MEMORY,
    COPY_UNAVAILABLE,  /* patience ended; it can be gone on with */
    COPY_OTHER_SOURCE, /* the destination holds an unfinished copy of another source */
    COPY_TAKEN_OVER,   /* another copy writes to it */
    COPY_TOO_MUCH,     /* a counter of the destination is higher than that of the source; likewise a
                          total of its rollups */
};

struct copy;

/** The part of a copy that belongs to one shard of the destination. */
struct copy_lane {
    struct copy *copy;
    unsigned shard;
    struct writer *writer;
    uint64_t marker_version; /* RECORD_ABSENT: there is none yet */
    bool is_of_source;       /* the marker there names our source */
    /* Of the page in work: */
    struct counter *counters;
    int64_t *views; /* that they are to have */
    int64_t *held;  /* that they have */
    size_t counter_count;
    struct commit *commit;
    bool is_done;
};

struct copy {
    struct db_session *session;
    struct store *to;
    struct slice source; /* what the marker says */
    unsigned shards;
    struct copy_lane lanes[STORE_MAX_SHARDS];
    struct copy_rollups rollups;
    size_t pending;
    enum copy_verdict verdict; /* of the commits in flight */
};

/**
 * Begins or takes up a copy; nothing is written yet.
 *
 * @param source   names the source, the same each time; borrowed
 * @param resumed  out: there is an unfinished copy of that source
 */
enum copy_verdict copy_open(struct copy *copy, struct db_session *session, struct store *to,
                            const char *source, bool *resumed);

/** Fine after copy_open() failed; leaves the markers. */
void copy_close(struct copy *copy);

/** Writes the markers, and takes them over from a copy that was interrupted. */
enum copy_verdict copy_mark(struct copy *copy);

/** A page of the destination: what an interrupted copy has brought. Between copy_mark() and the
 * first copy_page(). ERR_NO_MEMORY */
enum err copy_note_held(struct copy *copy, const struct db_page *page) MUST_CHECK;

/** Brings what is on the page into the destination. */
enum copy_verdict copy_page(struct copy *copy, const struct db_page *page);

/** It is complete: removes the markers. */
enum copy_verdict copy_finish(struct copy *copy);

/** The shard of the destination in which a record belongs. */
unsigned copy_shard_of_record(const struct copy *copy, struct slice key);

#endif
