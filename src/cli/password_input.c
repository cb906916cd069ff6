#include "cli/password_input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "cli/db.h"

/* ---- a line --------------------------------------------------------------------------------- */

/* Takes a byte; false: the line is at its end, or longer than it may be. */
static bool take(struct password_input *out, char byte)
{
    if (byte == '\n' || byte == '\r' || out->len == sizeof(out->text))
        return false;
    out->text[out->len++] = byte;
    return true;
}

/* Byte by byte, so that nothing behind the line is taken. False: it cannot be read. */
static bool read_line(int fd, struct password_input *out)
{
    char byte = '\0';
    ssize_t got;

    out->len = 0;
    do {
        got = read(fd, &byte, 1);
    } while ((got < 0 && errno == EINTR) || (got == 1 && take(out, byte)));
    return got >= 0;
}

/* ---- a file --------------------------------------------------------------------------------- */

enum exit_code password_read_file(const char *path, struct password_input *out)
{
    bool is_input = strcmp(path, "-") == 0;
    int fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    bool is_read = fd >= 0 && read_line(fd, out);

    if (!is_read)
        (void)db_fail(EXIT_CODE_FAILED, "%s cannot be read: %s", is_input ? "standard input" : path,
                      strerror(errno));
    if (fd >= 0 && !is_input)
        (void)close(fd);
    return is_read ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

/* ---- a terminal ----------------------------------------------------------------------------- */

/** The terminal while it does not show what is typed. */
struct hidden {
    struct termios before;
    sigset_t signals_before;
    int signals; /* a descriptor that tells of a signal that ends us */
};

/* What was held back comes now, a signal that ends us among it. */
static void show(const struct hidden *hidden)
{
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden->before);
    (void)close(hidden->signals);
    (void)sigprocmask(SIG_SETMASK, &hidden->signals_before, NULL);
}

static bool hide(struct hidden *hidden)
{
    struct termios quiet;
    sigset_t ending;
    sigset_t blocked;

    (void)sigemptyset(&ending);
    (void)sigaddset(&ending, SIGINT);
    (void)sigaddset(&ending, SIGQUIT);
    (void)sigaddset(&ending, SIGTERM);
    (void)sigaddset(&ending, SIGHUP);
    blocked = ending;
    (void)sigaddset(&blocked, SIGTSTP); /* waits until the terminal is as it was */
    if (tcgetattr(STDIN_FILENO, &hidden->before) != 0)
        return false;
    hidden->signals = signalfd(-1, &ending, SFD_CLOEXEC);
    if (hidden->signals < 0)
        return false;
    (void)sigprocmask(SIG_BLOCK, &blocked, &hidden->signals_before);
    quiet = hidden->before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    quiet.c_lflag |= ECHONL;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0)
        return true;
    show(hidden);
    return false;
}

/* The terminal gives whole lines. False: a signal came, or the terminal is gone. */
static bool ask(const struct hidden *hidden, const char *what, struct password_input *out)
{
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                           {.fd = hidden->signals, .events = POLLIN}};
    int ready;

    (void)fprintf(stderr, "%s: ", what);
    do {
        ready = poll(fds, 2, -1);
    } while (ready < 0 && errno == EINTR);
    return ready > 0 && fds[1].revents == 0 && read_line(STDIN_FILENO, out);
}

bool password_can_ask(void)
{
    return isatty(STDIN_FILENO) == 1;
}

enum exit_code password_ask(struct password_input *out)
{
    struct password_input again = {.len = 0};
    struct hidden hidden = {.signals = -1};
    bool is_asked = false;
    bool is_same;

    if (hide(&hidden)) {
        is_asked = ask(&hidden, "Password", out) && ask(&hidden, "Once more", &again);
        show(&hidden);
    }
    is_same = is_asked && slice_eq(password_input_slice(out), password_input_slice(&again));
    password_input_fini(&again);
    if (!is_asked)
        return db_fail(EXIT_CODE_FAILED, "the terminal cannot be asked");
    return is_same ? EXIT_CODE_OK : db_fail(EXIT_CODE_FAILED, "these are two different passwords");
}

struct slice password_input_slice(const struct password_input *input)
{
    return slice_of(input->text, input->len);
}

void password_input_fini(struct password_input *input)
{
    sodium_memzero(input, sizeof(*input));
}
