/**
 * A peer that speaks PostgreSQL's protocol (PostgreSQL 15, chapter 55) and answers what the test
 * wants: for a store that meets a broken server.
 */
#ifndef FOOTFALL_TESTS_POSTGRES_PEER_H
#define FOOTFALL_TESTS_POSTGRES_PEER_H

#include "store/postgres_params.h"
#include "store/store.h"
#include "support/temp_folder.h"
#include "support/test_loop.h"

/** Where in the exchange something happens. */
enum peer_point {
    PEER_NEVER,
    PEER_AT_BIND,     /* before the statement is carried out */
    PEER_AT_SYNC,     /* after its rows and "complete", instead of the sync */
    PEER_AFTER_ERROR, /* together with the error */
};

#define PEER_MAX_COLUMNS 12

/** What the peer does with a prepared statement; with a query of the greeting only `state`,
 * `closes`, `is_silent` and `garbage`. */
struct peer_answer {
    const char *statement;                 /* its name; of a query: a part of its text */
    int columns;                           /* 0: it gives no rows */
    int rows;                              /* all alike */
    struct slice values[PEER_MAX_COLUMNS]; /* ptr NULL: NULL */
    const char *state;                     /* an error with this SQLSTATE instead of the rows */
    enum peer_point fails;                 /* PEER_AT_SYNC: the error comes behind the rows */
    enum peer_point closes;                /* the connection is closed then */
    bool is_silent;
    const char *garbage; /* sent instead of an answer */
};

struct peer {
    struct temp_folder folder;
    struct test_loop loop;
    uv_pipe_t listener;
    struct peer_client *clients; /* that are connected */
    size_t client_count;         /* so many came */
    size_t executed;             /* so many statements were carried out */
    const struct peer_answer *special;
    size_t special_count;
    struct store *store;
};

/** The cmocka pair: a peer that is a sound, empty server but for `special`, and a store on it whose
 * operations may take 400 ms. */
int peer_set_up(void **state);
int peer_tear_down(void **state);

/** Waits until the store is connected. */
void peer_wait_connected(struct peer *peer);

#endif
