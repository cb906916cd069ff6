/* Says what user agents say: reads one a line, writes one line for each, with tabs between browser,
 * browser with version, system, system with version, device and the reason to take it for a bot. */
#include <stdio.h>
#include <stdlib.h>

#include "count/agent_memo.h"

static void print_agent(const struct agent *agent)
{
    (void)printf("%.*s\t%.*s\t%.*s\t%.*s\t%s\t%s\n", SLICE_ARG(agent->browser),
                 SLICE_ARG(agent->browser_version), SLICE_ARG(agent->system),
                 SLICE_ARG(agent->system_version), device_class_name(agent->device),
                 bot_reason_name(agent->bot));
}

int main(void)
{
    struct agent_memo *memo = agent_memo_create();
    char *line = NULL;
    size_t capacity = 0;
    ssize_t len;

    if (!memo)
        return 1;
    while ((len = getline(&line, &capacity, stdin)) > 0) {
        const struct agent *agent;

        len -= line[len - 1] == '\n';
        agent = agent_memo_find(memo, slice_of(line, (size_t)len));
        if (!agent)
            return 1;
        print_agent(agent);
    }
    free(line);
    agent_memo_destroy(memo);
    return 0;
}
