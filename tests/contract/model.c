#include "model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "calls.h"
#include "calls_rollups.h"
#include "store/memory.h"
#include "support/cmocka.h"

#define WRITERS  3
#define KEYS     6
#define COUNTERS 8
#define STEPS    10000

/* Long enough not to expire while a test runs: stores differ in whose clock they follow. */
#define TTL_S 86400

struct model {
    struct test_loop *loop;
    struct store *stores[2]; /* under test, and the reference */
    struct memory_db *db;
    unsigned shard; /* of the store under test */
    uint64_t random;
    size_t step;
    struct writer_id writers[WRITERS];
    struct commit *last[WRITERS]; /* to be sent again */
    uint64_t numbers[WRITERS];    /* that the model store has */
    uint64_t versions[KEYS];      /* as last seen: possibly stale */
};

static uint64_t draw(struct model *m, uint64_t below)
{
    m->random = m->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (m->random >> 33) % below;
}

static struct slice key_text(uint64_t i, char out[static 32])
{
    return slice_of(out, (size_t)snprintf(out, 32, "hit/default/%" PRIu64, i));
}

static struct counter counter_at(uint64_t i)
{
    static const char *const paths[COUNTERS] = {"", "/", "/a", "/a/b", "/%41", "/\xc3\xa9", "/{x}"};

    if (i == 0 || i == COUNTERS - 1)
        return (struct counter){i ? SLICE("other") : SLICE("default"), DIMENSION_TOTAL, SLICE("")};
    return (struct counter){SLICE("default"), DIMENSION_PAGE, slice_str(paths[i])};
}

static uint64_t draw_number(struct model *m, size_t writer)
{
    uint64_t number = m->numbers[writer] + 1;

    switch (draw(m, 20)) {
    case 0:
        return number + 1 + draw(m, 3); /* a gap */
    case 1:
        return number > 2 ? number - 2 : number; /* an old one */
    default:
        return number;
    }
}

static void draw_writes(struct model *m, struct commit *c)
{
    uint64_t first = draw(m, KEYS);
    uint64_t count = draw(m, 4);

    for (uint64_t i = 0; i < count; i++) {
        uint64_t k = (first + i) % KEYS;
        char key[32];
        char value[40];
        struct record_write write = {.key = key_text(k, key), .ttl_s = TTL_S};

        write.expect_version = draw(m, 5) == 0 ? RECORD_ABSENT : m->versions[k];
        if (draw(m, 8) == 0)
            write.expect_version = RECORD_ANY;
        if (draw(m, 4) > 0)
            write.value = slice_of(value, (size_t)snprintf(value, sizeof(value), "%" PRIu64,
                                                           draw(m, UINT64_C(1) << 30)));
        assert_int_equal(commit_write(c, &write), ERR_OK);
    }
}

#define BUCKETS UINT64_C(3)
#define VALUES  UINT64_C(5)

static const enum dimension rolled_up[] = {DIMENSION_TOTAL, DIMENSION_PAGE, DIMENSION_BROWSER};

/* The i-th of all rollups: some of each dimension, on the site and within pages. */
static struct rollup rollup_at(uint64_t i)
{
    struct rollup rollup = {
        .site = SLICE("default"),
        .bucket = (int32_t)(i % BUCKETS) * 1000,
        .dimension = rolled_up[i / BUCKETS % 3],
    };

    if (rollup.dimension == DIMENSION_TOTAL)
        return rollup;
    rollup.value = UINT64_C(0xfffffffffffffff0) + i / BUCKETS / 3 % VALUES;
    if (rollup.dimension == DIMENSION_BROWSER && i / BUCKETS / 3 / VALUES % 2 == 1)
        rollup.page = 2 + i % 3;
    return rollup;
}

#define ROLLUPS (BUCKETS * 3 * VALUES * 2)

