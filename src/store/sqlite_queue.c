#include "store/sqlite_queue.h"

#include <stddef.h>

#include "store/sqlite_job.h"

/* Mutexes and conditions of the default kind allocate nothing on Linux: they cannot fail. */
void sqlite_queue_init(struct sqlite_queue *queue)
{
    *queue = (struct sqlite_queue){.closed = false};
    (void)pthread_mutex_init(&queue->mutex, NULL);
    (void)pthread_cond_init(&queue->changed, NULL);
}

void sqlite_queue_fini(struct sqlite_queue *queue)
{
    (void)pthread_cond_destroy(&queue->changed);
    (void)pthread_mutex_destroy(&queue->mutex);
}

void sqlite_queue_push(struct sqlite_queue *queue, struct sqlite_job *job, enum sqlite_lane lane)
{
    struct sqlite_lane_jobs *jobs = &queue->lanes[lane];

    job->next = NULL;
    (void)pthread_mutex_lock(&queue->mutex);
    if (jobs->last)
        jobs->last->next = job;
    else
        jobs->first = job;
    jobs->last = job;
    (void)pthread_mutex_unlock(&queue->mutex);
    /* After unlocking: who wakes up would only have to wait again. */
    (void)pthread_cond_signal(&queue->changed);
}

void sqlite_queue_close(struct sqlite_queue *queue)
{
    (void)pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    (void)pthread_cond_signal(&queue->changed);
    (void)pthread_mutex_unlock(&queue->mutex);
}

/* The lane that the next job is in; when there is none, any. */
static struct sqlite_lane_jobs *next_lane(struct sqlite_queue *queue)
{
    return &queue->lanes[queue->lanes[LANE_QUICK].first ? LANE_QUICK : LANE_SLOW];
}

struct sqlite_job *sqlite_queue_wait(struct sqlite_queue *queue)
{
    struct sqlite_lane_jobs *jobs;
    struct sqlite_job *job;

    (void)pthread_mutex_lock(&queue->mutex);
    while (!next_lane(queue)->first && !queue->closed)
        (void)pthread_cond_wait(&queue->changed, &queue->mutex);
    jobs = next_lane(queue);
    job = jobs->first;
    if (job)
        jobs->first = job->next;
    if (!jobs->first)
        jobs->last = NULL;
    (void)pthread_mutex_unlock(&queue->mutex);
    return job;
}

struct sqlite_job *sqlite_queue_take_all(struct sqlite_queue *queue)
{
    struct sqlite_lane_jobs *lane = &queue->lanes[LANE_QUICK];
    struct sqlite_job *jobs;

    (void)pthread_mutex_lock(&queue->mutex);
    jobs = lane->first;
    lane->first = NULL;
    lane->last = NULL;
    (void)pthread_mutex_unlock(&queue->mutex);
    return jobs;
}
