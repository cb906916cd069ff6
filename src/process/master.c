#include "process/master.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "process/children.h"
#include "process/notify.h"
#include "process/restart.h"
#include "process/signals.h"
#include "process/system_clock.h"
#include "process/worker.h"

/* A worker ends itself at the drain deadline; one that is this much later is stuck. */
#define STUCK_MS 1000

enum master_state { MASTER_STARTING, MASTER_RUNNING, MASTER_STOPPING };

/** The place of one worker, whoever fills it at the moment. */
struct slot {
    struct restart restart;
    int64_t start_at_ms; /* INT64_MAX: nothing to start */
};

struct master {
    const struct config *config;
    struct tables *tables;
    struct listeners *listeners;
    void (*on_ready)(void *ctx);
    void *ctx;
    enum master_state state;
    enum exit_code code;
    pid_t pid;
    int signal_fd;
    struct children children;
    struct slot slots[CONFIG_MAX_WORKERS + 1]; /* by number; 0 is not used */
    unsigned replacing;                        /* number of the worker being replaced; 0: none */
    bool replace_again;                        /* HUP came meanwhile */
    int64_t watchdog_ms;                       /* 0: nobody waits for it */
    int64_t watchdog_at_ms;
};

static int64_t now_ms(void)
{
    return clock_mono_ms(&system_clock);
}

/* ---- starting workers ----------------------------------------------------------------------- */

static void report_ready(void *ctx)
{
    const int *fd = ctx;

    (void)!write(*fd, "+", 1); /* a master that is gone needs no report */
    close(*fd);
}

static int run_worker(void *ctx, unsigned number, int ready_fd)
{
    struct master *master = ctx;
    const struct worker_options options = {
        .config = master->config,
        .tables = master->tables,
        .listeners = master->listeners,
        .number = number,
        .role = WORKER_OF_MASTER,
        .on_ready = report_ready,
        .ctx = &ready_fd,
    };

    close(master->signal_fd);
    if (!signals_init_worker(master->pid))
        return EXIT_CODE_OK;
    return (int)worker_run(&options);
}

static bool start_worker(struct master *master, unsigned number)
{
    const struct child *child =
        children_start(&master->children, number, now_ms(), run_worker, master);

    if (!child) {
        log_error("worker not started", LOG_INT("worker", number),
                  LOG_STR("reason", strerror(errno)));
        return false;
    }
    log_info("worker started", LOG_INT("worker", number), LOG_INT("pid", child->pid));
    return true;
}

static void schedule(struct master *master, unsigned number, int64_t lived_ms)
{
    struct slot *slot = &master->slots[number];

    slot->start_at_ms = now_ms() + restart_delay_ms(&slot->restart, lived_ms);
}

static void start_due(struct master *master)
{
    for (unsigned number = 1; number <= master->config->workers; number++) {
        struct slot *slot = &master->slots[number];

        if (master->state == MASTER_STOPPING || slot->start_at_ms > now_ms())
            continue;
        slot->start_at_ms = INT64_MAX;
        if (!start_worker(master, number))
            schedule(master, number, 0);
    }
}

/* ---- ending --------------------------------------------------------------------------------- */

static void stop(struct master *master, enum exit_code code)
{
    int64_t kill_at_ms = now_ms() + master->config->drain_timeout_ms + STUCK_MS;

    master->state = MASTER_STOPPING;
    master->code = code;
    notify_stopping();
    log_info("stopping", LOG_INT("workers", master->children.count));
    /* When the workers have closed theirs too, newcomers are refused and do not wait in vain. */
    listeners_close(master->listeners);
    for (unsigned i = 0; i < master->children.count; i++)
        child_dismiss(&master->children.list[i], kill_at_ms);
}

static void on_stop_signal(struct master *master)
{
    if (master->state != MASTER_STOPPING) {
        stop(master, EXIT_CODE_OK);
        return;
    }
    log_warn("ending at once", LOG_INT("workers", master->children.count));
    master->code = EXIT_CODE_FAILED;
    children_kill(&master->children);
}

