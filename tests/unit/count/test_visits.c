/* However hits are spread over processes and cut into batches, the visitors and rollups come out as
 * if one process had handled them one by one.
 *
 * Processes are plans here, and the store is a map of records with versions and a fold of rollups:
 * each takes some hits, reads, plans, and tries to commit, in steps of a random order, so that they
 * get in each other's way. What "one by one" means: a visitor's hits in the order in which they
 * took effect. A hit that wrote its visitor took effect with its commit; one that left him as he
 * was, when he was read. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "count/bucket.h"
#include "count/plan.h"
#include "support/cmocka.h"

#define RUNS      400
#define HITS      300
#define PROCESSES 4
#define VISITORS  5
#define PAGES     4
#define SITE      SLICE("default")

/* Two minutes before a midnight, UTC. */
#define START_S (INT64_C(20000) * 86400 - 120)

/* ---- the store ------------------------------------------------------------------------------ */

struct stored {
    uint64_t version; /* RECORD_ABSENT: deleted */
    struct slice value;
    struct slice key;
};

struct world {
    struct arena arena;
    struct hashmap records;
    struct rollup_fold sums;
    uint64_t version; /* of the last commit */
};

static void world_init(struct world *w)
{
    arena_init(&w->arena, 65536, (size_t)1 << 30);
    hashmap_init(&w->records);
    rollup_fold_init(&w->sums);
    w->version = 0;
}

static void world_fini(struct world *w)
{
    hashmap_fini(&w->records);
    rollup_fold_fini(&w->sums);
    arena_fini(&w->arena);
}

static struct record look(const struct world *w, struct slice key)
{
    const struct stored *stored = hashmap_get(&w->records, key);

    if (!stored || stored->version == RECORD_ABSENT)
        return (struct record){.key = key, .value = SLICE(""), .version = RECORD_ABSENT};
    return (struct record){.key = key, .value = stored->value, .version = stored->version};
}

static void put(struct world *w, const struct record_write *write)
{
    struct slice key = arena_dup(&w->arena, write->key);
    void **place = hashmap_put(&w->records, key);
    struct stored *stored;

    assert_non_null(place);
    if (!*place)
        *place = arena_alloc(&w->arena, sizeof(struct stored));
    stored = *place;
    assert_non_null(stored);
    stored->version = write->value.ptr ? w->version : RECORD_ABSENT;
    stored->value = arena_dup(&w->arena, write->value.ptr ? write->value : SLICE(""));
    stored->key = key;
}

static bool fits(const struct world *w, const struct commit *c)
{
    for (size_t i = 0; i < c->write_count; i++) {
        if (look(w, c->writes[i].key).version != c->writes[i].expect_version)
            return false;
    }
    return true;
}

static void apply(struct world *w, const struct commit *c)
{
    static const char site[] = "default"; /* one pointer for each site, as a fold wants it */

    w->version++;
    for (size_t i = 0; i < c->write_count; i++)
        put(w, &c->writes[i]);
    for (size_t i = 0; i < c->rollup_count; i++) {
        struct rollup rollup = c->rollups[i].rollup;
        struct rollup_addition *sum;

        rollup.site = slice_of(site, strlen(site));
        sum = rollup_fold_get(&w->sums, &rollup);
        assert_non_null(sum);
        metrics_add(&sum->delta, &c->rollups[i].delta);
    }
}

/* ---- hits ----------------------------------------------------------------------------------- */

struct draw {
    uint64_t state;
};

static uint64_t draw(struct draw *d, uint64_t below)
{
    d->state = d->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return below > 0 ? (d->state >> 33) % below : 0;
}

struct test_hit {
    struct hit_facts facts;
    struct slice path;
    uint64_t visitor;
    uint64_t position; /* when it took effect */
    size_t order;      /* in its batch */
};

static struct slice path_of(uint64_t i)
{
    static const char *const paths[PAGES] = {"/", "/a", "/b", "/c"};

    return slice_str(paths[i]);
}

