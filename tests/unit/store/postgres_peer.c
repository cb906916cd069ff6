#include "postgres_peer.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "support/cmocka.h"

#define TIMEOUT_MS      400
#define PORT            5432
#define MAX_BYTES       ((size_t)1 << 20)
#define MAX_QUERY_BYTES 4096

/* A sound server without any data. */
static const struct peer_answer sound[] = {
    {.statement = "set_config"},
    {.statement = "pg_class", .columns = 1, .rows = 1, .values = {SLICE_INIT("t")}},
    {.statement = "max(version)", .columns = 1, .rows = 1, .values = {SLICE_INIT("2")}},
    {.statement = "footfall_health",
     .columns = 8,
     .rows = 1,
     .values = {SLICE_INIT("\0"), SLICE_INIT("off"), SLICE_INIT("UTF8"), SLICE_INIT("on"),
                SLICE_INIT("on"), SLICE_INIT("on")}},
    {.statement = "footfall_writer_add"},
    {.statement = "footfall_writer_get", .columns = 2},
    {.statement = "footfall_count", .columns = 1},
    {.statement = "footfall_count_capped", .columns = 1},
    {.statement = "footfall_records_get", .columns = 3},
    {.statement = "footfall_counters_get", .columns = 2},
    {.statement = "footfall_sweep",
     .columns = 1,
     .rows = 1,
     .values = {SLICE_INIT("\0\0\0\0\0\0\0\0")}},
};

struct peer_client {
    uv_pipe_t pipe;
    struct peer *peer;
    struct peer_client *next;
    struct strbuf in;
    struct strbuf out;
    bool has_started;
    bool skips; /* to the sync, after an error */
    const struct peer_answer *answer;
    const struct peer_answer *unnamed; /* to the statement that was parsed without a name */
    char buffer[65536];
};

/* ---- messages ------------------------------------------------------------------------------- */

static void put_u32(struct strbuf *out, uint32_t number)
{
    uint32_t bytes = htonl(number);

    strbuf_append(out, slice_of(&bytes, sizeof(bytes)));
}

static void put_u16(struct strbuf *out, uint16_t number)
{
    uint16_t bytes = htons(number);

    strbuf_append(out, slice_of(&bytes, sizeof(bytes)));
}

static void put_text(struct strbuf *out, const char *text)
{
    strbuf_append(out, slice_of(text, strlen(text) + 1));
}

static size_t begin(struct strbuf *out, char type)
{
    strbuf_append_char(out, type);
    put_u32(out, 0);
    return out->len;
}

static void end(struct strbuf *out, size_t start)
{
    uint32_t len = htonl((uint32_t)(out->len - start + 4));

    memcpy(out->ptr + start - 4, &len, sizeof(len));
}

static void put_message(struct strbuf *out, char type, struct slice payload)
{
    size_t start = begin(out, type);

    strbuf_append(out, payload);
    end(out, start);
}

static void put_parameter(struct strbuf *out, const char *name, const char *value)
{
    size_t start = begin(out, 'S');

    put_text(out, name);
    put_text(out, value);
    end(out, start);
}

static void put_ready(struct strbuf *out)
{
    put_message(out, 'Z', SLICE("I"));
}

static void put_error(struct strbuf *out, const char *severity, const char *state)
{
    size_t start = begin(out, 'E');

    strbuf_printf(out, "S%s%cV%s%cC%s%cMas the test wants it%c%c", severity, 0, severity, 0, state,
                  0, 0, 0);
    end(out, start);
}

static void put_description(struct strbuf *out, const struct peer_answer *answer)
{
    size_t start = begin(out, answer->columns > 0 ? 'T' : 'n');

    if (answer->columns > 0)
        put_u16(out, (uint16_t)answer->columns);
    for (int i = 0; i < answer->columns; i++) {
        put_text(out, "column");
        put_u32(out, 0);
        put_u16(out, 0);
        put_u32(out, POSTGRES_BYTEA);
        put_u16(out, UINT16_MAX);
        put_u32(out, UINT32_MAX);
        put_u16(out, 1);
    }
    end(out, start);
}

static void put_rows(struct strbuf *out, const struct peer_answer *answer)
{
    for (int row = 0; row < answer->rows; row++) {
        size_t start = begin(out, 'D');

        put_u16(out, (uint16_t)answer->columns);
        for (int i = 0; i < answer->columns; i++) {
            put_u32(out, answer->values[i].ptr ? (uint32_t)answer->values[i].len : UINT32_MAX);
            strbuf_append(out, answer->values[i]);
        }
        end(out, start);
    }
    put_message(out, 'C', SLICE("SELECT 1\0"));
}

/* ---- a client ------------------------------------------------------------------------------- */

