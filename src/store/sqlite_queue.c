#include "store/sqlite_queue.h"

#include <stddef.h>

#include "store/sqlite_job.h"

/* Mutexes and conditions of the default kind allocate nothing on Linux: they cannot fail. */
void sqlite_queue_init(struct sqlite_queue *queue)
{
    *queue = (struct sqlite_queue){.first = NULL};
    (void)pthread_mutex_init(&queue->mutex, NULL);
    (void)pthread_cond_init(&queue->changed, NULL);
}

void sqlite_queue_fini(struct sqlite_queue *queue)
{
    (void)pthread_cond_destroy(&queue->changed);
    (void)pthread_mutex_destroy(&queue->mutex);
}

void sqlite_queue_push(struct sqlite_queue *queue, struct sqlite_job *job)
{
    job->next = NULL;
    (void)pthread_mutex_lock(&queue->mutex);
    if (queue->last)
        queue->last->next = job;
    else
        queue->first = job;
    queue->last = job;
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

struct sqlite_job *sqlite_queue_wait(struct sqlite_queue *queue)
{
    struct sqlite_job *job;

    (void)pthread_mutex_lock(&queue->mutex);
    while (!queue->first && !queue->closed)
        (void)pthread_cond_wait(&queue->changed, &queue->mutex);
    job = queue->first;
    if (job)
        queue->first = job->next;
    if (!queue->first)
        queue->last = NULL;
    (void)pthread_mutex_unlock(&queue->mutex);
    return job;
}

struct sqlite_job *sqlite_queue_take_all(struct sqlite_queue *queue)
{
    struct sqlite_job *jobs;

    (void)pthread_mutex_lock(&queue->mutex);
    jobs = queue->first;
    queue->first = NULL;
    queue->last = NULL;
    (void)pthread_mutex_unlock(&queue->mutex);
    return jobs;
}
