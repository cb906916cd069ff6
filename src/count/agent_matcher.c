#define PCRE2_CODE_UNIT_WIDTH 8
#include "count/agent_matcher.h"

#include <pcre2.h>
#include <stdlib.h>

#include "count/agent_rules.h"

/* Real agents need a few hundred steps of a pattern at most. */
#define MATCH_LIMIT 20000

/* What the interpreter, for want of machine code, may use for one match. */
#define HEAP_LIMIT_KIB 256

struct agent_matcher {
    pcre2_code *codes[AGENT_MAX_RULES]; /* NULL until it is needed */
    pcre2_match_data *data;
    pcre2_match_context *context;
};

struct agent_matcher *agent_matcher_create(void)
{
    struct agent_matcher *matcher = calloc(1, sizeof(*matcher));

    if (!matcher)
        return NULL;
    matcher->data = pcre2_match_data_create(AGENT_MATCH_GROUPS, NULL);
    matcher->context = pcre2_match_context_create(NULL);
    if (!matcher->data || !matcher->context) {
        agent_matcher_destroy(matcher);
        return NULL;
    }
    (void)pcre2_set_match_limit(matcher->context, MATCH_LIMIT);
    (void)pcre2_set_heap_limit(matcher->context, HEAP_LIMIT_KIB);
    return matcher;
}

void agent_matcher_destroy(struct agent_matcher *matcher)
{
    if (!matcher)
        return;
    for (size_t i = 0; i < AGENT_MAX_RULES; i++)
        pcre2_code_free(matcher->codes[i]);
    pcre2_match_context_free(matcher->context);
    pcre2_match_data_free(matcher->data);
    free(matcher);
}

/* NULL only without memory: a test compiles all patterns. */
static const pcre2_code *code_of(struct agent_matcher *matcher, size_t rule)
{
    pcre2_code **code = &matcher->codes[rule];
    PCRE2_SIZE error_offset;
    int error;

    if (*code)
        return *code;
    *code = pcre2_compile((PCRE2_SPTR)(agent_texts + agent_rules[rule].pattern),
                          PCRE2_ZERO_TERMINATED, 0, &error, &error_offset, NULL);
    if (*code)
        (void)pcre2_jit_compile(*code, PCRE2_JIT_COMPLETE); /* else it is interpreted */
    return *code;
}

/* `count` groups are set by the match; what stands behind them is of an earlier one. */
static void copy_groups(struct agent_match *out, pcre2_match_data *data, size_t count,
                        struct slice agent)
{
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(data);

    for (size_t i = 0; i < AGENT_MATCH_GROUPS; i++) {
        bool is_set = i < count && ends[2 * i] != PCRE2_UNSET;

        out->groups[i] =
            is_set ? slice_of(agent.ptr + ends[2 * i], ends[2 * i + 1] - ends[2 * i]) : SLICE("");
    }
}

enum err agent_matcher_match(struct agent_matcher *matcher, struct agent_match *out, size_t rule,
                             struct slice agent)
{
    const pcre2_code *code = code_of(matcher, rule);
    int count;

    if (!code)
        return ERR_NO_MEMORY;
    count =
        pcre2_match(code, (PCRE2_SPTR)agent.ptr, agent.len, 0, 0, matcher->data, matcher->context);
    if (count < 0)
        return ERR_NOT_FOUND;
    /* 0: the pattern has more groups than anybody asks for. */
    copy_groups(out, matcher->data, count > 0 ? (size_t)count : AGENT_MATCH_GROUPS, agent);
    return ERR_OK;
}
