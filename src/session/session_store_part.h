/**
 * What session_store.c, session_keys.c, session_plan.c, session_change.c, session_find.c,
 * session_touch.c and session_list.c share.
 */
#ifndef FOOTFALL_SESSION_SESSION_STORE_PART_H
#define FOOTFALL_SESSION_SESSION_STORE_PART_H

#include "session/session_names.h"
#include "session/session_store.h"

/** Finds that wait for a read; beyond that they are refused. */
#define SESSION_MAX_FINDS 4096

/** Reads of finds in flight in one shard. The next finds wait, and go together. */
#define SESSION_MAX_FIND_READS 2

/** Other calls in flight; beyond that they are refused. */
#define SESSION_MAX_CALLS 1024

/** Touches in flight; beyond that a session is touched by one of the next requests. */
#define SESSION_MAX_TOUCHES 64

/** Of the memory for one session that is being read. */
#define SESSION_ARENA_MAX ((size_t)4 * RECORD_MAX_VALUE)

struct session_call_list {
    struct session_call *first;
    struct session_call *last;
};

/** The beginning of every kind of call. */
struct session_call {
    struct session_store *sessions;
    struct session_call_list *list; /* the one that it is in */
    struct session_call *prev;
    struct session_call *next;
    void (*drop)(struct session_call *call); /* forgets what is in flight, and frees it */
};

/** Finds that share a read. */
struct session_find_read {
    struct session_find_queue *queue;
    struct store_op *op; /* NULL when none is in flight */
    struct session_call_list finds;
};

/** The finds of one shard. */
struct session_find_queue {
    struct session_store *sessions;
    struct session_call_list waiting;
    struct session_find_read reads[SESSION_MAX_FIND_READS];
};

struct session_store {
    struct store *store;
    struct store_env env;
    struct changer *changer;
    unsigned shard_count;
    struct session_call_list calls; /* all but finds and touches */
    size_t call_count;
    struct session_call_list touches;
    size_t touch_count;
    struct session_find_queue queues[STORE_MAX_SHARDS];
    size_t finds_waiting;
    struct timer turn;  /* kept; the reads that are due begin */
    struct arena arena; /* of the session that is being told */
    struct slice *keys; /* room for those of one read */
};

void session_call_add(struct session_call_list *list, struct session_call *call);

/** Takes it from its list. */
void session_call_remove(struct session_call *call);

/** Takes the first one out; NULL: there is none. */
struct session_call *session_call_take(struct session_call_list *list);

/** What the clock of the process says, Unix time in seconds. */
int64_t session_now_s(const struct session_store *sessions);

/* ---- session_keys.c: keys of records -------------------------------------------------------- */

enum { SESSION_KEY_LIST, SESSION_KEY_SESSION, SESSION_KEY_LIFE };

enum secret_kind session_secret_kind(enum session_realm realm);

void session_owner_of_secret(struct session_owner *out, enum session_realm realm,
                             const struct secret *secret);

/** As session_keys_begin(), by hash. */
void session_keys_of_hash(const struct session_owner *owner, struct slice hash,
                          struct slice keys[static SESSION_BEGIN_KEYS],
                          char room[static SESSION_BEGIN_KEYS * SESSION_KEY_BYTES]);

/** Where all records of an owner are. */
unsigned session_shard(const struct session_store *sessions, const struct session_owner *owner);

/* ---- session_plan.c: what becomes of records ------------------------------------------------ */

/** Writes the list; deletes it when it is empty. */
enum err session_plan_names(const struct session_names *names, int64_t now_s, size_t index,
                            struct change_writes *out) MUST_CHECK;

/** A session as it is when it begins now. */
struct session session_begun(const struct session *fresh, int64_t now_s);

/** Writes the record of a session, which lives for its idle time from now on. */
enum err session_plan_session(const struct session *session, size_t index,
                              struct change_writes *out) MUST_CHECK;

/**
 * Reads a session out of its records, in the order of SESSION_KEY_LIST …
 *
 * @return  ERR_OK; ERR_NOT_FOUND: it is none, or it is garbage (logged); ERR_NO_MEMORY
 */
enum err session_look(const struct record *now, struct slice hash, struct arena *arena,
                      struct session *out) MUST_CHECK;

/** Reads a record of a session: as session_look(). */
enum err session_read(struct slice record, struct arena *arena, struct session *out) MUST_CHECK;

/* ---- session_touch.c, session_find.c -------------------------------------------------------- */

/** Touches a session that was found, when it is due. */
void session_touch(struct session_store *sessions, const struct session_owner *owner,
                   struct slice hash, const struct session *session);

/** Begins the reads that are due. */
void session_find_turn(void *ctx);

#endif