static void make_key(unsigned char out[static VISITOR_KEY_BYTES], uint64_t visitor, int32_t day)
{
    memset(out, 0, VISITOR_KEY_BYTES);
    out[0] = (unsigned char)visitor;
    memcpy(out + 4, &day, sizeof(day));
}

static void draw_profile(struct draw *d, struct hit_facts *facts)
{
    static const char *const browsers[] = {"Firefox", "Chrome"};
    static const char *const sources[] = {"Google", "Reddit"};

    facts->texts[0] = slice_str(browsers[draw(d, 2)]);
    facts->texts[1] = slice_str(sources[draw(d, 2)]);
    facts->profile.values[0] = (struct profile_value){DIMENSION_SOURCE, value_id(facts->texts[1])};
    facts->profile.values[1] = (struct profile_value){DIMENSION_BROWSER, value_id(facts->texts[0])};
    facts->profile.count = 2;
}

static void draw_hit(struct draw *d, int64_t unix_s, struct test_hit *out)
{
    struct hit_facts *facts = &out->facts;

    memset(out, 0, sizeof(*out));
    out->visitor = draw(d, VISITORS);
    out->path = path_of(draw(d, PAGES));
    facts->unix_s = unix_s;
    moment_of(NULL, unix_s, &facts->moment);
    facts->page = value_id(out->path);
    facts->title = SLICE("");
    facts->bot = draw(d, 40) == 0 ? SLICE("crawler") : SLICE("");
    facts->event.name = draw(d, 12) == 0 ? SLICE("signup") : SLICE("");
    draw_profile(d, facts);
    facts->page_cap = 1000;
    facts->value_cap = 1000;
    facts->visitor.is_known = draw(d, 10) > 0;
    facts->visitor.has_before = unix_s % 86400 < VISIT_GAP_S;
    facts->visitor.ttl_s = 86400;
    make_key(facts->visitor.today, out->visitor, facts->moment.day);
    make_key(facts->visitor.before, out->visitor, facts->moment.day - 1);
}

/* Mostly some seconds apart, now and then a break, and now and then a clock that is behind. */
static int64_t next_time(struct draw *d, int64_t unix_s)
{
    switch (draw(d, 20)) {
    case 0:
        return unix_s + VISIT_GAP_S - 5 + (int64_t)draw(d, 10);
    case 1:
        return unix_s + 4 * VISIT_GAP_S;
    case 2:
        return unix_s - (int64_t)draw(d, 3);
    default:
        return unix_s + (int64_t)draw(d, 30);
    }
}

/* ---- processes ------------------------------------------------------------------------------ */

enum step { STEP_READ, STEP_PLAN, STEP_COMMIT };

struct process {
    struct arena arena;
    struct plan plan;
    struct planned_hit *planned;
    struct test_hit **hits;
    size_t count;
    struct commit *commit;
    uint64_t read_at;       /* when its records were read … */
    struct hashmap learned; /* … but for these, which came with a conflict: key -> when */
    enum step step;
};

static void process_init(struct process *p)
{
    memset(p, 0, sizeof(*p));
    arena_init(&p->arena, 65536, (size_t)1 << 28);
    plan_init(&p->plan, &p->arena);
    hashmap_init(&p->learned);
    p->commit = commit_create();
    assert_non_null(p->commit);
}

static void process_fini(struct process *p)
{
    commit_unref(p->commit);
    plan_fini(&p->plan);
    hashmap_fini(&p->learned);
    arena_fini(&p->arena);
}

static void take(struct process *p, struct test_hit *hits, size_t count)
{
    plan_clear(&p->plan);
    hashmap_clear(&p->learned);
    arena_reset(&p->arena);
    p->planned = arena_alloc(&p->arena, count * sizeof(*p->planned));
    p->hits = arena_alloc(&p->arena, count * sizeof(struct test_hit *));
    assert_non_null(p->planned);
    assert_non_null(p->hits);
    memset(p->planned, 0, count * sizeof(*p->planned));
    for (size_t i = 0; i < count; i++) {
        p->hits[i] = &hits[i];
        p->hits[i]->order = i;
        p->planned[i].input = (struct hit_input){SITE, hits[i].path, SLICE("")};
        assert_int_equal(plan_hit(&p->plan, &p->planned[i], &hits[i].facts), ERR_OK);
    }
    p->count = count;
    p->step = STEP_READ;
}

