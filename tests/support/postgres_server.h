/**
 * A real PostgreSQL for tests: on a unix socket in a folder of its own, and on a free TCP port of
 * loopback. It runs as user postgres when the test runs as root, which PostgreSQL refuses. What
 * fails in here fails the test.
 */
#ifndef FOOTFALL_TESTS_POSTGRES_SERVER_H
#define FOOTFALL_TESTS_POSTGRES_SERVER_H

#include <stdint.h>
#include <sys/types.h>

#include "support/temp_folder.h"

struct pg_conn;

struct postgres_server {
    struct temp_folder folder; /* its data, its socket and its log */
    pid_t pid;                 /* of the postmaster; 0: it does not run */
    unsigned port;
    char url[256];          /* by the socket: postgres://footfall@/postgres?host=…&port=… */
    char tcp_url[128];      /* postgres://footfall@localhost:…/postgres */
    struct pg_conn *client; /* for postgres_server_do(): a superuser's */
};

/**
 * Makes the folder and the data in it, starts the server and waits until it answers. It does not
 * wait for the disk (fsync=off).
 *
 * @param settings  further ones, "ssl=on" …, NULL-terminated; NULL: none
 */
void postgres_server_start(struct postgres_server *server, const char *const *settings);

/** kill -9 of all its processes. Its folder stays. */
void postgres_server_kill(struct postgres_server *server);

/** Starts it again on what its folder holds; waits until it answers. */
void postgres_server_restart(struct postgres_server *server, const char *const *settings);

/** Ends it at once, and the folder goes too. Fine when it was never started. */
void postgres_server_remove(struct postgres_server *server);

/** One statement, or several, as printf has it; it must not fail. */
void postgres_server_do(struct postgres_server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** The same; its only value must be an integer. NULL and no row are 0. */
int64_t postgres_server_int(struct postgres_server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Gives the server a file or a folder of the test: it can use it, and nobody else, as it wants
 * keys to be. */
void postgres_server_give(const char *path);

/** Empties the tables of Footfall, if they are there. */
void postgres_server_clear(struct postgres_server *server);

/** Drops the tables of Footfall, those that are there. */
void postgres_server_drop_all(struct postgres_server *server);

/** Ends the connections of Footfall on its side; returns how many they were. */
int64_t postgres_server_cut(struct postgres_server *server);

/** SIGSTOP, SIGCONT of all its processes: a server that is there and does not answer. */
void postgres_server_pause(struct postgres_server *server);
void postgres_server_resume(struct postgres_server *server);

#endif
