#include "session/hasher.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "session/hasher_queue.h"

/* Where CPUs are scarce, hits go first. */
#define HASHER_NICE 10

struct hasher {
    struct hasher_queue queue; /* shared with the threads, as is `wake` */
    uv_async_t wake;           /* an order was handed back, or a thread has ended */
    pthread_t threads[HASHER_THREADS];
    size_t thread_count; /* started; each is by the first order that would have to wait */
    size_t busy;         /* orders not handed back yet, or not seen yet */
    bool is_closing;
};

/* ---- the threads ---------------------------------------------------------------------------- */

static void *thread_main(void *ctx)
{
    struct hasher *hasher = ctx;
    struct hash_order *order;

    /* Linux gives each thread a niceness. If it may not be changed, nothing is lost but time. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), HASHER_NICE);
    while ((order = hasher_queue_wait(&hasher->queue))) {
        hash_order_work(order);
        hasher_queue_hand_back(&hasher->queue, order);
        (void)uv_async_send(&hasher->wake);
    }
    return NULL;
}

/* Signals are for the loop's thread. */
static bool start_thread(struct hasher *hasher)
{
    sigset_t all;
    sigset_t before;
    int failed;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&hasher->threads[hasher->thread_count], NULL, thread_main, hasher);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed == 0)
        hasher->thread_count++;
    return failed == 0;
}

/* True when a thread is there for one more order, sooner or later. */
static bool has_thread(struct hasher *hasher)
{
    if (hasher->thread_count == HASHER_THREADS || hasher->thread_count > hasher->busy)
        return true;
    return start_thread(hasher) || hasher->thread_count > 0;
}

/* ---- the end -------------------------------------------------------------------------------- */

static void on_wake_closed(uv_handle_t *handle)
{
    struct hasher *hasher = handle->data;

    hasher_queue_fini(&hasher->queue);
    free(hasher);
}

/* Once no thread hashes any more: what is left of a thread then is the way out. */
static void end(struct hasher *hasher)
{
    for (size_t i = 0; i < hasher->thread_count; i++)
        (void)pthread_join(hasher->threads[i], NULL);
    uv_close((uv_handle_t *)&hasher->wake, on_wake_closed);
}

static void drop(struct hasher *hasher, struct hash_order *order)
{
    hasher->busy--;
    hash_order_free(order);
}

void hasher_destroy(struct hasher *hasher)
{
    struct hash_order *next;

    if (!hasher)
        return;
    hasher->is_closing = true;
    for (struct hash_order *order = hasher_queue_close(&hasher->queue); order; order = next) {
        next = order->next;
        drop(hasher, order);
    }
    if (hasher->busy == 0)
        end(hasher);
}

/* ---- what was worked on --------------------------------------------------------------------- */

static void tell(const struct hash_order *order)
{
    if (order->done)
        order->done(order->ctx, order->err, order->is_right,
                    order->made[0] != '\0' ? order->made : NULL);
}

/* In `done` anything may be called, hasher_destroy() too: what is in the list counts as busy until
 * it is told, so the hasher is there to the end of it. */
static void on_wake(uv_async_t *handle)
{
    struct hasher *hasher = handle->data;
    struct hash_order *order = hasher_queue_take_worked(&hasher->queue);
    struct hash_order *next;

    for (; order; order = next) {
        if (!hasher->is_closing)
            tell(order);
        next = order->next;
        drop(hasher, order);
        if (hasher->is_closing && hasher->busy == 0)
            end(hasher);
    }
}

struct hasher *hasher_create(struct uv_loop_s *loop)
{
    struct hasher *hasher = calloc(1, sizeof(*hasher));

    if (!hasher)
        return NULL;
    hasher_queue_init(&hasher->queue);
    if (uv_async_init(loop, &hasher->wake, on_wake) != 0) {
        hasher_queue_fini(&hasher->queue);
        free(hasher);
        return NULL;
    }
    hasher->wake.data = hasher;
    return hasher;
}

/* ---- orders --------------------------------------------------------------------------------- */

/* Takes `order`, which may be NULL: there was no memory for it. */
static struct hash_order *place(struct hasher *hasher, struct hash_order *order)
{
    if (!order)
        return NULL;
    if (!has_thread(hasher)) {
        hash_order_free(order);
        return NULL;
    }
    hasher->busy++;
    order->hasher = hasher;
    hasher_queue_push(&hasher->queue, order);
    return order;
}

static bool is_full(const struct hasher *hasher)
{
    return hasher->busy >= HASHER_THREADS + HASHER_MAX_WAITING;
}

struct hash_order *hasher_check(struct hasher *hasher, struct slice password, const char *hash,
                                hasher_done_fn *done, void *ctx, enum err *err)
{
    struct hash_order *order;

    *err = ERR_BUSY;
    if (is_full(hasher))
        return NULL;
    if (password.len > PASSWORD_MAX_BYTES || strlen(hash) >= PASSWORD_HASH_TEXT) {
        password = SLICE("");
        hash = password_dummy_hash();
    }
    order = hash_order_create(password);
    if (order) {
        order->done = done;
        order->ctx = ctx;
        order->is_check = true;
        (void)snprintf(order->hash, sizeof(order->hash), "%s", hash);
    }
    order = place(hasher, order);
    *err = order ? ERR_OK : ERR_NO_MEMORY;
    return order;
}

struct hash_order *hasher_hash(struct hasher *hasher, struct slice password, hasher_done_fn *done,
                               void *ctx, enum err *err)
{
    struct hash_order *order;

    *err = password.len > PASSWORD_MAX_BYTES ? ERR_INVALID : ERR_BUSY;
    if (password.len > PASSWORD_MAX_BYTES || is_full(hasher))
        return NULL;
    order = hash_order_create(password);
    if (order) {
        order->done = done;
        order->ctx = ctx;
    }
    order = place(hasher, order);
    *err = order ? ERR_OK : ERR_NO_MEMORY;
    return order;
}

void hash_order_cancel(struct hash_order *order)
{
    if (!order)
        return;
    if (hasher_queue_remove(&order->hasher->queue, order))
        drop(order->hasher, order);
    else
        order->done = NULL;
}

size_t hasher_busy(const struct hasher *hasher)
{
    return hasher->busy;
}
