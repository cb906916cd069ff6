/* TLS to Redis: what is accepted, what is refused and what is said then; bytes in any pieces. */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "redis_fixture.h"
#include "store/redis_tls.h"
#include "support/cmocka.h"
#include "support/tls_files.h"

static struct tls_files files;
static unsigned port; /* of TLS */

static const char *path(const char *name)
{
    return tls_files_path(&files, name);
}

static int set_up(void **state)
{
    char port_text[8];
    const char *args[] = {"--tls-port",
                          port_text,
                          "--tls-cert-file",
                          NULL,
                          "--tls-key-file",
                          NULL,
                          "--tls-ca-cert-file",
                          NULL,
                          "--tls-auth-clients",
                          "no",
                          NULL};

    port = redis_server_free_port();
    (void)snprintf(port_text, sizeof(port_text), "%u", port);
    args[3] = path("server.pem");
    args[5] = path("server.key");
    args[7] = path("ca.pem");
    *state = redis_fixture_create(args);
    return 0;
}

static struct store *open_url(struct redis_fixture *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static struct store *open_url(struct redis_fixture *f, const char *format, ...)
{
    char url[512];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(url, sizeof(url), format, args);
    va_end(args);
    return redis_fixture_open(f, url, 1000, NULL);
}

/* It gets in, and counts. */
static void expect_counts(struct redis_fixture *f, struct store *store)
{
    struct commit *commit;
    struct outcome outcome;

    f->store = store;
    redis_fixture_wait(f, store, true);
    assert_int_equal(call_register(&f->loop, store, &f->writer, 0), ERR_OK);
    commit = redis_fixture_commit(f);
    redis_fixture_add(commit, "/", 1);
    outcome = redis_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_DONE);
    outcome_fini(&outcome);
    commit_unref(commit);
    store_close(store);
    f->store = NULL;
}

/* It never gets in, and says so in these words. */
static void expect_reason(struct redis_fixture *f, struct store *store, const char *words)
{
    int64_t until_ms = clock_mono_ms(&f->loop.clock) + 20000;
    struct store_health health;

    do {
        health = call_check(&f->loop, store);
        assert_false(health.reachable);
        if (clock_mono_ms(&f->loop.clock) > until_ms)
            fail_msg("\"%s\" lacks \"%s\"", health.reason, words);
    } while (!strstr(health.reason, words));
    store_close(store);
}

static void use_certificate(struct redis_fixture *f, const char *cert, const char *key)
{
    redis_server_do(&f->server, "CONFIG SET tls-cert-file %s tls-key-file %s", path(cert),
                    path(key));
}

static void test_a_name_or_an_address_in_the_certificate_is_let_in(void **state)
{
    struct redis_fixture *f = *state;

    expect_counts(f, open_url(f, "rediss://localhost:%u?ca=%s", port, path("ca.pem")));
    expect_counts(f, open_url(f, "rediss://127.0.0.1:%u/0?ca=%s", port, path("ca.pem")));
    use_certificate(f, "named.pem", "named.key");
    expect_counts(f, open_url(f, "rediss://127.0.0.1:%u?ca=%s&server_name=redis.example", port,
                              path("ca.pem")));
    redis_server_do(&f->server, "CONFIG SET tls-protocols TLSv1.2");
    expect_counts(f, open_url(f, "rediss://localhost:%u?ca=%s&server_name=redis.example", port,
                              path("ca.pem")));
}

static void test_a_certificate_that_is_not_right_is_refused_in_plain_words(void **state)
{
    static const struct {
        const char *cert;
        const char *key;
        const char *host;
        bool trusts; /* the authority of the tests, else those of the system */
        const char *words;
    } cases[] = {
        {"named.pem", "named.key", "localhost", true, "not for localhost: use the name in it"},
        {"named.pem", "named.key", "127.0.0.1", true, "not for 127.0.0.1: use the name in it"},
        {"expired.pem", "expired.key", "localhost", true, "has expired: renew it"},
        {"early.pem", "early.key", "localhost", true, "not valid yet: compare the clocks"},
        {"stranger.pem", "stranger.key", "localhost", true, "?ca=FILE"},
        {"server.pem", "server.key", "localhost", false, "nobody we trust signed"},
    };
    struct redis_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        use_certificate(f, cases[i].cert, cases[i].key);
        expect_reason(f,
                      open_url(f, "rediss://%s:%u?%s%s", cases[i].host, port,
                               cases[i].trusts ? "ca=" : "",
                               cases[i].trusts ? path("ca.pem") : "require=strict"),
                      cases[i].words);
    }
}

