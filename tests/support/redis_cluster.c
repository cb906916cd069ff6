#include "support/redis_cluster.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/redis_slot.h"
#include "support/cmocka.h"

#define PATIENCE_MS 30000
#define POLL_MS     10

static void pause_ms(long ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

    (void)nanosleep(&pause, NULL);
}

static void node_id(struct redis_server *node, char id[static 41])
{
    redis_server_text(node, id, 41, "CLUSTER MYID");
    assert_int_equal(strlen(id), 40);
}

static bool info_has(struct redis_server *node, const char *command, const char *line)
{
    static char info[16384];

    redis_server_text(node, info, sizeof(info), command);
    return strstr(info, line) != NULL;
}

/* ---- who has what --------------------------------------------------------------------------- */

static struct redis_server *find_by_port(struct redis_cluster *cluster, long long port)
{
    for (size_t i = 0; i < REDIS_CLUSTER_NODES; i++) {
        if (cluster->nodes[i].port == port)
            return &cluster->nodes[i];
    }
    fail_msg("no node on port %lld", port);
    return NULL;
}

/* The primary of the slot by what `witness` says; NULL: it knows none. */
static struct redis_server *ask_primary(struct redis_cluster *cluster, struct redis_server *witness,
                                        unsigned slot)
{
    redisReply *slots = redisCommand(witness->client, "CLUSTER SLOTS");
    struct redis_server *found = NULL;

    assert_non_null(slots);
    for (size_t i = 0; i < slots->elements; i++) {
        redisReply **range = slots->element[i]->element;

        if (range[0]->integer <= slot && range[1]->integer >= slot)
            found = find_by_port(cluster, range[2]->element[1]->integer);
    }
    freeReplyObject(slots);
    return found;
}

struct redis_server *redis_cluster_agreed_primary(struct redis_cluster *cluster, const char *key)
{
    unsigned slot = redis_slot_of_key((struct slice){key, strlen(key)});
    struct redis_server *agreed = NULL;

    for (size_t i = 0; i < REDIS_CLUSTER_NODES; i++) {
        struct redis_server *primary;

        if (cluster->nodes[i].pid == 0)
            continue;
        primary = ask_primary(cluster, &cluster->nodes[i], slot);
        if (!primary || primary->pid == 0 || (agreed && agreed != primary))
            return NULL;
        agreed = primary;
    }
    return agreed;
}

struct redis_server *redis_cluster_primary_of(struct redis_cluster *cluster, const char *key)
{
    struct redis_server *primary = NULL;

    for (int waited_ms = 0; !(primary = redis_cluster_agreed_primary(cluster, key));
         waited_ms += POLL_MS) {
        assert_true(waited_ms < PATIENCE_MS);
        pause_ms(POLL_MS);
    }
    return primary;
}

struct redis_server *redis_cluster_other_primary(struct redis_cluster *cluster, const char *key)
{
    const struct redis_server *has_it = redis_cluster_primary_of(cluster, key);

    for (size_t i = 0; i < REDIS_CLUSTER_NODES; i++) {
        struct redis_server *node = &cluster->nodes[i];

        if (node->pid > 0 && node != has_it && info_has(node, "INFO replication", "role:master"))
            return node;
    }
    fail_msg("there is no other primary");
    return NULL;
}

int64_t redis_cluster_int(struct redis_cluster *cluster, const char *command, const char *key)
{
    return redis_server_int(redis_cluster_primary_of(cluster, key), "%s %s", command, key);
}

/* ---- all is well ---------------------------------------------------------------------------- */

/* A replica is not among those that can take over before it is heard of with some data. */
static bool knows_all_replicas(struct redis_server *node)
{
    redisReply *slots = redisCommand(node->client, "CLUSTER SLOTS");
    bool knows_all = true;

    assert_non_null(slots);
    for (size_t i = 0; i < slots->elements; i++)
        knows_all = knows_all && slots->element[i]->elements == 4;
    freeReplyObject(slots);
    return knows_all;
}

