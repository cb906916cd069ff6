#include "store/redis_cluster_health.h"

#include <stdio.h>

const char *redis_shard_obstacle(const struct redis_shard *shard, enum store_op_kind kind)
{
    return shard->member ? redis_node_obstacle(&shard->member->node, kind)
                         : "no node of the cluster has this part of the counts";
}

static bool is_known(const struct redis_member *member)
{
    return redis_node_is_ready(&member->node) && member->node.is_checked;
}

const struct redis_member *redis_cluster_weak_replica(const struct redis_members *members)
{
    struct redis_member *member = NULL;

    while ((member = redis_members_next(members, member))) {
        if (member->node.is_replica && is_known(member) && !member->node.health.sufficient)
            return member;
    }
    return NULL;
}

bool redis_cluster_is_settled(const struct redis_members *members)
{
    struct redis_member *member = NULL;

    while ((member = redis_members_next(members, member))) {
        const struct redis_node *node = &member->node;
        bool is_settled = redis_node_is_ready(node) ? node->is_checked && !node->is_checking
                                                    : node->connection.failures > 0;

        if (!is_settled)
            return false;
    }
    return true;
}

/* ---- findings ------------------------------------------------------------------------------- */

/* Adds what is wrong with `member`, unless the same was found at another one. */
static void add_finding(struct store_health *health, const struct redis_member *member,
                        const char *problem, const char *remedy)
{
    struct store_finding *finding = &health->findings[health->finding_count];

    for (size_t i = 0; i < health->finding_count; i++) {
        if (strcmp(health->findings[i].remedy, remedy) == 0)
            return;
    }
    if (health->finding_count == STORE_MAX_FINDINGS)
        return;
    health->finding_count++;
    (void)snprintf(finding->problem, sizeof(finding->problem), "%.60s: %s", member->node.name,
                   problem);
    (void)snprintf(finding->remedy, sizeof(finding->remedy), "%s", remedy);
}

/* Who is not in the map is another name for one that is, most likely. */
static void find_in_member(struct store_health *out, const struct redis_member *member,
                           bool has_map)
{
    const struct store_health *health = &member->node.health;

    if (!is_known(member)) {
        if (member->is_in_map)
            add_finding(out, member, member->node.connection.reason,
                        "start it; redis-cli --cluster check shows the state of all nodes");
        return;
    }
    out->reachable = true;
    if (!member->is_in_map && has_map)
        return;
    for (size_t i = 0; i < health->finding_count; i++)
        add_finding(out, member, health->findings[i].problem, health->findings[i].remedy);
    if (health->durability > out->durability)
        out->durability = health->durability;
    if (member->is_primary && member->node.replicas == 0)
        add_finding(out, member, "no replica: when it dies its counts stand still until it is back",
                    "redis-cli --cluster add-node NEW-HOST:PORT HOST:PORT --cluster-slave");
    if (member->is_primary && member->node.cluster_is_down)
        add_finding(out, member, "the cluster is down: slots without a node, or no majority",
                    "redis-cli --cluster check HOST:PORT, then --cluster fix");
}

static void find_unfit_shards(struct store_health *out, const struct redis_shard *shards)
{
    const struct redis_shard *first = NULL;
    unsigned count = 0;

    for (size_t i = 0; i < STORE_MAX_SHARDS; i++) {
        if (!redis_shard_obstacle(&shards[i], OP_COMMIT))
            continue;
        count++;
        if (!first)
            first = &shards[i];
    }
    out->sufficient = count == 0;
    if (first)
        (void)snprintf(out->reason, sizeof(out->reason),
                       "%u of %d parts of the counts cannot be counted on; %.40s: %.90s", count,
                       STORE_MAX_SHARDS, first->member ? first->member->node.name : "cluster",
                       redis_shard_obstacle(first, OP_COMMIT));
}

void redis_cluster_judge(const struct redis_members *members, const struct redis_shard *shards,
                         struct store_health *out)
{
    const struct redis_member *weak = redis_cluster_weak_replica(members);
    struct redis_member *member = NULL;
    bool has_map = false;

    while ((member = redis_members_next(members, member)))
        has_map = has_map || member->is_in_map;
    *out = (struct store_health){.durability = DURABILITY_STRICT};
    while ((member = redis_members_next(members, member)))
        find_in_member(out, member, has_map);
    find_unfit_shards(out, shards);
    if (weak && out->sufficient) {
        out->sufficient = false;
        (void)snprintf(out->reason, sizeof(out->reason), "replica %.60s: %.120s", weak->node.name,
                       weak->node.health.reason);
    }
}
