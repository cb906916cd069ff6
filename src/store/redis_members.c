#include "store/redis_members.h"

#include <stdio.h>
#include <stdlib.h>

static void on_node_closed(struct redis_node *node);

void redis_members_init(struct redis_members *members, uv_loop_t *loop,
                        const struct redis_target *target, const struct redis_terms *terms,
                        const struct redis_node_events *events, void *owner)
{
    *members = (struct redis_members){
        .loop = loop, .target = *target, .terms = *terms, .events = *events, .owner = owner};
    members->events.on_closed = on_node_closed;
}

struct redis_member *redis_members_next(const struct redis_members *members,
                                        const struct redis_member *member)
{
    struct redis_member *next = member ? member->next : members->first;

    while (next && next->is_closing)
        next = next->next;
    return next;
}

static struct redis_member *find(const struct redis_members *members,
                                 const struct redis_address *address)
{
    struct redis_member *member = redis_members_next(members, NULL);

    while (member && (member->address.port != address->port ||
                      strcmp(member->address.host, address->host) != 0))
        member = redis_members_next(members, member);
    return member;
}

static struct redis_member *add(struct redis_members *members, const struct redis_address *address)
{
    struct redis_target target = members->target;
    struct redis_member *member;

    if (members->count == REDIS_MAP_MAX_NODES)
        return NULL;
    member = calloc(1, sizeof(*member));
    if (!member)
        return NULL;
    target.address = *address;
    member->members = members;
    member->address = *address;
    member->next = members->first;
    members->first = member;
    members->count++;
    redis_node_init(&member->node, members->loop, &target, &members->terms, NULL, &members->events,
                    members->owner);
    redis_node_start(&member->node);
    return member;
}

struct redis_member *redis_members_name(struct redis_members *members,
                                        const struct redis_address *address, int64_t kept_until_ms)
{
    struct redis_member *member = find(members, address);

    if (!member)
        member = add(members, address);
    if (member && member->kept_until_ms < kept_until_ms)
        member->kept_until_ms = kept_until_ms;
    return member;
}

void redis_members_check(const struct redis_members *members)
{
    struct redis_member *member = NULL;

    while ((member = redis_members_next(members, member)))
        redis_node_check(&member->node);
}

/* ---- ending --------------------------------------------------------------------------------- */

static void close_member(struct redis_members *members, struct redis_member *member)
{
    member->is_closing = true;
    members->count--;
    redis_node_close(&member->node);
}

void redis_members_prune(struct redis_members *members, int64_t now_ms)
{
    struct redis_member *member = redis_members_next(members, NULL);

    while (member) {
        struct redis_member *next = redis_members_next(members, member);

        if (!member->is_in_map && member->shards == 0 && member->kept_until_ms <= now_ms &&
            !member->node.is_checking && !member->node.connection.first)
            close_member(members, member);
        member = next;
    }
}

static void tell_closed(const struct redis_members *members)
{
    if (!members->first && members->on_closed)
        members->on_closed(members->owner);
}

static void on_node_closed(struct redis_node *node)
{
    struct redis_member *member = (struct redis_member *)node;
    struct redis_members *members = member->members;
    struct redis_member **place = &members->first;

    while (*place != member)
        place = &(*place)->next;
    *place = member->next;
    free(member);
    tell_closed(members);
}

void redis_members_close(struct redis_members *members, void (*on_closed)(void *owner))
{
    struct redis_member *member;

    members->on_closed = on_closed;
    while ((member = redis_members_next(members, NULL)))
        close_member(members, member);
    tell_closed(members);
}
