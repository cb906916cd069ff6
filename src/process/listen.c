#include "process/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Connections waiting to be accepted; the kernel caps it at net.core.somaxconn (4,096). */
#define BACKLOG      4096

#define SOCKET_FLAGS (SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)

/* Turns errno of bind(2) or listen(2) into an error with a sentence. */
static enum err explain(const char *address, int error, struct err_info *info)
{
    switch (error) {
    case EADDRINUSE:
        err_info_set(info, "cannot listen on %s: the address is in use by another program",
                     address);
        return ERR_BUSY;
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        err_info_set(info, "cannot listen on %s: this machine has no such address", address);
        return ERR_CONFIG;
    case EACCES:
        err_info_set(info,
                     "cannot listen on %s: permission denied (a port below 1024 needs "
                     "CAP_NET_BIND_SERVICE or socket activation)",
                     address);
        return ERR_UNAVAILABLE;
    default:
        err_info_set(info, "cannot listen on %s: %s", address, strerror(error));
        return ERR_UNAVAILABLE;
    }
}

static struct listener *add_listener(struct listeners *listeners, int fd)
{
    struct listener *listener = &listeners->list[listeners->count++];

    *listener = (struct listener){.fd = fd};
    return listener;
}

/* Returns 0 or errno. */
static int bind_and_listen(int fd, const struct sockaddr *address, socklen_t len)
{
    return bind(fd, address, len) == 0 && listen(fd, BACKLOG) == 0 ? 0 : errno;
}

/* Binds one TCP address; returns 0 or errno. */
static int open_tcp(struct listeners *listeners, const struct sockaddr *address, socklen_t len,
                    bool v6only)
{
    const int on = 1;
    const int only = v6only;
    int fd = socket(address->sa_family, SOCKET_FLAGS, 0);
    int error;

    if (fd < 0)
        return errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address->sa_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
    error = bind_and_listen(fd, address, len);
    if (error != 0) {
        close(fd);
        return error;
    }
    listener_describe(add_listener(listeners, fd));
    return 0;
}

static int open_ipv4(struct listeners *listeners, uint32_t host, uint16_t port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};

    in.sin_addr.s_addr = htonl(host);
    return open_tcp(listeners, (const struct sockaddr *)&in, sizeof(in), false);
}

static int open_ipv6(struct listeners *listeners, struct in6_addr host, uint16_t port, bool v6only)
{
    struct sockaddr_in6 in6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = host};

    return open_tcp(listeners, (const struct sockaddr *)&in6, sizeof(in6), v6only);
}

/* One IPv6 socket takes IPv4 too; a machine without IPv6 gets an IPv4 one. */
static int open_all_interfaces(struct listeners *listeners, uint16_t port)
{
    struct in6_addr any = IN6ADDR_ANY_INIT;
    int error = open_ipv6(listeners, any, port, false);

    if (error == EAFNOSUPPORT || error == EADDRNOTAVAIL)
        error = open_ipv4(listeners, INADDR_ANY, port);
    return error;
}

static uint16_t bound_port(const struct listener *listener)
{
    struct sockaddr_in in = {0};
    socklen_t len = sizeof(in);

    (void)getsockname(listener->fd, (struct sockaddr *)&in, &len);
    return ntohs(in.sin_port); /* the port is at the same place in both families */
}

/*
 * Both loopback addresses, without asking a resolver (RFC 6761, section 6.3), since curl and
 * browsers try ::1 first. A machine without IPv6 does with one.
 */
static int open_localhost(struct listeners *listeners, uint16_t port)
{
    struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;
    int error = open_ipv4(listeners, INADDR_LOOPBACK, port);

    if (error != 0)
        return error;
    error =
        open_ipv6(listeners, loopback, bound_port(&listeners->list[listeners->count - 1]), true);
    if (error == EADDRINUSE && port == 0)
        return 0; /* the kernel chose a port that is free on 127.0.0.1: that one is enough */
    return error == EAFNOSUPPORT || error == EADDRNOTAVAIL ? 0 : error;
}

