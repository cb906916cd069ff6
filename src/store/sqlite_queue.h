/**
 * A queue of jobs from one thread to another. It needs no ceiling of its own: store.c lets at most
 * STORE_MAX_IN_FLIGHT operations into a store.
 *
 * It has two lanes. A job in the slow one is only taken when there is none in the other.
 */
#ifndef FOOTFALL_STORE_SQLITE_QUEUE_H
#define FOOTFALL_STORE_SQLITE_QUEUE_H

#include <pthread.h>
#include <stdbool.h>

struct sqlite_job;

enum sqlite_lane { LANE_QUICK, LANE_SLOW, LANE_COUNT_ };

struct sqlite_queue {
    pthread_mutex_t mutex;
    pthread_cond_t changed;

    struct sqlite_lane_jobs {
        struct sqlite_job *first; /* linked by `next` of the job */
        struct sqlite_job *last;
    } lanes[LANE_COUNT_];

    bool closed;
};

void sqlite_queue_init(struct sqlite_queue *queue);

void sqlite_queue_fini(struct sqlite_queue *queue);

void sqlite_queue_push(struct sqlite_queue *queue, struct sqlite_job *job, enum sqlite_lane lane);

/** No more will come; what is in it can still be taken. */
void sqlite_queue_close(struct sqlite_queue *queue);

/** Waits for the next job; NULL when the queue is empty and closed. */
struct sqlite_job *sqlite_queue_wait(struct sqlite_queue *queue);

/** All that are in the quick lane, without waiting, linked by `next`; NULL when there are none. */
struct sqlite_job *sqlite_queue_take_all(struct sqlite_queue *queue);

#endif
