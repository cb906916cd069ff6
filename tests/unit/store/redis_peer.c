#include "redis_peer.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/redis_script.h"
#include "support/cmocka.h"

/* A sound server without any data. */
static const struct redis_peer_answer sound[] = {
    {"SELECT", "+OK\r\n", 0},      {"EVAL", "+OK\r\n", 0},        {"INFO", "$0\r\n\r\n", 0},
    {"CONFIG", "*0\r\n", 0},       {"REGISTER", "+OK\r\n", 0},    {"MGET", "*1\r\n$-1\r\n", 0},
    {"HMGET", "*1\r\n$-1\r\n", 0}, {"EVALSHA", "$1\r\nD\r\n", 0}, {"ASKING", "+OK\r\n", 0},
    {"WAIT", ":9\r\n", 0},
};

struct client {
    uv_tcp_t tcp;
    struct redis_peer *peer;
    struct redis_reader reader; /* commands have the form of replies */
    char buffer[65536];
};

static void on_client_closed(uv_handle_t *handle)
{
    struct client *client = handle->data;

    redis_reader_fini(&client->reader);
    free(client);
}

static void close_client(struct client *client)
{
    if (!uv_is_closing((uv_handle_t *)&client->tcp))
        uv_close((uv_handle_t *)&client->tcp, on_client_closed);
}

/* The first word of a command; of the scripts that are sent whole, those that register have a name
 * of their own. */
static struct slice name_of(const struct redis_value *command)
{
    bool is_register =
        command->count > 1 && slice_eq(command->elements[1].text, redis_register_script());

    return is_register ? SLICE("REGISTER") : command->elements[0].text;
}

/* "EVALSHA" names all with that name; "CLUSTER SLOTS" those with both words. */
static bool is_named(const struct redis_value *command, const char *name)
{
    struct slice first = name_of(command);
    const char *space = strchr(name, ' ');

    if (!space)
        return slice_eq(first, slice_str(name));
    return command->count > 1 && slice_eq(first, slice_of(name, (size_t)(space - name))) &&
           slice_eq(command->elements[1].text, slice_str(space + 1));
}

static struct redis_peer_answer *find_special(struct redis_peer *peer,
                                              const struct redis_value *command)
{
    for (size_t i = 0; i < peer->special_count; i++) {
        if (is_named(command, peer->special[i].command))
            return &peer->special[i];
    }
    return NULL;
}

static const char *choose(struct redis_peer *peer, const struct redis_value *command)
{
    struct redis_peer_answer *special = find_special(peer, command);

    if (special) {
        const char *bytes = special->bytes;

        if (special->times > 0 && --special->times == 0)
            *special = peer->special[--peer->special_count];
        return bytes;
    }
    for (size_t i = 0; i < sizeof(sound) / sizeof(sound[0]); i++) {
        if (is_named(command, sound[i].command))
            return sound[i].bytes;
    }
    fail_msg("what is %.*s?", SLICE_ARG(command->elements[0].text));
    return NULL;
}

static void note(struct redis_peer *peer, struct slice name)
{
    int len = snprintf(peer->log + peer->log_len, sizeof(peer->log) - peer->log_len, "%.*s ",
                       SLICE_ARG(name));

    peer->log_len += (size_t)len;
    assert_true(peer->log_len < sizeof(peer->log));
}

static void answer(struct client *client, const struct redis_value *command)
{
    const char *bytes = choose(client->peer, command);
    uv_buf_t buf;

    note(client->peer, name_of(command));
    if (!bytes)
        return;
    if (bytes[0] == '\0') {
        close_client(client);
        return;
    }
    buf.len = strlen(bytes);
    memcpy(&buf.base, &bytes, sizeof(buf.base)); /* writing leaves the bytes alone */
    /* The store may have given this connection up already. */
    if (uv_try_write((uv_stream_t *)&client->tcp, &buf, 1) != (int)buf.len)
        close_client(client);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct client *client = handle->data;

    (void)suggested;
    *buf = uv_buf_init(client->buffer, sizeof(client->buffer));
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct client *client = stream->data;
    const struct redis_value *command;

    if (count < 0) {
        close_client(client);
        return;
    }
    assert_true(redis_reader_feed(&client->reader, slice_of(buf->base, (size_t)count)));
    while (!uv_is_closing((uv_handle_t *)stream) &&
           redis_reader_next(&client->reader, &command) == REDIS_READ_REPLY)
        answer(client, command);
}

static void on_client(uv_stream_t *listener, int status)
{
    struct redis_peer *peer = listener->data;
    struct client *client = calloc(1, sizeof(*client));

    assert_int_equal(status, 0);
    assert_non_null(client);
    client->peer = peer;
    assert_int_equal(redis_reader_init(&client->reader), ERR_OK);
    uv_tcp_init(listener->loop, &client->tcp);
    client->tcp.data = client;
    assert_int_equal(uv_accept(listener, (uv_stream_t *)&client->tcp), 0);
    (void)uv_tcp_nodelay(&client->tcp, 1); /* each answer is a write of its own */
    uv_read_start((uv_stream_t *)&client->tcp, on_alloc, on_read);
    peer->client_count++;
}

void redis_peer_start(struct redis_peer *peer, struct test_loop *loop)
{
    struct sockaddr_in address;
    int len = sizeof(address);

    *peer = (struct redis_peer){.port = 0};
    assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &address), 0);
    assert_int_equal(uv_tcp_init(&loop->uv, &peer->listener), 0);
    peer->listener.data = peer;
    assert_int_equal(uv_tcp_bind(&peer->listener, (struct sockaddr *)&address, 0), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&peer->listener, 16, on_client), 0);
    assert_int_equal(uv_tcp_getsockname(&peer->listener, (struct sockaddr *)&address, &len), 0);
    peer->port = ntohs(address.sin_port);
}

void redis_peer_stop(struct redis_peer *peer)
{
    if (!uv_is_closing((uv_handle_t *)&peer->listener))
        uv_close((uv_handle_t *)&peer->listener, NULL);
}

void redis_peer_answers(struct redis_peer *peer, const struct redis_peer_answer *answers,
                        size_t count)
{
    assert_true(count <= REDIS_PEER_MAX_ANSWERS);
    for (size_t i = 0; i < count; i++)
        peer->special[i] = answers[i];
    peer->special_count = count;
    peer->log_len = 0;
    peer->log[0] = '\0';
}

size_t redis_peer_count(const struct redis_peer *peer, const char *name)
{
    char word[32];
    size_t count = 0;

    (void)snprintf(word, sizeof(word), "%s ", name);
    for (const char *at = peer->log; (at = strstr(at, word)); at++) {
        if (at == peer->log || at[-1] == ' ')
            count++;
    }
    return count;
}
