#include "http/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/connection.h"

/* A few at a time: the other processes on the socket shall get their share of a burst. */
#define ACCEPTS_PER_TURN 4

/* Out of descriptors: they come back when connections close, here or in another process. */
#define PAUSE_MS 100

static void on_ready(uv_poll_t *poll, int status, int events);

static void pause_all(struct http_server *server)
{
    struct listener *listener;

    LIST_FOREACH(listener, &server->listeners, entry)
    (void)uv_poll_stop(&listener->poll); /* always 0 */
    server->is_accepting = false;
}

void listener_resume_all(struct http_server *server)
{
    struct listener *listener;

    timer_stop(server->options.timers, &server->accept_timer);
    LIST_FOREACH(listener, &server->listeners, entry)
    (void)uv_poll_start(&listener->poll, UV_READABLE, on_ready); /* it did before */
    server->is_accepting = true;
}

static void on_pause_over(void *ctx)
{
    listener_resume_all(ctx);
}

static void pause_for_a_while(struct http_server *server)
{
    int64_t until = http_server_now_ms(server) + PAUSE_MS;

    /* Without memory for the timer it goes on at once; that costs CPU, nothing else. */
    if (timer_start(server->options.timers, &server->accept_timer, until, on_pause_over, server) ==
        ERR_OK)
        pause_all(server);
}

/* False when there is nothing more to accept now. */
static bool accept_one(struct listener *listener)
{
    struct http_server *server = listener->server;
    struct sockaddr_storage peer = {0};
    socklen_t len = sizeof(peer);
    int fd = accept4(listener->fd, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd >= 0) {
        connection_open(server, fd, (const struct sockaddr *)&peer);
        return true;
    }
    if (errno == ECONNABORTED || errno == EINTR)
        return true; /* that client is gone; the next one may be there */
    if (errno != EAGAIN)
        pause_for_a_while(server);
    return false;
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct listener *listener = poll->data;
    struct http_server *server = listener->server;

    (void)status; /* accept4() tells it better */
    (void)events;
    for (int i = 0; i < ACCEPTS_PER_TURN && server->is_accepting; i++) {
        if (server->stats.open >= server->options.limits.connections)
            pause_all(server); /* until one closes */
        else if (!accept_one(listener))
            break;
    }
}

static void on_closed(uv_handle_t *handle)
{
    struct listener *listener = handle->data;
    struct http_server *server = listener->server;

    (void)close(listener->fd);
    free(listener);
    http_server_handle_closed(server);
}

enum err listener_open(struct http_server *server, int fd)
{
    struct listener *listener = calloc(1, sizeof(*listener));
    int on = 1;

    if (!listener || uv_poll_init(server->options.loop, &listener->poll, fd) != 0) {
        free(listener);
        (void)close(fd);
        return ERR_NO_MEMORY;
    }
    listener->server = server;
    listener->fd = fd;
    listener->poll.data = listener;
    LIST_INSERT_HEAD(&server->listeners, listener, entry);
    server->open_handles++;
    /* Accepted sockets inherit it; a unix socket refuses, and needs it not. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (uv_poll_start(&listener->poll, UV_READABLE, on_ready) != 0) {
        listener_close(listener);
        return ERR_UNAVAILABLE;
    }
    return ERR_OK;
}

void listener_close(struct listener *listener)
{
    LIST_REMOVE(listener, entry);
    uv_close((uv_handle_t *)&listener->poll, on_closed);
}