static void test_a_server_may_ask_for_our_certificate(void **state)
{
    struct redis_fixture *f = *state;

    redis_server_do(&f->server, "CONFIG SET tls-auth-clients yes");
    for (int version = 2; version <= 3; version++) {
        redis_server_do(&f->server, "CONFIG SET tls-protocols TLSv1.%d", version);
        expect_counts(f, open_url(f, "rediss://localhost:%u?ca=%s&cert=%s&key=%s", port,
                                  path("ca.pem"), path("client.pem"), path("client.key")));
        expect_reason(f, open_url(f, "rediss://localhost:%u?ca=%s", port, path("ca.pem")),
                      "?cert=FILE&key=FILE");
        expect_reason(f,
                      open_url(f, "rediss://localhost:%u?ca=%s&cert=%s&key=%s", port,
                               path("ca.pem"), path("stranger.pem"), path("stranger.key")),
                      "who signed our client certificate");
        expect_reason(f,
                      open_url(f, "rediss://localhost:%u?ca=%s&cert=%s&key=%s", port,
                               path("ca.pem"), path("expired.pem"), path("expired.key")),
                      "our client certificate has expired");
    }
}

static void test_a_server_without_tls_is_found_out(void **state)
{
    struct redis_fixture *f = *state;

    expect_reason(f, open_url(f, "rediss://localhost:%u", f->server.port), "TLS port");
}

static void test_files_of_no_use_are_named(void **state)
{
    static const struct {
        const char *format; /* with the path of ca.pem */
        const char *words;
    } cases[] = {
        {"rediss://db?ca=%s.no", "No such file"},
        {"rediss://db?ca=/dev/null", "ca= must name a PEM file"},
        {"rediss://db?cert=%s&key=/no/such.key", "key= must name a PEM file"},
        {"rediss://db?cert=/dev/null&key=%s", "cert= must name a PEM file"},
        {"rediss+cluster://db?ca=/dev/null", "ca= must name a PEM file"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct store_env env = {.timeout_ms = 1};
        struct err_info info = {""};
        struct store *store = NULL;
        char url[300];
        const char *at = strstr(cases[i].format, "%s");
        size_t before = at ? (size_t)(at - cases[i].format) : strlen(cases[i].format);

        (void)snprintf(url, sizeof(url), "%.*s%s%s", (int)before, cases[i].format,
                       at ? path("ca.pem") : "", at ? at + 2 : "");
        assert_int_equal(store_url_check(url, &info), ERR_CONFIG);
        if (!strstr(info.text, cases[i].words))
            fail_msg("%s: %s", url, info.text);
        assert_int_equal(store_open(url, &env, &store, NULL), ERR_CONFIG);
    }
}

static void test_much_more_than_the_kernel_takes_at_once_arrives_whole(void **state)
{
    static char value[4000];
    struct redis_fixture *f = *state;
    char key[32];
    struct commit *commit;
    struct outcome outcome;

    f->store = open_url(f, "rediss://localhost:%u?ca=%s", port, path("ca.pem"));
    redis_fixture_wait(f, f->store, true);
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    commit = redis_fixture_commit(f);
    redis_fixture_add(commit, "/", 1);
    memset(value, 'x', sizeof(value));
    for (int i = 0; i < 2000; i++) {
        int len = snprintf(key, sizeof(key), "hit/default/%d", i);
        struct record_write write = {slice_of(key, (size_t)len), slice_of(value, sizeof(value)),
                                     RECORD_ABSENT, 60};

        assert_int_equal(commit_write(commit, &write), ERR_OK);
    }
    redis_server_pause(&f->server);
    outcome = redis_fixture_send(f, commit); /* does not fit into the buffers of the sockets */
    assert_int_equal(outcome.status, COMMIT_UNKNOWN);
    outcome_fini(&outcome);
    redis_server_resume(&f->server);
    redis_fixture_wait(f, f->store, true);
    outcome = redis_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_DONE);
    outcome_fini(&outcome);
    commit_unref(commit);
    assert_int_equal(redis_server_int(&f->server, "STRLEN footfall:record:hit/default/1999"),
                     8 + (int)sizeof(value));
    store_close(f->store);
    f->store = NULL;
}

