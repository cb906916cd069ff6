/* Whatever a server answers: the reader, and all that makes results of replies.
 *
 * The first byte of an input says where the bytes after it are cut in two, and how many totals and
 * records the commit has that they are taken for the reply to. */
#include "store/redis_reply.h"
#include "store/redis_commit.h"
#include "store/redis_error.h"
#include "store/redis_health.h"
#include "store/redis_map.h"
#include "store/redis_read.h"
#include "store/redis_row.h"
#include "store/redis_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define COUNTERS 4

static struct addition additions[COUNTERS] = {
    {.counter = {SLICE_INIT("a"), DIMENSION_TOTAL, SLICE_INIT("")}, .delta = 1},
    {.counter = {SLICE_INIT("a"), DIMENSION_PAGE, SLICE_INIT("/1")}, .delta = 1},
    {.counter = {SLICE_INIT("b"), DIMENSION_PAGE, SLICE_INIT("/2")}, .delta = 1},
    {.counter = {SLICE_INIT("a"), DIMENSION_PAGE, SLICE_INIT("/3")}, .delta = 1},
};
static struct record_write writes[2] = {{.key = SLICE_INIT("r/1")}, {.key = SLICE_INIT("r/2")}};

static const struct redis_prefix prefix = {"footfall:{07}:", 14};

static void take_as_commit(const struct redis_value *reply, unsigned variant)
{
    struct commit commit = {.number = 7,
                            .additions = additions,
                            .addition_count = COUNTERS,
                            .totals_wanted = variant % (COUNTERS + 1),
                            .writes = writes,
                            .write_count = variant % 3};
    struct redis_commit_plan plan;
    struct redis_value copy;
    struct commit_result result;
    struct err_info detail;
    struct arena arena;
    int64_t sum = 0;

    arena_init(&arena, 1024, 1 << 20);
    if (redis_commit_plan(&plan, &commit, &prefix, "key", &arena) == ERR_OK &&
        redis_value_dup(&copy, reply, &arena) == ERR_OK &&
        redis_commit_decode(&result, &commit, &plan, &copy, &arena, &detail) == ERR_OK) {
        for (size_t i = 0; result.status == COMMIT_DONE && i < commit.totals_wanted; i++)
            sum ^= result.totals[i];
        for (size_t i = 0; result.status == COMMIT_CONFLICT && i < commit.write_count; i++)
            sum ^= (int64_t)result.records[i].version ^ (int64_t)result.records[i].value.len;
    }
    arena_fini(&arena);
    (void)(volatile int64_t){sum};
}

static const struct counter *counter_at(const void *list, size_t i, uint32_t *cap)
{
    *cap = 0;
    return &((const struct addition *)list)[i].counter;
}

static void take_as_read(const struct redis_value *reply, unsigned variant)
{
    struct slice keys[2] = {SLICE_INIT("r/1"), SLICE_INIT("r/2")};
    struct record records[2];
    int64_t totals[COUNTERS];
    struct redis_plan plan;
    struct err_info detail;
    struct arena arena;

    arena_init(&arena, 1024, 1 << 20);
    (void)!redis_read_decode(records, keys, variant % 3, reply);
    if (redis_plan_make(&plan, additions, counter_at, COUNTERS, &prefix, NULL, &arena) == ERR_OK)
        (void)!redis_totals_decode(totals, &plan, variant % (1 + plan.group_count), reply, &detail);
    arena_fini(&arena);
}

static void take_as_scan(const struct redis_value *reply)
{
    struct scan_step step;
    struct err_info detail;
    struct arena arena;
    size_t sum = 0;

    arena_init(&arena, 1024, 1 << 20);
    if (redis_scan_decode(&step, reply, &arena, &detail) == ERR_OK) {
        for (size_t i = 0; i < step.record_count; i++)
            sum += step.records[i].ttl_s + step.records[i].key.len;
        for (size_t i = 0; i < step.counter_count; i++)
            sum += step.counters[i].counter.value.len;
        for (size_t i = 0; i < step.rollup_count; i++)
            sum += step.rollups[i].rollup.site.len + step.rollups[i].name.title.len;
    }
    arena_fini(&arena);
    (void)(volatile size_t){sum};
}

/* A list of rollups, a field of one, and what it holds. */
static void take_as_row(struct slice text)
{
    struct rollup rollup;
    struct metrics metrics = {0};
    char key[REDIS_LIST_KEY_BYTES];

    if (redis_list_parse(text, &rollup))
        (void)redis_list_key(&prefix, &rollup, key);
    rollup.page = text.len > 8 ? VALUE_OTHER : VALUE_NONE;
    (void)!redis_field_parse(text, &rollup);
    (void)!redis_metrics_parse(text, &metrics);
    (void)(volatile int64_t){metrics.seconds};
}

/* All steps of a check, on a single server or a cluster, with or without replicas to wait for. */
static void take_as_check(const struct redis_value *reply, unsigned variant)
{
    const struct redis_questions questions = {
        .prefix = &prefix, .is_cluster = variant & 1, .wait = variant >> 1 & 1};
    struct redis_facts facts = {0};
    struct store_health health;

    redis_facts_take(&facts, &questions, variant % 8, reply);
    redis_health_judge(&facts, DURABILITY_STRICT, &health);
}

static void take_as_map(const struct redis_value *reply)
{
    static struct redis_map map;
    static const unsigned slots[STORE_MAX_SHARDS] = {1, 100, 8000, 16383};
    struct redis_redirection redirection;
    size_t nobody = 0;

    if (redis_map_read(&map, reply, "asked.example", slots) == ERR_OK) {
        for (size_t i = 0; i < STORE_MAX_SHARDS; i++)
            nobody += map.owners[i] == REDIS_MAP_NOBODY || map.nodes[map.owners[i]].is_primary;
    }
    (void)!redis_redirection_read(&redirection, reply->text, "asked.example");
    (void)(volatile size_t){nobody};
}

static void take(const struct redis_value *reply, unsigned variant)
{
    if (reply->type == REDIS_ERROR)
        (void)redis_error_verdict(reply->text);
    take_as_commit(reply, variant);
    take_as_read(reply, variant);
    take_as_scan(reply);
    take_as_row(reply->text);
    take_as_check(reply, variant);
    take_as_map(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct redis_reader reader;
    unsigned variant = size > 0 ? data[0] : 0;
    struct slice bytes = size > 0 ? slice_of(data + 1, size - 1) : SLICE("");
    size_t cut = bytes.len > 0 ? variant % bytes.len : 0;
    const struct slice pieces[] = {slice_of(bytes.ptr, cut), slice_from(bytes, cut)};
    const struct redis_value *reply;
    enum redis_read got = REDIS_READ_MORE;

    if (redis_reader_init(&reader) != ERR_OK)
        return 0;
    for (size_t i = 0; i < 2 && got != REDIS_READ_BROKEN && redis_reader_feed(&reader, pieces[i]);
         i++) {
        while ((got = redis_reader_next(&reader, &reply)) == REDIS_READ_REPLY)
            take(reply, variant);
    }
    redis_reader_fini(&reader);
    return 0;
}
