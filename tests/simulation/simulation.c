#include "simulation.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "count/batch.h"
#include "simulation_rollups.h"
#include "store/faulty.h"
#include "store/memory.h"

#define MAX_PROCESSES   4
#define CLIENTS         6
#define HITS_PER_CLIENT 10
#define PAGES           3
#define MAX_NUMBER      4096 /* more hits than this cannot happen without counting twice */
#define WHY_BYTES       200

#define HIT_MS          400
#define STORE_MS        150
#define MAX_THINK_MS    60
#define MAX_KILL_GAP_MS 400
#define END_OF_TIME_MS  3600000

/* In one run of four the store goes back to an earlier moment, so often at most. */
#define MAX_RESTORES   3
#define MAX_BACKUP_MS  300
#define MAX_RESTORE_MS 300

struct simulation;

struct process {
    struct simulation *sim;
    struct store *store; /* NULL while it is dead */
    struct batcher *batcher;
    unsigned generation;
    struct timer rebirth;
};

/* One request of a client to a process; a client may have two for the same hit. */
struct attempt {
    struct client *client;
    struct process *process;
    unsigned generation; /* of the process, then */
    struct hit *hit;     /* NULL when nothing is on its way */
};

struct client {
    struct simulation *sim;
    unsigned number;
    unsigned done_hits;
    bool has_id;    /* of its current hit */
    unsigned asked; /* how often, the current hit */
    unsigned page;
    char id[32];
    int64_t last_count; /* the highest site number it was told */
    struct attempt attempts[2];
    struct timer think;
};

struct simulation {
    uint64_t random;
    struct timers timers;
    int64_t now_ms;
    struct clock clock;
    struct memory_db *db;
    struct store *inner;
    struct faulty_network *network;
    struct process processes[MAX_PROCESSES];
    unsigned process_count;
    struct client clients[CLIENTS];
    unsigned plain_in_100; /* how many hits go without an id */
    unsigned clients_left;
    struct timer kill;
    struct memory_db *backup; /* NULL: this store does not go back */
    unsigned restores_left;
    struct timer restore;      /* or the backup before it */
    int64_t repeated[PAGES];   /* attempts beyond the first one */
    bool seen[MAX_NUMBER + 1]; /* numbers that were told */
    int64_t counted[PAGES];    /* hits known to be stored */
    int64_t unknown[PAGES];    /* plain hits that may be */
    struct simulation_stats *stats;
    char *why; /* empty while all holds */
};

static const char *const pages[PAGES] = {"/", "/about", "/news"};

static uint64_t draw(struct simulation *sim, uint64_t below)
{
    sim->random = sim->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (sim->random >> 33) % below;
}

static bool chance(struct simulation *sim, unsigned in_100)
{
    return draw(sim, 100) < in_100;
}

static void start_timer(struct simulation *sim, struct timer *timer, uint64_t max_ms, timer_fn *fn,
                        void *ctx)
{
    int64_t at_ms = sim->now_ms + 1 + (int64_t)draw(sim, max_ms);

    if (timer_start(&sim->timers, timer, at_ms, fn, ctx) != ERR_OK)
        abort();
}

/* ---- processes ------------------------------------------------------------------------------ */

static void process_start(void *ctx)
{
    struct process *p = ctx;
    struct store_env env = {
        .timers = &p->sim->timers, .clock = &p->sim->clock, .timeout_ms = STORE_MS};

    if (faulty_open_on(p->sim->network, &env, &p->store) != ERR_OK)
        abort();
    p->batcher = batcher_create(p->store, &env, HIT_MS);
    if (!p->batcher)
        abort();
    p->generation++;
}

static void process_stop(struct process *p)
{
    struct batcher_stats stats;

    if (!p->store)
        return;
    batcher_get_stats(p->batcher, &stats);
    p->sim->stats->retries += stats.writer.retries;
    p->sim->stats->conflicts += stats.writer.conflicts;
    p->sim->stats->replayed += stats.writer.replayed;
    p->sim->stats->lost += stats.writer.lost_commits;
    batcher_destroy(p->batcher);
    store_close(p->store);
    p->batcher = NULL;
    p->store = NULL;
}