static bool is_well(struct redis_server *node)
{
    if (!knows_all_replicas(node) || !info_has(node, "CLUSTER INFO", "cluster_state:ok") ||
        !info_has(node, "CLUSTER INFO", "cluster_known_nodes:6") ||
        info_has(node, "CLUSTER NODES", "fail") || info_has(node, "CLUSTER NODES", "handshake"))
        return false;
    if (info_has(node, "INFO replication", "role:master"))
        return info_has(node, "INFO replication", "state=online");
    return info_has(node, "INFO replication", "master_link_status:up");
}

bool redis_cluster_is_well(struct redis_cluster *cluster)
{
    for (size_t i = 0; i < REDIS_CLUSTER_NODES; i++) {
        if (cluster->nodes[i].pid > 0 && !is_well(&cluster->nodes[i]))
            return false;
    }
    return true;
}

void redis_cluster_wait_well(struct redis_cluster *cluster)
{
    for (int waited_ms = 0; !redis_cluster_is_well(cluster); waited_ms += POLL_MS) {
        assert_true(waited_ms < PATIENCE_MS);
        pause_ms(POLL_MS);
    }
}

void redis_cluster_flush(struct redis_cluster *cluster)
{
    for (size_t i = 0; i < REDIS_CLUSTER_NODES; i++) {
        struct redis_server *node = &cluster->nodes[i];

        if (node->pid == 0 || !info_has(node, "INFO replication", "role:master"))
            continue;
        redis_server_do(node, "FLUSHALL");
        redis_server_do(node, "SCRIPT FLUSH");
        assert_int_equal(redis_server_int(node, "WAIT 1 %d", PATIENCE_MS), 1);
    }
}

/* ---- beginning and end ---------------------------------------------------------------------- */

static void give_slots(struct redis_server *node, unsigned first, unsigned last)
{
    redis_server_do(node, "CLUSTER ADDSLOTSRANGE %u %u", first, last);
}

/* A replica can follow a primary only when it has heard of it. */
static void follow(struct redis_server *replica, struct redis_server *primary)
{
    char id[41];

    node_id(primary, id);
    for (int waited_ms = 0; !info_has(replica, "CLUSTER NODES", id); waited_ms += POLL_MS) {
        assert_true(waited_ms < PATIENCE_MS);
        pause_ms(POLL_MS);
    }
    redis_server_do(replica, "CLUSTER REPLICATE %s", id);
}

void redis_cluster_start(struct redis_cluster *cluster, const char *const *args)
{
    static const char *const fixed[] = {"--cluster-enabled",          "yes",
                                        "--cluster-node-timeout",     "1000",
                                        "--repl-diskless-sync-delay", "0"};
    const size_t fixed_count = sizeof(fixed) / sizeof(fixed[0]);
    const unsigned share = REDIS_SLOTS / REDIS_CLUSTER_PRIMARIES;

    *cluster = (struct redis_cluster){.url = ""};
    for (size_t i = 0; i < fixed_count; i++)
        cluster->args[i] = fixed[i];
    for (size_t i = 0; args && args[i]; i++) {
        assert_true(fixed_count + i + 1 < sizeof(cluster->args) / sizeof(cluster->args[0]));
        cluster->args[fixed_count + i] = args[i];
    }
    for (size_t i = 0; i < REDIS_CLUSTER_NODES; i++)
        redis_server_start(&cluster->nodes[i], cluster->args);
    for (unsigned i = 0; i < REDIS_CLUSTER_PRIMARIES; i++)
        give_slots(&cluster->nodes[i], i * share,
                   i + 1 == REDIS_CLUSTER_PRIMARIES ? REDIS_SLOTS - 1 : (i + 1) * share - 1);
    for (unsigned i = 0; i < REDIS_CLUSTER_NODES; i++) {
        redis_server_do(&cluster->nodes[i], "CLUSTER SET-CONFIG-EPOCH %u", i + 1);
        redis_server_do(&cluster->nodes[0], "CLUSTER MEET 127.0.0.1 %u", cluster->nodes[i].port);
    }
    for (unsigned i = REDIS_CLUSTER_PRIMARIES; i < REDIS_CLUSTER_NODES; i++)
        follow(&cluster->nodes[i], &cluster->nodes[i - REDIS_CLUSTER_PRIMARIES]);
    redis_cluster_flush(cluster);
    redis_cluster_wait_well(cluster);
    (void)snprintf(cluster->url, sizeof(cluster->url), "redis+cluster://localhost:%u,127.0.0.1:%u",
                   cluster->nodes[0].port, cluster->nodes[4].port);
}

