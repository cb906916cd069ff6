/**
 * A connection: one client's socket, its state, its deadline.
 *
 *     PROXY -> IDLE -> HEAD -> BODY -> ANSWERING -> IDLE …
 *                                          |-> WRITING -> IDLE          (the client reads slowly)
 *                                          `-> WRITING -> LINGERING     (this was the last answer)
 *     any -> CLOSING
 *
 * Invariants:
 *   - An exchange exists exactly in BODY and ANSWERING.
 *   - Nothing is parsed but in PROXY, IDLE, HEAD and BODY; what arrives in other states is held.
 *   - In CLOSING libuv has been told; the memory goes when it is done.
 *   - The timer is not moved at each request: it fires, finds a later deadline, and starts again.
 */
#ifndef FOOTFALL_HTTP_CONNECTION_H
#define FOOTFALL_HTTP_CONNECTION_H

#include <uv.h>

#include "http/core.h"
#include "http/guard.h"
#include "http/refusal.h"

enum connection_state {
    CONNECTION_PROXY,     /* waits for the PROXY header */
    CONNECTION_IDLE,      /* no byte of a request has come */
    CONNECTION_HEAD,      /* some of it has */
    CONNECTION_BODY,      /* the head is whole, the body is not */
    CONNECTION_ANSWERING, /* the handler has the request */
    CONNECTION_WRITING,   /* the socket has not taken all of the answer */
    CONNECTION_LINGERING, /* all is said; what still arrives is dropped, so that no RST overtakes it
                           */
    CONNECTION_CLOSING,
};

struct connection {
    union {
        uv_handle_t any;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } handle;
    struct http_server *server;
    LIST_ENTRY(connection) entry;
    enum connection_state state;
    bool is_fresh;   /* has not sent a whole request yet */
    bool is_last;    /* the answer under way is the last one */
    bool has_ended;  /* the client will send nothing more */
    bool lingers;    /* after the last answer wait for the client's end */
    bool is_paused;  /* reading is stopped: `held` is full */
    bool resumes;    /* the timer is set to go on with `held` */
    bool is_at_work; /* its bytes are being handled; its answers gather in server->out */
    unsigned writes; /* handed to libuv and not done */
    struct timer timer;
    int64_t deadline_ms; /* INT64_MAX: none */
    struct address peer; /* as the socket or the PROXY header says */
    struct exchange *exchange;
    struct guard guard;
    struct strbuf held;  /* bytes not handled yet; its memory is freed when it is empty */
    size_t held_start;   /* of them in `held` */
    size_t unread_bytes; /* received behind the request under way; for the input at hand */
    size_t queued_bytes; /* in WRITING: not taken by the socket when last looked at */
    size_t drop_bytes;   /* in LINGERING: how many more are dropped */
};

/** Takes an accepted socket; closes it when there is no memory. */
void connection_open(struct http_server *server, int fd, const struct sockaddr *peer);

/** The one place where the state changes. */
void connection_set_state(struct connection *connection, enum connection_state state);

/** Ends the request under way and closes the socket; nothing is sent. */
void connection_close(struct connection *connection);

/** Sends the answer to the request under way; what request_respond() does. */
void connection_answer(struct connection *connection, const struct response *response);

/** Answers `refusal` through the router's on_error; the connection ends with it. */
void connection_refuse(struct connection *connection, struct refusal refusal);

/**
 * To be called after input was handled, an answer given or a write done: goes on with what is held
 * (in the next turn of the loop), waits for the socket, or ends the connection.
 */
void connection_settle(struct connection *connection);

/** Stops and starts reading; fine when it is so already. */
void connection_pause(struct connection *connection);
void connection_unpause(struct connection *connection);

/** For http_server_drain(): closes what is idle, after a last look for a request. */
void connection_drain(struct connection *connection);

#endif
