#include "store/redis_map.h"

#include <stdio.h>

#include "store/redis_commit.h"
#include "store/redis_slot.h"

/* ---- CLUSTER SLOTS -------------------------------------------------------------------------- */

/* A node that does not know its own name says nothing, an empty name or "?". */
static bool set_address(struct redis_address *out, struct slice name, int64_t port,
                        const char *host)
{
    bool is_known = name.len > 0 && !slice_eq(name, SLICE("?"));

    if (port < 1 || port > 65535 || name.len >= sizeof(out->host) ||
        (is_known && memchr(name.ptr, '\0', name.len)))
        return false;
    if (is_known)
        (void)snprintf(out->host, sizeof(out->host), "%.*s", SLICE_ARG(name));
    else
        (void)snprintf(out->host, sizeof(out->host), "%s", host);
    out->port = (unsigned)port;
    return true;
}

/* A node: name, port, and more that is of no interest. */
static bool read_address(struct redis_address *out, const struct redis_value *value,
                         const char *host)
{
    return value->type == REDIS_ARRAY && value->count >= 2 &&
           (value->elements[0].type == REDIS_STRING || value->elements[0].type == REDIS_NIL) &&
           value->elements[1].type == REDIS_INTEGER &&
           set_address(out, value->elements[0].text, value->elements[1].integer, host);
}

/* The index of the node with this address, which is added when there is room. */
static size_t put_node(struct redis_map *map, const struct redis_address *address)
{
    size_t i = 0;

    while (i < map->node_count && (map->nodes[i].address.port != address->port ||
                                   strcmp(map->nodes[i].address.host, address->host) != 0))
        i++;
    if (i == REDIS_MAP_MAX_NODES)
        return REDIS_MAP_NOBODY;
    if (i == map->node_count)
        map->nodes[map->node_count++] = (struct redis_map_node){.address = *address};
    return i;
}

/* One range: first and last slot, the primary, its replicas. */
static bool read_range(struct redis_map *map, const struct redis_value *range, const char *host,
                       const unsigned slots[static STORE_MAX_SHARDS])
{
    struct redis_address address;
    size_t owner;

    if (range->type != REDIS_ARRAY || range->count < 3 ||
        range->elements[0].type != REDIS_INTEGER || range->elements[1].type != REDIS_INTEGER ||
        !read_address(&address, &range->elements[2], host))
        return false;
    owner = put_node(map, &address);
    for (size_t i = 3; i < range->count; i++) {
        if (!read_address(&address, &range->elements[i], host))
            return false;
        (void)put_node(map, &address);
    }
    if (owner == REDIS_MAP_NOBODY)
        return true;
    map->nodes[owner].is_primary = true;
    for (size_t shard = 0; shard < STORE_MAX_SHARDS; shard++) {
        if (slots[shard] >= range->elements[0].integer &&
            slots[shard] <= range->elements[1].integer)
            map->owners[shard] = owner;
    }
    return true;
}

enum err redis_map_read(struct redis_map *out, const struct redis_value *reply, const char *host,
                        const unsigned slots[static STORE_MAX_SHARDS])
{
    out->node_count = 0;
    for (size_t shard = 0; shard < STORE_MAX_SHARDS; shard++)
        out->owners[shard] = REDIS_MAP_NOBODY;
    if (reply->type != REDIS_ARRAY)
        return ERR_INVALID;
    for (size_t i = 0; i < reply->count; i++) {
        if (!read_range(out, &reply->elements[i], host, slots))
            return ERR_INVALID;
    }
    return out->node_count > 0 ? ERR_OK : ERR_INVALID;
}

/* ---- redirections --------------------------------------------------------------------------- */

/* The part of `text` before the first space; *text is what comes after it. */
static struct slice take_word(struct slice *text)
{
    const char *space = text->len > 0 ? memchr(text->ptr, ' ', text->len) : NULL;
    size_t len = space ? (size_t)(space - text->ptr) : text->len;
    struct slice word = slice_of(text->ptr, len);

    *text = space ? slice_from(*text, len + 1) : slice_of(NULL, 0);
    return word;
}

bool redis_redirection_read(struct redis_redirection *out, struct slice error, const char *host)
{
    struct slice kind = take_word(&error);
    struct slice slot = take_word(&error);
    const char *colon = error.len > 0 ? memrchr(error.ptr, ':', error.len) : NULL;
    int64_t number;
    int64_t port;

    if (!slice_eq(kind, SLICE("MOVED")) && !slice_eq(kind, SLICE("ASK")))
        return false;
    if (!colon || !redis_parse_int(slot, &number) || number < 0 || number >= REDIS_SLOTS ||
        !redis_parse_int(slice_from(error, (size_t)(colon - error.ptr) + 1), &port))
        return false;
    out->kind = slice_eq(kind, SLICE("MOVED")) ? REDIS_MOVED : REDIS_ASK;
    return set_address(&out->address, slice_of(error.ptr, (size_t)(colon - error.ptr)), port, host);
}
