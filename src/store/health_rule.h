/**
 * How the facts about a server become a judgement: one table of rules a driver.
 */
#ifndef FOOTFALL_STORE_HEALTH_RULE_H
#define FOOTFALL_STORE_HEALTH_RULE_H

#include "store/store.h"

/** `facts` are the driver's own. */
struct health_rule {
    bool (*holds)(const void *facts);
    bool blocks;             /* commits cannot be carried out */
    enum durability at_best; /* nothing better than this while it holds */
    const char *problem;     /* a sentence */
    const char *remedy;
    const char *(*detail)(const void *facts); /* goes behind the problem; NULL: nothing does */
};

/**
 * @param rules  the gravest first: the first that counts is the reason why a server is not
 *               sufficient
 * @param require  no less durability is sufficient
 */
void health_judge(const struct health_rule *rules, size_t count, const void *facts,
                  enum durability require, struct store_health *out);

#endif
