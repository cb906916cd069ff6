#include "web_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/random.h"
#include "support/cmocka.h"

static void on_turn(void *ctx)
{
    struct web_fixture *f = ctx;

    batcher_turn(f->batcher);
}

int web_set_up(void **state)
{
    struct web_fixture *f = calloc(1, sizeof(*f));
    struct store_env env = {.timeout_ms = HIT_MS};

    assert_non_null(f);
    random_init();
    log_setup(LOG_LOGFMT, LOG_ERROR);
    virtual_loop_init(&f->loop);
    f->loop.on_turn = on_turn;
    f->loop.ctx = f;
    env.timers = &f->loop.timers;
    env.clock = &f->loop.clock;
    f->db = memory_db_create();
    assert_non_null(f->db);
    assert_int_equal(memory_open_on(f->db, &env, &f->store), ERR_OK);
    f->batcher = batcher_create(f->store, &env, HIT_MS);
    assert_non_null(f->batcher);
    f->directory = directory_create(f->store, &env);
    f->facts = fact_maker_create(NULL, NULL);
    assert_non_null(f->directory);
    assert_non_null(f->facts);
    f->statistics = statistics_create(f->store, &f->loop.clock);
    assert_non_null(f->statistics);
    f->sites = site_store_create(f->store, &env);
    assert_non_null(f->sites);
    f->identity.settings.auth_field = FIELD_COUNT_;
    f->web = (struct web){.name = "Tom & <Jerry>",
                          .script_path = SLICE(SCRIPT_PATH),
                          .count_path = SLICE(COUNT_PATH),
                          .store = f->store,
                          .batcher = f->batcher,
                          .directory = f->directory,
                          .facts = f->facts,
                          .statistics = f->statistics,
                          .sites = f->sites,
                          .identity = &f->identity,
                          .clock = &f->loop.clock,
                          .worker = 3};
    fake_request_init(&f->fake, HTTP_GET, "/", "");
    *state = f;
    return 0;
}

int web_tear_down(void **state)
{
    struct web_fixture *f = *state;

    fake_request_fini(&f->fake);
    batcher_destroy(f->batcher);
    directory_destroy(f->directory);
    fact_maker_destroy(f->facts);
    statistics_destroy(f->statistics);
    site_store_destroy(f->sites);
    store_close(f->store);
    memory_db_destroy(f->db);
    virtual_loop_fini(&f->loop);
    free(f);
    return 0;
}

struct fake_request *prepare(struct web_fixture *f, enum http_method method, const char *path,
                             const char *query)
{
    fake_request_fini(&f->fake);
    fake_request_init(&f->fake, method, path, query);
    f->who = (struct who){.kind = WHO_NOBODY};
    f->fake.req.app = &f->web;
    f->fake.req.fields[FIELD_USER_AGENT] = SLICE(A_BROWSER);
    return &f->fake;
}

void as_program(struct web_fixture *f, const char *site)
{
    f->who = (struct who){.kind = WHO_PROGRAM};
    (void)snprintf(f->who.token.site, sizeof(f->who.token.site), "%s", site);
}

void as_user(struct web_fixture *f, const char *site, enum role role)
{
    f->who = (struct who){.kind = WHO_USER};
    assert_int_equal(user_grant(&f->who.user, slice_str(site), role), ERR_OK);
}

void web_settle(struct web_fixture *f)
{
    do
        virtual_loop_settle(&f->loop);
    while (f->loop.on_turn && batcher_is_ready(f->batcher));
}

void send_off(struct web_fixture *f)
{
    struct router router = web_router;

    if (f->who.kind != WHO_NOBODY) {
        router.admit = NULL;
        f->fake.req.admission = &f->who;
    }
    router_dispatch(&router, &f->fake.req);
}

int dispatch(struct web_fixture *f)
{
    send_off(f);
    web_settle(f);
    return f->fake.status;
}

int get(struct web_fixture *f, const char *path, const char *query)
{
    prepare(f, HTTP_GET, path, query);
    return dispatch(f);
}

int get_json(struct web_fixture *f, const char *path, const char *query)
{
    prepare(f, HTTP_GET, path, query)->req.fields[FIELD_ACCEPT] = SLICE("application/json");
    return dispatch(f);
}

void assert_body(const struct web_fixture *f, const char *expected)
{
    if (!slice_eq(strbuf_slice(&f->fake.body), slice_str(expected)))
        fail_msg("%.*s", SLICE_ARG(strbuf_slice(&f->fake.body)));
}

void assert_has(const struct strbuf *buf, const char *text)
{
    if (!memmem(buf->ptr, buf->len, text, strlen(text)))
        fail_msg("\"%s\" is not in: %.*s", text, SLICE_ARG(strbuf_slice(buf)));
}

void assert_total(struct web_fixture *f, int64_t expected)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%lld\n", (long long)expected);
    assert_int_equal(get(f, "/c/default.txt", ""), 200);
    assert_body(f, text);
}
