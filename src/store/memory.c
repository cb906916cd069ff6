#include "store/memory.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hashmap.h"

/* Site, dimension and value of a counter, joined; the longest sound ones fit. */
#define COUNTER_KEY_BYTES (COUNTER_MAX_SITE + 2 + COUNTER_MAX_VALUE)

struct memory_record {
    struct slice key; /* behind the struct, in the same allocation */
    struct slice value;
    uint64_t version;
    int64_t expires_unix_ms;
};

struct memory_counter {
    int64_t views;
    char key[];
};

struct memory_writer {
    struct writer_id id;
    uint64_t number;
    enum commit_status status; /* result of `number`: DONE or CONFLICT */
    int64_t *totals;           /* of DONE */
    int64_t seen_unix_ms;
};

struct memory_db {
    struct hashmap records;
    struct hashmap counters;
    struct hashmap writers;
    bool ignores_numbers;
};

struct memory_store {
    struct store base;
    struct memory_db *db;
    bool owns_db;
    struct store_op *first; /* waiting for the next turn, in order */
    struct store_op **last;
    struct timer turn;
};

/* ---- contents ------------------------------------------------------------------------------- */

struct memory_db *memory_db_create(void)
{
    return calloc(1, sizeof(struct memory_db));
}

static void writer_free(struct memory_writer *writer)
{
    free(writer->totals);
    free(writer);
}

void memory_db_clear(struct memory_db *db)
{
    struct hashmap_entry *entry;

    for (size_t i = 0; (entry = hashmap_next(&db->records, &i));)
        free(entry->value);
    for (size_t i = 0; (entry = hashmap_next(&db->counters, &i));)
        free(entry->value);
    for (size_t i = 0; (entry = hashmap_next(&db->writers, &i));)
        writer_free(entry->value);
    hashmap_clear(&db->records);
    hashmap_clear(&db->counters);
    hashmap_clear(&db->writers);
}

void memory_db_destroy(struct memory_db *db)
{
    if (!db)
        return;
    memory_db_clear(db);
    hashmap_fini(&db->records);
    hashmap_fini(&db->counters);
    hashmap_fini(&db->writers);
    free(db);
}

void memory_db_ignore_numbers(struct memory_db *db)
{
    db->ignores_numbers = true;
}

static struct slice writer_key(const struct writer_id *id)
{
    return slice_of(id->bytes, sizeof(id->bytes));
}

static struct slice counter_key(const struct counter *counter, char out[static COUNTER_KEY_BYTES])
{
    size_t len = counter->site.len;

    assert(len + 2 + counter->value.len <= COUNTER_KEY_BYTES);
    memcpy(out, counter->site.ptr, len);
    out[len++] = '\0';
    out[len++] = (char)counter->dimension;
    memcpy(out + len, counter->value.ptr, counter->value.len);
    return slice_of(out, len + counter->value.len);
}

static int64_t counter_views(const struct memory_db *db, const struct counter *counter)
{
    char key[COUNTER_KEY_BYTES];
    const struct memory_counter *found = hashmap_get(&db->counters, counter_key(counter, key));

    return found ? found->views : 0;
}

/* The counter, made with 0 when it is new; NULL without memory. */
static struct memory_counter *counter_make(struct memory_db *db, const struct counter *counter)
{
    char text[COUNTER_KEY_BYTES];
    struct slice key = counter_key(counter, text);
    struct memory_counter *made = hashmap_get(&db->counters, key);
    void **place;

    if (made)
        return made;
    made = calloc(1, sizeof(*made) + key.len);
    if (!made)
        return NULL;
    memcpy(made->key, key.ptr, key.len);
    place = hashmap_put(&db->counters, slice_of(made->key, key.len));
    if (!place) {
        free(made);
        return NULL;
    }
    *place = made;
    return made;
}

/* The record as a reader sees it now. */
static struct record record_look(const struct memory_db *db, struct slice key, int64_t now_unix_ms)
{
    const struct memory_record *found = hashmap_get(&db->records, key);

    if (!found || found->expires_unix_ms <= now_unix_ms)
        return (struct record){.key = key, .value = SLICE(""), .version = RECORD_ABSENT};
    return (struct record){.key = key, .value = found->value, .version = found->version};
}