static void draw_rollups(struct model *m, struct commit *c)
{
    uint64_t first = draw(m, ROLLUPS);
    uint64_t count = draw(m, 12);
    struct rollup seen[12];
    size_t seen_count = 0;

    for (uint64_t i = 0; i < count; i++) {
        struct rollup_addition addition = {.rollup = rollup_at((first + 7 * i) % ROLLUPS)};
        bool is_new = true;

        for (size_t j = 0; j < seen_count; j++)
            is_new = is_new && memcmp(&seen[j], &addition.rollup, sizeof(seen[j])) != 0;
        if (!is_new)
            continue;
        seen[seen_count++] = addition.rollup;
        addition.delta = (struct metrics){(int64_t)draw(m, 5), 1, (int64_t)draw(m, 2),
                                          (int64_t)draw(m, 3) - 1, (int64_t)draw(m, 100)};
        addition.cap = draw(m, 2) == 0 ? 0 : 3;
        if (addition.rollup.page == VALUE_NONE && draw(m, 2) == 0)
            addition.text = SLICE("a name");
        if (draw(m, 3) == 0)
            addition.title = SLICE("a title");
        assert_int_equal(commit_roll_up(c, &addition), ERR_OK);
    }
}

static struct commit *draw_commit(struct model *m, size_t writer)
{
    struct commit *c = commit_create();
    uint64_t first = draw(m, COUNTERS);
    uint64_t count = draw(m, COUNTERS + 1);

    assert_non_null(c);
    c->writer = m->writers[writer];
    c->number = draw_number(m, writer);
    c->version = draw(m, UINT64_C(1) << 30) + ((uint64_t)m->step << 31) + 1;
    draw_writes(m, c);
    for (uint64_t i = 0; i < count; i++) {
        struct addition addition = {.counter = counter_at((first + i) % COUNTERS),
                                    .delta = (int64_t)draw(m, 1000),
                                    .cap = draw(m, 2) == 0 ? 0 : 4};

        assert_int_equal(commit_add(c, &addition), ERR_OK);
    }
    c->totals_wanted = draw(m, c->addition_count + 1);
    draw_rollups(m, c);
    return c;
}

static void send_to_both(struct model *m, size_t writer, struct commit *c)
{
    struct outcome a;
    struct outcome b;

    c->shard = m->shard;
    a = call_commit(m->loop, m->stores[0], c);
    c->shard = 0; /* the model has but one */
    b = call_commit(m->loop, m->stores[1], c);
    if (!outcome_eq(&a, &b))
        fail_msg("step %zu: the store says %s (%s), the model %s", m->step,
                 commit_status_name(a.status), a.detail, commit_status_name(b.status));
    if (b.status == COMMIT_DONE || b.status == COMMIT_CONFLICT)
        m->numbers[writer] = c->number;
    outcome_fini(&a);
    outcome_fini(&b);
}

static void compare_record(struct model *m, uint64_t k)
{
    char key[32];
    char values[2][64];
    size_t lens[2];
    uint64_t versions[2];

    for (int i = 0; i < 2; i++)
        versions[i] = call_read(m->loop, m->stores[i], key_text(k, key), values[i],
                                sizeof(values[i]), &lens[i]);
    assert_int_equal(versions[0], versions[1]);
    assert_int_equal(lens[0], lens[1]);
    assert_memory_equal(values[0], values[1], lens[1]);
    m->versions[k] = versions[1];
}

static void compare_counter(struct model *m, uint64_t i)
{
    struct counter counter = counter_at(i);

    assert_int_equal(call_total(m->loop, m->stores[0], &counter),
                     call_total(m->loop, m->stores[1], &counter));
}

