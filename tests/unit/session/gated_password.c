#include "gated_password.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_S 30

/* The linker's --wrap leads calls here. Its names are reserved, and nobody else declares them. */
/* NOLINTBEGIN(bugprone-reserved-identifier) */
enum err __real_password_hash(struct slice password, char out[static PASSWORD_HASH_TEXT]);
bool __real_password_is(struct slice password, const char *hash);
bool __real_password_wants_rehash(const char *hash);
int __real_pthread_create(pthread_t *id, const pthread_attr_t *attr, void *(*start)(void *),
                          void *arg);
enum err __wrap_password_hash(struct slice password, char out[static PASSWORD_HASH_TEXT]);
bool __wrap_password_is(struct slice password, const char *hash);
bool __wrap_password_wants_rehash(const char *hash);
int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attr, void *(*start)(void *),
                          void *arg);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct gated_password seen;
static size_t permits;
static bool is_real;
static size_t threads_to_fail;

void gated_password_reset(bool real)
{
    (void)pthread_mutex_lock(&mutex);
    seen = (struct gated_password){.least_niceness = INT_MAX};
    permits = 0;
    is_real = real;
    threads_to_fail = 0;
    (void)pthread_mutex_unlock(&mutex);
}

void gated_password_let(size_t count)
{
    (void)pthread_mutex_lock(&mutex);
    permits += count;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&mutex);
}

bool gated_password_wait_begun(size_t count)
{
    struct timespec until;
    bool has_begun;
    int failed = 0;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    (void)pthread_mutex_lock(&mutex);
    while (seen.begun < count && failed != ETIMEDOUT)
        failed = pthread_cond_timedwait(&changed, &mutex, &until);
    has_begun = seen.begun >= count;
    (void)pthread_mutex_unlock(&mutex);
    return has_begun;
}

struct gated_password gated_password_seen(void)
{
    struct gated_password copy;

    (void)pthread_mutex_lock(&mutex);
    copy = seen;
    (void)pthread_mutex_unlock(&mutex);
    return copy;
}

void gated_password_set_out_of_memory(bool is_out_of_memory)
{
    (void)pthread_mutex_lock(&mutex);
    seen.is_out_of_memory = is_out_of_memory;
    (void)pthread_mutex_unlock(&mutex);
}

void gated_password_set_old(bool are_old)
{
    (void)pthread_mutex_lock(&mutex);
    seen.are_old = are_old;
    (void)pthread_mutex_unlock(&mutex);
}

void gated_password_fail_threads(size_t count)
{
    (void)pthread_mutex_lock(&mutex);
    threads_to_fail = count;
    (void)pthread_mutex_unlock(&mutex);
}

/* With the lock. */
static void note_thread(void)
{
    int niceness = getpriority(PRIO_PROCESS, (id_t)gettid());
    sigset_t blocked;

    if (niceness < seen.least_niceness)
        seen.least_niceness = niceness;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    if (!sigismember(&blocked, SIGTERM))
        seen.has_taken_signal = true;
}

/* Waits to be let through. True when libsodium is to do the work. */
static bool pass(struct slice password, const char *hash)
{
    bool real;

    (void)pthread_mutex_lock(&mutex);
    note_thread();
    seen.last_password = password;
    (void)snprintf(seen.last_hash, sizeof(seen.last_hash), "%s", hash);
    seen.begun++;
    if (++seen.working > seen.most_working)
        seen.most_working = seen.working;
    (void)pthread_cond_broadcast(&changed);
    while (!is_real && permits == 0)
        (void)pthread_cond_wait(&changed, &mutex);
    if (!is_real)
        permits--;
    seen.working--;
    real = is_real;
    (void)pthread_mutex_unlock(&mutex);
    return real;
}

enum err __wrap_password_hash(struct slice password, char out[static PASSWORD_HASH_TEXT])
{
    if (pass(password, ""))
        return __real_password_hash(password, out);
    (void)snprintf(out, PASSWORD_HASH_TEXT, "%.*s", SLICE_ARG(password));
    return gated_password_seen().is_out_of_memory ? ERR_NO_MEMORY : ERR_OK;
}

bool __wrap_password_is(struct slice password, const char *hash)
{
    if (pass(password, hash))
        return __real_password_is(password, hash);
    return slice_eq(password, slice_str(hash));
}

bool __wrap_password_wants_rehash(const char *hash)
{
    return is_real ? __real_password_wants_rehash(hash) : gated_password_seen().are_old;
}

int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attr, void *(*start)(void *),
                          void *arg)
{
    bool fails;

    (void)pthread_mutex_lock(&mutex);
    fails = threads_to_fail > 0;
    if (fails)
        threads_to_fail--;
    (void)pthread_mutex_unlock(&mutex);
    return fails ? EAGAIN : __real_pthread_create(id, attr, start, arg);
}

/* NOLINTEND(bugprone-reserved-identifier) */
