#include "cli/options.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/cmocka.h"

/* Settings by flag ("--x=y") and by variable ("X=y"), NULL at the end of each. */
struct given {
    const char *flags[6];
    char *variables[6];
};

static void give(struct options *options, const struct given *given)
{
    options_init(options);
    for (size_t i = 0; given->flags[i]; i++) {
        const char *equals = strchr(given->flags[i], '=');
        const struct option *option =
            option_by_flag(slice_of(given->flags[i] + 2, (size_t)(equals - given->flags[i]) - 2));

        assert_non_null(option);
        options_set_flag(options, option, equals + 1);
    }
    options_read_environment(options, given->variables);
}

static void resolve(struct options *options, const struct given *given)
{
    struct options_error error = {.text = ""};

    give(options, given);
    if (options_resolve(options, &error) != ERR_OK)
        fail_msg("%s", error.text);
}

static void without_anything_the_defaults_hold(void **state)
{
    struct options options;

    (void)state;
    resolve(&options, &(struct given){.flags = {NULL}});
    assert_int_equal(options.config.listen_count, 1);
    assert_string_equal(options.config.listen[0], "localhost:8080");
    assert_string_equal(options.config.store, "sqlite:footfall.db");
    assert_string_equal(options.config.store_source, "FOOTFALL_STORE");
    assert_string_equal(options.config.name, "Footfall");
    assert_null(options.config.redis_total_key);
    assert_in_range(options.config.workers, 1, CONFIG_MAX_WORKERS);
    assert_int_equal(options.config.trusted_proxies.count, 2);
    assert_true(options.config.trusted_proxies.has_unix);
    assert_false(options.config.proxy_protocol);
    assert_int_equal(options.config.hit_timeout_ms, 5000);
    assert_int_equal(options.config.store_timeout_ms, 2000);
    assert_int_equal(options.config.drain_timeout_ms, 10000);
    assert_int_equal(options.config.log_format, LOG_LOGFMT);
    assert_int_equal(options.config.log_level, LOG_INFO);
    options_fini(&options);
}

static void a_flag_goes_before_the_environment(void **state)
{
    struct options options;

    (void)state;
    resolve(&options, &(struct given){
                          .flags = {"--hit-timeout=1s", "--hit-timeout=2s"},
                          .variables = {"FOOTFALL_HIT_TIMEOUT=3s", "FOOTFALL_STORE_TIMEOUT=4s"},
                      });
    assert_int_equal(options.config.hit_timeout_ms, 2000); /* of two flags the last */
    assert_int_equal(options.config.store_timeout_ms, 4000);
    options_fini(&options);
}

static void an_empty_variable_counts_as_not_set(void **state)
{
    struct options options;

    (void)state;
    resolve(&options,
            &(struct given){.variables = {"FOOTFALL_NAME=", "PORT=", "WEB_CONCURRENCY="}});
    assert_string_equal(options.config.name, "Footfall");
    assert_string_equal(options.config.listen[0], "localhost:8080");
    options_fini(&options);
}

static const struct {
    struct given given;
    const char *store;
    const char *source;
} stores[] = {
    {{.variables = {"REDIS_URL=sqlite:r.db"}}, "sqlite:r.db", "REDIS_URL"},
    {{.variables = {"REDIS_URL=sqlite:r.db", "DATABASE_URL=sqlite:d.db"}},
     "sqlite:d.db",
     "DATABASE_URL"},
    {{.variables = {"REDIS_URL=sqlite:r.db", "DATABASE_URL=sqlite:d.db",
                    "FOOTFALL_STORE=sqlite:f.db"}},
     "sqlite:f.db",
     "FOOTFALL_STORE"},
    {{.flags = {"--redis-url=sqlite:r.db"}, .variables = {"FOOTFALL_STORE=sqlite:f.db"}},
     "sqlite:r.db",
     "--redis-url"},
    {{.flags = {"--store=sqlite:s.db"}, .variables = {"FOOTFALL_STORE=sqlite:f.db"}},
     "sqlite:s.db",
     "--store"},
};

static void the_store_comes_from_the_strongest_of_its_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++) {
        struct options options;

        resolve(&options, &stores[i].given);
        assert_string_equal(options.config.store, stores[i].store);
        assert_string_equal(options.config.store_source, stores[i].source);
        options_fini(&options);
    }
}