/* ---- replacing, one by one ------------------------------------------------------------------ */

static void on_hang_up(struct master *master)
{
    if (signals_terminal_is_gone()) {
        on_stop_signal(master);
        return;
    }
    if (master->state == MASTER_STOPPING)
        return;
    if (master->state == MASTER_STARTING || master->replacing > 0) {
        master->replace_again = true;
        return;
    }
    log_info("replacing workers", LOG_INT("workers", master->config->workers));
    notify_reloading();
    tables_reopen(master->config, master->tables);
    master->replacing = 1;
}

static void end_replacing(struct master *master)
{
    master->replacing = 0;
    notify_ready();
    if (master->replace_again) {
        master->replace_again = false;
        on_hang_up(master);
    }
}

static void abandon_replacing(struct master *master)
{
    log_error("replacing abandoned: the new worker did not start",
              LOG_INT("worker", master->replacing));
    end_replacing(master);
}

/* Goes on as far as it can; called after every event. */
static void continue_replacing(struct master *master)
{
    while (master->replacing > 0 && master->state == MASTER_RUNNING) {
        unsigned number = master->replacing;

        if (number > master->config->workers) {
            log_info("workers replaced", LOG_INT("workers", master->config->workers));
            end_replacing(master);
        } else if (!children_find(&master->children, number, CHILD_READY)) {
            master->replacing++; /* it just died; a fresh one comes anyway */
        } else if (children_find(&master->children, number, CHILD_STARTING) ||
                   children_find(&master->children, number, CHILD_LEAVING)) {
            return; /* until it is ready, or until the one before has left */
        } else if (!start_worker(master, number)) {
            abandon_replacing(master);
        }
    }
}

/* ---- what children do ----------------------------------------------------------------------- */

static void on_first_ready(struct master *master)
{
    /* The first worker goes ahead: what is wrong with the store is said once, not by all. */
    for (unsigned number = 2; number <= master->config->workers; number++) {
        struct slot *slot = &master->slots[number];

        if (slot->start_at_ms == INT64_MAX &&
            !children_find(&master->children, number, CHILD_STARTING) &&
            !children_find(&master->children, number, CHILD_READY))
            slot->start_at_ms = now_ms();
    }
}

static void on_child_ready(struct master *master, const struct child *ready)
{
    unsigned number = ready->number;
    struct child *oldest = children_find(&master->children, number, CHILD_READY);

    log_info("worker ready", LOG_INT("worker", number), LOG_INT("pid", ready->pid),
             LOG_INT("after_ms", now_ms() - ready->started_ms));
    if (oldest != ready) {
        child_dismiss(oldest, now_ms() + master->config->drain_timeout_ms + STUCK_MS);
        if (master->replacing == number)
            master->replacing++;
    }
    if (master->state != MASTER_STARTING)
        return;
    on_first_ready(master);
    if (children_count(&master->children, CHILD_READY) < master->config->workers)
        return;
    master->state = MASTER_RUNNING;
    notify_ready();
    master->on_ready(master->ctx);
    if (master->replace_again) {
        master->replace_again = false;
        on_hang_up(master);
    }
}

static void log_end(const struct child_end *end)
{
    bool expected = end->child.state == CHILD_LEAVING && end->exit_code == EXIT_CODE_OK;
    enum log_level level = expected ? LOG_INFO : LOG_WARN;
    const struct log_field fields[] = {
        LOG_INT("worker", end->child.number),
        LOG_INT("pid", end->child.pid),
        end->signal ? LOG_STR("signal", sigabbrev_np(end->signal))
                    : LOG_INT("exit", end->exit_code),
    };

    log_write(level, expected ? "worker left" : "worker died", fields,
              sizeof(fields) / sizeof(fields[0]));
}

