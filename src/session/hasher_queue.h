/**
 * Orders on their way: from the loop to the hashing threads, and back.
 *
 * An order waits, is taken by a thread, and is handed back. The loop's thread alone frees it.
 */
#ifndef FOOTFALL_SESSION_HASHER_QUEUE_H
#define FOOTFALL_SESSION_HASHER_QUEUE_H

#include <pthread.h>

#include "session/hasher.h"

struct hash_order {
    struct hash_order *next; /* in the list it is in */
    struct hasher *hasher;
    hasher_done_fn *done; /* NULL: nobody waits for it. The loop's thread's alone, as is ctx */
    void *ctx;

    bool is_check;
    char hash[PASSWORD_HASH_TEXT]; /* of a check: to check against */

    enum err err;
    bool is_right;
    char made[PASSWORD_HASH_TEXT]; /* "": none */

    size_t password_len;
    char password[]; /* wiped when the work is done */
};

/** NULL without memory. `password` has at most PASSWORD_MAX_BYTES. */
struct hash_order *hash_order_create(struct slice password);

/** Wipes it, and frees it. */
void hash_order_free(struct hash_order *order);

/** Hashes; this is what takes its time. Wipes the password. */
void hash_order_work(struct hash_order *order);

struct hasher_queue {
    pthread_mutex_t mutex;
    pthread_cond_t changed;    /* something waits, or it is closed */
    struct hash_order *first;  /* that wait */
    struct hash_order **end;   /* where the next one goes */
    struct hash_order *worked; /* to be told; the last one first */
    bool closed;
};

void hasher_queue_init(struct hasher_queue *queue);

/** Nothing waits in it. */
void hasher_queue_fini(struct hasher_queue *queue);

void hasher_queue_push(struct hasher_queue *queue, struct hash_order *order);

/** Waits for the next order to work on; NULL when it is closed. */
struct hash_order *hasher_queue_wait(struct hasher_queue *queue);

void hasher_queue_hand_back(struct hasher_queue *queue, struct hash_order *order);

/** True when the order still waited: it is the caller's again. */
bool hasher_queue_remove(struct hasher_queue *queue, const struct hash_order *order);

/** All that were handed back, the first one first; NULL when there are none. */
struct hash_order *hasher_queue_take_worked(struct hasher_queue *queue);

/** Threads wait no more. Gives what waited. */
struct hash_order *hasher_queue_close(struct hasher_queue *queue);

#endif