/* ---- the filter alone ----------------------------------------------------------------------- */

/* A server's side of TLS on memory. */
static SSL *make_server(SSL_CTX *context)
{
    SSL *server = SSL_new(context);

    assert_non_null(server);
    SSL_set_bio(server, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(server);
    return server;
}

/* Moves what both have to say, at most `size` bytes at a time; what the server said in plain is
 * added to `got`. */
static void exchange(struct redis_tls *client, SSL *server, size_t size, struct strbuf *got)
{
    char bytes[4096];
    bool has_moved = true;

    while (has_moved) {
        enum redis_tls_read read;
        size_t len = 0;
        int count;

        do {
            read = redis_tls_read(client, bytes, sizeof(bytes), &len);
            if (read == REDIS_TLS_BYTES)
                strbuf_append(got, slice_of(bytes, len));
            assert_int_not_equal(read, REDIS_TLS_FAILED);
        } while (read != REDIS_TLS_MORE);
        len = redis_tls_take(client, bytes, size);
        has_moved = len > 0;
        assert_int_equal(BIO_write(SSL_get_rbio(server), bytes, (int)len), len);
        (void)SSL_do_handshake(server);
        count = BIO_read(SSL_get_wbio(server), bytes, (int)size);
        has_moved = has_moved || count > 0;
        if (count > 0)
            assert_true(redis_tls_feed(client, slice_of(bytes, (size_t)count)));
    }
}

static void test_bytes_may_come_in_any_pieces(void **state)
{
    static const size_t sizes[] = {1, 2, 7, 100, 4096};
    struct redis_tls_files trust = {.server_name = "localhost"};
    struct redis_tls_context *context = NULL;
    SSL_CTX *server_context = SSL_CTX_new(TLS_server_method());
    char heard[16];

    (void)state;
    (void)snprintf(trust.ca, sizeof(trust.ca), "%s", path("ca.pem"));
    assert_int_equal(redis_tls_context_create(&trust, &context, NULL), ERR_OK);
    assert_int_equal(SSL_CTX_use_certificate_chain_file(server_context, path("server.pem")), 1);
    assert_int_equal(
        SSL_CTX_use_PrivateKey_file(server_context, path("server.key"), SSL_FILETYPE_PEM), 1);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct redis_tls *client = redis_tls_create(context, "10.9.8.7");
        SSL *server = make_server(server_context);
        struct strbuf got;

        strbuf_init(&got, 4096);
        exchange(client, server, sizes[i], &got);
        assert_string_equal(SSL_get_servername(server, TLSEXT_NAMETYPE_host_name), "localhost");
        assert_true(redis_tls_write(client, SLICE("PING\r\n")));
        exchange(client, server, sizes[i], &got);
        assert_int_equal(SSL_read(server, heard, sizeof(heard)), 6);
        assert_int_equal(SSL_write(server, "+PONG\r\n", 7), 7);
        exchange(client, server, sizes[i], &got);
        assert_int_equal(got.len, 7);
        assert_memory_equal(got.ptr, "+PONG\r\n", 7);
        strbuf_fini(&got);
        SSL_free(server);
        redis_tls_destroy(client);
    }
    SSL_CTX_free(server_context);
    redis_tls_context_destroy(context);
}

#define WITH_SERVER(test_) cmocka_unit_test_setup_teardown(test_, set_up, redis_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(test_a_name_or_an_address_in_the_certificate_is_let_in),
        WITH_SERVER(test_a_certificate_that_is_not_right_is_refused_in_plain_words),
        WITH_SERVER(test_a_server_may_ask_for_our_certificate),
        WITH_SERVER(test_a_server_without_tls_is_found_out),
        WITH_SERVER(test_much_more_than_the_kernel_takes_at_once_arrives_whole),
        cmocka_unit_test(test_files_of_no_use_are_named),
        cmocka_unit_test(test_bytes_may_come_in_any_pieces),
    };
    int failed;

    tls_files_make(&files);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    tls_files_remove(&files);
    return failed;
}
