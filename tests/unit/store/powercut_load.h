/**
 * A load on SQLite stores under a VFS whose power is cut, and the check of what it has left.
 *
 * Authors commit as the program does, each by a writer of its own: +1 to the site's total, +1 to
 * the author's own page, and a record that no other commit writes; now and then large records, so
 * that the log grows and is moved into the database. What they were told is remembered:
 *
 *     acknowledged   DONE: must be there, once, whatever happened to the power
 *     unresolved     in flight when the power went: there or not, and there once after it was sent
 *                    again under its number
 *     refused        must not be there; the author says the same again in a new commit
 */
#ifndef FOOTFALL_TESTS_POWERCUT_LOAD_H
#define FOOTFALL_TESTS_POWERCUT_LOAD_H

#include "calls.h"
#include "store/writer.h"
#include "support/temp_folder.h"

#define LOAD_MAX_STORES  2
#define LOAD_MAX_AUTHORS 4

struct load;

struct author {
    struct load *load;
    unsigned name;         /* of its page: /author/NAME */
    int64_t acknowledged;  /* in all */
    struct writer *writer; /* NULL: at rest */
    struct commit *commit; /* in flight, or unresolved; NULL: none */
    struct timer pause;    /* after a refusal */
};

struct load {
    struct temp_folder folder;
    char path[96]; /* of the database */
    char url[112];
    struct test_loop loop;
    int64_t (*real_mono_us)(void *ctx);
    int64_t now_unix_ms;
    struct store_env env;
    struct store *stores[LOAD_MAX_STORES];
    unsigned store_count; /* 0: closed */
    struct author authors[LOAD_MAX_AUTHORS];
    unsigned author_count;
    int64_t commits_left; /* in this run: after so many acknowledgements nobody begins another */
    bool is_reading;      /* each author reads a counter after each commit: the readers' threads */
    char why[200];        /* what load_check() found */
};

/** In an empty folder. */
void load_init(struct load *load);

/** Closed before. */
void load_fini(struct load *load);

/** Opens the stores; author number i is on store number i modulo `stores`. Begins nothing. */
void load_open(struct load *load, unsigned stores, unsigned authors);

/**
 * Lets the authors commit until the power is off, or `commits` were acknowledged and none is in
 * flight any more.
 */
void load_run(struct load *load, int64_t commits);

/** Ends the processes: closes the stores, forgets the writers; commits in flight stay unresolved.
 */
void load_close(struct load *load);

/**
 * With the power on and the load closed: opens the database anew and compares, sends the unresolved
 * commits again, cuts the power and compares once more.
 *
 * @return  false with `load->why`: the promise is broken
 */
bool load_check(struct load *load);

/** The sum of what was acknowledged. */
int64_t load_acknowledged(const struct load *load);

#endif
