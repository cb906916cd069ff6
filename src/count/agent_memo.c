#include "count/agent_memo.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/hashmap.h"

#define CHUNK_BYTES 65536

struct agent_memo {
    struct agent_parser *parser;
    struct hashmap agents; /* struct agent by what the client sent, both in the arena */
    struct arena arena;
    struct agent parsed; /* the last one that was not known */
};

struct agent_memo *agent_memo_create(void)
{
    struct agent_memo *memo = calloc(1, sizeof(*memo));

    if (!memo)
        return NULL;
    memo->parser = agent_parser_create();
    if (!memo->parser) {
        free(memo);
        return NULL;
    }
    hashmap_init(&memo->agents);
    arena_init(&memo->arena, CHUNK_BYTES, AGENT_MEMO_MAX_BYTES);
    return memo;
}

void agent_memo_destroy(struct agent_memo *memo)
{
    if (!memo)
        return;
    agent_parser_destroy(memo->parser);
    hashmap_fini(&memo->agents);
    arena_fini(&memo->arena);
    free(memo);
}

static void forget_all(struct agent_memo *memo)
{
    hashmap_clear(&memo->agents);
    arena_reset(&memo->arena);
}

/* Copies both texts of a family, one of which begins the other; false without memory. */
static bool keep_texts(struct arena *arena, struct slice *family, struct slice *versioned)
{
    *versioned = arena_dup(arena, *versioned);
    family->ptr = versioned->ptr;
    return versioned->ptr != NULL;
}

/* Keeps what was parsed; NULL without memory, or when the arena is full. */
static const struct agent *keep(struct agent_memo *memo, struct slice user_agent)
{
    struct agent *kept = arena_alloc(&memo->arena, sizeof(*kept));
    struct slice key = arena_dup(&memo->arena, user_agent);
    void **place;

    if (!kept || !key.ptr)
        return NULL;
    *kept = memo->parsed;
    if (!keep_texts(&memo->arena, &kept->browser, &kept->browser_version) ||
        !keep_texts(&memo->arena, &kept->system, &kept->system_version))
        return NULL;
    place = hashmap_put(&memo->agents, key);
    if (!place)
        return NULL;
    *place = kept;
    return kept;
}

static const struct agent *learn(struct agent_memo *memo, struct slice user_agent)
{
    const struct agent *kept;

    if (agent_parse(memo->parser, &memo->parsed, user_agent) != ERR_OK)
        return NULL;
    if (user_agent.len > AGENT_MAX_BYTES)
        return &memo->parsed;
    if (memo->agents.count >= AGENT_MEMO_MAX_AGENTS)
        forget_all(memo);
    kept = keep(memo, user_agent);
    if (kept)
        return kept;
    forget_all(memo);
    return &memo->parsed;
}

const struct agent *agent_memo_find(struct agent_memo *memo, struct slice user_agent)
{
    const struct agent *known = NULL;

    if (user_agent.len == 0)
        user_agent = SLICE("");
    if (user_agent.len <= AGENT_MAX_BYTES)
        known = hashmap_get(&memo->agents, user_agent);
    return known ? known : learn(memo, user_agent);
}

size_t agent_memo_count(const struct agent_memo *memo)
{
    return memo->agents.count;
}