static void compare_rollups(struct model *m)
{
    static const int32_t buckets[] = {0, 1000, 2000};
    static struct rollup_sum expected[CALL_MAX_SUMS];
    struct rollup_query query = {
        .site = SLICE("default"),
        .dimension = rolled_up[draw(m, 3)],
        .scope = draw(m, 2) ? ROLLUP_WITHIN_PAGES : ROLLUP_OF_SITE,
        .page = draw(m, 3) ? VALUE_NONE : 2,
        .value = draw(m, 3) ? VALUE_NONE : rollup_at(draw(m, ROLLUPS)).value,
        .buckets = buckets + draw(m, 2),
        .bucket_count = (size_t)draw(m, 3),
        .group = (enum rollup_group)draw(m, 3),
    };
    const struct rollup_sum *found;
    size_t counts[2];

    memcpy(expected, call_rollups(m->loop, m->stores[1], &query, &counts[1]), sizeof(expected));
    found = call_rollups(m->loop, m->stores[0], &query, &counts[0]);
    assert_int_equal(counts[0], counts[1]);
    for (size_t i = 0; i < counts[0]; i++)
        assert_memory_equal(&found[i], &expected[i], sizeof(found[i]));
}

static void compare_contents(struct model *m)
{
    struct contents contents[2];

    for (int i = 0; i < 2; i++)
        contents_read(&contents[i], m->loop, m->stores[i]);
    assert_true(contents_eq(&contents[0], &contents[1]));
    assert_true(contents[0].items.count > 0);
    for (int i = 0; i < 2; i++)
        contents_fini(&contents[i]);
}

static void register_writer(struct model *m, size_t writer)
{
    assert_int_equal(call_register(m->loop, m->stores[0], &m->writers[writer], 0), ERR_OK);
    assert_int_equal(call_register(m->loop, m->stores[1], &m->writers[writer], 0), ERR_OK);
}

static void run_step(struct model *m)
{
    size_t writer = (size_t)draw(m, WRITERS);

    switch (draw(m, 14)) {
    case 0:
        register_writer(m, writer);
        return;
    case 1:
    case 2:
        compare_record(m, draw(m, KEYS));
        return;
    case 3:
        compare_counter(m, draw(m, COUNTERS));
        return;
    case 4:
        if (m->last[writer])
            send_to_both(m, writer, m->last[writer]);
        return;
    case 6:
        compare_rollups(m);
        return;
    case 7:
        if (draw(m, 50) == 0) {
            call_purge(m->loop, m->stores[0], SLICE("default"), 1000, 1500);
            call_purge(m->loop, m->stores[1], SLICE("default"), 1000, 1500);
        }
        return;
    case 5:
        assert_int_equal(call_sweep(m->loop, m->stores[0]), ERR_OK);
        return;
    default:
        commit_unref(m->last[writer]);
        m->last[writer] = draw_commit(m, writer);
        send_to_both(m, writer, m->last[writer]);
        return;
    }
}

static uint64_t number_from_env(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

void model_compare(struct test_loop *loop, struct store *store, unsigned shard, const char *name)
{
    struct store_env env = {.timers = &loop->timers, .clock = &loop->clock, .timeout_ms = 10000};
    struct model m = {.loop = loop, .shard = shard};
    uint64_t steps = number_from_env("FOOTFALL_TEST_STEPS", STEPS);

    m.random = number_from_env("FOOTFALL_TEST_SEED", random_nonzero_u64() % 1000000);
    printf("%s: %" PRIu64 " steps, seed %" PRIu64 "\n", name, steps, m.random);
    m.db = memory_db_create();
    assert_non_null(m.db);
    m.stores[0] = store;
    assert_int_equal(memory_open_on(m.db, &env, &m.stores[1]), ERR_OK);
    random_bytes(m.writers, sizeof(m.writers));
    for (m.step = 0; m.step < steps; m.step++)
        run_step(&m);
    for (uint64_t i = 0; i < COUNTERS; i++)
        compare_counter(&m, i);
    compare_contents(&m);
    for (size_t i = 0; i < WRITERS; i++)
        commit_unref(m.last[i]);
    store_close(m.stores[1]);
    memory_db_destroy(m.db);
}
