/**
 * A batcher on a scripted store and a virtual clock, with visitors who write down what they are
 * told.
 *
 *     visit(v, "/a", "");          a hit arrives
 *     turn(f);                     the batcher's turn: its batch is on its way
 *     answer_done(f);              the store says yes, as if each counter had been at 100
 */
#ifndef FOOTFALL_TESTS_BATCH_FIXTURE_H
#define FOOTFALL_TESTS_BATCH_FIXTURE_H

#include "count/batch.h"
#include "support/scripted_store.h"
#include "support/virtual_loop.h"

#define HIT_MS       500
#define STORE_MS     100000 /* longer than any test: the script answers */
#define MAX_VISITORS 16

struct guest {
    struct batch_fixture *f;
    struct hit *hit; /* NULL when nothing is on its way */
    size_t told;
    struct hit_answer answer;
    void (*then)(struct guest *visitor); /* what it does when told; NULL: nothing */
    struct guest *other;
};

struct batch_fixture {
    struct virtual_loop loop;
    struct store *store;
    struct batcher *batcher;
    struct guest visitors[MAX_VISITORS];
};

/** cmocka's set-up and tear-down; the state is the fixture. */
int batch_set_up(void **state);
int batch_tear_down(void **state);

/** The visitor's hit is taken. */
void visit(struct guest *visitor, const char *path, const char *id);

/** One turn of the loop. */
void turn(struct batch_fixture *f);

/** Lets the first batch through, so that the writer is registered. */
void start_up(struct batch_fixture *f);

/** The commit on its way; borrowed until it is answered. */
const struct commit *on_its_way(const struct batch_fixture *f);

/** Answers the read: none of the ids is known, but those in `known` (NULL: none), for "/known". */
void answer_read(struct batch_fixture *f, const char *known);

/** Answers the commit: done, as if each counter had been at 100 before. */
void answer_done(struct batch_fixture *f);

/** Answers it: a conflict, since the record of `id` is there now, for "/known". */
void answer_conflict(struct batch_fixture *f, const char *id);

/** Answers it with a status that has nothing more to say. */
void answer(struct batch_fixture *f, enum commit_status status);

struct batcher_stats stats_of(const struct batch_fixture *f);

/** The visitor was told once: this. */
void assert_counted(const struct guest *visitor, int64_t site_count, int64_t count);
void assert_duplicate(const struct guest *visitor, int64_t site_count, int64_t count);
void assert_failed(const struct guest *visitor, enum err err);

/** Nothing is on its way, nothing waits, and the statistics agree. */
void assert_idle(const struct batch_fixture *f);

#endif
