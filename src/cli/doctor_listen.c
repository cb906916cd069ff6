/* Is the address free, or is it a Footfall that listens there already? */
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "process/listen.h"

/* Enough of an answer to know ourselves by. */
#define ANSWER_BYTES 2048

static const struct timeval patience = {.tv_sec = 1};

static int connect_to(int family, const struct sockaddr *address, socklen_t len)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (connect(fd, address, len) == 0)
        return fd;
    close(fd);
    return -1;
}

static int connect_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    memcpy(address.sun_path, path, strlen(path));
    return connect_to(AF_UNIX, (const struct sockaddr *)&address, sizeof(address));
}

static int connect_tcp(const struct listen_address *address)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found;
    char port[8];
    int fd = -1;

    (void)snprintf(port, sizeof(port), "%u", (unsigned)address->port);
    if (getaddrinfo(address->host[0] != '\0' ? address->host : "localhost", port, &hints, &found) !=
        0)
        return -1;
    for (const struct addrinfo *one = found; one && fd < 0; one = one->ai_next)
        fd = connect_to(one->ai_family, one->ai_addr, one->ai_addrlen);
    freeaddrinfo(found);
    return fd;
}

/* Asks for /version and reads until the name comes, the end, or nothing more in a second. */
static bool says_footfall(int fd, bool proxy_protocol)
{
    static const char request[] =
        "GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    static const char proxy_header[] = "PROXY UNKNOWN\r\n";
    char answer[ANSWER_BYTES];
    size_t len = 0;
    ssize_t got = 0;

    if (proxy_protocol && send(fd, proxy_header, sizeof(proxy_header) - 1, MSG_NOSIGNAL) < 0)
        return false;
    if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
        return false;
    do {
        len += (size_t)got;
        answer[len] = '\0';
        if (strcasestr(answer, "footfall"))
            return true;
        got = recv(fd, answer + len, sizeof(answer) - 1 - len, 0);
    } while (got > 0);
    return false;
}

static bool is_ours(const char *text, bool proxy_protocol)
{
    struct listen_address address;
    bool ours;
    int fd;

    if (listen_address_parse(slice_str(text), &address, NULL) != ERR_OK)
        return false;
    fd = address.is_unix ? connect_unix(address.path) : connect_tcp(&address);
    if (fd < 0)
        return false;
    ours = says_footfall(fd, proxy_protocol);
    close(fd);
    return ours;
}

static void check_address(const char *text, bool proxy_protocol, struct report *report)
{
    struct listeners listeners;
    struct err_info info;
    enum err err = listeners_open(&listeners, &text, 1, &info);

    if (err == ERR_OK) {
        listeners_close(&listeners);
        listeners_remove(&listeners);
        report_add(report, VERDICT_OK, "listen", NULL, "%s is free", text);
        return;
    }
    if (err == ERR_BUSY && is_ours(text, proxy_protocol)) {
        report_add(report, VERDICT_OK, "listen", NULL, "a Footfall answers on %s already", text);
        return;
    }
    report_add(report, VERDICT_FAIL, "listen", "choose another, as FOOTFALL_LISTEN=localhost:8081",
               "%s", info.text);
    if (err == ERR_CONFIG)
        report_raise(report, EXIT_CODE_CONFIG);
}

void doctor_check_listen(const struct options *options, struct report *report)
{
    const struct config *config = &options->config;

    for (unsigned i = 0; i < config->listen_count; i++)
        check_address(config->listen[i], config->proxy_protocol, report);
}