static void port_is_all_interfaces_and_gives_way_to_an_address(void **state)
{
    struct options options;

    (void)state;
    resolve(&options, &(struct given){.variables = {"PORT=8081"}});
    assert_int_equal(options.config.listen_count, 1);
    assert_string_equal(options.config.listen[0], "[::]:8081");
    options_fini(&options);
    resolve(&options, &(struct given){.variables = {"PORT=1", "FOOTFALL_LISTEN=localhost:2"}});
    assert_string_equal(options.config.listen[0], "localhost:2");
    options_fini(&options);
    resolve(&options,
            &(struct given){.flags = {"--port=1"}, .variables = {"FOOTFALL_LISTEN=localhost:2"}});
    assert_string_equal(options.config.listen[0], "[::]:1");
    options_fini(&options);
}

static void several_addresses_are_separated_by_commas(void **state)
{
    struct options options;

    (void)state;
    resolve(&options,
            &(struct given){.flags = {"--listen=localhost:1, [::1]:2 ,unix:/run/f.sock"}});
    assert_int_equal(options.config.listen_count, 3);
    assert_string_equal(options.config.listen[0], "localhost:1");
    assert_string_equal(options.config.listen[1], "[::1]:2");
    assert_string_equal(options.config.listen[2], "unix:/run/f.sock");
    options_fini(&options);
}

/* A file with `content` in `path`, which is a template. */
static void write_file(char *path, const char *content)
{
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    close(fd);
}

static void a_store_url_is_read_from_a_file(void **state)
{
    char path[] = "/tmp/footfall-url-XXXXXX";
    char flag[64];
    struct options options;

    (void)state;
    write_file(path, "sqlite:secret.db\n");
    (void)snprintf(flag, sizeof(flag), "--store-file=%s", path);
    resolve(&options, &(struct given){.flags = {flag}});
    assert_string_equal(options.config.store, "sqlite:secret.db");
    assert_string_equal(options.config.store_source, "--store-file");
    options_fini(&options);
    assert_int_equal(unlink(path), 0);
}

static void a_wrong_url_in_a_file_is_told_by_the_name_of_the_file(void **state)
{
    char path[] = "/tmp/footfall-url-XXXXXX";
    char flag[64];
    struct options options;
    struct options_error error;

    (void)state;
    write_file(path, "gopher://user:hunter2@host\n");
    (void)snprintf(flag, sizeof(flag), "--store-file=%s", path);
    give(&options, &(struct given){.flags = {flag}});
    assert_int_equal(options_resolve(&options, &error), ERR_CONFIG);
    assert_non_null(strstr(error.text, flag));
    assert_null(strstr(error.text, "hunter2"));
    options_fini(&options);
    assert_int_equal(unlink(path), 0);
}

/* Each is refused, with its name, its value, and an example of its own. */
static const struct {
    const char *flag;
    const char *shown;
} wrong[] = {
    {"--listen=localhost", "--listen=localhost "},
    {"--listen=", "--listen= "},
    {"--listen=localhost:1,,localhost:2", "--listen=localhost:1,,localhost:2 "},
    {"--listen=a:1,a:2,a:3,a:4,a:5,a:6,a:7,a:8,a:9", "at most 8"},
    {"--port=http", "--port=http "},
    {"--port=65536", "--port=65536 "},
    {"--store=gopher://host", "--store=gopher://host "},
    {"--store=redis://:hunter2@host:port/0", "***"},
    {"--store-file=/nowhere/at/all", "--store-file=/nowhere/at/all "},
    {"--redis-total-key=", "--redis-total-key= "},
    {"--name=", "--name= "},
    {"--name=two\nlines", "--name=two?lines "},
    {"--name=\xff", "a name is"},
    {"--name=\xc2\x85", "a name is"},
    {"--name=\xed\xa0\x80", "a name is"},
    {"--script-path=f.js", "one slash"},
    {"--script-path=/", "one slash"},
    {"--script-path=//evil.example/f.js", "one slash"},
    {"--script-path=/\"f.js", "one slash"},
    {"--script-path=/a/../f.js", "one slash"},
    {"--script-path=/dashboard", "something else is there"},
    {"--script-path=/assets/f.js", "something else is there"},
    {"--script-path=/count", "something else is there"},
    {"--count-path=/count.js", "something else is there"},
    {"--web-concurrency=0", "1 to 256"},
    {"--web-concurrency=257", "1 to 256"},
    {"--web-concurrency=many", "1 to 256"},
    {"--trusted-proxies=example.org", "--trusted-proxies=example.org "},
    {"--proxy-protocol=yes", "off, on"},
    {"--hit-timeout=5", "100ms to 60s"},
    {"--hit-timeout=99ms", "100ms to 60s"},
    {"--store-timeout=61s", "100ms to 60s"},
    {"--drain-timeout=forever", "100ms to 600s"},
    {"--log-format=xml", "logfmt, json"},
    {"--log-level=loud", "debug, info, warn, error"},
};