void redis_cluster_remove(struct redis_cluster *cluster)
{
    for (size_t i = 0; i < REDIS_CLUSTER_NODES; i++)
        redis_server_remove(&cluster->nodes[i]);
}

void redis_cluster_restart(struct redis_cluster *cluster, struct redis_server *node)
{
    redis_server_restart(node, cluster->args);
}

/* ---- replicas ------------------------------------------------------------------------------- */

struct redis_server *redis_cluster_replica_of(struct redis_cluster *cluster,
                                              struct redis_server *primary)
{
    char line[32];

    (void)snprintf(line, sizeof(line), "master_port:%u\r\n", primary->port);
    for (size_t i = 0; i < REDIS_CLUSTER_NODES; i++) {
        struct redis_server *node = &cluster->nodes[i];

        if (node->pid > 0 && info_has(node, "INFO replication", "role:slave") &&
            info_has(node, "INFO replication", line))
            return node;
    }
    fail_msg("no replica of the node on port %u", primary->port);
    return NULL;
}

/* A wrong login keeps it from connecting again. */
void redis_cluster_cut_off(struct redis_cluster *cluster, struct redis_server *primary)
{
    struct redis_server *replica = redis_cluster_replica_of(cluster, primary);

    redis_server_do(replica, "CONFIG SET masteruser nobody masterauth wrong");
    redis_server_do(primary, "CLIENT KILL TYPE replica");
    for (int waited_ms = 0; !info_has(primary, "INFO replication", "connected_slaves:0");
         waited_ms += POLL_MS) {
        assert_true(waited_ms < PATIENCE_MS);
        pause_ms(POLL_MS);
    }
}

void redis_cluster_let_follow(struct redis_server *replica)
{
    redis_server_words(replica, "CONFIG SET masteruser  masterauth ");
}

/* ---- moving a slot -------------------------------------------------------------------------- */

void redis_cluster_move_begin(struct redis_cluster *cluster, const char *key,
                              struct redis_server *from, struct redis_server *to)
{
    unsigned slot = redis_slot_of_key((struct slice){key, strlen(key)});
    char id[41];

    (void)cluster;
    node_id(from, id);
    redis_server_do(to, "CLUSTER SETSLOT %u IMPORTING %s", slot, id);
    node_id(to, id);
    redis_server_do(from, "CLUSTER SETSLOT %u MIGRATING %s", slot, id);
}

bool redis_cluster_move_key(struct redis_cluster *cluster, const char *key,
                            struct redis_server *from, struct redis_server *to)
{
    unsigned slot = redis_slot_of_key((struct slice){key, strlen(key)});
    redisReply *keys = redisCommand(from->client, "CLUSTER GETKEYSINSLOT %u 1", slot);
    bool is_there = keys && keys->elements == 1;

    (void)cluster;
    assert_non_null(keys);
    if (is_there)
        redis_server_do(from, "MIGRATE 127.0.0.1 %u %b 0 5000", to->port, keys->element[0]->str,
                        (size_t)keys->element[0]->len);
    freeReplyObject(keys);
    return is_there;
}

void redis_cluster_move_end(struct redis_cluster *cluster, const char *key,
                            struct redis_server *from, struct redis_server *to)
{
    unsigned slot = redis_slot_of_key((struct slice){key, strlen(key)});
    char id[41];

    node_id(to, id);
    redis_server_do(to, "CLUSTER SETSLOT %u NODE %s", slot, id);
    redis_server_do(from, "CLUSTER SETSLOT %u NODE %s", slot, id);
    while (redis_cluster_primary_of(cluster, key) == from)
        pause_ms(POLL_MS);
}
