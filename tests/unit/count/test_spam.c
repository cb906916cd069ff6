#include "count/spam.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/cmocka.h"
#include "support/failing_malloc.h"
#include "support/temp_folder.h"

struct fixture {
    struct temp_folder folder;
    char path[96];
};

static int set_up(void **state)
{
    static struct fixture fixture;

    temp_folder_make(&fixture.folder);
    (void)snprintf(fixture.path, sizeof(fixture.path), "%s/spam.txt", fixture.folder.path);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    temp_folder_remove(&f->folder);
    return 0;
}

static void write_file(const struct fixture *f, struct slice text)
{
    FILE *file = fopen(f->path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

static struct spam_list *open_list(const struct fixture *f, struct slice text)
{
    struct err_info info = {""};
    struct spam_list *list = NULL;

    write_file(f, text);
    if (spam_list_open(f->path, &list, &info) != ERR_OK)
        fail_msg("%s", info.text);
    return list;
}

static void test_hosts_and_those_below_them_are_spam(void **state)
{
    static const struct {
        const char *host;
        bool is_spam;
    } cases[] = {
        {"spam.example", true},
        {"www.spam.example", true},
        {"a.b.spam.example", true},
        {"notspam.example", false},
        {"spam.example.com", false},
        {"example", false},
        {"upper.example", true},
        {"commented.example", true},
        {"last.example", true},
        {"sub.deep.example", true},
        {"deep.example", false},
        {"xn--80a.example", true},
        {"192.0.2.1", true},
        {"", false},
        {"not", false},
        {"\xd1\x81.example", true},
        {".spam.example", true},
        {"spam.example.", false},
    };
    struct spam_list *list = open_list(*state, SLICE("# A list.\n"
                                                     "\n"
                                                     "spam.example\n"
                                                     "spam.example\n"
                                                     "  UPPER.Example\t\r\n"
                                                     "commented.example # since May\n"
                                                     "sub.deep.example\n"
                                                     "xn--80a.example\n"
                                                     "\xd1\x81.example\n"
                                                     "192.0.2.1\n"
                                                     "last.example"));

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (spam_list_has(list, slice_str(cases[i].host)) != cases[i].is_spam)
            fail_msg("%s", cases[i].host);
    }
    spam_list_close(list);
}

static void test_lists_that_are_empty(void **state)
{
    static const struct slice files[] = {
        SLICE_INIT(""),
        SLICE_INIT("\n"),
        SLICE_INIT("\xef\xbb\xbf"),
        SLICE_INIT("# nothing"),
    };

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct spam_list *list = open_list(*state, files[i]);

        assert_false(spam_list_has(list, SLICE("spam.example")));
        spam_list_close(list);
    }
    assert_false(spam_list_has(NULL, SLICE("spam.example")));
    spam_list_close(NULL);
}

static void test_a_byte_order_mark_is_no_part_of_the_first_host(void **state)
{
    struct spam_list *list = open_list(*state, SLICE("\xef\xbb\xbfspam.example\n"));

    assert_true(spam_list_has(list, SLICE("spam.example")));
    spam_list_close(list);
}

static void test_hosts_that_are_too_long_are_not_looked_for(void **state)
{
    struct spam_list *list = open_list(*state, SLICE("a\n"));
    char host[300];

    for (size_t i = 0; i < sizeof(host); i++)
        host[i] = i % 2 == 0 ? 'a' : '.';
    assert_true(spam_list_has(list, slice_of(host, 253)));
    assert_false(spam_list_has(list, slice_of(host, 255)));
    spam_list_close(list);
}

static void check_refused(const struct fixture *f, const char *why)
{
    struct spam_list *list = NULL;
    struct err_info info = {""};

    assert_int_equal(spam_list_open(f->path, &list, &info), ERR_CONFIG);
    assert_null(list);
    if (!strstr(info.text, f->path) || !strstr(info.text, why))
        fail_msg("%s", info.text);
    assert_int_equal(spam_list_open(f->path, &list, NULL), ERR_CONFIG);
}

static void test_a_line_that_is_no_host_is_told(void **state)
{
    static const struct {
        struct slice text;
        const char *why;
    } cases[] = {
        {SLICE_INIT("a.example\n<html> x"), "line 2 is no host: \"<html> x\""},
        {SLICE_INIT("https://a.example/"), "line 1 is"},
        {SLICE_INIT("a.example/b"), "line 1 is"},
        {SLICE_INIT("a.example:80"), "line 1 is"},
        {SLICE_INIT("a..example"), "line 1 is"},
        {SLICE_INIT("a.example b.example"), "line 1 is"},
        {SLICE_INIT("a\0b.example"), "line 1 is no host: \"a?b.example\""},
        {SLICE_INIT("\xff.example"), "line 1 is"},
        {SLICE_INIT("\xd1\x81 .example"), "line 1 is"},
    };
    const struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        write_file(f, cases[i].text);
        check_refused(f, cases[i].why);
    }
}

static void test_a_list_has_limits(void **state)
{
    const struct fixture *f = *state;
    char *lines = malloc(SPAM_MAX_LINES + 1);
    struct spam_list *list;

    assert_non_null(lines);
    memset(lines, '\n', SPAM_MAX_LINES + 1);
    list = open_list(f, slice_of(lines, SPAM_MAX_LINES));
    spam_list_close(list);
    write_file(f, slice_of(lines, SPAM_MAX_LINES + 1));
    check_refused(f, "1,000,000 lines");
    free(lines);
    assert_int_equal(truncate(f->path, SPAM_MAX_BYTES + 1), 0);
    check_refused(f, "64 MiB");
}

static void test_what_is_no_file_is_told(void **state)
{
    struct fixture *f = *state;
    struct fixture folder = *f;

    (void)unlink(f->path);
    check_refused(f, "No such file");
    memcpy(folder.path, f->folder.path, sizeof(f->folder.path));
    check_refused(&folder, "not a file");
}

static void test_without_memory_there_is_no_list(void **state)
{
    const struct fixture *f = *state;

    write_file(f, SLICE("spam.example\n"));
    for (size_t k = 1;; k++) {
        struct spam_list *list = NULL;
        enum err err;
        bool has_failed;

        failing_malloc_at(k);
        err = spam_list_open(f->path, &list, NULL);
        has_failed = failing_malloc_stop();
        assert_true(err == ERR_OK || has_failed);
        assert_int_equal(err == ERR_OK, list != NULL);
        spam_list_close(list);
        if (!has_failed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts_and_those_below_them_are_spam),
        cmocka_unit_test(test_lists_that_are_empty),
        cmocka_unit_test(test_a_byte_order_mark_is_no_part_of_the_first_host),
        cmocka_unit_test(test_hosts_that_are_too_long_are_not_looked_for),
        cmocka_unit_test(test_a_line_that_is_no_host_is_told),
        cmocka_unit_test(test_a_list_has_limits),
        cmocka_unit_test(test_what_is_no_file_is_told),
        cmocka_unit_test(test_without_memory_there_is_no_list),
    };

    return cmocka_run_group_tests_name("spam", tests, set_up, tear_down);
}