static void record_remove(struct memory_db *db, struct slice key)
{
    struct memory_record *found = hashmap_get(&db->records, key);

    hashmap_remove(&db->records, key);
    free(found);
}

/* A record ready to be put in; NULL without memory. */
static struct memory_record *record_make(const struct record_write *write, uint64_t version,
                                         int64_t now_unix_ms)
{
    struct memory_record *made = malloc(sizeof(*made) + write->key.len + write->value.len);
    char *bytes = (char *)(made + 1);

    if (!made)
        return NULL;
    memcpy(bytes, write->key.ptr, write->key.len);
    if (write->value.len > 0)
        memcpy(bytes + write->key.len, write->value.ptr, write->value.len);
    *made = (struct memory_record){
        .key = slice_of(bytes, write->key.len),
        .value = slice_of(bytes + write->key.len, write->value.len),
        .version = version,
        .expires_unix_ms = now_unix_ms + (int64_t)write->ttl_s * 1000,
    };
    return made;
}

/* ---- a commit ------------------------------------------------------------------------------- */

/* A commit on its way: first everything that can fail is made ready, then all of it is applied. */
struct application {
    struct memory_db *db;
    struct commit *commit; /* a reference: the op may be finished first */
    struct memory_writer *writer;
    int64_t now_unix_ms;
    struct memory_counter **counters; /* one an addition */
    struct memory_record **records;   /* one a write; NULL for a deletion */
    int64_t *totals;
};

static bool versions_fit(const struct application *a)
{
    for (size_t i = 0; i < a->commit->write_count; i++) {
        const struct record_write *write = &a->commit->writes[i];

        if (record_look(a->db, write->key, a->now_unix_ms).version != write->expect_version)
            return false;
    }
    return true;
}

static bool prepare(struct application *a)
{
    const struct commit *c = a->commit;

    a->counters = calloc(c->addition_count + 1, sizeof(struct memory_counter *));
    a->records = calloc(c->write_count + 1, sizeof(struct memory_record *));
    a->totals = calloc(c->totals_wanted + 1, sizeof(*a->totals));
    if (!a->counters || !a->records || !a->totals ||
        hashmap_reserve(&a->db->records, c->write_count) != ERR_OK)
        return false;
    for (size_t i = 0; i < c->addition_count; i++) {
        int64_t ignored;

        a->counters[i] = counter_make(a->db, &c->additions[i].counter);
        if (!a->counters[i] ||
            __builtin_add_overflow(a->counters[i]->views, c->additions[i].delta, &ignored))
            return false;
    }
    for (size_t i = 0; i < c->write_count; i++) {
        if (!c->writes[i].value.ptr)
            continue;
        a->records[i] = record_make(&c->writes[i], c->version, a->now_unix_ms);
        if (!a->records[i])
            return false;
    }
    return true;
}

static void put_record(struct memory_db *db, struct memory_record *record)
{
    void **place;

    record_remove(db, record->key);
    place = hashmap_put(&db->records, record->key);
    assert(place); /* prepare() made room */
    *place = record;
}

static void apply(struct application *a)
{
    const struct commit *c = a->commit;

    for (size_t i = 0; i < c->addition_count; i++) {
        a->counters[i]->views += c->additions[i].delta;
        if (i < c->totals_wanted)
            a->totals[i] = a->counters[i]->views;
    }
    for (size_t i = 0; i < c->write_count; i++) {
        if (c->writes[i].value.ptr)
            put_record(a->db, a->records[i]);
        else
            record_remove(a->db, c->writes[i].key);
        a->records[i] = NULL;
    }
}

static void remember(struct application *a, enum commit_status status)
{
    free(a->writer->totals);
    a->writer->number = a->commit->number;
    a->writer->status = status;
    a->writer->totals = a->totals;
    a->totals = NULL;
}

static void application_fini(struct application *a)
{
    for (size_t i = 0; a->records && i < a->commit->write_count; i++)
        free(a->records[i]);
    free(a->records);
    free(a->counters);
    free(a->totals);
    commit_unref(a->commit);
}

