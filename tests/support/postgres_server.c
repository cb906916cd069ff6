#include "support/postgres_server.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/cmocka.h"

#define MAX_ARGS      48
#define MAX_PROCESSES 64
#define PATIENCE_MS   30000
#define POLL_MS       2

static void wait_a_little(void)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};

    (void)nanosleep(&pause, NULL);
}

static unsigned free_port(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    close(fd);
    return ntohs(address.sin_port);
}

/* ---- its programs --------------------------------------------------------------------------- */

/* Debian keeps them out of PATH; of several versions the last one is taken. */
static void find_program(const char *name, char *out, size_t size)
{
    char pattern[64];
    glob_t found;

    (void)snprintf(pattern, sizeof(pattern), "/usr/lib/postgresql/*/bin/%s", name);
    if (glob(pattern, 0, NULL, &found) == 0)
        (void)snprintf(out, size, "%s", found.gl_pathv[found.gl_pathc - 1]);
    else
        (void)snprintf(out, size, "%s", name);
    globfree(&found);
}

static const struct passwd *server_user(void)
{
    const struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;

    assert_true(user || geteuid() != 0);
    return user;
}

/* In the child. Ends with the test, however that ends. */
static void run(const struct postgres_server *server, const char *const *args)
{
    const struct passwd *user = server_user();
    char *argv[MAX_ARGS] = {NULL};
    char path[128];
    char log[128];
    int fd;

    find_program(args[0], path, sizeof(path));
    for (size_t i = 0; args[i] && i + 1 < MAX_ARGS; i++)
        argv[i] = strdup(args[i]);
    if (user && (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
        _exit(126);
    (void)snprintf(log, sizeof(log), "%s/log", server->folder.path);
    fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0 ||
        chdir(server->folder.path) != 0)
        _exit(126);
    (void)prctl(PR_SET_PDEATHSIG, SIGQUIT);
    execvp(path, argv);
    _exit(127);
}

static pid_t spawn(const struct postgres_server *server, const char *const *args)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0)
        run(server, args);
    return pid;
}

static void make_data(const struct postgres_server *server)
{
    const char *const args[] = {"initdb",          "--pgdata=data",     "--username=footfall",
                                "--auth=trust",    "--no-sync",         "--no-locale",
                                "--encoding=UTF8", "--no-instructions", NULL};

    int status;
    pid_t pid = spawn(server, args);

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void postgres_server_give(const char *path)
{
    const struct passwd *user = server_user();

    if (user)
        assert_int_equal(chown(path, user->pw_uid, user->pw_gid), 0);
    assert_int_equal(chmod(path, 0700), 0);
}

static bool answers(struct postgres_server *server)
{
    server->client = PQconnectdb(server->url);
    if (PQstatus(server->client) == CONNECTION_OK) {
        PQclear(PQexec(server->client, "SET client_min_messages = warning"));
        return true;
    }
    PQfinish(server->client);
    server->client = NULL;
    return false;
}

/* ---- its processes -------------------------------------------------------------------------- */

/* State and parent of a process; false: there is none. */
static bool read_stat(const char *pid, char *state, int *parent)
{
    char path[300];
    char text[256] = "";
    const char *end;
    int fd;

    (void)snprintf(path, sizeof(path), "/proc/%s/stat", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    (void)!read(fd, text, sizeof(text) - 1);
    close(fd);
    end = strrchr(text, ')');
    return end && sscanf(end, ") %c %d", state, parent) == 2;
}

/* Each of them has a session of its own, so there is no group to signal. */
static size_t find_processes(const struct postgres_server *server, pid_t out[static MAX_PROCESSES])
{
    DIR *dir = opendir("/proc");
    const struct dirent *entry;
    size_t count = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) && count < MAX_PROCESSES) {
        char state;
        int parent;

        if (read_stat(entry->d_name, &state, &parent) && parent == server->pid)
            out[count++] = (pid_t)strtol(entry->d_name, NULL, 10);
    }
    closedir(dir);
    return count;
}

/* One that only waits to be asked for its exit status has ended. */
static void wait_for_end(pid_t pid)
{
    char name[16];
    char state;
    int parent;

    (void)snprintf(name, sizeof(name), "%d", (int)pid);
    for (int waited_ms = 0; read_stat(name, &state, &parent) && state != 'Z';
         waited_ms += POLL_MS) {
        assert_true(waited_ms < PATIENCE_MS);
        wait_a_little();
    }
}

static void signal_all(const struct postgres_server *server, int number)
{
    pid_t processes[MAX_PROCESSES];
    size_t count = find_processes(server, processes);

    /* The postmaster first: it is not to mourn its children. */
    assert_int_equal(kill(server->pid, number), 0);
    for (size_t i = 0; i < count; i++)
        (void)kill(processes[i], number);
}

void postgres_server_pause(struct postgres_server *server)
{
    int status;

    signal_all(server, SIGSTOP);
    assert_int_equal(waitpid(server->pid, &status, WUNTRACED), server->pid);
    assert_true(WIFSTOPPED(status));
}