/* ---- a store that goes back in time --------------------------------------------------------- */

static void on_backup(void *ctx);

static void on_restore(void *ctx)
{
    struct simulation *sim = ctx;

    memory_db_restore(sim->db, sim->backup);
    sim->stats->restores++;
    for (unsigned i = 0; i < sim->process_count; i++)
        sim->processes[i].store->stats.reconnects++;
    if (--sim->restores_left > 0)
        start_timer(sim, &sim->restore, MAX_RESTORE_MS, on_backup, sim);
}

static void on_backup(void *ctx)
{
    struct simulation *sim = ctx;

    memory_db_restore(sim->backup, sim->db);
    start_timer(sim, &sim->restore, MAX_BACKUP_MS, on_restore, sim);
}

static void attempt_lost(struct attempt *a);

/* kill -9: what was on its way in it is never answered. */
static void on_kill(void *ctx)
{
    struct simulation *sim = ctx;
    struct process *p = &sim->processes[draw(sim, sim->process_count)];

    if (sim->clients_left == 0)
        return;
    if (p->store) {
        process_stop(p);
        sim->stats->kills++;
        start_timer(sim, &p->rebirth, 50, process_start, p);
        for (unsigned i = 0; i < CLIENTS; i++) {
            for (unsigned k = 0; k < 2; k++) {
                if (sim->clients[i].attempts[k].process == p)
                    attempt_lost(&sim->clients[i].attempts[k]);
            }
        }
    }
    start_timer(sim, &sim->kill, MAX_KILL_GAP_MS, on_kill, sim);
}

/* ---- clients -------------------------------------------------------------------------------- */

static void on_think(void *ctx);

static bool is_asking(const struct client *c)
{
    return c->attempts[0].hit || c->attempts[1].hit;
}

static void next_hit(struct client *c)
{
    c->id[0] = '\0';
    if (++c->done_hits == HITS_PER_CLIENT)
        c->sim->clients_left--;
    else
        start_timer(c->sim, &c->think, MAX_THINK_MS, on_think, c);
}

/* The fate of a plain hit is not known and never will be: on to the next. One with an id is asked
 * for again. */
static void give_up(struct client *c)
{
    if (is_asking(c))
        return;
    if (c->has_id) {
        start_timer(c->sim, &c->think, MAX_THINK_MS, on_think, c);
        return;
    }
    c->sim->unknown[c->page]++;
    c->sim->stats->unknown++;
    next_hit(c);
}

static void attempt_lost(struct attempt *a)
{
    if (!a->hit || a->generation != a->process->generation)
        return;
    a->hit = NULL;
    give_up(a->client);
}

static void check_number(struct client *c, const struct hit_answer *answer)
{
    struct simulation *sim = c->sim;
    int64_t n = answer->site_count;

    if (sim->backup)
        return; /* numbers go back with the store */
    if (n < 1 || n > MAX_NUMBER)
        (void)snprintf(sim->why, WHY_BYTES, "a hit was told the number %" PRId64, n);
    else if (!answer->duplicate && sim->seen[n])
        (void)snprintf(sim->why, WHY_BYTES, "the number %" PRId64 " was told twice", n);
    else if (!answer->duplicate && n <= c->last_count)
        (void)snprintf(sim->why, WHY_BYTES, "client %u was told %" PRId64 " after %" PRId64,
                       c->number, n, c->last_count);
    else if (!answer->duplicate)
        sim->seen[n] = true;
    if (!answer->duplicate)
        c->last_count = n;
}

static void on_answer(void *ctx, const struct hit_answer *answer)
{
    struct attempt *a = ctx;
    struct client *c = a->client;
    struct attempt *other = &c->attempts[a == &c->attempts[0] ? 1 : 0];

    a->hit = NULL;
    if (answer->err == ERR_UNAVAILABLE && !c->has_id && !is_asking(c)) {
        start_timer(c->sim, &c->think, MAX_THINK_MS, on_think, c); /* certainly not counted */
        return;
    }
    if (answer->err != ERR_OK) {
        give_up(c);
        return;
    }
    check_number(c, answer);
    c->sim->stats->answers++;
    c->sim->stats->duplicates += answer->duplicate ? 1 : 0;
    c->sim->counted[c->page]++;
    if (other->hit) {
        hit_abandon(other->hit);
        other->hit = NULL;
    }
    next_hit(c);
}