static void on_child_end(struct master *master, const struct child_end *end)
{
    unsigned number = end->child.number;

    log_end(end);
    if (end->child.state == CHILD_LEAVING || master->state == MASTER_STOPPING)
        return;
    if (end->exit_code == EXIT_CODE_CONFIG && master->state == MASTER_STARTING) {
        stop(master, EXIT_CODE_CONFIG); /* starting it again would end the same way */
        return;
    }
    if (children_find(&master->children, number, CHILD_READY)) {
        abandon_replacing(master); /* it was to replace that one, which stays */
        return;
    }
    if (!children_find(&master->children, number, CHILD_STARTING))
        schedule(master, number, now_ms() - end->child.started_ms);
}

static void on_signals(struct master *master)
{
    struct child_end end;
    int signum;

    while ((signum = signals_next(master->signal_fd)) != 0) {
        if (signum == SIGHUP)
            on_hang_up(master);
        else if (signum != SIGCHLD)
            on_stop_signal(master);
    }
    while (children_reap(&master->children, &end))
        on_child_end(master, &end);
}

/* ---- the loop ------------------------------------------------------------------------------- */

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

static int next_timeout_ms(const struct master *master)
{
    int64_t at_ms = master->watchdog_ms > 0 ? master->watchdog_at_ms : INT64_MAX;
    int64_t wait_ms;

    for (unsigned i = 0; i < master->children.count; i++)
        at_ms = earlier(at_ms, master->children.list[i].kill_at_ms);
    for (unsigned number = 1; number <= master->config->workers; number++) {
        if (master->state != MASTER_STOPPING)
            at_ms = earlier(at_ms, master->slots[number].start_at_ms);
    }
    if (at_ms == INT64_MAX)
        return -1;
    wait_ms = at_ms - now_ms();
    return wait_ms <= 0 ? 0 : (int)earlier(wait_ms, 60000);
}

static void sleep_until_event(struct master *master)
{
    struct pollfd fds[1 + CHILDREN_MAX] = {{.fd = master->signal_fd, .events = POLLIN}};

    /* poll(2) passes over the -1 of those that have reported already. */
    for (unsigned i = 0; i < master->children.count; i++)
        fds[1 + i] = (struct pollfd){.fd = master->children.list[i].ready_fd, .events = POLLIN};
    (void)poll(fds, 1 + master->children.count, next_timeout_ms(master));
}

static void check_ready(struct master *master)
{
    for (unsigned i = 0; i < master->children.count; i++) {
        struct child *child = &master->children.list[i];

        if (child_check_ready(child))
            on_child_ready(master, child);
    }
}

static void check_watchdog(struct master *master)
{
    if (master->watchdog_ms == 0 || master->watchdog_at_ms > now_ms())
        return;
    notify_watchdog();
    master->watchdog_at_ms = now_ms() + master->watchdog_ms;
}

enum exit_code master_run(const struct config *config, struct tables *tables,
                          struct listeners *listeners, void (*on_ready)(void *ctx), void *ctx)
{
    struct master master = {
        .config = config,
        .tables = tables,
        .listeners = listeners,
        .on_ready = on_ready,
        .ctx = ctx,
        .pid = getpid(),
        .signal_fd = signals_open(),
        .watchdog_ms = notify_watchdog_ms(),
    };

    if (master.signal_fd < 0) {
        log_error("cannot read signals", LOG_STR("reason", strerror(errno)));
        return EXIT_CODE_FAILED;
    }
    for (unsigned number = 2; number <= config->workers; number++)
        master.slots[number].start_at_ms = INT64_MAX; /* until the first one is ready */
    while (master.state != MASTER_STOPPING || master.children.count > 0) {
        start_due(&master);
        continue_replacing(&master);
        sleep_until_event(&master);
        check_ready(&master);
        on_signals(&master);
        children_kill_due(&master.children, now_ms());
        check_watchdog(&master);
    }
    close(master.signal_fd);
    return master.code;
}