static void read_records(struct process *p, const struct world *w, uint64_t now)
{
    size_t count = plan_key_count(&p->plan);
    struct slice *keys = arena_alloc(&p->arena, (count + 1) * sizeof(*keys));

    assert_non_null(keys);
    plan_keys(&p->plan, keys);
    for (size_t i = 0; i < count; i++) {
        struct record record = look(w, keys[i]);

        assert_int_equal(plan_learn(&p->plan, &record, 1), ERR_OK);
    }
    p->read_at = now;
}

static void learn_conflict(struct process *p, const struct world *w, uint64_t now)
{
    for (size_t i = 0; i < p->commit->write_count; i++) {
        struct slice key = arena_dup(&p->arena, p->commit->writes[i].key);
        struct record record = look(w, key);
        uint64_t *when = arena_alloc(&p->arena, sizeof(*when));
        void **place = hashmap_put(&p->learned, key);

        assert_non_null(place);
        assert_non_null(when);
        *when = now;
        *place = when;
        assert_int_equal(plan_learn(&p->plan, &record, 1), ERR_OK);
    }
}

static bool is_written(const struct process *p, struct slice key)
{
    for (size_t i = 0; i < p->commit->write_count; i++) {
        if (slice_eq(p->commit->writes[i].key, key))
            return true;
    }
    return false;
}

static void note_positions(struct process *p, uint64_t now)
{
    for (size_t i = 0; i < p->count; i++) {
        char text[64];
        struct slice key;
        const uint64_t *when;

        memcpy(text, "visitor/default/", 16);
        memcpy(text + 16, p->hits[i]->facts.visitor.today, VISITOR_KEY_BYTES);
        key = slice_of(text, 16 + VISITOR_KEY_BYTES);
        when = hashmap_get(&p->learned, key);
        p->hits[i]->position = is_written(p, key) ? now : when ? *when : p->read_at;
    }
}

/* @return true when the batch is done */
static bool take_step(struct process *p, struct world *w, uint64_t now)
{
    switch (p->step) {
    case STEP_READ:
        read_records(p, w, now);
        p->step = STEP_PLAN;
        return false;
    case STEP_PLAN:
        commit_clear(p->commit);
        assert_int_equal(plan_commit(&p->plan, p->commit), ERR_OK);
        p->step = STEP_COMMIT;
        return false;
    case STEP_COMMIT:
        if (!fits(w, p->commit)) {
            learn_conflict(p, w, now);
            p->step = STEP_PLAN;
            return false;
        }
        apply(w, p->commit);
        note_positions(p, now);
        return true;
    }
    return true;
}

/* Deals all hits out to the processes, which take their steps in any order. */
static void run_processes(struct draw *d, struct world *w, struct test_hit *hits, size_t count,
                          size_t process_count)
{
    static struct process processes[PROCESSES];
    bool is_busy[PROCESSES] = {false};
    size_t next = 0;
    size_t busy = 0;

    for (size_t i = 0; i < process_count; i++)
        process_init(&processes[i]);
    for (uint64_t now = 1; next < count || busy > 0; now++) {
        size_t i = (size_t)draw(d, process_count);

        if (is_busy[i]) {
            is_busy[i] = !take_step(&processes[i], w, now);
            busy -= is_busy[i] ? 0 : 1;
        } else if (next < count) {
            size_t some = 1 + (size_t)draw(d, count - next < 12 ? count - next : 12);

            take(&processes[i], &hits[next], some);
            next += some;
            is_busy[i] = true;
            busy++;
        }
    }
    for (size_t i = 0; i < process_count; i++)
        process_fini(&processes[i]);
}

static int by_position(const void *a, const void *b)
{
    const struct test_hit *one = a;
    const struct test_hit *two = b;

    if (one->position != two->position)
        return one->position < two->position ? -1 : 1;
    return one->order < two->order ? -1 : one->order > two->order;
}

/* ---- comparing ------------------------------------------------------------------------------ */

