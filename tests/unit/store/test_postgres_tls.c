/* PostgreSQL over TLS, with certificates made for the test. */
#include <stdio.h>
#include <stdlib.h>

#include "postgres_fixture.h"
#include "support/cmocka.h"
#include "support/tls_files.h"

static struct tls_files files;

/* Starts the server anew with a certificate of `files`: "server", "named" … */
static void use_certificate(const char *name)
{
    char certificate[200];
    char key[200];
    char file[64];
    const char *const settings[] = {"ssl=on", certificate, key, NULL};

    (void)snprintf(file, sizeof(file), "%s.pem", name);
    (void)snprintf(certificate, sizeof(certificate), "ssl_cert_file=%s",
                   tls_files_path(&files, file));
    (void)snprintf(file, sizeof(file), "%s.key", name);
    (void)snprintf(key, sizeof(key), "ssl_key_file=%s", tls_files_path(&files, file));
    postgres_server_give(strchr(certificate, '/'));
    postgres_server_give(strchr(key, '/'));
    postgres_server_kill(&postgres_fixture_server);
    postgres_server_restart(&postgres_fixture_server, settings);
}

static int start_with_tls(void **state)
{
    int failed = postgres_fixture_start(state);

    tls_files_make(&files);
    postgres_server_give(files.folder.path);
    use_certificate("server");
    return failed;
}

static int end_with_tls(void **state)
{
    tls_files_remove(&files);
    return postgres_fixture_end(state);
}

static struct store *open_tls(struct postgres_fixture *f, const char *host, const char *mode,
                              const char *authority)
{
    char url[400];

    (void)snprintf(url, sizeof(url), "postgres://footfall@%s:%u/postgres?sslmode=%s&sslrootcert=%s",
                   host, f->server->port, mode, tls_files_path(&files, authority));
    return postgres_fixture_open(f, url, 10000);
}

static int64_t count_encrypted(struct postgres_fixture *f)
{
    return postgres_server_int(f->server, "SELECT count(*) FROM pg_stat_ssl"
                                          " JOIN pg_stat_activity USING (pid)"
                                          " WHERE ssl AND application_name = 'footfall'");
}

static void test_a_server_with_the_right_certificate_is_used(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit;

    store_close(f->store);
    f->store = open_tls(f, "localhost", "verify-full", "ca.pem");
    postgres_fixture_wait(f, f->store, true);
    assert_int_equal(count_encrypted(f), 3);

    /* More than a record of TLS, and than the kernel takes at once. */
    commit = postgres_fixture_commit(f);
    for (int i = 0; i < 4096; i++) {
        char text[32];

        (void)snprintf(text, sizeof(text), "/page/%d", i);
        postgres_fixture_add(commit, text, 1);
        postgres_fixture_put(commit, text);
    }
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
    assert_int_equal(postgres_server_int(f->server, "SELECT max(views) FROM footfall_counter"),
                     4096);
}

static void test_one_that_cannot_be_trusted_is_not(void **state)
{
    static const struct {
        const char *certificate;
        const char *authority;
        const char *reason;
    } cases[] = {
        {"named", "ca.pem", "does not match host name"},
        {"expired", "ca.pem", "certificate verify failed"},
        {"early", "ca.pem", "certificate verify failed"},
        {"stranger", "ca.pem", "certificate verify failed"},
        {"server", "client.pem", "certificate verify failed"},
        {"server", "none.pem", "does not exist"},
    };
    struct postgres_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct store_health health;
        struct store *store;

        use_certificate(cases[i].certificate);
        store = open_tls(f, "localhost", "verify-full", cases[i].authority);
        do
            health = call_check(&f->loop, store);
        while (strstr(health.reason, "yet"));
        assert_false(health.reachable);
        if (!strstr(health.reason, cases[i].reason))
            fail_msg("%s", health.reason);
        store_close(store);
    }
}

static void test_who_does_not_verify_is_encrypted_all_the_same(void **state)
{
    struct postgres_fixture *f = *state;

    store_close(f->store);
    f->store = open_tls(f, "127.0.0.1", "require", "none.pem");
    postgres_fixture_wait(f, f->store, true);
    assert_int_equal(count_encrypted(f), 3);
}

#define ON_SERVER(test_)                                                                           \
    cmocka_unit_test_setup_teardown(test_, postgres_fixture_set_up, postgres_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SERVER(test_a_server_with_the_right_certificate_is_used),
        ON_SERVER(test_one_that_cannot_be_trusted_is_not),
        ON_SERVER(test_who_does_not_verify_is_encrypted_all_the_same),
    };

    return cmocka_run_group_tests(tests, start_with_tls, end_with_tls);
}
