#include "hits_fixture.h"

#include <stdio.h>

#include "store/writer.h"
#include "support/cmocka.h"

/* ---- asking --------------------------------------------------------------------------------- */

struct request *prepare_post(struct web_fixture *f, const char *path, const char *query,
                             const char *body)
{
    struct request *req = &prepare(f, HTTP_POST, path, query)->req;

    req->fields[FIELD_CONTENT_TYPE] = SLICE("application/json");
    req->body = slice_str(body);
    return req;
}

int post(struct web_fixture *f, const char *body)
{
    struct request *req = prepare_post(f, "/api/v1/hits", "", body);

    req->fields[FIELD_USER_AGENT] =
        SLICE("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0");
    return dispatch(f);
}

int post_with_token(struct web_fixture *f, const char *path, const char *query, const char *body)
{
    (void)prepare_post(f, path, query, body);
    as_program(f, "*");
    return dispatch(f);
}

int64_t now_s(const struct web_fixture *f)
{
    return clock_unix_ms(&f->loop.clock) / 1000;
}

/* ---- what the store has --------------------------------------------------------------------- */

static void on_sums(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    assert_int_equal(err, ERR_OK);
    memset(ctx, 0, sizeof(struct metrics));
    if (count > 0)
        *(struct metrics *)ctx = sums[0].metrics;
}

struct metrics sum_of(struct web_fixture *f, enum dimension dimension, int32_t day,
                      const char *text)
{
    const struct rollup_query query = {
        .site = SLICE(SITE_DEFAULT),
        .dimension = dimension,
        .value = text[0] != '\0' ? value_id(slice_str(text)) : VALUE_NONE,
        .buckets = &day,
        .bucket_count = 1,
    };
    struct metrics metrics = {.views = -1};

    assert_non_null(store_rollups(f->store, 0, &query, on_sums, &metrics));
    virtual_loop_settle(&f->loop);
    return metrics;
}

int32_t today(const struct web_fixture *f)
{
    return (int32_t)(now_s(f) / 86400);
}

static void on_written(void *ctx, const struct commit_result *result)
{
    (void)ctx;
    assert_int_equal(result->status, COMMIT_DONE);
}

void write_site(struct web_fixture *f, const char *key, const char *json)
{
    const struct store_env env = {
        .timers = &f->loop.timers, .clock = &f->loop.clock, .timeout_ms = HIT_MS};
    struct writer *writer = writer_create(f->store, 0, &env);
    struct commit *commit = commit_create();
    const struct record_write write = {
        .key = slice_str(key), .value = slice_str(json), .ttl_s = RECORD_FOREVER};

    assert_true(writer && commit);
    assert_int_equal(commit_write(commit, &write), ERR_OK);
    writer_commit(writer, commit, on_written, NULL);
    virtual_loop_settle(&f->loop);
    commit_unref(commit);
    writer_destroy(writer);
}

void set_public_counters(struct web_fixture *f, const char *what)
{
    char json[100];

    (void)snprintf(json, sizeof(json), "{\"id\":\"default\",\"public_counters\":\"%s\"}", what);
    write_site(f, "site/default", json);
}
