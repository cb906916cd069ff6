/**
 * Listening sockets: accepts, and pauses when there is no room for more connections.
 */
#ifndef FOOTFALL_HTTP_LISTENER_H
#define FOOTFALL_HTTP_LISTENER_H

#include <uv.h>

#include "http/core.h"

struct listener {
    uv_poll_t poll;
    struct http_server *server;
    LIST_ENTRY(listener) entry;
    int fd;
};

/** Takes `fd` over (closes it when it fails) and begins to accept. */
enum err listener_open(struct http_server *server, int fd) MUST_CHECK;

/** Stops accepting and closes our handle of the socket; what is queued there is for others. */
void listener_close(struct listener *listener);

/** Goes on accepting on all, after a pause. */
void listener_resume_all(struct http_server *server);

#endif
