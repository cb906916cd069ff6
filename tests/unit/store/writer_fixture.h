/**
 * A writer on a scripted store and a virtual clock.
 */
#ifndef FOOTFALL_TESTS_WRITER_FIXTURE_H
#define FOOTFALL_TESTS_WRITER_FIXTURE_H

#include "store/writer.h"
#include "support/scripted_store.h"
#include "support/virtual_loop.h"

#define TIMEOUT_MS 60000 /* of the store's operations */

struct writer_fixture {
    struct virtual_loop loop;
    struct store *store;
    struct writer *writer;
    struct commit *commit; /* one addition of 1 to the site's total */
    /* What the writer told last, and how often. */
    size_t told;
    enum commit_status status;
    int64_t total;
    bool commits_again; /* inside the next `done` */
};

/** cmocka's set-up and tear-down; the state is the fixture. */
int writer_set_up(void **state);
int writer_tear_down(void **state);

/** Gives the writer the fixture's commit. */
void commit(struct writer_fixture *f);

/** Has a first commit behind it. */
void start_up(struct writer_fixture *f);

void answer_register(struct writer_fixture *f, enum err err);

/** Answers the commit that is on its way. */
void answer(struct writer_fixture *f, enum commit_status status);
void answer_last_number(struct writer_fixture *f, enum commit_status status, uint64_t last_number);

/** The commit that is on its way, looked at. */
struct commit *on_its_way(const struct writer_fixture *f);

struct writer_stats stats_of(const struct writer_fixture *f);

#endif
