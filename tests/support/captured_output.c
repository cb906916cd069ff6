#include "support/captured_output.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "support/cmocka.h"

void captured_output_start(struct captured_output *capture)
{
    int fds[2];

    (void)fflush(stdout);
    assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0); /* what is too much is lost */
    assert_true(fcntl(fds[1], F_SETPIPE_SZ, CAPTURED_MAX_BYTES) >= CAPTURED_MAX_BYTES);
    capture->read_fd = fds[0];
    capture->stdout_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    assert_true(capture->stdout_fd >= 0);
    assert_int_equal(dup2(fds[1], STDOUT_FILENO), STDOUT_FILENO);
    (void)close(fds[1]);
}

struct slice captured_output_stop(struct captured_output *capture)
{
    size_t len = 0;
    ssize_t got;

    (void)fflush(stdout);
    (void)dup2(capture->stdout_fd, STDOUT_FILENO); /* the last writing end closes */
    (void)close(capture->stdout_fd);
    while ((got = read(capture->read_fd, capture->bytes + len, sizeof(capture->bytes) - len)) > 0)
        len += (size_t)got;
    (void)close(capture->read_fd);
    assert_int_equal(got, 0);
    return slice_of(capture->bytes, len);
}
