#include "store/sqlite.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "store/sqlite_job.h"
#include "store/sqlite_queue.h"
#include "store/sqlite_schema.h"

/* SQLite's own limit (MAX_PATHNAME) is 512, with room for "-journal" and the like. */
#define MAX_PATH_BYTES 480

/* Each has a connection, and does what the one before it would have to wait for. They end in this
 * order: the writer's is the last connection of the process. */
enum thread_role {
    THREAD_STATISTICS, /* reads that nobody's hit waits for */
    THREAD_READER,
    THREAD_WRITER,
    THREAD_COUNT
};

/* The niceness of the statistics: where CPUs are scarce, hits go first. */
#define STATISTICS_NICE 10

/* One thread with its connection. What is in `db` is the thread's alone. */
struct sqlite_thread {
    struct sqlite_job
        farewell; /* what it pushes when it ends; first, so that it leads to the thread */
    struct sqlite_store *store;
    enum thread_role role;
    struct sqlite_queue todo;
    struct sqlite_db db;
    pthread_t id;
};

struct sqlite_store {
    struct store base;
    struct sqlite_thread threads[THREAD_COUNT];
    struct sqlite_queue done; /* from the threads to the loop */
    uv_async_t wake;          /* something is in `done` */
    char path[MAX_PATH_BYTES + 1];
};

/* ---- the url -------------------------------------------------------------------------------- */

/* What is wrong with a path, if its text alone tells. */
static const char *find_fault(const char *path)
{
    if (path[0] == '\0')
        return "it names no file";
    if (strncmp(path, "//", 2) == 0)
        return "what follows sqlite:// is a third slash and an absolute path";
    if (strchr(path, '?'))
        return "it takes no parameters";
    if (strcmp(path, ":memory:") == 0)
        return "a store without a file is memory:";
    if (path[strlen(path) - 1] == '/')
        return "it names a folder";
    if (strlen(path) > MAX_PATH_BYTES)
        return "the path is too long";
    return NULL;
}

/* The path in `url`, which is sqlite:… */
static const char *find_path(const char *url)
{
    const char *path = url + strlen("sqlite:");

    return strncmp(path, "///", 3) == 0 ? path + 2 : path;
}

const char *sqlite_url_path(const char *url)
{
    return strncmp(url, "sqlite:", strlen("sqlite:")) == 0 ? find_path(url) : NULL;
}

enum err sqlite_url_check(const char *url, struct err_info *info)
{
    const char *fault = find_fault(find_path(url));

    if (!fault)
        return ERR_OK;
    err_info_set(info, "%.100s: %s; right are sqlite:footfall.db and sqlite:///srv/footfall.db",
                 url, fault);
    return ERR_CONFIG;
}

/* ---- the threads ---------------------------------------------------------------------------- */

static void hand_back(struct sqlite_store *store, struct sqlite_job *job)
{
    sqlite_queue_push(&store->done, job, LANE_QUICK);
    (void)uv_async_send(&store->wake);
}

static void *thread_main(void *ctx)
{
    struct sqlite_thread *thread = ctx;
    struct sqlite_job *job;

    /* Linux gives each thread a niceness. If it may not be changed, nothing is lost but time. */
    if (thread->role == THREAD_STATISTICS)
        (void)setpriority(PRIO_PROCESS, (id_t)gettid(), STATISTICS_NICE);
    while ((job = sqlite_queue_wait(&thread->todo))) {
        if (sqlite_job_run(job, &thread->db))
            hand_back(thread->store, job);
        else
            sqlite_queue_push(&thread->todo, job, LANE_SLOW);
        /* After the answer: it may take some milliseconds. */
        sqlite_db_checkpoint(&thread->db);
    }
    if (thread->role == THREAD_WRITER)
        sqlite_db_close(&thread->db);
    else
        sqlite_db_drop(&thread->db);
    hand_back(thread->store, &thread->farewell);
    return NULL;
}

/* Signals are for the loop's thread. */
static enum err thread_start(struct sqlite_thread *thread)
{
    sigset_t all;
    sigset_t before;
    int failed;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&thread->id, NULL, thread_main, thread);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == 0 ? ERR_OK : ERR_NO_MEMORY;
}

static void thread_init(struct sqlite_store *store, enum thread_role role)
{
    struct sqlite_thread *thread = &store->threads[role];

    thread->store = store;
    thread->role = role;
    sqlite_db_init(&thread->db, store->path);
    sqlite_queue_init(&thread->todo);
}

/* ---- the end -------------------------------------------------------------------------------- */

static void release(struct sqlite_store *store)
{
    for (int role = 0; role < THREAD_COUNT; role++)
        sqlite_queue_fini(&store->threads[role].todo);
    sqlite_queue_fini(&store->done);
    free(store);
}

static void on_wake_closed(uv_handle_t *handle)
{
    release(handle->data);
}

/* Ends the threads from `role` on, those that were started; then the store. */
static void end_threads(struct sqlite_store *store, int role)
{
    if (role < THREAD_COUNT)
        sqlite_queue_close(&store->threads[role].todo);
    else
        uv_close((uv_handle_t *)&store->wake, on_wake_closed);
}

static void on_thread_ended(struct sqlite_thread *thread)
{
    (void)pthread_join(thread->id, NULL);
    end_threads(thread->store, (int)thread->role + 1);
}

/* ---- operations ----------------------------------------------------------------------------- */

static void note_connection(struct sqlite_store *store, const struct sqlite_job *job)
{
    /* The writer's: only its connection can say whether hits are counted. */
    if (sqlite_job_only_reads(job))
        return;
    store->base.stats.connected = job->is_open ? 1 : 0;
    store->base.stats.reconnects = job->opens > 0 ? job->opens - 1 : 0;
    if (!job->is_newer)
        store->base.fault[0] = '\0';
    else if (store->base.fault[0] == '\0')
        (void)snprintf(store->base.fault, sizeof(store->base.fault), "%s", job->detail);
}

