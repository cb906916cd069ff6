/**
 * The visitors that made-up traffic leaves in a store: their records are of days long over, so they
 * are dropped when their hits are counted.
 *
 *     keys   [ old: can be dropped | of the day before: a visit may go on | of today ]
 *                                   ^ before_first                         ^ today_first
 */
#ifndef FOOTFALL_CLI_FILL_VISITORS_H
#define FOOTFALL_CLI_FILL_VISITORS_H

#include "cli/db_session.h"
#include "cli/number_set.h"
#include "count/hit_facts.h"
#include "store/writer.h"

struct fill_visitors {
    unsigned char (*keys)[VISITOR_KEY_BYTES];
    size_t count;
    size_t capacity;
    size_t before_first;
    size_t today_first;
    struct number_set today; /* those of today, so that each is there once */
};

void fill_visitors_init(struct fill_visitors *visitors);
void fill_visitors_fini(struct fill_visitors *visitors);

/** Notes the visitor of a hit. ERR_NO_MEMORY */
enum err fill_visitors_note(struct fill_visitors *visitors,
                            const struct visitor_keys *keys) MUST_CHECK;

/** The next day begins; it need not be the very next one. */
void fill_visitors_next_day(struct fill_visitors *visitors);

/** All of them are old. */
void fill_visitors_end_days(struct fill_visitors *visitors);

/** How many can be dropped. */
static inline size_t fill_visitors_old(const struct fill_visitors *visitors)
{
    return visitors->before_first;
}

/**
 * Drops the old ones from the store. No hit of them may be under way.
 *
 * @param writer  of the site's shard
 * @return        ERR_UNAVAILABLE, ERR_NO_MEMORY: they expire by themselves
 */
enum err fill_visitors_drop(struct fill_visitors *visitors, struct db_session *session,
                            struct writer *writer, struct slice site) MUST_CHECK;

#endif