void postgres_server_resume(struct postgres_server *server)
{
    signal_all(server, SIGCONT);
}

static void disconnect(struct postgres_server *server)
{
    PQfinish(server->client);
    server->client = NULL;
}

void postgres_server_kill(struct postgres_server *server)
{
    pid_t processes[MAX_PROCESSES];
    size_t count;

    if (server->pid <= 0)
        return;
    count = find_processes(server, processes);
    signal_all(server, SIGKILL);
    (void)waitpid(server->pid, NULL, 0);
    for (size_t i = 0; i < count; i++)
        wait_for_end(processes[i]);
    server->pid = 0;
    disconnect(server);
}

void postgres_server_restart(struct postgres_server *server, const char *const *settings)
{
    char port[16];
    const char *const fixed[] = {"postgres",
                                 "-D",
                                 "data",
                                 "-p",
                                 port,
                                 "-k",
                                 server->folder.path,
                                 "-c",
                                 "listen_addresses=127.0.0.1",
                                 "-c",
                                 "fsync=off",
                                 "-c",
                                 "max_connections=40",
                                 "-c",
                                 "shared_buffers=16MB",
                                 "-c",
                                 "autovacuum=off",
                                 "-c",
                                 "max_wal_senders=0",
                                 "-c",
                                 "wal_level=minimal"};
    const size_t fixed_count = sizeof(fixed) / sizeof(fixed[0]);
    const char *args[MAX_ARGS] = {NULL};

    assert_int_equal(server->pid, 0);
    (void)snprintf(port, sizeof(port), "%u", server->port);
    memcpy(args, fixed, sizeof(fixed));
    for (size_t i = 0; settings && settings[i] && fixed_count + 2 * i + 2 < MAX_ARGS; i++) {
        args[fixed_count + 2 * i] = "-c";
        args[fixed_count + 2 * i + 1] = settings[i];
    }
    server->pid = spawn(server, args);
    for (int waited_ms = 0; !answers(server); waited_ms += POLL_MS) {
        assert_true(waited_ms < PATIENCE_MS);
        assert_int_equal(waitpid(server->pid, NULL, WNOHANG), 0);
        wait_a_little();
    }
}

void postgres_server_start(struct postgres_server *server, const char *const *settings)
{
    *server = (struct postgres_server){.port = free_port()};
    temp_folder_make(&server->folder);
    postgres_server_give(server->folder.path);
    (void)snprintf(server->url, sizeof(server->url),
                   "postgres://footfall@/postgres?host=%s&port=%u", server->folder.path,
                   server->port);
    (void)snprintf(server->tcp_url, sizeof(server->tcp_url),
                   "postgres://footfall@localhost:%u/postgres", server->port);
    make_data(server);
    postgres_server_restart(server, settings);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
    (void)st;
    (void)type;
    (void)place;
    return remove(path);
}

void postgres_server_remove(struct postgres_server *server)
{
    if (server->pid > 0) {
        (void)kill(server->pid, SIGQUIT);
        (void)waitpid(server->pid, NULL, 0);
        server->pid = 0;
    }
    disconnect(server);
    if (server->folder.path[0] != '\0')
        assert_int_equal(nftw(server->folder.path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* ---- its client ----------------------------------------------------------------------------- */

#define SQL_BYTES 2048

static PGresult *ask(struct postgres_server *server, const char *sql)
{
    PGresult *result = PQexec(server->client, sql);
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        fail_msg("postgres: %s: %s", sql, PQerrorMessage(server->client));
    return result;
}

void postgres_server_do(struct postgres_server *server, const char *format, ...)
{
    char sql[SQL_BYTES];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(sql, sizeof(sql), format, args);
    va_end(args);
    PQclear(ask(server, sql));
}

int64_t postgres_server_int(struct postgres_server *server, const char *format, ...)
{
    char sql[SQL_BYTES];
    PGresult *result;
    int64_t number;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(sql, sizeof(sql), format, args);
    va_end(args);
    result = ask(server, sql);
    number = PQntuples(result) > 0 ? strtoll(PQgetvalue(result, 0, 0), NULL, 10) : 0;
    PQclear(result);
    return number;
}

void postgres_server_clear(struct postgres_server *server)
{
    if (postgres_server_int(server, "SELECT count(*) FROM pg_class"
                                    " WHERE relname = 'footfall_rollup'") > 0)
        postgres_server_do(server, "TRUNCATE footfall_counter, footfall_record, footfall_writer,"
                                   " footfall_rollup, footfall_list, footfall_name,"
                                   " footfall_counter_list");
}

void postgres_server_drop_all(struct postgres_server *server)
{
    postgres_server_do(server, "DROP TABLE IF EXISTS footfall_schema, footfall_writer,"
                               " footfall_counter, footfall_record, footfall_rollup,"
                               " footfall_list, footfall_name, footfall_counter_list");
}

int64_t postgres_server_cut(struct postgres_server *server)
{
    return postgres_server_int(server,
                               "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                               " WHERE application_name = 'footfall'");
}
