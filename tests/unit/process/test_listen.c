#include "process/listen.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/cmocka.h"

static enum err open_one(struct listeners *out, const char *address, struct err_info *info)
{
    return listeners_open(out, &address, 1, info);
}

static void localhost_gives_one_port_and_safe_descriptors(void **state)
{
    struct listeners listeners;

    (void)state;
    assert_int_equal(open_one(&listeners, "localhost:0", NULL), ERR_OK);
    assert_true(listeners.count >= 1);
    for (unsigned i = 0; i < listeners.count; i++) {
        int fd = listeners.list[i].fd;

        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
        assert_string_equal(listeners.list[i].url, listeners.list[0].url);
    }
    assert_memory_equal(listeners.list[0].address, "127.0.0.1:", 10);
    assert_null(strstr(listeners.list[0].address, ":0\0"));
    listeners_close(&listeners);
    listeners_close(&listeners);
}

static void a_used_address_is_busy_and_named(void **state)
{
    struct listeners first;
    struct listeners second;
    struct err_info info;

    (void)state;
    assert_int_equal(open_one(&first, "127.0.0.1:0", NULL), ERR_OK);
    assert_int_equal(open_one(&second, first.list[0].address, &info), ERR_BUSY);
    assert_non_null(strstr(info.text, first.list[0].address));
    listeners_close(&first);
}

static void an_address_of_another_machine_is_a_wrong_setting(void **state)
{
    struct listeners listeners;
    struct err_info info;

    (void)state;
    assert_int_equal(open_one(&listeners, "192.0.2.1:0", &info), ERR_CONFIG);
}

/* A fresh folder, and the address of a socket in it. */
struct place {
    char folder[32];
    char path[64];
    char address[72];
};

static void make_place(struct place *place)
{
    (void)snprintf(place->folder, sizeof(place->folder), "/tmp/footfall-listen-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    (void)snprintf(place->path, sizeof(place->path), "%s/socket", place->folder);
    (void)snprintf(place->address, sizeof(place->address), "unix:%s", place->path);
}

static void a_unix_socket_has_mode_0660_and_is_removed(void **state)
{
    struct listeners listeners;
    struct place place;
    struct stat file;

    (void)state;
    make_place(&place);
    assert_int_equal(open_one(&listeners, place.address, NULL), ERR_OK);
    assert_string_equal(listeners.list[0].address, place.address);
    assert_int_equal(stat(place.path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0660);
    listeners_close(&listeners);
    listeners_remove(&listeners);
    assert_int_equal(rmdir(place.folder), 0);
}

static void a_socket_left_behind_is_replaced_a_living_one_is_not(void **state)
{
    struct listeners dead;
    struct listeners living;
    struct listeners late;
    struct place place;

    (void)state;
    make_place(&place);
    assert_int_equal(open_one(&dead, place.address, NULL), ERR_OK);
    listeners_close(&dead); /* as a kill -9 leaves it: the file stays */
    assert_int_equal(open_one(&living, place.address, NULL), ERR_OK);
    assert_int_equal(open_one(&late, place.address, NULL), ERR_BUSY);
    listeners_close(&living);
    listeners_remove(&living);
    assert_int_equal(rmdir(place.folder), 0);
}

static void a_file_that_is_no_socket_is_never_removed(void **state)
{
    struct listeners listeners;
    struct place place;
    int fd;

    (void)state;
    make_place(&place);
    fd = open(place.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    /* connect(2) refuses a plain file as it refuses a dead socket. */
    assert_int_not_equal(open_one(&listeners, place.address, NULL), ERR_OK);
    assert_int_equal(unlink(place.path), 0);
    assert_int_equal(rmdir(place.folder), 0);
}

static void somebody_elses_socket_at_our_path_stays(void **state)
{
    struct listeners ours;
    struct listeners theirs;
    struct place place;

    (void)state;
    make_place(&place);
    assert_int_equal(open_one(&ours, place.address, NULL), ERR_OK);
    assert_int_equal(unlink(place.path), 0);
    assert_int_equal(open_one(&theirs, place.address, NULL), ERR_OK);
    listeners_close(&ours);
    listeners_remove(&ours);
    assert_int_equal(access(place.path, F_OK), 0);
    listeners_close(&theirs);
    listeners_remove(&theirs);
    assert_int_equal(rmdir(place.folder), 0);
}

static void set_passed(const char *pid, const char *fds)
{
    char own_pid[16];

    (void)snprintf(own_pid, sizeof(own_pid), "%d", (int)getpid());
    assert_int_equal(setenv("LISTEN_PID", pid ? pid : own_pid, 1), 0);
    assert_int_equal(setenv("LISTEN_FDS", fds, 1), 0);
}

static void passed_sockets_are_taken_and_the_variables_removed(void **state)
{
    struct listeners made;
    struct listeners taken;

    (void)state;
    assert_int_equal(open_one(&made, "127.0.0.1:0", NULL), ERR_OK);
    assert_int_equal(dup2(made.list[0].fd, 3), 3);
    set_passed(NULL, "1");
    assert_int_equal(listeners_inherit(&taken, NULL), ERR_OK);
    assert_int_equal(taken.count, 1);
    assert_true(taken.inherited);
    assert_int_equal(taken.list[0].fd, 3);
    assert_string_equal(taken.list[0].address, made.list[0].address);
    assert_true(fcntl(3, F_GETFD) & FD_CLOEXEC);
    assert_null(getenv("LISTEN_FDS"));
    assert_null(getenv("LISTEN_PID"));
    listeners_close(&taken);
    if (made.list[0].fd != 3)
        listeners_close(&made);
}

static void sockets_passed_to_another_process_are_not_ours(void **state)
{
    struct listeners taken;

    (void)state;
    set_passed("1", "1");
    assert_int_equal(listeners_inherit(&taken, NULL), ERR_OK);
    assert_int_equal(taken.count, 0);
}

static void what_does_not_listen_is_refused(void **state)
{
    struct listeners taken;
    struct err_info info;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)state;
    assert_int_equal(dup2(fd, 3), 3);
    set_passed(NULL, "1");
    assert_int_equal(listeners_inherit(&taken, &info), ERR_CONFIG);
    assert_non_null(strstr(info.text, "LISTEN_FDS"));
    close(3);
    if (fd != 3)
        close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(localhost_gives_one_port_and_safe_descriptors),
        cmocka_unit_test(a_used_address_is_busy_and_named),
        cmocka_unit_test(an_address_of_another_machine_is_a_wrong_setting),
        cmocka_unit_test(a_unix_socket_has_mode_0660_and_is_removed),
        cmocka_unit_test(a_socket_left_behind_is_replaced_a_living_one_is_not),
        cmocka_unit_test(a_file_that_is_no_socket_is_never_removed),
        cmocka_unit_test(somebody_elses_socket_at_our_path_stays),
        cmocka_unit_test(passed_sockets_are_taken_and_the_variables_removed),
        cmocka_unit_test(sockets_passed_to_another_process_are_not_ours),
        cmocka_unit_test(what_does_not_listen_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