static void on_wake(uv_async_t *handle)
{
    struct sqlite_store *store = handle->data;
    struct sqlite_job *job = sqlite_queue_take_all(&store->done);

    while (job) {
        struct sqlite_job *next = job->next;

        if (job->op) {
            note_connection(store, job);
            sqlite_job_finish(job);
        } else {
            on_thread_ended((struct sqlite_thread *)job); /* a farewell */
        }
        job = next;
    }
}

static enum thread_role role_for(const struct sqlite_job *job)
{
    if (!sqlite_job_only_reads(job))
        return THREAD_WRITER;
    return sqlite_job_lane(job) == LANE_SLOW ? THREAD_STATISTICS : THREAD_READER;
}

static void sqlite_start(struct store *base, struct store_op *op)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    struct sqlite_job *job = arena_alloc(&op->arena, sizeof(*job));

    /* Without memory the op ends by its deadline, in abandon(). */
    op->driver_data = job;
    if (!job)
        return;
    *job = (struct sqlite_job){
        .op = op,
        .now_unix_ms = clock_unix_ms(base->env.clock),
        .now_mono_ms = timers_now_ms(base->env.timers),
    };
    sqlite_queue_push(&store->threads[role_for(job)].todo, job, sqlite_job_lane(job));
}

/* Nobody waits for `op` any more. */
static void abandon(struct store *base, struct store_op *op)
{
    struct sqlite_job *job = op->driver_data;

    (void)base;
    if (job)
        atomic_store_explicit(&job->abandoned, true, memory_order_relaxed);
    else
        op_finish_refused(op, "out of memory");
}

static void sqlite_close(struct store *base)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    struct store_op *next;

    for (struct store_op *op = base->in_flight; op; op = next) {
        next = op->next_in_flight;
        abandon(base, op);
    }
    end_threads(store, 0);
}

static const struct store_driver sqlite_driver = {
    .kind = "sqlite",
    .start = sqlite_start,
    .on_timeout = abandon,
    .close = sqlite_close,
};

/* ---- opening -------------------------------------------------------------------------------- */

/* Counting SQLite's memory costs a lock around each of its allocations. */
static void configure_library(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static struct sqlite_store *create(const char *path, const struct store_env *env)
{
    struct sqlite_store *store = calloc(1, sizeof(*store));

    if (!store)
        return NULL;
    store->base.driver = &sqlite_driver;
    store->base.env = *env;
    (void)snprintf(store->path, sizeof(store->path), "%s", path);
    for (int role = 0; role < THREAD_COUNT; role++)
        thread_init(store, (enum thread_role)role);
    sqlite_queue_init(&store->done);
    return store;
}

/* From here on the store ends by on_wake_closed(). */
static enum err start_threads(struct sqlite_store *store)
{
    store->wake.data = store;
    /* From the last to end, so that those that run can be ended. */
    for (int role = THREAD_COUNT - 1; role >= 0; role--) {
        if (thread_start(&store->threads[role]) != ERR_OK) {
            end_threads(store, role + 1);
            return ERR_NO_MEMORY;
        }
    }
    return ERR_OK;
}

enum err sqlite_open(const char *url, const struct store_env *env, struct store **out,
                     struct err_info *info)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct sqlite_store *store;
    enum err err = sqlite_url_check(url, info);

    if (err != ERR_OK)
        return err;
    (void)pthread_once(&once, configure_library);
    store = create(find_path(url), env);
    if (!store)
        return ERR_NO_MEMORY;
    if (uv_async_init(env->loop, &store->wake, on_wake) != 0) {
        release(store);
        return ERR_NO_MEMORY;
    }
    err = start_threads(store);
    if (err == ERR_OK)
        *out = &store->base;
    return err;
}

/* ---- the schema: these wait ----------------------------------------------------------------- */

static enum err read_version(const char *path, int *out, struct err_info *info)
{
    char detail[SQLITE_DETAIL_BYTES];
    int64_t version = 0;
    sqlite3 *handle = NULL;
    bool is_read;

    if (access(path, F_OK) != 0 && errno == ENOENT)
        return ERR_OK;
    is_read = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK
                  ? sqlite_schema_read(handle, path, &version, detail)
                  : sqlite_file_fail(detail, path, sqlite3_errmsg(handle));
    (void)sqlite3_close(handle);
    *out = (int)version;
    if (!is_read)
        err_info_set(info, "%s", detail);
    return is_read ? ERR_OK : ERR_UNAVAILABLE;
}

enum err sqlite_url_schema_read(const char *url, struct schema_state *out, struct err_info *info)
{
    struct schema_state state = {.has_schema = true, .wanted = SQLITE_SCHEMA_VERSION};
    enum err err = sqlite_url_check(url, info);

    if (err == ERR_OK)
        err = read_version(find_path(url), &state.version, info);
    if (err == ERR_OK)
        *out = state;
    return err;
}

enum err sqlite_url_schema_migrate(const char *url, struct err_info *info)
{
    struct sqlite_db db;
    enum err err = sqlite_url_check(url, info);

    if (err != ERR_OK)
        return err;
    sqlite_db_init(&db, find_path(url));
    if (!sqlite_db_ensure_open(&db, 0)) {
        err = db.is_newer ? ERR_CONFIG : ERR_UNAVAILABLE;
        err_info_set(info, "%s", db.detail);
    }
    sqlite_db_close(&db);
    return err;
}