/* All addresses of a name; those that this machine does not have are an error, too. */
static enum err open_name(struct listeners *listeners, const struct listen_address *address,
                          const char *text, struct err_info *info)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found;
    char port[8];
    int error;

    (void)snprintf(port, sizeof(port), "%u", (unsigned)address->port);
    error = getaddrinfo(address->host, port, &hints, &found);
    if (error != 0) {
        err_info_set(info, "cannot listen on %s: %s", text, gai_strerror(error));
        return ERR_CONFIG;
    }
    for (struct addrinfo *one = found; one && error == 0; one = one->ai_next)
        error = listeners->count == LISTEN_MAX_SOCKETS
                    ? EMFILE
                    : open_tcp(listeners, one->ai_addr, one->ai_addrlen, true);
    freeaddrinfo(found);
    return error == 0 ? ERR_OK : explain(text, error, info);
}

/*
 * Is somebody accepting there? A refusal means that the socket was left behind. A plain file
 * refuses in the same way, and is nothing to remove.
 */
static bool is_stale(const struct sockaddr_un *address)
{
    struct stat file;
    bool refused;
    int fd;

    if (lstat(address->sun_path, &file) != 0 || !S_ISSOCK(file.st_mode))
        return false;
    fd = socket(AF_UNIX, SOCKET_FLAGS, 0);
    if (fd < 0)
        return false;
    refused = connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
              errno == ECONNREFUSED;
    close(fd);
    return refused;
}

/* Returns 0 or errno. Nobody can connect before listen(2), so the mode is right from the start. */
static int bind_unix(int fd, const struct sockaddr_un *address)
{
    const struct sockaddr *sa = (const struct sockaddr *)address;

    if (bind(fd, sa, sizeof(*address)) != 0) {
        if (errno != EADDRINUSE || !is_stale(address))
            return errno;
        if (unlink(address->sun_path) != 0 || bind(fd, sa, sizeof(*address)) != 0)
            return errno;
    }
    return chmod(address->sun_path, 0660) == 0 && listen(fd, BACKLOG) == 0 ? 0 : errno;
}

static int open_unix(struct listeners *listeners, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCKET_FLAGS, 0);
    struct listener *listener;
    struct stat file;
    int error;

    if (fd < 0)
        return errno;
    memcpy(address.sun_path, path, strlen(path));
    error = bind_unix(fd, &address);
    if (error != 0) {
        close(fd);
        return error;
    }
    listener = add_listener(listeners, fd);
    if (stat(path, &file) == 0) {
        memcpy(listener->path, address.sun_path, sizeof(listener->path));
        listener->device = file.st_dev;
        listener->inode = file.st_ino;
    }
    listener_describe(listener);
    return 0;
}

static enum err open_one(struct listeners *listeners, const char *text, struct err_info *info)
{
    struct listen_address address;
    enum err err = listen_address_parse(slice_str(text), &address, info);
    int error;

    if (err != ERR_OK)
        return ERR_CONFIG;
    if (listeners->count + 2 > LISTEN_MAX_SOCKETS)
        return explain(text, EMFILE, info);
    if (address.is_unix)
        error = open_unix(listeners, address.path);
    else if (address.host[0] == '\0')
        error = open_all_interfaces(listeners, address.port);
    else if (strcmp(address.host, "localhost") == 0)
        error = open_localhost(listeners, address.port);
    else
        return open_name(listeners, &address, text, info);
    return error == 0 ? ERR_OK : explain(text, error, info);
}

enum err listeners_open(struct listeners *out, const char *const *addresses, unsigned count,
                        struct err_info *info)
{
    struct listeners listeners = {0};
    enum err err = ERR_OK;

    for (unsigned i = 0; i < count && err == ERR_OK; i++)
        err = open_one(&listeners, addresses[i], info);
    if (err != ERR_OK) {
        listeners_close(&listeners);
        listeners_remove(&listeners);
        return err;
    }
    *out = listeners;
    return ERR_OK;
}

void listeners_close(struct listeners *listeners)
{
    for (unsigned i = 0; i < listeners->count; i++) {
        if (listeners->list[i].fd >= 0)
            close(listeners->list[i].fd);
        listeners->list[i].fd = -1;
    }
}

void listeners_remove(const struct listeners *listeners)
{
    for (unsigned i = 0; i < listeners->count; i++) {
        const struct listener *listener = &listeners->list[i];
        struct stat file;

        if (listener->path[0] != '\0' && stat(listener->path, &file) == 0 &&
            file.st_dev == listener->device && file.st_ino == listener->inode)
            (void)unlink(listener->path);
    }
}
