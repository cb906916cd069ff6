#include "site_fixture.h"

#include <stdio.h>

#include "base/log.h"
#include "base/random.h"
#include "count/settings_key.h"
#include "store/memory_db.h"
#include "support/cmocka.h"

/* More turns than this are an endless loop. */
#define MAX_TURNS 10000

/* ---- the store ------------------------------------------------------------------------------ */

static struct site_fixture *current; /* a driver knows nothing but its store */

static void start_later(struct store *store, struct store_op *op)
{
    (void)store;
    op->next = NULL;
    *current->last = op;
    current->last = &op->next;
}

static struct store_op *take_first(struct site_fixture *f)
{
    struct store_op *op = f->first;

    if (op)
        f->first = op->next;
    if (!f->first)
        f->last = &f->first;
    return op;
}

/* Memory has one list for all shards. */
static void list_shard(struct site_fixture *f, struct store_op *op)
{
    struct record *records = NULL;
    size_t count = 0;
    size_t kept = 0;
    enum err err =
        memory_db_list(f->db, op, &op->arena, clock_unix_ms(&f->loop.clock), &records, &count);

    for (size_t i = 0; i < count; i++) {
        if (store_shard_of(f->store, record_owner(records[i].key)) == op->shard)
            records[kept++] = records[i];
    }
    op_finish_list(op, err, records, kept);
}

static void on_turn(void *ctx)
{
    struct site_fixture *f = ctx;
    struct store_op *op = take_first(f);

    if (op && op->kind == OP_LIST && f->driver.shards > 1)
        list_shard(f, op);
    else if (op)
        f->inner->start(f->store, op);
}

static void close_store(struct store *store)
{
    struct store_op *op;

    while ((op = take_first(current)))
        op_finish_refused(op, "the store was closed");
    current->inner->close(store);
}

void site_fixture_init(struct site_fixture *f, unsigned shards)
{
    random_init();
    log_setup(LOG_LOGFMT, LOG_ERROR);
    *f = (struct site_fixture){.last = &f->first};
    virtual_loop_init(&f->loop);
    f->loop.on_turn = on_turn;
    f->loop.ctx = f;
    f->env = (struct store_env){
        .timers = &f->loop.timers, .clock = &f->loop.clock, .timeout_ms = STORE_MS};
    f->db = memory_db_create();
    assert_non_null(f->db);
    assert_int_equal(memory_open_on(f->db, &f->env, &f->store), ERR_OK);
    f->inner = f->store->driver;
    f->driver = *f->inner;
    f->driver.shards = shards;
    f->driver.start = start_later;
    f->driver.close = close_store;
    f->store->driver = &f->driver;
    current = f;
    f->sites = site_store_create(f->store, &f->env);
    f->directory = directory_create(f->store, &f->env);
    assert_non_null(f->sites);
    assert_non_null(f->directory);
}

void site_fixture_fini(struct site_fixture *f)
{
    site_store_destroy(f->sites);
    directory_destroy(f->directory);
    store_close(f->store);
    memory_db_destroy(f->db);
    virtual_loop_fini(&f->loop);
}

void kill_sites(struct site_fixture *f)
{
    site_store_destroy(f->sites);
    f->sites = site_store_create(f->store, &f->env);
    assert_non_null(f->sites);
}

int64_t now_unix_s(const struct site_fixture *f)
{
    return clock_unix_ms(&f->loop.clock) / 1000;
}

void settle(struct site_fixture *f)
{
    unsigned turns = 0;

    do {
        virtual_loop_turn(&f->loop);
        assert_true(++turns < MAX_TURNS);
    } while (f->first || timers_next_ms(&f->loop.timers) <= f->loop.now_ms);
}

/* ---- changing ------------------------------------------------------------------------------- */

/* NULL without memory. */
static struct site *make_site(const char *id, const char *domains)
{
    struct site *site = NULL;

    if (site_create(slice_str(id), 0, &site, NULL) != ERR_OK)
        return NULL;
    assert_int_equal(site_set(site, SLICE("domains"), slice_str(domains), NULL), ERR_OK);
    return site;
}

static enum err edit(void *ctx, const struct site *now, struct site **out, struct err_info *info)
{
    const struct wanted *wanted = ctx;

    (void)now;
    (void)info;
    if (!wanted->domains)
        return ERR_OK;
    *out = make_site(wanted->id, wanted->domains);
    return *out ? ERR_OK : ERR_NO_MEMORY;
}

