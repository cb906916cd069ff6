/**
 * Two processes with sessions on one store in memory. The store's clock is the loop's; each process
 * has one of its own, which may be wrong.
 */
#ifndef FOOTFALL_TESTS_SESSION_FIXTURE_H
#define FOOTFALL_TESTS_SESSION_FIXTURE_H

#include "session/guess.h"
#include "session/session_store.h"
#include "store/memory.h"
#include "support/virtual_loop.h"

#define PROCESSES 2

struct process {
    struct virtual_loop *loop;
    int64_t wrong_ms; /* its clock is so much ahead */
    struct clock clock;
    struct store *store;
    struct changer *changer;
    struct guesses guesses;
    struct session_store *sessions;
};

struct session_fixture {
    struct virtual_loop loop;
    struct memory_db *db;
    struct process processes[PROCESSES];
};

void session_fixture_init(struct session_fixture *f);
void session_fixture_fini(struct session_fixture *f);

/** What a call was told. */
struct told {
    unsigned count;
    enum err err;
    bool has_session;
    bool has_extra;
    uint64_t version;
    int64_t seen_s;
    char user[SESSION_MAX_USER + 1];
    char data[64];
    char extra[64];
    size_t listed;
    char hashes[SESSION_MAX_OF_APP][SECRET_HASH_TEXT + 1];
};

session_done_fn on_done;
session_found_fn on_found;
session_list_fn on_listed;

/** A session of `user` with these limits and the data {"n":1}. */
struct session session_of(const char *user, uint32_t idle_s, uint32_t absolute_s);

struct session_owner owner_of_login(const char *id);

/* Each of these calls and waits. */
enum err begin(struct session_fixture *f, int process, const struct session_owner *owner,
               const struct session *fresh, struct secret *secret);
enum err find(struct session_fixture *f, int process, enum session_realm realm,
              const struct secret *secret, struct told *told);
enum err update(struct session_fixture *f, int process, enum session_realm realm,
                const struct secret *secret, uint64_t version, const char *data, struct told *told);
enum err list(struct session_fixture *f, int process, const struct session_owner *owner,
              struct told *told);
enum err end(struct session_fixture *f, int process, const struct session_owner *owner,
             const char *hash);
enum err end_all(struct session_fixture *f, int process, const struct session_owner *owner,
                 const char *keep);

/** Waits until it was told. */
enum err wait_for(struct session_fixture *f, const struct told *told);

/** Lets seconds pass. */
void pass_s(struct session_fixture *f, int64_t seconds);

/** The hash of a secret, of a login or of an application. */
void hash_of(const struct secret *secret, enum session_realm realm,
             char out[static SECRET_HASH_TEXT + 1]);

/** Writes a record as somebody else would. @param value  NULL deletes it */
void put_record(struct session_fixture *f, struct slice key, struct slice value);

#endif
