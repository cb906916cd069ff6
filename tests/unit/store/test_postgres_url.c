/* Urls of the PostgreSQL store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/postgres.h"
#include "store/postgres_url.h"
#include "support/cmocka.h"

/* What the person who runs the tests has set is not of interest here. */
static int clear_variables(void **state)
{
    static const char *const names[] = {"PGHOST",     "PGPORT",        "PGUSER",    "PGDATABASE",
                                        "PGPASSWORD", "PGSERVICEFILE", "PGSERVICE", "PGSSLMODE"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unsetenv(names[i]);
    return 0;
}

static struct postgres_target parse(const char *url)
{
    struct postgres_target target = {0};
    struct err_info info = {""};

    if (postgres_url_parse(url, &target, &info) != ERR_OK)
        fail_msg("%s: %s", url, info.text);
    return target;
}

static void assert_value(const struct postgres_target *target, const char *keyword,
                         const char *value)
{
    assert_string_equal(postgres_target_value(target, keyword), value);
}

static void test_a_url_gives_its_parts(void **state)
{
    static const struct {
        const char *url;
        const char *host;
        const char *port;
        const char *dbname;
        const char *user;
        const char *password;
        enum durability require;
    } cases[] = {
        {"postgres://ann@db/stats", "db", "5432", "stats", "ann", "", DURABILITY_LOSSY},
        {"postgresql://ann@db/stats", "db", "5432", "stats", "ann", "", DURABILITY_LOSSY},
        {"postgres://ann:s%40%2F@db:6000/x", "db", "6000", "x", "ann", "s@/", DURABILITY_LOSSY},
        {"postgres://ann@[::1]:6000/x", "::1", "6000", "x", "ann", "", DURABILITY_LOSSY},
        {"postgres://ann@a:1,b:2/x", "a,b", "1,2", "x", "ann", "", DURABILITY_LOSSY},
        {"postgres://ann@%2Frun%2Fpg/x", "/run/pg", "5432", "x", "ann", "", DURABILITY_LOSSY},
        {"postgres:///x?host=/run/pg&user=ann", "/run/pg", "5432", "x", "ann", "",
         DURABILITY_LOSSY},
        {"postgres://ann@db/x?require=strict", "db", "5432", "x", "ann", "", DURABILITY_STRICT},
        {"postgres://ann@db/x?require=relaxed&port=7", "db", "7", "x", "ann", "",
         DURABILITY_RELAXED},
        {"postgres://ann@db/x?port=7&require=strict", "db", "7", "x", "ann", "", DURABILITY_STRICT},
        {"postgres://ann@db/x?port=7&require=strict&password=y", "db", "7", "x", "ann", "y",
         DURABILITY_STRICT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct postgres_target target = parse(cases[i].url);

        assert_value(&target, "host", cases[i].host);
        assert_value(&target, "port", cases[i].port);
        assert_value(&target, "dbname", cases[i].dbname);
        assert_value(&target, "user", cases[i].user);
        assert_value(&target, "password", cases[i].password);
        assert_int_equal(target.require, cases[i].require);
        postgres_target_fini(&target);
    }
}

static void test_what_the_url_leaves_open_comes_from_libpqs_variables_and_service_file(void **state)
{
    char path[] = "/tmp/footfall-service-XXXXXX";
    int fd = mkstemp(path);
    struct postgres_target target;

    (void)state;
    assert_true(fd >= 0);
    assert_true(dprintf(fd, "[counts]\nhost=from-service\nport=6001\ndbname=stats\n") > 0);
    close(fd);
    setenv("PGHOST", "from-variable", 1);
    setenv("PGUSER", "ann", 1);
    setenv("PGSERVICEFILE", path, 1);

    target = parse("postgres:///x");
    assert_value(&target, "host", "from-variable");
    assert_value(&target, "user", "ann");
    postgres_target_fini(&target);

    target = parse("postgres://?service=counts");
    assert_value(&target, "host", "from-service");
    assert_value(&target, "port", "6001");
    assert_value(&target, "dbname", "stats");
    postgres_target_fini(&target);

    target = parse("postgres://bob@here/x?service=counts");
    assert_value(&target, "host", "here");
    assert_value(&target, "port", "6001");
    assert_value(&target, "user", "bob");
    postgres_target_fini(&target);
    unlink(path);
}

static const char *find(const struct postgres_keywords *keywords, const char *name)
{
    for (size_t i = 0; keywords->names[i]; i++) {
        if (strcmp(keywords->names[i], name) == 0)
            return keywords->values[i];
    }
    return NULL;
}

static void test_some_parameters_are_ours_and_some_only_by_default(void **state)
{
    struct postgres_target target = parse(
        "postgres://ann@db/x?target_session_attrs=any&keepalives_idle=7&client_encoding=latin1"
        "&application_name=mine&sslmode=require");
    struct postgres_keywords keywords;

    (void)state;
    postgres_target_keywords(&target, &keywords);
    assert_string_equal(find(&keywords, "target_session_attrs"), "read-write");
    assert_string_equal(find(&keywords, "client_encoding"), "UTF8");
    assert_string_equal(find(&keywords, "gssencmode"), "disable");
    assert_string_equal(find(&keywords, "keepalives_idle"), "7");
    assert_string_equal(find(&keywords, "keepalives_count"), "3");
    assert_string_equal(find(&keywords, "application_name"), "mine");
    assert_string_equal(find(&keywords, "sslmode"), "require");
    postgres_target_fini(&target);

    target = parse("postgres://ann@db/x?gssencmode=disable&tcp_user_timeout=5");
    postgres_target_keywords(&target, &keywords);
    assert_string_equal(find(&keywords, "gssencmode"), "disable");
    assert_string_equal(find(&keywords, "tcp_user_timeout"), "5");
    assert_string_equal(find(&keywords, "fallback_application_name"), "footfall");
    postgres_keywords_set(&keywords, "host", "other");
    assert_string_equal(find(&keywords, "host"), "other");
    postgres_target_fini(&target);
}

static void test_a_wrong_url_is_told_what_is_wrong_with_an_example_and_no_password(void **state)
{
    static const struct {
        const char *url;
        const char *says;
    } cases[] = {
        {"postgres://ann@db:port/x", "port"},
        {"postgres://ann@db:65536/x", "port"},
        {"postgres://ann@db/x?sslmod=require", "sslmod"},
        {"postgres://db/x?sslmod=require", "\"sslmod\""},
        {"postgres://ann@db/x?sslmode=perhaps", "sslmode"},
        {"postgres://ann@db/x?require=some", "require= is strict or relaxed"},
        {"postgres://ann@db/x?require=", "require= is strict or relaxed"},
        {"postgres://ann@[::1/x", "IPv6"},
        {"postgres://ann@a,b,c:1,2/x?port=1,2", "port"},
        {"postgres://?service=counts", "service file"},
        {"postgres://ann:hunter2%@db/x", "percent-encoded"},
        {"postgres://ann:hunter2%zz@db/x", "percent-encoded"},
        {"postgres://ann:hunter2%00@db/x", "%00"},
        {"postgres://ann:hunter2/x@db/x", ""},
        {"postgres://ann:hunter2@db:x/x", "port"},
        {"postgres://ann:hunter2@[::1/x", "IPv6"},
        {"postgres://ann:hunter2@[::1]x/x", ""},
        {"postgres://db/x?password=hunter2%", "percent-encoded"},
        {"postgres://db/x?password=hunter2=3", ""},
        {"postgres://db/x?user=ann&password", ""},
    };

    (void)state;
    setenv("PGSERVICEFILE", "/nonexistent", 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err_info info = {""};

        if (postgres_url_check(cases[i].url, &info) != ERR_CONFIG)
            fail_msg("%s was accepted", cases[i].url);
        if (!strstr(info.text, cases[i].says) || strstr(info.text, "hunter2") ||
            !strstr(info.text, "for example postgres://") || strchr(info.text, '\n'))
            fail_msg("%s: %s", cases[i].url, info.text);
        assert_int_equal(postgres_url_check(cases[i].url, NULL), ERR_CONFIG);
    }
}

static void test_a_url_that_is_too_long_is_refused(void **state)
{
    char url[8192];
    struct err_info info;

    (void)state;
    memset(url, 'x', sizeof(url) - 1);
    memcpy(url, "postgres://", strlen("postgres://"));
    url[sizeof(url) - 1] = '\0';
    assert_int_equal(postgres_url_check(url, &info), ERR_CONFIG);
    assert_non_null(strstr(info.text, "too long"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_url_gives_its_parts, clear_variables),
        cmocka_unit_test_setup(
            test_what_the_url_leaves_open_comes_from_libpqs_variables_and_service_file,
            clear_variables),
        cmocka_unit_test_setup(test_some_parameters_are_ours_and_some_only_by_default,
                               clear_variables),
        cmocka_unit_test_setup(
            test_a_wrong_url_is_told_what_is_wrong_with_an_example_and_no_password,
            clear_variables),
        cmocka_unit_test_setup(test_a_url_that_is_too_long_is_refused, clear_variables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
