/**
 * What a writer is made of: for writer.c, which numbers commits and resolves them, and
 * writer_replay.c, which keeps those that were confirmed for a store that loses them. Callers use
 * writer.h.
 */
#ifndef FOOTFALL_STORE_WRITER_CORE_H
#define FOOTFALL_STORE_WRITER_CORE_H

#include "store/replay.h"
#include "store/writer.h"

struct writer {
    struct store *store;
    struct timers *timers;
    const struct clock *clock;
    unsigned shard;
    struct writer_id id;
    bool is_registered;
    uint64_t next_number; /* of the commit in flight, or of the next one */

    struct commit *commit; /* the caller's, until it is resolved; NULL when idle */
    writer_done_fn *done;
    void *ctx;
    struct commit *probe; /* empty, sent before `commit`; NULL when there is none */
    bool is_unknown; /* an attempt of the current commit may have been applied, or may be later */
    unsigned attempts;
    struct store_op *op;
    struct timer retry; /* kept: a lack of memory is no reason to give up */

    struct replay replay;
    uint64_t replay_next;     /* to be sent again; next_number: nothing */
    struct commit *replaying; /* the commit of that number, when it is ready */
    int64_t refused_since_ms; /* it, without end; TIMER_NEVER: it is not refused */
    bool is_jumping;          /* its number is to be used up by an empty one */

    /* When the store last confirmed something: by both clocks, since one stands still while the
     * machine sleeps and the other can be set. */
    int64_t seen_ms;
    int64_t seen_unix_ms;
    uint64_t seen_opens; /* how often the store had been connected anew when that was sent */
    uint64_t sent_opens; /* the same of what is on its way */
    struct timer look;   /* kept; active while the ring holds something */

    struct writer_stats stats;
};

/* ---- writer.c ------------------------------------------------------------------------------- */

/** Sends what is to be sent next, when nothing is on its way: the registration, a lost commit, or
 * the current one. @param ctx  the writer */
void writer_step(void *ctx);

/** Does that after a while. */
void writer_try_again(struct writer *writer);

/** An attempt certainly did nothing. The caller may be told, and commit again, in there. */
void writer_refuse(struct writer *writer, const char *detail);

/** The commit that has the number next_number: the probe, the caller's, or NULL. */
struct commit *writer_current(const struct writer *writer);

/** Gives `commit` the number that is next. */
void writer_identify(struct writer *writer, struct commit *commit);

/** A bug: ends the process. */
void writer_on_ahead(const struct writer *writer, uint64_t last_number);

/* ---- writer_replay.c ------------------------------------------------------------------------ */

/** How often the store was connected anew. */
uint64_t writer_opens(const struct writer *writer);

/** The store has just confirmed something. */
void writer_note_seen(struct writer *writer);

/** Keeps the caller's commit, which was confirmed. */
void writer_keep(struct writer *writer);

/** The store has our commits only up to `last_number`; or it does not know us. Begins a replay. */
void writer_on_behind(struct writer *writer, uint64_t last_number);
void writer_on_no_writer(struct writer *writer);

/** Sends the commit replay_next. NULL: not sent. */
struct store_op *writer_send_replay(struct writer *writer);

/** Drops what is old, and asks a store that was connected anew. @param ctx  the writer */
void writer_look(void *ctx);

#endif
