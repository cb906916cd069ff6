/* User agents: any bytes give clean, short texts, the same each time. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "count/agent_memo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct slice family, struct slice versioned)
{
    assert(versioned.len <= AGENT_MAX_NAME);
    assert(utf8_is_clean(family) && utf8_is_clean(versioned));
    assert(slice_starts_with(versioned, family));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct agent_memo *memo; /* patterns are compiled once, not for each input */
    const struct agent *agent;
    struct agent first;

    if (!memo)
        memo = agent_memo_create();
    agent = agent_memo_find(memo, slice_of(data, size));
    assert(agent);
    check_text(agent->browser, agent->browser_version);
    check_text(agent->system, agent->system_version);
    assert(agent->device < DEVICE_CLASS_COUNT_ && agent->bot < BOT_REASON_COUNT_);
    first = *agent;
    agent = agent_memo_find(memo, slice_of(data, size));
    assert(agent && agent->bot == first.bot && agent->device == first.device);
    assert(memcmp(agent->digest, first.digest, sizeof(first.digest)) == 0);
    return 0;
}
