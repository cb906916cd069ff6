#include "count/agent.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "count/agent_filter.h"
#include "count/agent_matcher.h"

_Static_assert(AGENT_DIGEST_BYTES >= crypto_generichash_BYTES_MIN, "too short a digest");

/* The family is what the text with the version begins with. */
struct versioned {
    char text[AGENT_MAX_NAME];
    size_t family_len;
    size_t len;
};

struct agent_parser {
    struct agent_matcher *matcher;
    struct versioned browser;
    struct versioned system;
};

struct agent_parser *agent_parser_create(void)
{
    struct agent_parser *parser = calloc(1, sizeof(*parser));

    if (!parser)
        return NULL;
    parser->matcher = agent_matcher_create();
    if (!parser->matcher) {
        free(parser);
        return NULL;
    }
    return parser;
}

void agent_parser_destroy(struct agent_parser *parser)
{
    if (!parser)
        return;
    agent_matcher_destroy(parser->matcher);
    free(parser);
}

/* One agent on its way through the rules. */
struct search {
    struct agent_matcher *matcher;
    struct slice agent;
    struct agent_candidates candidates;
    struct agent_match match; /* of the last rule found; not of one without pattern */
};

/* The first of the rules from `from` to `end` that matches; `end` when none does. */
static enum err first_match(struct search *search, size_t from, size_t end, size_t *rule)
{
    enum err err = ERR_NOT_FOUND;
    size_t i = agent_candidates_next(&search->candidates, from, end);

    while (i < end && agent_rules[i].pattern != 0) {
        err = agent_matcher_match(search->matcher, &search->match, i, search->agent);
        if (err != ERR_NOT_FOUND)
            break;
        i = agent_candidates_next(&search->candidates, i + 1, end);
    }
    *rule = i;
    return err == ERR_NO_MEMORY ? err : ERR_OK;
}

/* What the template says; where it says $1 to $9, the group. */
static void expand(struct strbuf *out, const char *template, const struct agent_match *match)
{
    for (const char *c = template; *c; c++) {
        if (c[0] == '$' && c[1] >= '1' && c[1] <= '9') {
            strbuf_append(out, match->groups[c[1] - '0']);
            c++;
        } else {
            strbuf_append_char(out, *c);
        }
    }
}

static struct slice trim(struct slice text)
{
    while (text.len > 0 && text.ptr[0] == ' ')
        text = slice_from(text, 1);
    while (text.len > 0 && text.ptr[text.len - 1] == ' ')
        text.len--;
    return text;
}

/* As much of it as a name may have; nothing when it is not clean. */
static struct slice name_of(struct slice text)
{
    if (!utf8_is_clean(text))
        return SLICE("");
    text = trim(text);
    if (text.len > AGENT_MAX_NAME) {
        text.len = AGENT_MAX_NAME;
        while (((unsigned char)text.ptr[text.len] & 0xc0U) == 0x80) /* within a character */
            text.len--;
    }
    return trim(text);
}

/* The name that `template`, a text of a rule, gives; 0: the group. `buf` is to build it in. */
static struct slice name_by(struct strbuf *buf, uint32_t template, const struct agent_match *match,
                            size_t group)
{
    if (template == 0)
        return name_of(match->groups[group]);
    strbuf_clear(buf);
    expand(buf, agent_texts + template, match);
    return buf->failed ? SLICE("") : name_of(strbuf_slice(buf));
}

static void set_versioned(struct versioned *out, const struct agent_rule *rule,
                          const struct agent_match *match)
{
    char storage[2 * AGENT_MAX_BYTES];
    struct strbuf buf;
    struct slice text;

    strbuf_init_fixed(&buf, storage, sizeof(storage));
    text = name_by(&buf, rule->family, match, 1);
    if (slice_eq(text, SLICE("Other"))) /* what uap-core calls those that nobody knows */
        text = SLICE("");
    memcpy(out->text, text.ptr, text.len);
    out->family_len = text.len;
    out->len = text.len;
    text = name_by(&buf, rule->version, match, 2);
    if (out->len == 0 || text.len == 0 || out->len + 1 + text.len > AGENT_MAX_NAME)
        return;
    out->text[out->len] = ' ';
    memcpy(out->text + out->len + 1, text.ptr, text.len);
    out->len += 1 + text.len;
}

/* By the rules from `from` to `end`; without a match it is empty. */
static enum err find_versioned(struct search *search, size_t from, size_t end,
                               struct versioned *out)
{
    size_t rule;
    enum err err = first_match(search, from, end, &rule);

    out->family_len = 0;
    out->len = 0;
    if (err == ERR_OK && rule < end)
        set_versioned(out, &agent_rules[rule], &search->match);
    return err;
}

static enum err find_bot(struct search *search, enum bot_reason *reason)
{
    size_t rule;
    enum err err = first_match(search, agent_rule_ends.systems, agent_rule_ends.bots, &rule);

    if (err == ERR_OK && rule < agent_rule_ends.bots)
        *reason = agent_rules[rule].reason;
    else
        *reason = bot_reason_of_agent(search->agent);
    return err;
}

static struct slice cut(struct slice text, size_t max)
{
    return slice_of(text.ptr ? text.ptr : "", text.len < max ? text.len : max);
}

static void set_digest(struct agent *agent, struct slice user_agent)
{
    user_agent = cut(user_agent, AGENT_MAX_DIGESTED);
    (void)crypto_generichash(agent->digest, sizeof(agent->digest),
                             (const unsigned char *)user_agent.ptr, user_agent.len, NULL, 0);
}

enum err agent_parse(struct agent_parser *parser, struct agent *agent, struct slice user_agent)
{
    struct search search = {.matcher = parser->matcher, .agent = cut(user_agent, AGENT_MAX_BYTES)};
    enum bot_reason reason = BOT_NONE;
    enum err err;

    agent_filter(search.agent, &search.candidates);
    err = find_versioned(&search, 0, agent_rule_ends.browsers, &parser->browser);
    if (err == ERR_OK)
        err = find_versioned(&search, agent_rule_ends.browsers, agent_rule_ends.systems,
                             &parser->system);
    if (err == ERR_OK)
        err = find_bot(&search, &reason);
    if (err != ERR_OK)
        return err;
    agent->browser = slice_of(parser->browser.text, parser->browser.family_len);
    agent->browser_version = slice_of(parser->browser.text, parser->browser.len);
    agent->system = slice_of(parser->system.text, parser->system.family_len);
    agent->system_version = slice_of(parser->system.text, parser->system.len);
    agent->device = device_of_agent(search.agent);
    agent->bot = reason;
    set_digest(agent, user_agent);
    return ERR_OK;
}
