#include "session/hasher_queue.h"

/* Mutexes and conditions of the default kind allocate nothing on Linux: they cannot fail. */
void hasher_queue_init(struct hasher_queue *queue)
{
    *queue = (struct hasher_queue){.end = &queue->first};
    (void)pthread_mutex_init(&queue->mutex, NULL);
    (void)pthread_cond_init(&queue->changed, NULL);
}

void hasher_queue_fini(struct hasher_queue *queue)
{
    (void)pthread_cond_destroy(&queue->changed);
    (void)pthread_mutex_destroy(&queue->mutex);
}

void hasher_queue_push(struct hasher_queue *queue, struct hash_order *order)
{
    order->next = NULL;
    (void)pthread_mutex_lock(&queue->mutex);
    *queue->end = order;
    queue->end = &order->next;
    (void)pthread_mutex_unlock(&queue->mutex);
    (void)pthread_cond_signal(&queue->changed);
}

/* Takes the order that *place leads to out of those that wait. */
static struct hash_order *unlink_order(struct hasher_queue *queue, struct hash_order **place)
{
    struct hash_order *order = *place;

    *place = order->next;
    if (!order->next)
        queue->end = place;
    return order;
}

struct hash_order *hasher_queue_wait(struct hasher_queue *queue)
{
    struct hash_order *order = NULL;

    (void)pthread_mutex_lock(&queue->mutex);
    while (!queue->first && !queue->closed)
        (void)pthread_cond_wait(&queue->changed, &queue->mutex);
    if (queue->first)
        order = unlink_order(queue, &queue->first);
    (void)pthread_mutex_unlock(&queue->mutex);
    return order;
}

void hasher_queue_hand_back(struct hasher_queue *queue, struct hash_order *order)
{
    (void)pthread_mutex_lock(&queue->mutex);
    order->next = queue->worked;
    queue->worked = order;
    (void)pthread_mutex_unlock(&queue->mutex);
}

bool hasher_queue_remove(struct hasher_queue *queue, const struct hash_order *order)
{
    struct hash_order **place = &queue->first;
    bool waited;

    (void)pthread_mutex_lock(&queue->mutex);
    while (*place && *place != order)
        place = &(*place)->next;
    waited = *place != NULL;
    if (waited)
        (void)unlink_order(queue, place);
    (void)pthread_mutex_unlock(&queue->mutex);
    return waited;
}

static struct hash_order *reverse(struct hash_order *order)
{
    struct hash_order *reversed = NULL;

    while (order) {
        struct hash_order *next = order->next;

        order->next = reversed;
        reversed = order;
        order = next;
    }
    return reversed;
}

struct hash_order *hasher_queue_take_worked(struct hasher_queue *queue)
{
    struct hash_order *worked;

    (void)pthread_mutex_lock(&queue->mutex);
    worked = queue->worked;
    queue->worked = NULL;
    (void)pthread_mutex_unlock(&queue->mutex);
    return reverse(worked);
}

struct hash_order *hasher_queue_close(struct hasher_queue *queue)
{
    struct hash_order *waiting;

    (void)pthread_mutex_lock(&queue->mutex);
    waiting = queue->first;
    queue->first = NULL;
    queue->end = &queue->first;
    queue->closed = true;
    (void)pthread_cond_broadcast(&queue->changed);
    (void)pthread_mutex_unlock(&queue->mutex);
    return waiting;
}
