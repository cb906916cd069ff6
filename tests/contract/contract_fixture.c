#include "contract_fixture.h"

#include <stdlib.h>

#include "base/random.h"
#include "calls.h"
#include "support/cmocka.h"

static const struct subject *subject;

void fixture_use(const struct subject *the_subject)
{
    subject = the_subject;
    calls_use_shard(subject->shard);
}

int fixture_set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    test_loop_init(&f->loop);
    f->store = subject->open(&f->loop);
    assert_non_null(f->store);
    random_bytes(f->writer.bytes, sizeof(f->writer.bytes));
    *state = f;
    return 0;
}

int fixture_tear_down(void **state)
{
    struct fixture *f = *state;

    store_close(f->store);
    test_loop_fini(&f->loop);
    if (subject->clean)
        subject->clean();
    free(f);
    return 0;
}

struct commit *fixture_commit(const struct fixture *f, uint64_t number)
{
    struct commit *c = commit_create();

    assert_non_null(c);
    c->writer = f->writer;
    c->number = number;
    c->shard = subject->shard;
    c->version = random_nonzero_u64();
    return c;
}

enum commit_status fixture_submit(struct fixture *f, struct commit *c)
{
    struct outcome outcome = call_commit(&f->loop, f->store, c);
    enum commit_status status = outcome.status;

    outcome_fini(&outcome);
    return status;
}

enum commit_status fixture_submit_and_free(struct fixture *f, struct commit *c)
{
    enum commit_status status = fixture_submit(f, c);

    commit_unref(c);
    return status;
}

void fixture_put(struct commit *c, struct slice key, struct slice value, uint64_t expect,
                 uint32_t ttl_s)
{
    struct record_write write = {key, value, expect, ttl_s};

    assert_int_equal(commit_write(c, &write), ERR_OK);
}
