#include "process/signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int master_signals[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGCHLD};

static bool had_terminal;

static sigset_t master_set(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(master_signals) / sizeof(master_signals[0]); i++)
        sigaddset(&set, master_signals[i]);
    return set;
}

void signals_init(void)
{
    had_terminal = isatty(STDOUT_FILENO);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
}

int signals_open(void)
{
    sigset_t set = master_set();

    /* Whoever started us may have ignored CHLD, and then there would be nothing to wait for. */
    (void)signal(SIGCHLD, SIG_DFL);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int signals_next(int fd)
{
    struct signalfd_siginfo info;

    return read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info) ? (int)info.ssi_signo : 0;
}

bool signals_init_worker(int master_pid)
{
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGQUIT, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    return getppid() == master_pid; /* it may have ended before prctl() */
}

void signals_unblock(void)
{
    sigset_t set = master_set();

    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

bool signals_terminal_is_gone(void)
{
    return had_terminal && !isatty(STDOUT_FILENO);
}
