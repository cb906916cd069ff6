/**
 * A real redis-server for tests: on a unix socket in a folder of its own, and on a free TCP port of
 * loopback. What fails in here fails the test.
 */
#ifndef FOOTFALL_TESTS_REDIS_SERVER_H
#define FOOTFALL_TESTS_REDIS_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "support/temp_folder.h"

struct redisContext;

struct redis_server {
    struct temp_folder folder; /* its data, its socket and its log */
    pid_t pid;                 /* 0: it does not run */
    unsigned port;
    char socket[128];
    char url[160];               /* unix:… */
    struct redisContext *client; /* for redis_server_ask() */
};

/** So much above the port of a cluster's node is that of its bus. */
#define REDIS_SERVER_BUS 10000

/** A TCP port of 127.0.0.1 on which nobody listens, nor on the one REDIS_SERVER_BUS above it. */
unsigned redis_server_free_port(void);

/**
 * Makes the folder, starts the server and waits until it answers.
 *
 * @param args  further arguments, "--appendonly", "yes" …, NULL-terminated; NULL: none
 */
void redis_server_start(struct redis_server *server, const char *const *args);

/** kill -9. Its folder stays. */
void redis_server_kill(struct redis_server *server);

/** Starts it again on what its folder holds; waits until it answers. */
void redis_server_restart(struct redis_server *server, const char *const *args);

/** kill -9, and the folder goes too. Fine when it was never started. */
void redis_server_remove(struct redis_server *server);

/** One command as printf and hiredis have it (%s, %b); its reply is checked to be no error. */
void redis_server_do(struct redis_server *server, const char *format, ...);

/** The same; the reply must be an integer or a text that is one. */
int64_t redis_server_int(struct redis_server *server, const char *format, ...);

/** The same; the reply's text is written to `out`, empty for nil. */
void redis_server_text(struct redis_server *server, char *out, size_t size, const char *format,
                       ...);

/** The same for a command that is one text with spaces between its words. */
void redis_server_words(struct redis_server *server, const char *command);

/** Sends a command whose reply nobody waits for; no further one on this connection. */
void redis_server_send(struct redis_server *server, const char *format, ...);

/** A connection of its own for a copy of `server`, for while the first one is kept waiting. */
void redis_server_connect(struct redis_server *server);
void redis_server_disconnect(struct redis_server *server);

/** SIGSTOP, SIGCONT: a server that is there and does not answer. */
void redis_server_pause(struct redis_server *server);
void redis_server_resume(struct redis_server *server);

#endif
