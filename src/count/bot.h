/**
 * Bots: visits by programs. They are counted apart, by the reason to take them for bots.
 */
#ifndef FOOTFALL_COUNT_BOT_H
#define FOOTFALL_COUNT_BOT_H

#include <stdint.h>

#include "base/slice.h"

enum bot_reason {
    BOT_NONE = 0,          /* a person, as far as can be told */
    BOT_CRAWLER,           /* the agent names a crawler, a preview, a monitor, a feed reader */
    BOT_HEADLESS,          /* a browser that a program controls */
    BOT_DATA_CENTRE_AGENT, /* the agent names a library or a tool, such as curl */
    BOT_NO_AGENT,          /* no agent was sent */
    BOT_REFERRER_SPAM,     /* the referrer is there to be seen in statistics */
    BOT_PREFETCH,          /* loaded ahead, perhaps never looked at */
    BOT_REASON_COUNT_      /* how many there are; not a reason */
};

/** Short, stable name: "data centre agent"; of BOT_NONE "none". */
const char *bot_reason_name(enum bot_reason reason);

/**
 * The reason that a client's own hint gives, the key `b` of a hit.
 *
 * @param hint  as GoatCounter's isbot numbers them: 0 and 1 are no bots, 2 to 17 are what a server
 *              finds, 150 to 153 what the script finds in a browser
 * @return      BOT_NONE for 1 and less; BOT_HEADLESS for numbers that are not known
 */
enum bot_reason bot_reason_of_hint(int64_t hint);

/** The reason by what the list of crawlers lacks: no agent, programs, words that crawlers use. */
enum bot_reason bot_reason_of_agent(struct slice agent);

#endif