static void on_client_closed(uv_handle_t *handle)
{
    struct peer_client *client = handle->data;

    strbuf_fini(&client->in);
    strbuf_fini(&client->out);
    free(client);
}

static void close_client(struct peer_client *client)
{
    struct peer_client **place = &client->peer->clients;

    if (uv_is_closing((uv_handle_t *)&client->pipe))
        return;
    while (*place != client)
        place = &(*place)->next;
    *place = client->next;
    uv_close((uv_handle_t *)&client->pipe, on_client_closed);
}

static const struct peer_answer *search(const struct peer_answer *answers, size_t count,
                                        const char *text, bool is_query)
{
    for (size_t i = 0; i < count; i++) {
        if (is_query ? strstr(text, answers[i].statement) != NULL
                     : strcmp(text, answers[i].statement) == 0)
            return &answers[i];
    }
    return NULL;
}

static const struct peer_answer *find_answer(const struct peer *peer, const char *text,
                                             bool is_query)
{
    const struct peer_answer *answer = search(peer->special, peer->special_count, text, is_query);

    if (!answer)
        answer = search(sound, sizeof(sound) / sizeof(sound[0]), text, is_query);
    if (!answer) {
        fail_msg("%s", text);
        abort(); /* fail_msg() does not return; the analyzer does not know */
    }
    return answer;
}

/* Sends what is ready. False: the client is gone. */
static bool send_out(struct peer_client *client)
{
    uv_buf_t buf = uv_buf_init(client->out.ptr, (unsigned)client->out.len);

    if (client->out.len > 0 && uv_try_write((uv_stream_t *)&client->pipe, &buf, 1) < 0) {
        close_client(client);
        return false;
    }
    strbuf_clear(&client->out);
    return true;
}

/* What an answer has that is no answer. True: there is nothing more to say. */
static bool misbehave(struct peer_client *client, enum peer_point point)
{
    const struct peer_answer *answer = client->answer;

    if (answer->garbage)
        strbuf_append(&client->out, slice_str(answer->garbage));
    if (answer->closes == point) {
        if (send_out(client))
            close_client(client);
        return true;
    }
    return answer->is_silent || answer->garbage;
}

static void take_error(struct peer_client *client)
{
    bool is_fatal = client->answer->closes == PEER_AFTER_ERROR;

    put_error(&client->out, is_fatal ? "FATAL" : "ERROR", client->answer->state);
    client->skips = true;
    if (is_fatal && send_out(client))
        close_client(client);
}

static void take_query(struct peer_client *client, const char *text)
{
    client->answer = find_answer(client->peer, text, true);
    if (misbehave(client, PEER_AT_BIND))
        return;
    if (client->answer->state) {
        put_error(&client->out, "ERROR", client->answer->state);
    } else {
        if (client->answer->columns > 0)
            put_description(&client->out, client->answer);
        put_rows(&client->out, client->answer);
    }
    put_ready(&client->out);
}

/* A statement with a name is known by it, one without by its text, which comes behind the name. */
static void take_parse(struct peer_client *client, const char *name)
{
    if (name[0] == '\0')
        client->unnamed = find_answer(client->peer, name + 1, true);
    put_message(&client->out, '1', SLICE(""));
}

static void take_bind(struct peer_client *client, const char *portal)
{
    const char *name = portal + strlen(portal) + 1;

    client->answer = name[0] == '\0' ? client->unnamed : find_answer(client->peer, name, false);
    client->peer->executed++;
    if (misbehave(client, PEER_AT_BIND)) {
        client->skips = true;
        return;
    }
    put_message(&client->out, '2', SLICE(""));
}

static void take_execute(struct peer_client *client)
{
    if (client->answer->state && client->answer->fails != PEER_AT_SYNC)
        take_error(client);
    else
        put_rows(&client->out, client->answer);
}

static void take_sync(struct peer_client *client)
{
    const struct peer_answer *answer = client->answer;
    bool is_mute = answer && (answer->is_silent || answer->garbage);

    client->answer = NULL;
    client->skips = false;
    if (answer && answer->closes == PEER_AT_SYNC) {
        if (send_out(client))
            close_client(client);
        return;
    }
    if (is_mute)
        return;
    if (answer && answer->state && answer->fails == PEER_AT_SYNC)
        put_error(&client->out, "ERROR", answer->state);
    put_ready(&client->out);
}

static void take_message(struct peer_client *client, char type, const char *payload)
{
    if (client->skips && type != 'S')
        return;
    switch (type) {
    case 'Q':
        take_query(client, payload);
        return;
    case 'P':
        take_parse(client, payload);
        return;
    case 'B':
        take_bind(client, payload);
        return;
    case 'D':
        put_description(&client->out, client->answer);
        return;
    case 'E':
        take_execute(client);
        return;
    case 'S':
        take_sync(client);
        return;
    default:
        close_client(client); /* 'X': it says good-bye */
        return;
    }
}

