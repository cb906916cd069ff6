/**
 * A changer, and changes that count how often their records were changed: each adds 1 to the
 * decimal number in all of its records.
 */
#ifndef FOOTFALL_TESTS_CHANGE_FIXTURE_H
#define FOOTFALL_TESTS_CHANGE_FIXTURE_H

#include "store/change.h"
#include "support/scripted_store.h"
#include "support/virtual_loop.h"

#define TIMEOUT_MS  INT64_C(1000) /* of the store's operations */
#define DEADLINE_MS (2 * TIMEOUT_MS)

struct change_fixture {
    struct virtual_loop loop;
    struct store_env env;
    struct store *store;
    struct changer *changer;
    size_t told; /* of all deeds */
};

enum deed_kind { DEED_ADD, DEED_DELETE, DEED_NOTHING };

/** One change and what became of it. Zero-initialised it adds 1. */
struct deed {
    enum deed_kind kind;
    enum err plan_err; /* what the plan returns, after it has written */
    uint32_t ttl_s;    /* 0: forever */
    void (*on_plan)(struct deed *deed);
    void (*on_told)(struct deed *deed);
    struct deed *other; /* for these */
    /* Set by the fixture: */
    struct change_fixture *f;
    struct change *change; /* NULL: not begun, or told */
    size_t plans;          /* how often its plan was called */
    size_t told;
    size_t place; /* it was the place-th to be told, from 1 */
    enum err err;
};

/** On a store whose answers the test gives; cmocka's set-up and tear-down. */
int change_set_up_scripted(void **state);

/** On a memory store. */
int change_set_up_memory(void **state);

int change_tear_down(void **state);

/** Begins it; `keys` are single characters. */
void begin(struct change_fixture *f, struct deed *deed, const char *keys);

/** The same; false: change_start() returned NULL. */
bool try_begin(struct change_fixture *f, struct deed *deed, const char *keys);

/** Begins it with keys of any kind. */
bool begin_with(struct change_fixture *f, struct deed *deed, const struct slice *keys,
                size_t count);

void assert_told(const struct deed *deed, enum err err);

/* For the scripted store: */

/** Has a first change behind it, of the record `z`, so that the writer is known. */
void start_up(struct change_fixture *f);

/** The operation that began last, looked at. */
const struct store_op *on_its_way(const struct change_fixture *f, enum store_op_kind kind);

/** Answers the read: each record holds a 1, its version is the first byte of its key; or fails it.
 */
void answer_read(struct change_fixture *f, enum err err);

/** Answers the attempt to commit that the writer waits for. */
void answer_commit(struct change_fixture *f, enum commit_status status);

/** The keys of the read, or of the commit's writes, that is on its way; single characters. */
void assert_reads(const struct change_fixture *f, const char *keys);
void assert_writes(const struct change_fixture *f, const char *keys);

/** Begins a change of the record `a`, up to where its commit is on its way. */
void begin_commit(struct change_fixture *f, struct deed *deed);

/** The number in a record, on a memory store; -1: it is absent. */
long number_of(struct change_fixture *f, char key);
long number_on(struct virtual_loop *loop, struct store *store, char key);

#endif
