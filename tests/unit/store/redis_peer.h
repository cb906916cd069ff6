/**
 * A peer that speaks Redis' protocol and answers what the test wants, when the test wants. On a
 * free TCP port of loopback; it looks at nothing of a command but its name.
 */
#ifndef FOOTFALL_TESTS_REDIS_PEER_H
#define FOOTFALL_TESTS_REDIS_PEER_H

#include "store/redis_reply.h"
#include "support/test_loop.h"

/** What the peer does with a command. */
struct redis_peer_answer {
    const char *command; /* "EVALSHA", or two words: "CLUSTER SLOTS"; REGISTER is our script */
    const char *bytes;   /* NULL: no answer; "": closes the connection */
    size_t times;        /* 0: each time; else so many times, then as if it were not here */
};

#define REDIS_PEER_MAX_ANSWERS 16
#define REDIS_PEER_MAX_LOG     65536

struct redis_peer {
    uv_tcp_t listener;
    unsigned port;
    size_t client_count; /* so many came */
    struct redis_peer_answer special[REDIS_PEER_MAX_ANSWERS];
    size_t special_count;
    char
        log[REDIS_PEER_MAX_LOG]; /* the names of the commands that came, each with a space behind */
    size_t log_len;
};

/** Listens. Its memory must live until the loop has ended. */
void redis_peer_start(struct redis_peer *peer, struct test_loop *loop);

/** Takes no more clients; those that are there go when the store leaves. */
void redis_peer_stop(struct redis_peer *peer);

/** From now on the peer is sound and without any data, but for these answers; the log is empty. */
void redis_peer_answers(struct redis_peer *peer, const struct redis_peer_answer *answers,
                        size_t count);

/** How often a command with this name has come since. */
size_t redis_peer_count(const struct redis_peer *peer, const char *name);

#endif
