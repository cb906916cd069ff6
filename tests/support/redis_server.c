#include "support/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"
#include "support/cmocka.h"

#define MAX_ARGS    32
#define PATIENCE_MS 20000
#define POLL_MS     2

static bool is_free(unsigned port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    bool free;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    free = bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    close(fd);
    return free;
}

/* Below the ports that connections are given (from 32,768 on) and those of the integration tests
 * (from 25,000 on), with that of the cluster's bus. */
unsigned redis_server_free_port(void)
{
    unsigned port;

    random_init();
    do {
        port = 12000 + (unsigned)(random_nonzero_u64() % 3000);
    } while (!is_free(port) || !is_free(port + REDIS_SERVER_BUS));
    return port;
}

/* In the child. Dies with the test, however that ends. */
static void run(const struct redis_server *server, const char *const *args)
{
    char port[8];
    char log[160];
    const char *const fixed[] = {"redis-server",
                                 "--port",
                                 port,
                                 "--bind",
                                 "127.0.0.1",
                                 "--unixsocket",
                                 server->socket,
                                 "--dir",
                                 server->folder.path,
                                 "--logfile",
                                 log,
                                 "--save",
                                 "",
                                 "--daemonize",
                                 "no"};
    const size_t fixed_count = sizeof(fixed) / sizeof(fixed[0]);
    char *argv[MAX_ARGS] = {NULL};

    (void)snprintf(port, sizeof(port), "%u", server->port);
    (void)snprintf(log, sizeof(log), "%s/redis.log", server->folder.path);
    for (size_t i = 0; i < fixed_count; i++)
        argv[i] = strdup(fixed[i]);
    for (size_t i = 0; args && args[i] && fixed_count + i + 1 < MAX_ARGS; i++)
        argv[fixed_count + i] = strdup(args[i]);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(argv[0], argv);
    _exit(127);
}

static bool answers(struct redis_server *server)
{
    redisReply *reply;
    bool ready;

    server->client = redisConnectUnix(server->socket);
    if (!server->client || server->client->err) {
        redisFree(server->client);
        server->client = NULL;
        return false;
    }
    /* An error other than LOADING is an answer too: it may want a password. */
    reply = redisCommand(server->client, "PING");
    ready = reply && strncmp(reply->str, "LOADING", 7) != 0;
    freeReplyObject(reply);
    if (!ready) {
        redisFree(server->client);
        server->client = NULL;
    }
    return ready;
}

void redis_server_restart(struct redis_server *server, const char *const *args)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};

    assert_int_equal(server->pid, 0);
    (void)unlink(server->socket);
    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid == 0)
        run(server, args);
    for (int waited_ms = 0; !answers(server); waited_ms += POLL_MS) {
        assert_true(waited_ms < PATIENCE_MS);
        assert_int_equal(waitpid(server->pid, NULL, WNOHANG), 0);
        (void)nanosleep(&pause, NULL);
    }
}

void redis_server_start(struct redis_server *server, const char *const *args)
{
    *server = (struct redis_server){.port = redis_server_free_port()};
    temp_folder_make(&server->folder);
    (void)snprintf(server->socket, sizeof(server->socket), "%s/redis.sock", server->folder.path);
    (void)snprintf(server->url, sizeof(server->url), "unix:%s", server->socket);
    redis_server_restart(server, args);
}

void redis_server_kill(struct redis_server *server)
{
    if (server->pid <= 0)
        return;
    (void)kill(server->pid, SIGKILL);
    (void)waitpid(server->pid, NULL, 0);
    server->pid = 0;
    redisFree(server->client);
    server->client = NULL;
}

/* The append-only file has a folder of its own. */
static void remove_log(const struct redis_server *server)
{
    struct temp_folder log;
    int len = snprintf(log.path, sizeof(log.path), "%s/appendonlydir", server->folder.path);

    assert_in_range(len, 1, sizeof(log.path) - 1);
    if (access(log.path, F_OK) == 0)
        temp_folder_remove(&log);
}

void redis_server_remove(struct redis_server *server)
{
    redis_server_kill(server);
    remove_log(server);
    temp_folder_remove(&server->folder);
}

void redis_server_pause(struct redis_server *server)
{
    int status;

    assert_int_equal(kill(server->pid, SIGSTOP), 0);
    /* Stopped for sure only when the kernel says so. */
    assert_int_equal(waitpid(server->pid, &status, WUNTRACED), server->pid);
    assert_true(WIFSTOPPED(status));
}

void redis_server_resume(struct redis_server *server)
{
    assert_int_equal(kill(server->pid, SIGCONT), 0);
}

/* `reply`, which must be there and be no error. */
static redisReply *checked(const struct redis_server *server, redisReply *reply,
                           const char *command)
{
    if (!reply || reply->type == REDIS_REPLY_ERROR) {
        fail_msg("redis: %s: %s", command, reply ? reply->str : server->client->errstr);
        abort(); /* fail_msg() does not return; the analyzer does not know */
    }
    return reply;
}

static redisReply *ask(struct redis_server *server, const char *format, va_list args)
{
    return checked(server, redisvCommand(server->client, format, args), format);
}

void redis_server_words(struct redis_server *server, const char *command)
{
    char copy[512];
    const char *words[MAX_ARGS];
    int count = 0;

    assert_true((size_t)snprintf(copy, sizeof(copy), "%s", command) < sizeof(copy));
    for (char *rest = copy, *word; (word = strsep(&rest, " ")) && count < MAX_ARGS;)
        words[count++] = word;
    freeReplyObject(checked(server, redisCommandArgv(server->client, count, words, NULL), command));
}

void redis_server_send(struct redis_server *server, const char *format, ...)
{
    va_list args;
    int done = 0;

    va_start(args, format);
    assert_int_equal(redisvAppendCommand(server->client, format, args), REDIS_OK);
    va_end(args);
    while (!done)
        assert_int_equal(redisBufferWrite(server->client, &done), REDIS_OK);
}

void redis_server_connect(struct redis_server *server)
{
    server->client = redisConnectUnix(server->socket);
    assert_non_null(server->client);
    assert_int_equal(server->client->err, 0);
}

void redis_server_disconnect(struct redis_server *server)
{
    redisFree(server->client);
    server->client = NULL;
}

void redis_server_do(struct redis_server *server, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    freeReplyObject(ask(server, format, args));
    va_end(args);
}

int64_t redis_server_int(struct redis_server *server, const char *format, ...)
{
    redisReply *reply;
    int64_t number;
    va_list args;

    va_start(args, format);
    reply = ask(server, format, args);
    va_end(args);
    number = reply->type == REDIS_REPLY_INTEGER ? reply->integer
             : reply->str                       ? strtoll(reply->str, NULL, 10)
                                                : 0;
    freeReplyObject(reply);
    return number;
}

void redis_server_text(struct redis_server *server, char *out, size_t size, const char *format, ...)
{
    redisReply *reply;
    va_list args;

    va_start(args, format);
    reply = ask(server, format, args);
    va_end(args);
    (void)snprintf(out, size, "%s", reply->str ? reply->str : "");
    freeReplyObject(reply);
}
