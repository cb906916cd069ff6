/* Urls of the Redis store. */
#include "store/redis.h"
#include "store/redis_url.h"
#include "support/cmocka.h"

static struct redis_target parse(const char *url)
{
    struct redis_target target = {0};
    struct err_info info = {""};

    if (redis_url_parse(url, &target, &info) != ERR_OK)
        fail_msg("%s: %s", url, info.text);
    return target;
}

static void test_a_tcp_url_gives_its_parts(void **state)
{
    static const struct {
        const char *url;
        const char *host;
        unsigned port;
        const char *user;
        const char *password;
        unsigned db;
        enum durability require;
    } cases[] = {
        {"redis://localhost", "localhost", 6379, "", "", 0, DURABILITY_LOSSY},
        {"redis://localhost/", "localhost", 6379, "", "", 0, DURABILITY_LOSSY},
        {"redis://10.0.0.1:7000/5", "10.0.0.1", 7000, "", "", 5, DURABILITY_LOSSY},
        {"redis://[::1]:7000/5", "::1", 7000, "", "", 5, DURABILITY_LOSSY},
        {"redis://[::1]", "::1", 6379, "", "", 0, DURABILITY_LOSSY},
        {"redis://:secret@db", "db", 6379, "", "secret", 0, DURABILITY_LOSSY},
        {"redis://ann:secret@db:1/2", "db", 1, "ann", "secret", 2, DURABILITY_LOSSY},
        {"redis://ann:p%40ss%2Fw%3a@db", "db", 6379, "ann", "p@ss/w:", 0, DURABILITY_LOSSY},
        {"redis://ann:p@ss@db", "db", 6379, "ann", "p@ss", 0, DURABILITY_LOSSY},
        {"redis://a%20b:x:y@db", "db", 6379, "a b", "x:y", 0, DURABILITY_LOSSY},
        {"redis://db?require=strict", "db", 6379, "", "", 0, DURABILITY_STRICT},
        {"redis://db:65535/65535?require=relaxed", "db", 65535, "", "", 65535, DURABILITY_RELAXED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct redis_target target = parse(cases[i].url);

        assert_false(target.is_unix);
        assert_string_equal(target.host, cases[i].host);
        assert_int_equal(target.port, cases[i].port);
        assert_string_equal(target.user, cases[i].user);
        assert_string_equal(target.password, cases[i].password);
        assert_int_equal(target.db, cases[i].db);
        assert_int_equal(target.require, cases[i].require);
    }
}

static void test_a_unix_url_gives_its_parts(void **state)
{
    static const struct {
        const char *url;
        const char *path;
        const char *user;
        const char *password;
        unsigned db;
        enum durability require;
    } cases[] = {
        {"unix:/run/redis.sock", "/run/redis.sock", "", "", 0, DURABILITY_LOSSY},
        {"unix:///run/redis.sock", "/run/redis.sock", "", "", 0, DURABILITY_LOSSY},
        {"unix:redis.sock", "redis.sock", "", "", 0, DURABILITY_LOSSY},
        {"unix:/r?db=7&require=strict", "/r", "", "", 7, DURABILITY_STRICT},
        {"unix:/r?user=ann&password=a%26b", "/r", "ann", "a&b", 0, DURABILITY_LOSSY},
        {"unix:/r?password=x", "/r", "", "x", 0, DURABILITY_LOSSY},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct redis_target target = parse(cases[i].url);

        assert_true(target.is_unix);
        assert_string_equal(target.path, cases[i].path);
        assert_string_equal(target.user, cases[i].user);
        assert_string_equal(target.password, cases[i].password);
        assert_int_equal(target.db, cases[i].db);
        assert_int_equal(target.require, cases[i].require);
    }
}

static void test_a_wrong_url_is_told_what_is_wrong_with_an_example_and_no_password(void **state)
{
    static const struct {
        const char *url;
        const char *says;
    } cases[] = {
        {"", "redis://"},
        {"mysql://db", "redis://"},
        {"redis://", "no host"},
        {"redis://:hunter2@", "no host"},
        {"redis://db:0", "\"0\""},
        {"redis://db:65536", "\"65536\""},
        {"redis://db:6x79", "\"6x79\""},
        {"redis://db:", "port"},
        {"redis://::1", "port"},
        {"redis://[::1", "brackets"},
        {"redis://[::1]x", "brackets"},
        {"redis://db/x", "\"x\""},
        {"redis://db/-1", "\"-1\""},
        {"redis://db/65536", "\"65536\""},
        {"redis://db/1/2", "\"1/2\""},
        {"redis://db?require=some", "\"some\""},
        {"redis://db?requier=strict", "\"requier\""},
        {"redis://db?require", "\"require\""},
        {"redis://db?db=3", "\"db\""},
        {"redis://db?password=hunter2", "\"password\""},
        {"redis://ann@db", "user:password"},
        {"redis://ann:@db", "user:password"},
        {"redis://ann:hunter2%@db", "percent-encoded"},
        {"redis://ann:hunter2%zz@db", "percent-encoded"},
        {"redis://ann:hunter2%00@db", "percent-encoded"},
        {"redis://ann:hunter2@db:port", "\"port\""},
        {"redis://ann:hunter2/x@db", "%2F"},
        {"redis://:1/hunter2@db", "%2F"},
        {"redis://ann:1?hunter2@db", "%3F"},
        {"unix:", "no socket"},
        {"unix:?db=1", "no socket"},
        {"unix:/r?user=ann", "password"},
        {"unix:/r?db=x", "\"x\""},
        {"unix:/r?password=hunter2%", "percent-encoded"},
        {"unix:/0123456789012345678901234567890123456789012345678901234567890123456789"
         "0123456789012345678901234567890123456789",
         "too long"},
        {"rediss://:hunter2@db", "not supported yet"},
        {"redis+cluster://a,b,c", "not supported yet"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err_info info = {""};

        if (redis_url_check(cases[i].url, &info) != ERR_CONFIG)
            fail_msg("%s was accepted", cases[i].url);
        if (!strstr(info.text, cases[i].says) || strstr(info.text, "hunter2") ||
            !(strstr(info.text, "for example redis://") || strstr(info.text, "for example unix:")))
            fail_msg("%s: %s", cases[i].url, info.text);
        assert_int_equal(redis_url_check(cases[i].url, NULL), ERR_CONFIG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tcp_url_gives_its_parts),
        cmocka_unit_test(test_a_unix_url_gives_its_parts),
        cmocka_unit_test(test_a_wrong_url_is_told_what_is_wrong_with_an_example_and_no_password),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
