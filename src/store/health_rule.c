#include "store/health_rule.h"

#include <stdio.h>

static void add_finding(struct store_health *health, const struct health_rule *rule,
                        const void *facts)
{
    struct store_finding *finding = &health->findings[health->finding_count];
    const char *detail = rule->detail ? rule->detail(facts) : NULL;

    if (health->finding_count == STORE_MAX_FINDINGS)
        return;
    health->finding_count++;
    (void)snprintf(finding->problem, sizeof(finding->problem), "%s%s%s", rule->problem,
                   detail ? ": " : "", detail ? detail : "");
    (void)snprintf(finding->remedy, sizeof(finding->remedy), "%s", rule->remedy);
}

void health_judge(const struct health_rule *rules, size_t count, const void *facts,
                  enum durability require, struct store_health *out)
{
    *out = (struct store_health){.reachable = true, .sufficient = true};
    for (size_t i = 0; i < count; i++) {
        if (!rules[i].holds(facts))
            continue;
        add_finding(out, &rules[i], facts);
        if (rules[i].at_best > out->durability)
            out->durability = rules[i].at_best;
        if ((rules[i].blocks || rules[i].at_best > require) && out->sufficient) {
            out->sufficient = false;
            (void)snprintf(out->reason, sizeof(out->reason), "%s",
                           out->findings[out->finding_count - 1].problem);
        }
    }
}