/* Gives the result that is stored for the writer's last number. */
static void finish_stored(struct store_op *op, struct application *a)
{
    struct commit_result result = {.status = a->writer->status, .totals = a->writer->totals};
    struct record *records;

    if (a->writer->status == COMMIT_CONFLICT) {
        records = arena_alloc(&op->arena, (op->commit->write_count + 1) * sizeof(*records));
        if (!records) {
            op_finish_unknown(op, "out of memory");
            return;
        }
        for (size_t i = 0; i < op->commit->write_count; i++)
            records[i] = record_look(a->db, op->commit->writes[i].key, a->now_unix_ms);
        result.records = records;
    }
    op_finish_commit(op, &result);
}

static void commit_new(struct store_op *op, struct application *a)
{
    if (!versions_fit(a)) {
        remember(a, COMMIT_CONFLICT);
    } else if (prepare(a)) {
        apply(a);
        remember(a, COMMIT_DONE);
    } else {
        op_finish_refused(op, "out of memory, or a counter is full");
        return;
    }
    finish_stored(op, a);
}

static void run_commit(struct memory_store *store, struct store_op *op)
{
    struct memory_db *db = store->db;
    struct application a = {.db = db};
    struct commit_result nothing = {0};

    a.now_unix_ms = clock_unix_ms(store->base.env.clock);
    a.writer = hashmap_get(&db->writers, writer_key(&op->commit->writer));
    if (!a.writer) {
        nothing.status = COMMIT_NO_WRITER;
        op_finish_commit(op, &nothing);
        return;
    }
    a.commit = commit_ref(op->commit);
    a.writer->seen_unix_ms = a.now_unix_ms;
    nothing.last_number = a.writer->number;
    if (db->ignores_numbers || a.writer->number == op->commit->number - 1) {
        commit_new(op, &a);
    } else if (a.writer->number == op->commit->number) {
        finish_stored(op, &a);
    } else {
        nothing.status = a.writer->number < op->commit->number ? COMMIT_BEHIND : COMMIT_AHEAD;
        op_finish_commit(op, &nothing);
    }
    application_fini(&a);
}

/* ---- the other operations ------------------------------------------------------------------- */

static void run_register(struct memory_store *store, struct store_op *op)
{
    struct memory_writer *writer;
    void **place;

    if (hashmap_get(&store->db->writers, writer_key(&op->writer))) {
        op_finish_done(op, ERR_OK);
        return;
    }
    writer = calloc(1, sizeof(*writer));
    if (!writer) {
        op_finish_done(op, ERR_UNAVAILABLE);
        return;
    }
    writer->id = op->writer;
    writer->seen_unix_ms = clock_unix_ms(store->base.env.clock);
    place = hashmap_put(&store->db->writers, writer_key(&writer->id));
    if (place)
        *place = writer;
    else
        free(writer);
    op_finish_done(op, place ? ERR_OK : ERR_UNAVAILABLE);
}

static void run_read(struct memory_store *store, struct store_op *op)
{
    struct record *records = arena_alloc(&op->arena, (op->count + 1) * sizeof(*records));
    int64_t now = clock_unix_ms(store->base.env.clock);

    for (size_t i = 0; records && i < op->count; i++)
        records[i] = record_look(store->db, op->keys[i], now);
    op_finish_records(op, records ? ERR_OK : ERR_NO_MEMORY, records);
}

static void run_totals(struct memory_store *store, struct store_op *op)
{
    int64_t *totals = arena_alloc(&op->arena, (op->count + 1) * sizeof(*totals));

    for (size_t i = 0; totals && i < op->count; i++)
        totals[i] = counter_views(store->db, &op->counters[i]);
    op_finish_totals(op, totals ? ERR_OK : ERR_NO_MEMORY, totals);
}