static void on_changed(void *ctx, const struct site_outcome *outcome)
{
    struct wanted *wanted = ctx;

    wanted->told++;
    wanted->err = outcome->err;
    wanted->was_there = outcome->before != NULL;
    wanted->views = outcome->views;
    (void)snprintf(wanted->why, sizeof(wanted->why), "%s", outcome->why);
    if (outcome->err == ERR_OK)
        assert_int_equal(outcome->after != NULL, wanted->domains != NULL);
}

struct site_change *begin_change(struct site_fixture *f, struct wanted *wanted)
{
    struct site_change *change =
        site_store_change(f->sites, slice_str(wanted->id), edit, wanted, on_changed, wanted);

    wanted->told = 0;
    return change;
}

/* From timer to timer: a change may wait. */
void finish_change(struct site_fixture *f, const struct wanted *wanted)
{
    settle(f);
    while (wanted->told == 0) {
        assert_true(timers_next_ms(&f->loop.timers) < f->loop.now_ms + STORE_MS / 2);
        f->loop.now_ms = timers_next_ms(&f->loop.timers);
        settle(f);
    }
    assert_int_equal(wanted->told, 1);
}

enum err change_domains(struct site_fixture *f, const char *id, const char *domains)
{
    struct wanted wanted = {.id = id, .domains = domains};

    assert_non_null(begin_change(f, &wanted));
    finish_change(f, &wanted);
    assert_true(wanted.err == ERR_OK || wanted.why[0] != '\0');
    return wanted.err;
}

void put_record(struct site_fixture *f, struct slice key, const char *value, uint64_t version)
{
    const struct record_write write = {
        .key = key, .value = slice_str(value), .ttl_s = RECORD_FOREVER};
    struct memory_record *record;

    memory_record_remove(f->db, key);
    if (!value)
        return;
    record = memory_record_create(&write, version, clock_unix_ms(&f->loop.clock));
    assert_non_null(record);
    assert_int_equal(hashmap_reserve(&f->db->records, 1), ERR_OK);
    memory_record_put(f->db, record);
}

void put_site(struct site_fixture *f, const char *id, const char *domains)
{
    char key[SITE_KEY_BYTES];
    struct site *site = domains ? make_site(id, domains) : NULL;
    struct strbuf json;

    assert_true(site || !domains);
    strbuf_init(&json, SITE_MAX_JSON);
    if (site)
        assert_int_equal(site_encode(site, &json), ERR_OK);
    strbuf_append_char(&json, '\0');
    put_record(f, site_key(slice_str(id), key), site ? json.ptr : NULL, random_nonzero_u64() / 2);
    strbuf_fini(&json);
    site_destroy(site);
}

void put_domain(struct site_fixture *f, const char *host, const char *id)
{
    char key[DOMAIN_KEY_BYTES];

    put_record(f, domain_key(slice_str(host), key), id, random_nonzero_u64() / 2);
}

void put_settings(struct site_fixture *f, unsigned shard, const char *value)
{
    char key[SETTINGS_KEY_BYTES];

    put_record(f, settings_key(f->store, shard, key), value, random_nonzero_u64() / 2);
}

struct record look_at_record(struct site_fixture *f, struct slice key)
{
    return memory_record_look(f->db, key, clock_unix_ms(&f->loop.clock));
}

struct record look_at_settings(struct site_fixture *f, const char *site)
{
    char key[SETTINGS_KEY_BYTES];

    return look_at_record(f,
                          settings_key(f->store, store_shard_of(f->store, slice_str(site)), key));
}

/* ---- looking -------------------------------------------------------------------------------- */

void on_loaded(void *ctx, enum err err)
{
    struct loaded *loaded = ctx;

    loaded->told++;
    loaded->err = err;
}

enum site_found find_site(struct site_fixture *f, const char *id, const char *host,
                          struct site_now *out)
{
    const struct site_wish wish = {
        .id = slice_str(id), .host = slice_str(host), .unix_s = now_unix_s(f)};
    enum site_found found = directory_look(f->directory, &wish, out);
    unsigned loads = 0;

    while (found == SITE_NOT_KNOWN) {
        struct loaded loaded = {0};

        assert_true(++loads < 5);
        assert_non_null(directory_load(f->directory, &wish, on_loaded, &loaded));
        settle(f);
        assert_int_equal(loaded.told, 1);
        assert_int_equal(loaded.err, ERR_OK);
        found = directory_look(f->directory, &wish, out);
    }
    return found;
}

const char *counted_for(struct site_fixture *f, const char *host)
{
    struct site_now now;

    for (unsigned tries = 0; tries < 4; tries++) {
        if (find_site(f, "", host, &now) != SITE_FOUND)
            return "";
        if (now.version == look_at_settings(f, now.settings->id).version)
            return now.settings->id;
        directory_expire(f->directory, now.version);
    }
    fail_msg("%s is out of date again and again", host);
    return NULL;
}
