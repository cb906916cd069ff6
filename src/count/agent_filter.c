#include "count/agent_filter.h"

static void add(struct agent_candidates *candidates, size_t rule)
{
    candidates->words[rule / 64] |= UINT64_C(1) << (rule % 64);
}

static size_t bucket_of(const char *gram)
{
    uint32_t bytes = (uint32_t)(unsigned char)gram[0] << 16 |
                     (uint32_t)(unsigned char)gram[1] << 8 | (uint32_t)(unsigned char)gram[2];

    return bytes * AGENT_HASH_FACTOR >> (32 - AGENT_BUCKET_BITS);
}

/* Whether the mark is in the agent, its hashed bytes at `position`. */
static bool is_there(const struct agent_mark *mark, struct slice agent, size_t position)
{
    return position >= mark->gram && agent.len - (position - mark->gram) >= mark->length &&
           memcmp(agent.ptr + position - mark->gram, agent_texts + mark->text, mark->length) == 0;
}

void agent_filter(struct slice agent, struct agent_candidates *candidates)
{
    memset(candidates, 0, sizeof(*candidates));
    for (size_t i = 0; i < agent_unmarked_count; i++)
        add(candidates, agent_unmarked[i]);
    for (size_t i = 0; i + AGENT_GRAM_BYTES <= agent.len; i++) {
        size_t bucket = bucket_of(agent.ptr + i);

        for (size_t k = agent_buckets[bucket]; k < agent_buckets[bucket + 1]; k++) {
            if (is_there(&agent_marks[k], agent, i))
                add(candidates, agent_marks[k].rule);
        }
    }
}

size_t agent_candidates_next(const struct agent_candidates *candidates, size_t from, size_t end)
{
    while (from < end) {
        uint64_t word = candidates->words[from / 64] >> (from % 64);

        if (word) {
            from += (size_t)__builtin_ctzll(word);
            return from < end ? from : end;
        }
        from += 64 - from % 64;
    }
    return end;
}
