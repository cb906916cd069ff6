/**
 * A visitor: what is remembered, for a day at most, of somebody who visits a site.
 *
 *     record  visitor/SITE/KEY    KEY: 16 bytes, a keyed hash of address and user agent under the
 *                                 salt of the site's day (visitor_key.h)
 *
 * A visit is a visitor's hits with no gap of VISIT_GAP_S. All of a visit is counted under what its
 * first hit brought along: its source, its country, its browser. What concerns the visit as a whole
 * (bounces, seconds, entry, exit) is counted in the hour, day and month in which it began, so that
 * a bucket's bounces never exceed its visits.
 *
 * The functions here are pure.
 */
#ifndef FOOTFALL_COUNT_VISITOR_H
#define FOOTFALL_COUNT_VISITOR_H

#include "base/strbuf.h"
#include "count/moment.h"
#include "store/rollup.h"

/** A gap of so many seconds ends a visit. */
#define VISIT_GAP_S INT64_C(1800)

/** The moment a visitor was last seen is kept up to so many seconds, so that one who hammers does
 *  not have the record rewritten, and fought over, with each hit. */
#define VISIT_SLACK_S 10

/** So many pages a day are known to have been seen by a visitor; of further ones the oldest are
 *  forgotten. */
#define VISITOR_MAX_PAGES 64

/** Values of a profile: at most one for each of these dimensions. */
#define PROFILE_MAX_VALUES 13

#define VISITOR_MAX_BYTES  512

/** One value of a dimension. */
struct profile_value {
    enum dimension dimension;
    uint64_t id; /* value_id() of its text */
};

/** What a hit brings along but for its page: where it came from, and with what. */
struct profile {
    struct profile_value values[PROFILE_MAX_VALUES]; /* in the order of the dimensions */
    size_t count;
};

struct visitor {
    int64_t seen_unix_s; /* of the last hit, up to VISIT_SLACK_S earlier */
    int32_t minute;      /* the minute bucket in which the visitor counts as live */
    int32_t hour;        /* buckets in which the visit began */
    int32_t day;
    uint64_t entry;                    /* page; VALUE_NONE: only events so far */
    uint64_t exit;                     /* the last page */
    bool is_bounce;                    /* the visit is counted as one so far */
    struct profile profile;            /* of the visit's first hit */
    uint32_t pages[VISITOR_MAX_PAGES]; /* and events: hashes, in order of when they were last new
                                          in a visit */
    size_t page_count;
    size_t visit_first; /* from this index on they are of the present visit */
};

/** What there is to know of a hit. */
struct visit_hit {
    const struct moment *moment;
    int64_t unix_s;
    uint64_t page;  /* VALUE_NONE: an event of which the page is not known */
    uint64_t event; /* VALUE_NONE: a view of `page` */
    const struct profile *profile;
};

/** What a hit changes. */
struct visit_change {
    bool is_written;       /* the visitor is not what it was */
    bool is_visitor;       /* the first hit of the day */
    bool is_visit;         /* the first hit of the visit */
    bool is_page_visitor;  /* the first of this page, or event, on this day */
    bool is_page_visit;    /* … in this visit */
    int bounces;           /* of the visit: +1, 0, -1 */
    int64_t seconds;       /* that the visit lasts longer */
    uint64_t seconds_page; /* where they were spent; VALUE_NONE: not on a page */
    uint64_t entry;        /* the visit began with this page; VALUE_NONE: as it did before */
    uint64_t exit_to;      /* its last page is this one now; VALUE_NONE: as before … */
    uint64_t exit_from;    /* … and not this one any more; VALUE_NONE: there was none */
    int32_t live_to;       /* minute bucket the visitor counts in now; 0: as before … */
    int32_t live_from;     /* … and no more in this one; 0: in none that matters */
};

/**
 * Applies a hit.
 *
 * @param visitor   in: as stored; out: as it is to be stored, if `is_written`. Must be cleared when
 *                  `is_known` is false
 * @param is_known  false: not seen yet on this day
 */
struct visit_change visit_apply(struct visitor *visitor, bool is_known,
                                const struct visit_hit *hit);

/** True when a hit at `unix_s` still belongs to the visit of `visitor`, as stored the day before:
 *  then it goes on after midnight. */
bool visit_goes_on(const struct visitor *visitor, int64_t unix_s);

/** Appends the record's value: at most VISITOR_MAX_BYTES. */
void visitor_encode(const struct visitor *visitor, struct strbuf *out);

/** False: it is none; `out` is not changed. */
bool visitor_decode(struct slice value, struct visitor *out);

#endif
