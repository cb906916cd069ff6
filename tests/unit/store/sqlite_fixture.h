/**
 * A store on an SQLite file in a folder of its own, and commits to fill it.
 */
#ifndef FOOTFALL_TESTS_SQLITE_FIXTURE_H
#define FOOTFALL_TESTS_SQLITE_FIXTURE_H

#include "calls.h"
#include "support/temp_folder.h"

struct fixture {
    struct temp_folder folder;
    char path[96]; /* of the database; not there before the first operation */
    char url[112];
    struct test_loop loop;
    struct store_env env;
    struct store *store; /* open on `url` */
    struct writer_id writer;
};

/** For cmocka: *state is the fixture. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/** Closes the store and opens it again, with what `env` says by now. */
void fixture_reopen(struct fixture *f);

/** Registers `f->writer`; asserts that it went well. */
void fixture_register(struct fixture *f);

/** A commit of `f->writer`, empty. */
struct commit *fixture_commit(const struct fixture *f, uint64_t number);

void commit_add_views(struct commit *commit, struct counter counter, int64_t views);
void commit_put(struct commit *commit, struct slice key, struct slice value, uint32_t ttl_s);

/** Sends it and gives the reference back. `detail` (NULL: unwanted) gets 160 bytes. */
enum commit_status fixture_submit(struct fixture *f, struct commit *commit, char *detail);

/** Sends commit `number`, which adds `views` to the total of site `default`. */
enum commit_status fixture_count(struct fixture *f, uint64_t number, int64_t views);

/** The total of site `default`. */
int64_t fixture_total(struct fixture *f);

/** The one number that `sql` asks for, past the store. */
int64_t fixture_ask(const struct fixture *f, const char *sql);

/** Runs `sql` past the store. */
void fixture_execute(const struct fixture *f, const char *sql);

#endif
