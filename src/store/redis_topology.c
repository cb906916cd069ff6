#include "store/redis_topology.h"

#include "store/redis_slot.h"

/* A node that a redirection names is kept so long; by then a map names it, or it was a mistake. */
#define KEPT_MS 10000

void redis_topology_init(struct redis_topology *topology, uv_loop_t *loop,
                         const struct redis_url *url, const struct redis_terms *terms,
                         const struct redis_node_events *events, void *owner)
{
    topology->seed_count = url->node_count;
    for (size_t i = 0; i < url->node_count; i++)
        topology->seeds[i] = url->nodes[i];
    for (unsigned shard = 0; shard < STORE_MAX_SHARDS; shard++) {
        struct redis_prefix prefix = redis_prefix_of_shard(shard);

        topology->slots[shard] = redis_slot_of_key(slice_of(prefix.text, prefix.len));
        topology->shards[shard].unfit_since_ms = INT64_MIN / 2; /* since ever: not waited for */
    }
    redis_members_init(&topology->members, loop, &url->target, terms, events, owner);
    redis_topology_seed(topology);
}

bool redis_topology_is_any_ready(const struct redis_topology *topology)
{
    struct redis_member *member = NULL;

    while ((member = redis_members_next(&topology->members, member))) {
        if (redis_node_is_ready(&member->node))
            return true;
    }
    return false;
}

void redis_topology_seed(struct redis_topology *topology)
{
    if (redis_topology_is_any_ready(topology))
        return;
    for (size_t i = 0; i < topology->seed_count; i++)
        (void)redis_members_name(&topology->members, &topology->seeds[i], 0);
}

/* ---- who has what --------------------------------------------------------------------------- */

/* The epoch moves with each fail-over and each slot that moves. A node that knows an older one was
 * cut off, and tells how things were. */
static bool is_outdated(const struct redis_topology *topology, const struct redis_node *node)
{
    struct redis_member *member = NULL;

    while ((member = redis_members_next(&topology->members, member))) {
        if (&member->node != node && redis_node_is_ready(&member->node) &&
            member->node.is_checked && member->node.epoch > node->facts.epoch)
            return true;
    }
    return false;
}

static void give_shard(struct redis_topology *topology, unsigned shard, struct redis_member *member)
{
    struct redis_member *before = topology->shards[shard].member;

    topology->moves += before && member && before != member;
    topology->shards[shard].member = member;
    if (before)
        before->shards--;
    if (before && before->shards == 0)
        redis_node_give_keys(&before->node, NULL);
    if (!member)
        return;
    member->shards++;
    member->prefix = redis_prefix_of_shard(shard);
    redis_node_give_keys(&member->node, &member->prefix);
}

/* Makes the nodes of the map members; members[i] is that of its node i, NULL when there are too
 * many. */
static void take_nodes(struct redis_topology *topology,
                       struct redis_member *members[static REDIS_MAP_MAX_NODES])
{
    const struct redis_map *map = &topology->map;
    struct redis_member *member = NULL;

    while ((member = redis_members_next(&topology->members, member)))
        member->is_in_map = false;
    for (size_t i = 0; i < map->node_count; i++) {
        member = redis_members_name(&topology->members, &map->nodes[i].address, 0);
        members[i] = member;
        if (!member)
            continue;
        member->is_in_map = true;
        member->is_primary = map->nodes[i].is_primary;
        member->node.is_replica = !member->is_primary;
    }
}

void redis_topology_take(struct redis_topology *topology, const struct redis_node *node,
                         const struct redis_value *slots, int64_t now_ms)
{
    const struct redis_member *from = (const struct redis_member *)node;
    struct redis_member *members[REDIS_MAP_MAX_NODES];

    if (is_outdated(topology, node) ||
        redis_map_read(&topology->map, slots, from->address.host, topology->slots) != ERR_OK)
        return;
    take_nodes(topology, members);
    /* Commits are tried on the keys of the shard that a node gets last: each time on others, since
     * those of one may be on the move. */
    topology->first_shard++;
    for (unsigned i = 0; i < STORE_MAX_SHARDS; i++) {
        unsigned shard = (topology->first_shard + i) % STORE_MAX_SHARDS;
        size_t owner = topology->map.owners[shard];

        give_shard(topology, shard, owner == REDIS_MAP_NOBODY ? NULL : members[owner]);
    }
    redis_members_prune(&topology->members, now_ms);
}

struct redis_member *redis_topology_follow(struct redis_topology *topology, unsigned shard,
                                           const struct redis_redirection *redirection,
                                           int64_t now_ms)
{
    struct redis_member *member =
        redis_members_name(&topology->members, &redirection->address, now_ms + KEPT_MS);

    if (member && redirection->kind == REDIS_MOVED) {
        member->node.is_replica = false;
        give_shard(topology, shard, member);
        redis_node_check(&member->node); /* it knows what else has moved */
    }
    return member;
}

/* ---- how they are --------------------------------------------------------------------------- */

bool redis_topology_look(struct redis_topology *topology, int64_t now_ms)
{
    bool are_fit = true;

    topology->weak = redis_cluster_weak_replica(&topology->members);
    for (size_t i = 0; i < STORE_MAX_SHARDS; i++) {
        struct redis_shard *shard = &topology->shards[i];
        bool is_fit = !redis_shard_obstacle(shard, OP_COMMIT) && !topology->weak;

        are_fit = are_fit && is_fit;
        if (is_fit)
            shard->unfit_since_ms = TIMER_NEVER;
        else if (shard->unfit_since_ms == TIMER_NEVER)
            shard->unfit_since_ms = now_ms;
    }
    return are_fit;
}

const char *redis_topology_obstacle(const struct redis_topology *topology,
                                    const struct store_op *op)
{
    bool is_change = op->kind == OP_COMMIT || op->kind == OP_REGISTER;
    const char *obstacle = redis_shard_obstacle(&topology->shards[op->shard], op->kind);

    return !obstacle && is_change && topology->weak ? topology->weak->node.health.reason : obstacle;
}