static void each_wrong_value_is_named_with_an_example(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct options options;
        struct options_error error = {.text = ""};

        give(&options, &(struct given){.flags = {wrong[i].flag}});
        if (options_resolve(&options, &error) != ERR_CONFIG)
            fail_msg("%s was taken", wrong[i].flag);
        if (!strstr(error.text, wrong[i].shown) || !strstr(error.text, "for example "))
            fail_msg("%s: %s", wrong[i].flag, error.text);
        assert_null(strchr(error.text, '\n'));
        assert_null(strstr(error.text, "hunter2"));
        options_fini(&options);
    }
}

static void the_script_and_the_hits_have_not_one_name(void **state)
{
    struct options options;
    struct options_error error;

    (void)state;
    resolve(&options, &(struct given){.flags = {"--script-path=/f.js", "--count-path=/f"}});
    assert_string_equal(options.config.script_path, "/f.js");
    assert_string_equal(options.config.count_path, "/f");
    options_fini(&options);
    give(&options, &(struct given){.flags = {"--script-path=/f", "--count-path=/f"}});
    assert_int_equal(options_resolve(&options, &error), ERR_CONFIG);
    options_fini(&options);
}

static void every_default_and_every_example_is_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < option_count; i++) {
        const char *texts[] = {option_table[i].fallback, option_table[i].example};

        for (size_t j = 0; j < 2; j++) {
            struct options options;
            struct options_error error;

            /* The example of a file is not there. */
            if (!texts[j] || option_table[i].parse == option_parse_store_file)
                continue;
            options_init(&options);
            options_set_flag(&options, &option_table[i], texts[j]);
            if (options_resolve(&options, &error) != ERR_OK)
                fail_msg("%s", error.text);
            options_fini(&options);
        }
    }
}

static void a_flag_leads_to_its_row_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < option_count; i++) {
        char flag[OPTION_MAX_FLAG];

        option_flag(&option_table[i], flag);
        assert_ptr_equal(option_by_flag(slice_str(flag)), &option_table[i]);
        assert_ptr_equal(option_by_variable(slice_str(option_table[i].variable)), &option_table[i]);
    }
    assert_null(option_by_flag(SLICE("liste")));
}

static void unknown_variables_are_noted_with_the_nearest_name(void **state)
{
    struct options options;

    (void)state;
    resolve(&options, &(struct given){.variables = {"FOOTFALL_LISTN=x", "OTHER_LISTN=x",
                                                    "FOOTFALL_LOGLEVEL=x", "FOOTFALL_", "HOME=x"}});
    assert_int_equal(options.unknown_count, 2);
    assert_int_equal(options.unknown[0].name.len, strlen("FOOTFALL_LISTN"));
    assert_string_equal(options.unknown[0].suggestion, "FOOTFALL_LISTEN");
    assert_string_equal(options.unknown[1].suggestion, "FOOTFALL_LOG_LEVEL");
    options_fini(&options);
}

static void a_name_may_be_any_text(void **state)
{
    struct options options;

    (void)state;
    resolve(&options,
            &(struct given){.flags = {"--name=Caf\xc3\xa9 \xf0\x9f\x91\xa3 \xe2\x82\xac"}});
    assert_string_equal(options.config.name, "Caf\xc3\xa9 \xf0\x9f\x91\xa3 \xe2\x82\xac");
    options_fini(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_anything_the_defaults_hold),
        cmocka_unit_test(a_flag_goes_before_the_environment),
        cmocka_unit_test(an_empty_variable_counts_as_not_set),
        cmocka_unit_test(the_store_comes_from_the_strongest_of_its_names),
        cmocka_unit_test(port_is_all_interfaces_and_gives_way_to_an_address),
        cmocka_unit_test(several_addresses_are_separated_by_commas),
        cmocka_unit_test(a_store_url_is_read_from_a_file),
        cmocka_unit_test(a_wrong_url_in_a_file_is_told_by_the_name_of_the_file),
        cmocka_unit_test(each_wrong_value_is_named_with_an_example),
        cmocka_unit_test(the_script_and_the_hits_have_not_one_name),
        cmocka_unit_test(every_default_and_every_example_is_right),
        cmocka_unit_test(a_flag_leads_to_its_row_and_back),
        cmocka_unit_test(unknown_variables_are_noted_with_the_nearest_name),
        cmocka_unit_test(a_name_may_be_any_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