static void print_difference(uint64_t seed, const struct rollup *rollup, const struct metrics *many,
                             const struct metrics *one)
{
    print_error("seed %" PRIu64 ", bucket %d, dimension %s: views %" PRId64 "/%" PRId64
                " visits %" PRId64 "/%" PRId64 " visitors %" PRId64 "/%" PRId64 " bounces %" PRId64
                "/%" PRId64 " seconds %" PRId64 "/%" PRId64 "\n",
                seed, rollup->bucket, dimension_name(rollup->dimension), many->views, one->views,
                many->visits, one->visits, many->visitors, one->visitors, many->bounces,
                one->bounces, many->seconds, one->seconds);
}

/* A row that is missing is one of zeros. */
static size_t compare_sums(uint64_t seed, const struct world *many, struct world *one)
{
    size_t differences = 0;

    for (size_t i = 0; i < many->sums.count; i++) {
        const struct rollup_addition *a = &many->sums.items[i];
        const struct rollup_addition *b = rollup_fold_get(&one->sums, &a->rollup);

        assert_non_null(b);
        if (memcmp(&a->delta, &b->delta, sizeof(a->delta)) == 0)
            continue;
        print_difference(seed, &a->rollup, &a->delta, &b->delta);
        differences++;
    }
    return differences;
}

static const struct metrics *total(struct world *w, int32_t month)
{
    const struct rollup_addition *found = NULL;

    for (size_t i = 0; i < w->sums.count; i++) {
        const struct rollup *rollup = &w->sums.items[i].rollup;

        if (rollup->dimension == DIMENSION_TOTAL && rollup->bucket == month)
            found = &w->sums.items[i];
    }
    assert_non_null(found);
    return &found->delta;
}

/* What must hold of any numbers. */
static void assert_plausible(struct world *w, const struct test_hit *hits)
{
    int64_t views = 0;
    const struct metrics *sum = total(w, bucket_month_of_day(20000));

    for (size_t i = 0; i < HITS; i++)
        views += hits[i].facts.bot.len == 0 && hits[i].facts.event.name.len == 0;
    assert_int_equal(sum->views, views);
    for (size_t i = 0; i < w->sums.count; i++) {
        const struct metrics *m = &w->sums.items[i].delta;

        assert_true(m->bounces >= 0 && m->seconds >= 0 && m->visits >= 0);
        assert_true(w->sums.items[i].rollup.dimension != DIMENSION_TOTAL ||
                    m->bounces <= m->visits || w->sums.items[i].rollup.bucket >= 40000000);
    }
}

static void run_once(uint64_t seed, size_t process_count)
{
    static struct test_hit hits[HITS];
    struct draw d = {.state = seed};
    struct world many;
    struct world one;
    int64_t unix_s = START_S;

    for (size_t i = 0; i < HITS; i++) {
        draw_hit(&d, unix_s, &hits[i]);
        unix_s = next_time(&d, unix_s);
    }
    world_init(&many);
    world_init(&one);
    run_processes(&d, &many, hits, HITS, process_count);
    qsort(hits, HITS, sizeof(hits[0]), by_position);
    for (size_t i = 0; i < HITS; i++) {
        struct process alone;

        process_init(&alone);
        take(&alone, &hits[i], 1);
        while (!take_step(&alone, &one, i))
            continue;
        process_fini(&alone);
    }
    assert_int_equal(compare_sums(seed, &many, &one) + compare_sums(seed, &one, &many), 0);
    assert_plausible(&many, hits);
    world_fini(&many);
    world_fini(&one);
}

static void test_any_interleaving_counts_as_one_by_one(void **state)
{
    const char *text = getenv("FOOTFALL_TEST_SEED");
    uint64_t first = text ? strtoull(text, NULL, 10) : random_nonzero_u64() % 1000000;

    (void)state;
    printf("seeds from %" PRIu64 "\n", first);
    for (uint64_t i = 0; i < RUNS; i++)
        run_once(first + i, 1 + (size_t)(i % PROCESSES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_interleaving_counts_as_one_by_one),
    };

    random_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
