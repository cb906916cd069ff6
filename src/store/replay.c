#include "store/replay.h"

#include <stdlib.h>

#include "store/replay_pack.h"
#include "store/rollup_pack.h"

/* So many bytes hold the commits of a quiet site for a while. Blocks of larger commits hold some of
 * them, so that little is left over at their ends, and are still a small part of the ring. */
#define BLOCK_BYTES     ((size_t)64 << 10)
#define BLOCK_COMMITS   8
#define BLOCKS_PER_RING 8

/* Commits lie behind each other in blocks; the oldest block is freed as a whole. */
struct replay_block {
    struct replay_block *next;
    size_t capacity;
    size_t start; /* of the oldest commit that was not dropped */
    size_t end;
    char bytes[];
};

/* ---- blocks --------------------------------------------------------------------------------- */

static struct replay_head head_at(const struct replay_block *block, size_t at)
{
    return replay_head_of(block->bytes + at);
}

static void forget_views(void *ctx, uint64_t number, struct slice site, int64_t views)
{
    struct replay *replay = ctx;

    forgotten_add(&replay->forgotten, number, site, views);
}

static void drop_oldest(struct replay *replay)
{
    struct replay_block *block = replay->first;
    struct replay_head head = head_at(block, block->start);

    replay_each_site(block->bytes + block->start, forget_views, replay);
    replay->floor = head.number;
    replay->at_block = NULL;
    block->start += head.bytes;
    if (block->start < block->end)
        return;
    replay->first = block->next;
    if (!replay->first)
        replay->last = NULL;
    replay->bytes -= block->capacity;
    free(block);
}

static size_t block_bytes(const struct replay *replay, size_t needed)
{
    size_t bytes = BLOCK_COMMITS * needed;

    if (bytes > replay->max_bytes / BLOCKS_PER_RING)
        bytes = replay->max_bytes / BLOCKS_PER_RING;
    if (bytes < BLOCK_BYTES)
        bytes = BLOCK_BYTES;
    return bytes > needed ? bytes : needed;
}

static struct replay_block *add_block(struct replay *replay, size_t needed)
{
    size_t capacity = block_bytes(replay, needed);
    struct replay_block *block;

    while (replay->first && replay->bytes + capacity > replay->max_bytes)
        drop_oldest(replay);
    block = capacity <= replay->max_bytes ? malloc(sizeof(*block) + capacity) : NULL;
    if (!block)
        return NULL;
    block->next = NULL;
    block->capacity = capacity;
    block->start = 0;
    block->end = 0;
    if (replay->last)
        replay->last->next = block;
    else
        replay->first = block;
    replay->last = block;
    replay->bytes += capacity;
    return block;
}

/* ---- the ring ------------------------------------------------------------------------------- */

void replay_init(struct replay *replay, size_t max_bytes)
{
    *replay = (struct replay){.max_bytes = max_bytes};
    strbuf_init(&replay->rollups, max_bytes);
    forgotten_init(&replay->forgotten);
}

static void free_blocks(struct replay *replay)
{
    struct replay_block *block = replay->first;

    while (block) {
        struct replay_block *next = block->next;

        free(block);
        block = next;
    }
}

void replay_fini(struct replay *replay)
{
    free_blocks(replay);
    strbuf_fini(&replay->rollups);
    forgotten_fini(&replay->forgotten);
}

bool replay_is_empty(const struct replay *replay)
{
    return !replay->first;
}

static void forget_commit(struct replay *replay, const struct commit *commit)
{
    for (size_t i = 0; i < commit->addition_count; i++) {
        const struct addition *addition = &commit->additions[i];

        if (addition->counter.dimension == DIMENSION_TOTAL)
            forgotten_add(&replay->forgotten, commit->number, addition->counter.site,
                          addition->delta);
    }
    replay->floor = commit->number;
}

/* Room for the commit, whose rollups are packed already; NULL when there is none. */
static char *make_room(struct replay *replay, const struct commit *commit)
{
    size_t bytes = replay_packed_bytes(commit, strbuf_slice(&replay->rollups));
    struct replay_block *block = replay->last;
    char *room;

    if (!block || block->capacity - block->end < bytes)
        block = add_block(replay, bytes);
    if (!block)
        return NULL;
    room = block->bytes + block->end;
    block->end += bytes;
    return room;
}

void replay_push(struct replay *replay, const struct commit *commit, int64_t now_ms)
{
    char *room = NULL;

    strbuf_clear(&replay->rollups);
    if (rollup_pack_write(&replay->rollups, commit) == ERR_OK)
        room = make_room(replay, commit);
    if (room) {
        replay_pack(room, commit, strbuf_slice(&replay->rollups), now_ms);
        return;
    }
    while (replay->first)
        drop_oldest(replay);
    forget_commit(replay, commit);
}

void replay_drop_before(struct replay *replay, int64_t ms)
{
    while (replay->first && head_at(replay->first, replay->first->start).confirmed_ms < ms)
        drop_oldest(replay);
}

void replay_reset(struct replay *replay, uint64_t floor)
{
    free_blocks(replay);
    replay->first = NULL;
    replay->last = NULL;
    replay->at_block = NULL;
    replay->bytes = 0;
    replay->floor = floor;
    forgotten_reset(&replay->forgotten);
}

/* The packed commit with `number`, or NULL; the next search goes on from there. */
static const char *find(struct replay *replay, uint64_t number)
{
    const struct replay_block *block = replay->at_block;
    size_t at = replay->at;

    if (!block || head_at(block, at).number > number) {
        block = replay->first;
        at = block ? block->start : 0;
    }
    while (block) {
        struct replay_head head = head_at(block, at);

        replay->at_block = block;
        replay->at = at;
        if (head.number >= number)
            return head.number == number ? block->bytes + at : NULL;
        at += head.bytes;
        if (at == block->end) {
            block = block->next;
            at = block ? block->start : 0;
        }
    }
    return NULL;
}

enum err replay_get_empty(uint64_t number, struct commit **out)
{
    struct commit *commit = commit_create();

    if (!commit)
        return ERR_NO_MEMORY;
    commit->number = number;
    commit->version = 1; /* of no record */
    *out = commit;
    return ERR_OK;
}

enum err replay_get(struct replay *replay, uint64_t number, struct commit **out)
{
    const char *packed = find(replay, number);
    struct commit *commit;
    enum err err = replay_get_empty(number, &commit);

    if (err == ERR_OK && packed) {
        err = replay_unpack(packed, commit);
        if (err != ERR_OK)
            commit_unref(commit);
    }
    if (err == ERR_OK)
        *out = commit;
    return err;
}
