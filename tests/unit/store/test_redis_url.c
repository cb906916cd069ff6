/* Urls of the Redis store. */
#include "store/redis.h"
#include "store/redis_url.h"
#include "support/cmocka.h"

static struct redis_url parse(const char *url)
{
    struct redis_url parsed = {.wait = 99};
    struct err_info info = {""};

    if (redis_url_parse(url, &parsed, &info) != ERR_OK)
        fail_msg("%s: %s", url, info.text);
    return parsed;
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
        struct redis_url parsed = parse(cases[i].url);
        struct redis_target target = parsed.target;

        assert_false(target.is_unix);
        assert_string_equal(target.address.host, cases[i].host);
        assert_int_equal(target.address.port, cases[i].port);
        assert_string_equal(target.user, cases[i].user);
        assert_string_equal(target.password, cases[i].password);
        assert_int_equal(target.db, cases[i].db);
        assert_int_equal(parsed.require, cases[i].require);
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
        struct redis_url parsed = parse(cases[i].url);
        struct redis_target target = parsed.target;

        assert_true(target.is_unix);
        assert_string_equal(target.path, cases[i].path);
        assert_string_equal(target.user, cases[i].user);
        assert_string_equal(target.password, cases[i].password);
        assert_int_equal(target.db, cases[i].db);
        assert_int_equal(parsed.require, cases[i].require);
    }
}

static void test_a_url_with_tls_names_its_files(void **state)
{
    struct redis_url url = parse("rediss://:x@db:7/3?ca=/a%20b.pem&cert=/c&key=/k&server_name=n");

    (void)state;
    assert_true(url.is_tls);
    assert_false(url.is_cluster);
    assert_string_equal(url.target.address.host, "db");
    assert_int_equal(url.target.address.port, 7);
    assert_int_equal(url.target.db, 3);
    assert_string_equal(url.tls.ca, "/a b.pem");
    assert_string_equal(url.tls.cert, "/c");
    assert_string_equal(url.tls.key, "/k");
    assert_string_equal(url.tls.server_name, "n");
    url = parse("rediss://db");
    assert_string_equal(url.tls.ca, "");
    assert_string_equal(url.tls.server_name, "");
    assert_false(parse("redis://db").is_tls);
}

static void test_the_url_of_a_cluster_names_some_nodes(void **state)
{
    struct redis_url url = parse("redis+cluster://ann:p@ss@a,10.0.0.2:7001,[::1]:7/?wait=2");

    (void)state;
    assert_true(url.is_cluster);
    assert_false(url.is_tls);
    assert_int_equal(url.node_count, 3);
    assert_string_equal(url.nodes[0].host, "a");
    assert_int_equal(url.nodes[0].port, 6379);
    assert_string_equal(url.nodes[1].host, "10.0.0.2");
    assert_int_equal(url.nodes[1].port, 7001);
    assert_string_equal(url.nodes[2].host, "::1");
    assert_int_equal(url.nodes[2].port, 7);
    assert_string_equal(url.target.user, "ann");
    assert_string_equal(url.target.password, "p@ss");
    assert_int_equal(url.wait, 2);
    url = parse("rediss+cluster://a/0?require=strict&ca=/ca.pem");
    assert_true(url.is_cluster && url.is_tls);
    assert_int_equal(url.require, DURABILITY_STRICT);
    assert_int_equal(url.wait, 0);
    assert_false(parse("redis://db").is_cluster);
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
        {"redis://db?wait=16", "\"16\""},
        {"redis://db?wait=x", "\"x\""},
        {"redis://db?ca=/ca.pem", "\"ca\""},
        {"redis+cluster://db?server_name=x", "\"server_name\""},
        {"rediss://:hunter2@", "no host"},
        {"rediss://db?ca=", "file"},
        {"rediss://db?ca=%00", "\"%00\""},
        {"rediss://db?cert=/c", "cert= and key="},
        {"rediss://db?key=/k", "cert= and key="},
        {"rediss://db?server_name=", "certificate"},
        {"rediss://db?db=1", "\"db\""},
        {"rediss://ann:hunter2/x@db", "%2F"},
        {"rediss://db?ca=/no/such/file", "/no/such/file"},
        {"redis+cluster://", "no host"},
        {"redis+cluster://a,", "no host"},
        {"redis+cluster://,a", "no host"},
        {"redis+cluster://a,b:0", "\"0\""},
        {"redis+cluster://:hunter2@a,b:x", "\"x\""},
        {"redis+cluster://a,b/1", "\"1\""},
        {"redis+cluster://a,b?db=0", "\"db\""},
        {"redis+cluster://a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a", "16 nodes"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err_info info = {""};

        if (redis_url_check(cases[i].url, &info) != ERR_CONFIG)
            fail_msg("%s was accepted", cases[i].url);
        if (!strstr(info.text, cases[i].says) || strstr(info.text, "hunter2") ||
            !(strstr(info.text, "for example redis") || strstr(info.text, "for example unix:") ||
              strstr(info.text, "No such file")))
            fail_msg("%s: %s", cases[i].url, info.text);
        assert_int_equal(redis_url_check(cases[i].url, NULL), ERR_CONFIG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tcp_url_gives_its_parts),
        cmocka_unit_test(test_a_unix_url_gives_its_parts),
        cmocka_unit_test(test_a_url_with_tls_names_its_files),
        cmocka_unit_test(test_the_url_of_a_cluster_names_some_nodes),
        cmocka_unit_test(test_a_wrong_url_is_told_what_is_wrong_with_an_example_and_no_password),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