static void ask(struct attempt *a)
{
    struct client *c = a->client;
    struct simulation *sim = c->sim;
    struct hit_input input = {SLICE("default"), slice_str(pages[c->page]), slice_str(c->id)};

    a->process = &sim->processes[draw(sim, sim->process_count)];
    if (!a->process->store)
        return;
    a->generation = a->process->generation;
    if (++c->asked > 1)
        sim->repeated[c->page]++;
    a->hit = batcher_add(a->process->batcher, &input, NULL, on_answer, a);
}

/* Sends the current hit, or a new one; one with an id sometimes to two processes at once, and
 * sometimes it leaves at once. */
static void on_think(void *ctx)
{
    struct client *c = ctx;
    struct simulation *sim = c->sim;

    if (c->id[0] == '\0' || !c->has_id) {
        c->page = (unsigned)draw(sim, PAGES);
        c->has_id = !chance(sim, sim->plain_in_100);
        c->id[0] = '\0';
        c->asked = 0;
        if (c->has_id)
            (void)snprintf(c->id, sizeof(c->id), "%u-%u", c->number, c->done_hits);
    }
    ask(&c->attempts[0]);
    if (c->has_id && chance(sim, 20))
        ask(&c->attempts[1]);
    if (c->attempts[0].hit && chance(sim, 10)) {
        hit_abandon(c->attempts[0].hit);
        attempt_lost(&c->attempts[0]);
    } else if (!is_asking(c)) {
        start_timer(sim, &c->think, MAX_THINK_MS, on_think, c); /* refused, or nobody there */
    }
}

/* ---- the run -------------------------------------------------------------------------------- */

static int64_t mono_us(void *ctx)
{
    return ((struct simulation *)ctx)->now_ms * 1000;
}

static int64_t unix_ms(void *ctx)
{
    return ((struct simulation *)ctx)->now_ms + INT64_C(1700000000000);
}

static struct faults draw_faults(struct simulation *sim)
{
    return (struct faults){
        .lost_request = (unsigned)draw(sim, 100),
        .lost_reply = (unsigned)draw(sim, 150),
        .late_request = (unsigned)draw(sim, 100),
        .refused = (unsigned)draw(sim, 50),
        .max_delay_ms = (int64_t)draw(sim, 40),
        .max_late_ms = (int64_t)draw(sim, 2000),
    };
}

static void set_up(struct simulation *sim, uint64_t seed, bool ignores_numbers)
{
    struct store_env env = {.timers = &sim->timers, .clock = &sim->clock, .timeout_ms = 60000};
    struct faults faults;

    sim->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    sim->clock = (struct clock){.mono_us = mono_us, .unix_ms = unix_ms, .ctx = sim};
    timers_init(&sim->timers, &sim->clock);
    sim->db = memory_db_create();
    if (!sim->db || memory_open_on(sim->db, &env, &sim->inner) != ERR_OK)
        abort();
    if (ignores_numbers)
        memory_db_ignore_numbers(sim->db);
    faults = draw_faults(sim);
    sim->network = faulty_network_create(sim->inner, &sim->timers, &faults, seed);
    if (!sim->network)
        abort();
    sim->process_count = 1 + (unsigned)draw(sim, MAX_PROCESSES);
    for (unsigned i = 0; i < sim->process_count; i++) {
        sim->processes[i].sim = sim;
        process_start(&sim->processes[i]);
    }
    /* Half of the runs have ids only: these must come out exact. */
    sim->plain_in_100 = chance(sim, 50) ? 0 : 30;
    sim->clients_left = CLIENTS;
    for (unsigned i = 0; i < CLIENTS; i++) {
        struct client *c = &sim->clients[i];

        *c = (struct client){.sim = sim, .number = i};
        c->attempts[0].client = c;
        c->attempts[1].client = c;
        start_timer(sim, &c->think, MAX_THINK_MS, on_think, c);
    }
    /* A process that is killed takes with it what it could have replayed: one or the other. */
    if (!chance(sim, 25)) {
        start_timer(sim, &sim->kill, MAX_KILL_GAP_MS, on_kill, sim);
        return;
    }
    sim->backup = memory_db_create();
    if (!sim->backup)
        abort();
    sim->restores_left = 1 + (unsigned)draw(sim, MAX_RESTORES);
    start_timer(sim, &sim->restore, MAX_RESTORE_MS, on_backup, sim);
}

