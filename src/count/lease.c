#include "count/lease.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "store/writer.h"

#define KEY_BYTES   (6 + LEASE_MAX_NAME)
#define VALUE_BYTES 24

#define DONE        SLICE("done")

struct lease {
    struct store *store;
    unsigned shard;
    struct writer *writer;
    char key_text[KEY_BYTES + 1];
    struct slice key;
    char value_text[VALUE_BYTES]; /* while it is ours */
    struct slice value;
    uint64_t version;      /* of the record, as we know it */
    struct commit *commit; /* in flight */
    struct store_op *op;
    uint32_t ttl_s;
    bool even_if_done;
    lease_fn *done;
    void *ctx;
};

static void tell(struct lease *lease, enum lease_answer answer)
{
    lease->done(lease->ctx, answer);
}

/* ---- writing -------------------------------------------------------------------------------- */

static enum lease_answer answer_of(struct lease *lease, const struct commit_result *result)
{
    if (result->status == COMMIT_DONE) {
        lease->version = lease->commit->version;
        return LEASE_OURS;
    }
    if (result->status != COMMIT_CONFLICT)
        return LEASE_UNKNOWN;
    return slice_eq(result->records[0].value, DONE) ? LEASE_DONE : LEASE_HELD;
}

static void on_committed(void *ctx, const struct commit_result *result)
{
    struct lease *lease = ctx;
    enum lease_answer answer = answer_of(lease, result);

    commit_unref(lease->commit);
    lease->commit = NULL;
    tell(lease, answer);
}

/* @param value  ptr NULL: the record goes */
static void write_record(struct lease *lease, struct slice value, uint32_t ttl_s)
{
    const struct record_write write = {
        .key = lease->key, .value = value, .expect_version = lease->version, .ttl_s = ttl_s};

    lease->commit = writer_is_busy(lease->writer) ? NULL : commit_create();
    if (!lease->commit || commit_write(lease->commit, &write) != ERR_OK) {
        commit_unref(lease->commit);
        lease->commit = NULL;
        tell(lease, LEASE_UNKNOWN);
        return;
    }
    lease->commit->shard = lease->shard;
    writer_commit(lease->writer, lease->commit, on_committed, lease);
}

void lease_renew(struct lease *lease, uint32_t ttl_s, lease_fn *done, void *ctx)
{
    lease->done = done;
    lease->ctx = ctx;
    write_record(lease, lease->value, ttl_s);
}

void lease_end(struct lease *lease, uint32_t done_s, lease_fn *done, void *ctx)
{
    lease->done = done;
    lease->ctx = ctx;
    write_record(lease, done_s > 0 ? DONE : slice_of(NULL, 0), done_s > 0 ? done_s : 1);
}

/* ---- taking --------------------------------------------------------------------------------- */

/* A record that is ours already is left from a run that did not come to its end. */
static void on_read(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct lease *lease = ctx;
    bool is_done;

    lease->op = NULL;
    if (err != ERR_OK || count != 1) {
        tell(lease, LEASE_UNKNOWN);
        return;
    }
    lease->version = records[0].version;
    is_done = slice_eq(records[0].value, DONE);
    if (lease->version == RECORD_ABSENT || (is_done && lease->even_if_done) ||
        slice_eq(records[0].value, lease->value))
        write_record(lease, lease->value, lease->ttl_s);
    else
        tell(lease, is_done ? LEASE_DONE : LEASE_HELD);
}

void lease_take(struct lease *lease, uint32_t ttl_s, bool even_if_done, lease_fn *done, void *ctx)
{
    lease->ttl_s = ttl_s;
    lease->even_if_done = even_if_done;
    lease->done = done;
    lease->ctx = ctx;
    lease->op = store_read(lease->store, lease->shard, &lease->key, 1, on_read, lease);
    if (!lease->op)
        tell(lease, LEASE_UNKNOWN);
}

/* ---- the lease ------------------------------------------------------------------------------ */

struct lease *lease_create(struct store *store, const struct store_env *env, const char *name)
{
    struct lease *lease = calloc(1, sizeof(*lease));
    int len;

    if (!lease)
        return NULL;
    len = snprintf(lease->key_text, sizeof(lease->key_text), "lease/%.*s", LEASE_MAX_NAME, name);
    lease->key = slice_of(lease->key_text, (size_t)len);
    len = snprintf(lease->value_text, sizeof(lease->value_text), "held %016" PRIx64,
                   random_nonzero_u64());
    lease->value = slice_of(lease->value_text, (size_t)len);
    lease->store = store;
    lease->shard = store_shard_of(store, record_owner(lease->key));
    lease->writer = writer_create(store, lease->shard, env);
    if (!lease->writer) {
        lease_destroy(lease);
        return NULL;
    }
    return lease;
}

void lease_destroy(struct lease *lease)
{
    if (!lease)
        return;
    store_op_cancel(lease->op);
    writer_destroy(lease->writer);
    commit_unref(lease->commit);
    free(lease);
}