static void take_startup(struct peer_client *client)
{
    client->has_started = true;
    put_message(&client->out, 'R', SLICE("\0\0\0\0"));
    put_parameter(&client->out, "server_version", "15.0");
    put_parameter(&client->out, "server_encoding", "UTF8");
    put_parameter(&client->out, "client_encoding", "UTF8");
    put_parameter(&client->out, "in_hot_standby", "off");
    put_parameter(&client->out, "default_transaction_read_only", "off");
    put_message(&client->out, 'K', SLICE("12345678"));
    put_ready(&client->out);
}

/* The first message has no type. */
static bool take_next(struct peer_client *client)
{
    size_t head = client->has_started ? 1 : 0;
    const char *bytes = client->in.ptr;
    uint32_t len;
    char type;
    char *payload;

    if (client->in.len < head + 4)
        return false;
    memcpy(&len, bytes + head, sizeof(len));
    len = ntohl(len);
    if (client->in.len < head + len)
        return false;
    type = bytes[0];
    payload = malloc(len + 1);
    assert_non_null(payload);
    memcpy(payload, bytes + head + 4, len - 4);
    payload[len - 4] = '\0';
    client->in.len -= head + len;
    memmove(client->in.ptr, client->in.ptr + head + len, client->in.len);
    if (!client->has_started)
        take_startup(client);
    else
        take_message(client, type, payload);
    free(payload);
    return !uv_is_closing((uv_handle_t *)&client->pipe);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct peer_client *client = stream->data;

    if (count < 0) {
        close_client(client);
        return;
    }
    strbuf_append(&client->in, slice_of(buf->base, (size_t)count));
    assert_false(client->in.failed);
    while (take_next(client))
        ;
    if (!uv_is_closing((uv_handle_t *)&client->pipe))
        (void)send_out(client);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct peer_client *client = handle->data;

    (void)suggested;
    *buf = uv_buf_init(client->buffer, sizeof(client->buffer));
}

static void on_client(uv_stream_t *listener, int status)
{
    struct peer *peer = listener->data;
    struct peer_client *client = calloc(1, sizeof(*client));

    assert_int_equal(status, 0);
    assert_non_null(client);
    client->peer = peer;
    client->next = peer->clients;
    peer->clients = client;
    peer->client_count++;
    strbuf_init(&client->in, MAX_BYTES);
    strbuf_init(&client->out, MAX_BYTES);
    uv_pipe_init(&peer->loop.uv, &client->pipe, 0);
    client->pipe.data = client;
    assert_int_equal(uv_accept(listener, (uv_stream_t *)&client->pipe), 0);
    assert_int_equal(uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read), 0);
}

/* ---- the peer ------------------------------------------------------------------------------- */

int peer_set_up(void **state)
{
    struct peer *peer = calloc(1, sizeof(*peer));
    struct store_env env = {.timeout_ms = TIMEOUT_MS};
    char path[128];
    char url[160];

    assert_non_null(peer);
    *state = peer;
    random_init();
    (void)signal(SIGPIPE, SIG_IGN);
    temp_folder_make(&peer->folder);
    test_loop_init(&peer->loop);
    (void)snprintf(path, sizeof(path), "%s/.s.PGSQL.%d", peer->folder.path, PORT);
    (void)snprintf(url, sizeof(url), "postgres://a@/b?host=%s&port=%d", peer->folder.path, PORT);
    uv_pipe_init(&peer->loop.uv, &peer->listener, 0);
    peer->listener.data = peer;
    assert_int_equal(uv_pipe_bind(&peer->listener, path), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&peer->listener, 16, on_client), 0);
    env.loop = &peer->loop.uv;
    env.timers = &peer->loop.timers;
    env.clock = &peer->loop.clock;
    assert_int_equal(store_open(url, &env, &peer->store, NULL), ERR_OK);
    return 0;
}

int peer_tear_down(void **state)
{
    struct peer *peer = *state;

    store_close(peer->store);
    while (peer->clients)
        close_client(peer->clients);
    uv_close((uv_handle_t *)&peer->listener, NULL);
    test_loop_fini(&peer->loop);
    temp_folder_remove(&peer->folder);
    free(peer);
    return 0;
}

void peer_wait_connected(struct peer *peer)
{
    struct store_stats stats = {0};

    while (stats.connected == 0) {
        test_loop_turn(&peer->loop);
        store_get_stats(peer->store, &stats);
    }
}
