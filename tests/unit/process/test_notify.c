#include "process/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/cmocka.h"

/* The manager's end: an abstract socket, so nothing is left behind. */
static int listen_as_manager(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t len = sizeof(sa_family_t); /* the kernel chooses a name */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    char name[sizeof(address.sun_path) + 1];

    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    len = sizeof(address);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    (void)snprintf(name, sizeof(name), "@%.*s", (int)(len - sizeof(sa_family_t) - 1),
                   address.sun_path + 1);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    return fd;
}

static void assert_received(int fd, const char *expected)
{
    char message[128];
    ssize_t len = recv(fd, message, sizeof(message) - 1, MSG_DONTWAIT);

    assert_true(len > 0);
    message[len] = '\0';
    assert_memory_equal(message, expected, strlen(expected));
}

static void each_state_arrives_as_one_datagram(void **state)
{
    int fd = listen_as_manager();

    (void)state;
    notify_ready();
    assert_received(fd, "READY=1");
    notify_reloading();
    assert_received(fd, "RELOADING=1\nMONOTONIC_USEC=");
    notify_stopping();
    assert_received(fd, "STOPPING=1");
    notify_watchdog();
    assert_received(fd, "WATCHDOG=1");
    close(fd);
}

static void without_a_manager_nothing_happens(void **state)
{
    (void)state;
    (void)unsetenv("NOTIFY_SOCKET");
    notify_ready();
    (void)setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
    notify_ready();
    (void)setenv("NOTIFY_SOCKET", "vsock:2:1", 1);
    notify_ready();
}

static void the_watchdog_is_fed_twice_as_often_as_asked(void **state)
{
    char pid[16];

    (void)state;
    (void)unsetenv("WATCHDOG_PID");
    (void)unsetenv("WATCHDOG_USEC");
    assert_int_equal(notify_watchdog_ms(), 0);
    (void)setenv("WATCHDOG_USEC", "30000000", 1);
    assert_int_equal(notify_watchdog_ms(), 15000);
    (void)setenv("WATCHDOG_PID", "1", 1);
    assert_int_equal(notify_watchdog_ms(), 0);
    (void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
    (void)setenv("WATCHDOG_PID", pid, 1);
    assert_int_equal(notify_watchdog_ms(), 15000);
    (void)setenv("WATCHDOG_USEC", "rubbish", 1);
    assert_int_equal(notify_watchdog_ms(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_arrives_as_one_datagram),
        cmocka_unit_test(without_a_manager_nothing_happens),
        cmocka_unit_test(the_watchdog_is_fed_twice_as_often_as_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