static void run_sweep(struct memory_store *store, struct store_op *op)
{
    struct memory_db *db = store->db;
    int64_t now = clock_unix_ms(store->base.env.clock);
    struct hashmap_entry *entry;

    /* Removing moves other entries, at worst into a place passed already: the next sweep has them.
     */
    for (size_t i = 0; (entry = hashmap_next(&db->records, &i));) {
        struct memory_record *record = entry->value;

        if (record->expires_unix_ms <= now)
            record_remove(db, record->key);
    }
    for (size_t i = 0; (entry = hashmap_next(&db->writers, &i));) {
        struct memory_writer *writer = entry->value;

        if (writer->seen_unix_ms + STORE_WRITER_TTL_S * 1000 <= now) {
            hashmap_remove(&db->writers, writer_key(&writer->id));
            writer_free(writer);
        }
    }
    op_finish_done(op, ERR_OK);
}

static void run_check(struct store_op *op)
{
    static const struct store_health health = {
        .reachable = true,
        .durability = DURABILITY_NONE,
        .sufficient = true,
        .findings = {{"all counts are lost when the process ends",
                      "set FOOTFALL_STORE=sqlite:footfall.db"}},
        .finding_count = 1,
    };

    op_finish_check(op, &health);
}

static void run(struct memory_store *store, struct store_op *op)
{
    switch (op->kind) {
    case OP_REGISTER:
        run_register(store, op);
        return;
    case OP_COMMIT:
        run_commit(store, op);
        return;
    case OP_READ:
        run_read(store, op);
        return;
    case OP_TOTALS:
        run_totals(store, op);
        return;
    case OP_SWEEP:
        run_sweep(store, op);
        return;
    case OP_CHECK:
        run_check(op);
        return;
    }
}

/* ---- the driver ----------------------------------------------------------------------------- */

static struct store_op *take_first(struct memory_store *store)
{
    struct store_op *op = store->first;

    if (op) {
        store->first = op->next;
        if (!store->first)
            store->last = &store->first;
    }
    return op;
}

/* Those that came while this turn runs wait for the next one: an op never ends inside its start. */
static void on_turn(void *ctx)
{
    struct memory_store *store = ctx;
    struct store_op *queue = store->first;

    store->first = NULL;
    store->last = &store->first;
    while (queue) {
        struct store_op *op = queue;

        queue = op->next;
        run(store, op);
    }
}

static void memory_start(struct store *base, struct store_op *op)
{
    struct memory_store *store = (struct memory_store *)base;

    op->next = NULL;
    *store->last = op;
    store->last = &op->next;
    timer_move(base->env.timers, &store->turn, timers_now_ms(base->env.timers));
}

static void memory_close(struct store *base)
{
    struct memory_store *store = (struct memory_store *)base;
    struct store_op *op;

    timer_stop(base->env.timers, &store->turn);
    while ((op = take_first(store)))
        op_finish_refused(op, "the store was closed");
    if (store->owns_db)
        memory_db_destroy(store->db);
    free(store);
}

static const struct store_driver memory_driver;

enum err memory_open_on(struct memory_db *db, const struct store_env *env, struct store **out)
{
    struct memory_store *store = calloc(1, sizeof(*store));

    if (!store)
        return ERR_NO_MEMORY;
    store->base.driver = &memory_driver;
    store->base.env = *env;
    store->base.stats.connected = 1;
    store->db = db;
    store->last = &store->first;
    if (timer_keep(env->timers, &store->turn, on_turn, store) != ERR_OK) {
        free(store);
        return ERR_NO_MEMORY;
    }
    *out = &store->base;
    return ERR_OK;
}

enum err memory_open(const char *url, const struct store_env *env, struct store **out,
                     struct err_info *info)
{
    struct memory_db *db;
    enum err err = memory_url_check(url, info);

    if (err != ERR_OK)
        return err;
    db = memory_db_create();
    if (!db)
        return ERR_NO_MEMORY;
    err = memory_open_on(db, env, out);
    if (err != ERR_OK) {
        memory_db_destroy(db);
        return err;
    }
    ((struct memory_store *)*out)->owns_db = true;
    return ERR_OK;
}

enum err memory_url_check(const char *url, struct err_info *info)
{
    if (strcmp(url, "memory:") == 0)
        return ERR_OK;
    err_info_set(info, "a memory store takes nothing after the colon: memory:");
    return ERR_CONFIG;
}

static const struct store_driver memory_driver = {
    .kind = "memory",
    .start = memory_start,
    .close = memory_close,
};
