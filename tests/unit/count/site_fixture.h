/**
 * Sites on a memory store of one or of several shards, seen by a directory and changed by a site
 * store, on a virtual clock. The store carries out one operation a turn, so that a test can stop
 * everything between any two of them.
 */
#ifndef FOOTFALL_TESTS_SITE_FIXTURE_H
#define FOOTFALL_TESTS_SITE_FIXTURE_H

#include "count/directory.h"
#include "count/site_store.h"
#include "store/memory.h"
#include "support/virtual_loop.h"

#define STORE_MS 100000 /* longer than any test */

struct site_fixture {
    struct virtual_loop loop;
    struct store_env env;
    struct memory_db *db;
    struct store_driver driver; /* memory's, with so many shards, an operation a turn */
    const struct store_driver *inner;
    struct store_op *first; /* they wait for their turn */
    struct store_op **last;
    struct store *store;
    struct site_store *sites;
    struct directory *directory;
};

void site_fixture_init(struct site_fixture *f, unsigned shards);
void site_fixture_fini(struct site_fixture *f);

/** What a process that is killed takes along: the site store is made anew. What it had sent still
 * arrives. */
void kill_sites(struct site_fixture *f);

int64_t now_unix_s(const struct site_fixture *f);

/** Turns until there is nothing to do at this moment. */
void settle(struct site_fixture *f);

/* ---- changing ------------------------------------------------------------------------------- */

/** What a change asks for, and what came of it. */
struct wanted {
    const char *id;
    const char *domains; /* of the site; NULL: it is to be removed */
    unsigned told;
    enum err err;
    char why[256];
    bool was_there;
    int64_t views;
};

/** Begins a change; it goes on with the turns of the loop. NULL without memory. */
struct site_change *begin_change(struct site_fixture *f, struct wanted *wanted);

/** Lets time pass until it is told. */
void finish_change(struct site_fixture *f, const struct wanted *wanted);

/** A whole change. */
enum err change_domains(struct site_fixture *f, const char *id, const char *domains);

/* Records, written past all processes; NULL as the value: deleted. */
void put_record(struct site_fixture *f, struct slice key, const char *value, uint64_t version);
void put_site(struct site_fixture *f, const char *id, const char *domains);
void put_domain(struct site_fixture *f, const char *host, const char *id);
void put_settings(struct site_fixture *f, unsigned shard, const char *value);

/** A record as it is, borrowed; its version is RECORD_ABSENT when it is not there. */
struct record look_at_record(struct site_fixture *f, struct slice key);

/** settings/N of the shard of this site. */
struct record look_at_settings(struct site_fixture *f, const char *site);

/* ---- looking -------------------------------------------------------------------------------- */

/** What a load came to. */
struct loaded {
    unsigned told;
    enum err err;
};

directory_done_fn on_loaded;

/** Looks, loads and looks again until it is known. @param id, host  empty: none */
enum site_found find_site(struct site_fixture *f, const char *id, const char *host,
                          struct site_now *out);

/** The id of the site that a hit of this host is counted for: what is out of date is forgotten, as
 * its batch would tell. "" when there is no such site. */
const char *counted_for(struct site_fixture *f, const char *host);

#endif
