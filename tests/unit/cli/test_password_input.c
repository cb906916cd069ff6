#include "cli/password_input.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "support/cmocka.h"
#include "support/temp_folder.h"

#define LONGEST (PASSWORD_MAX_BYTES + 1)

static struct temp_folder folder;

static void write_file(const char *path, const char *text, size_t len)
{
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), len);
    assert_int_equal(close(fd), 0);
}

static void the_password_is_the_first_line_of_a_file(void **state)
{
    static const struct {
        const char *text;
        const char *password;
    } cases[] = {
        {"", ""},
        {"\n", ""},
        {"correct horse", "correct horse"},
        {"correct horse\n", "correct horse"},
        {"correct horse\r\nbattery\n", "correct horse"},
        {"  blanks stay  \nnext", "  blanks stay  "},
        {"caf\xc3\xa9\n", "caf\xc3\xa9"},
    };

    char path[100];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/password", folder.path);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct password_input input;

        write_file(path, cases[i].text, strlen(cases[i].text));
        assert_int_equal(password_read_file(path, &input), EXIT_CODE_OK);
        assert_true(slice_eq(password_input_slice(&input), slice_str(cases[i].password)));
        password_input_fini(&input);
        assert_int_equal(input.len, 0);
        assert_int_equal(input.text[0], 0);
    }
}

/* It is not cut to one that would do. */
static void one_that_is_too_long_is_seen_to_be(void **state)
{
    char text[LONGEST + 500];
    struct password_input input;
    struct err_info info;
    char path[100];

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)('a' + i % 23);
    (void)snprintf(path, sizeof(path), "%s/password", folder.path);
    write_file(path, text, sizeof(text));
    assert_int_equal(password_read_file(path, &input), EXIT_CODE_OK);
    assert_int_equal(input.len, LONGEST);
    assert_int_equal(password_check_new(password_input_slice(&input), NULL, 0, &info), ERR_INVALID);
}

static void what_cannot_be_read_is_told(void **state)
{
    struct password_input input;
    char path[100];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/nothing", folder.path);
    assert_int_equal(password_read_file(path, &input), EXIT_CODE_FAILED);
    assert_int_equal(password_read_file(folder.path, &input), EXIT_CODE_FAILED);
}

/* Whoever reads on finds the second line. */
static void of_standard_input_no_more_than_the_line_is_taken(void **state)
{
    struct password_input input;
    char rest[16] = "";
    int input_before = dup(STDIN_FILENO);
    int fds[2];

    (void)state;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    assert_int_equal(write(fds[1], "first one\nsecond", 16), 16);
    (void)close(fds[1]);
    assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
    assert_false(password_can_ask());
    assert_int_equal(password_ask(&input), EXIT_CODE_FAILED);
    assert_int_equal(password_read_file("-", &input), EXIT_CODE_OK);
    assert_true(slice_eq(password_input_slice(&input), SLICE("first one")));
    assert_int_equal(read(STDIN_FILENO, rest, sizeof(rest)), 6);
    assert_string_equal(rest, "second");
    (void)dup2(input_before, STDIN_FILENO);
    (void)close(input_before);
    (void)close(fds[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_password_is_the_first_line_of_a_file),
        cmocka_unit_test(one_that_is_too_long_is_seen_to_be),
        cmocka_unit_test(what_cannot_be_read_is_told),
        cmocka_unit_test(of_standard_input_no_more_than_the_line_is_taken),
    };
    int failed;

    temp_folder_make(&folder);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    temp_folder_remove(&folder);
    return failed;
}
