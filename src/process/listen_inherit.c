/* Listening sockets from the service manager, and how sockets are called. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "process/listen.h"

/* SD_LISTEN_FDS_START */
#define FIRST_FD 3

union any_address {
    struct sockaddr sa;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
};

static void describe_unix(struct listener *listener, const struct sockaddr_un *un, socklen_t len)
{
    size_t path_len = len - offsetof(struct sockaddr_un, sun_path);
    const char *path = un->sun_path;

    if (path_len > 0 && path[0] == '\0') { /* the abstract namespace */
        (void)snprintf(listener->address, sizeof(listener->address), "unix:@%.*s",
                       (int)path_len - 1, path + 1);
    } else {
        (void)snprintf(listener->address, sizeof(listener->address), "unix:%.*s", (int)path_len,
                       path);
    }
    memcpy(listener->url, listener->address, sizeof(listener->url));
}

static bool is_for_localhost(const union any_address *address)
{
    if (address->sa.sa_family == AF_INET)
        return address->in.sin_addr.s_addr == htonl(INADDR_LOOPBACK) ||
               address->in.sin_addr.s_addr == htonl(INADDR_ANY);
    return IN6_IS_ADDR_LOOPBACK(&address->in6.sin6_addr) ||
           IN6_IS_ADDR_UNSPECIFIED(&address->in6.sin6_addr);
}

void listener_describe(struct listener *listener)
{
    union any_address address = {.sa = {.sa_family = AF_UNSPEC}};
    socklen_t len = sizeof(address);
    char host[INET6_ADDRSTRLEN] = "?";
    unsigned port;

    (void)getsockname(listener->fd, &address.sa, &len);
    if (address.sa.sa_family == AF_UNIX) {
        describe_unix(listener, &address.un, len);
        return;
    }
    if (address.sa.sa_family == AF_INET) {
        (void)inet_ntop(AF_INET, &address.in.sin_addr, host, sizeof(host));
        port = ntohs(address.in.sin_port);
        (void)snprintf(listener->address, sizeof(listener->address), "%s:%u", host, port);
    } else {
        (void)inet_ntop(AF_INET6, &address.in6.sin6_addr, host, sizeof(host));
        port = ntohs(address.in6.sin6_port);
        (void)snprintf(listener->address, sizeof(listener->address), "[%s]:%u", host, port);
    }
    if (is_for_localhost(&address))
        (void)snprintf(listener->url, sizeof(listener->url), "http://localhost:%u", port);
    else
        (void)snprintf(listener->url, sizeof(listener->url), "http://%.100s", listener->address);
}

static bool is_listening_stream(int fd)
{
    int type = 0;
    int listening = 0;
    socklen_t len = sizeof(type);

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_STREAM)
        return false;
    len = sizeof(listening);
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening;
}

/* How many were passed to this very process; a child must not take its parent's for its own. */
static unsigned passed_count(void)
{
    const char *pid = getenv("LISTEN_PID");
    const char *fds = getenv("LISTEN_FDS");
    long count;

    if (!pid || !fds || strtol(pid, NULL, 10) != (long)getpid())
        return 0;
    count = strtol(fds, NULL, 10);
    return count > 0 && count <= LISTEN_MAX_SOCKETS ? (unsigned)count : 0;
}

enum err listeners_inherit(struct listeners *out, struct err_info *info)
{
    struct listeners listeners = {.inherited = true, .count = passed_count()};

    (void)unsetenv("LISTEN_PID");
    (void)unsetenv("LISTEN_FDS");
    (void)unsetenv("LISTEN_FDNAMES");
    for (unsigned i = 0; i < listeners.count; i++) {
        int fd = FIRST_FD + (int)i;

        if (!is_listening_stream(fd)) {
            err_info_set(info,
                         "LISTEN_FDS: descriptor %d is no listening stream socket, as "
                         "ListenStream=8080 in footfall.socket makes one",
                         fd);
            return ERR_CONFIG;
        }
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
        (void)fcntl(fd, F_SETFL, O_NONBLOCK);
        listeners.list[i].fd = fd;
        listener_describe(&listeners.list[i]);
    }
    *out = listeners;
    return ERR_OK;
}