static void tear_down(struct simulation *sim)
{
    for (unsigned i = 0; i < sim->process_count; i++)
        process_stop(&sim->processes[i]);
    faulty_network_destroy(sim->network);
    store_close(sim->inner);
    memory_db_destroy(sim->db);
    memory_db_destroy(sim->backup);
    timers_fini(&sim->timers);
}

/* Lets time pass until nothing is to be done any more. */
static void pass_time(struct simulation *sim)
{
    while (sim->why[0] == '\0' && timers_next_ms(&sim->timers) < END_OF_TIME_MS) {
        if (timers_next_ms(&sim->timers) > sim->now_ms)
            sim->now_ms = timers_next_ms(&sim->timers);
        timers_run(&sim->timers);
        for (unsigned i = 0; i < sim->process_count; i++) {
            if (sim->processes[i].store)
                batcher_turn(sim->processes[i].batcher);
        }
    }
}

struct total {
    int64_t value;
    bool is_told;
};

static void on_total(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct total *total = ctx;

    total->is_told = err == ERR_OK && count == 1;
    if (total->is_told)
        total->value = totals[0];
}

static int64_t stored(struct simulation *sim, enum dimension dimension, struct slice value)
{
    struct counter counter = {SLICE("default"), dimension, value};
    struct total total = {0};

    if (!store_totals(sim->inner, 0, &counter, 1, on_total, &total))
        abort();
    while (!total.is_told)
        timers_run(&sim->timers);
    return total.value;
}

static void check_rollups(struct simulation *sim, struct slice path, int64_t views)
{
    if (sim->why[0] == '\0')
        (void)simulation_check_rollups(sim->inner, &sim->timers, path, views, &sim->stats->rollups,
                                       sim->why, WHY_BYTES);
}

static void check_end(struct simulation *sim)
{
    int64_t sum = 0;

    if (sim->why[0] == '\0' && sim->clients_left > 0)
        (void)snprintf(sim->why, WHY_BYTES, "%u clients never came to an end", sim->clients_left);
    for (unsigned i = 0; i < PAGES && sim->why[0] == '\0'; i++) {
        int64_t views = stored(sim, DIMENSION_PAGE, slice_str(pages[i]));
        /* An id that was asked again between the store's return and the replay of its first
         * commit is counted again: the store did not know it. */
        int64_t doubled = sim->backup ? sim->repeated[i] : 0;

        sum += views;
        if (views < sim->counted[i] || views > sim->counted[i] + sim->unknown[i] + doubled)
            (void)snprintf(sim->why, WHY_BYTES,
                           "%s: stored %" PRId64 ", answered %" PRId64 ", unknown %" PRId64,
                           pages[i], views, sim->counted[i], sim->unknown[i]);
        check_rollups(sim, slice_str(pages[i]), views);
    }
    if (sim->why[0] == '\0' && stored(sim, DIMENSION_TOTAL, SLICE("")) != sum)
        (void)snprintf(sim->why, WHY_BYTES, "the site's total is not the sum of its pages");
    check_rollups(sim, SLICE(""), sum);
    sim->stats->hits += (uint64_t)sum;
}

bool simulation_run(uint64_t seed, bool ignores_numbers, struct simulation_stats *stats, char *why)
{
    static struct simulation sim; /* large, and one at a time */

    memset(&sim, 0, sizeof(sim));
    sim.stats = stats;
    sim.why = why;
    why[0] = '\0';
    set_up(&sim, seed, ignores_numbers);
    pass_time(&sim);
    check_end(&sim);
    tear_down(&sim);
    return why[0] == '\0';
}
