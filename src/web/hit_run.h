/**
 * A run: the hits of one request, on their way into the store.
 *
 *     hit_run_start() -> each in turn: its site -> its facts -> the batch -> done
 *                                      |  ^                         |
 *                                      v  |                         v
 *                              directory_load() <----- the settings have changed
 *
 * What becomes of a hit without a batch, since its site does not want it, is not there, or only is
 * to be found, is decided by settings that are known, too; so whether these are still those that
 * are is asked first.
 *
 * While a site is loaded the hits behind wait too, so they keep their order: a visitor's pages are
 * seen in the order in which they were sent.
 *
 * Whoever waits for a run may leave at any time: what is in a batch is counted all the same.
 */
#ifndef FOOTFALL_WEB_HIT_RUN_H
#define FOOTFALL_WEB_HIT_RUN_H

#include "count/batch.h"
#include "count/fact_maker.h"
#include "web/web.h"

/** What is to be counted, or looked at. Checked by who makes it, but for the site. */
struct hit_request {
    struct slice site;      /* id; empty: by the host */
    struct slice host;      /* of the page, in lower case; may be empty */
    struct page page;       /* of page_normalize() */
    struct slice id;        /* of the hit */
    int64_t unix_s;         /* when it happened, not after now; 0: now */
    struct hit_claim claim; /* not looked at when nothing is counted */
    enum err no_site;       /* what it is when there is no such site: ERR_INVALID, ERR_NOT_FOUND */
};

/** What was counted. Lives as long as the run. */
struct counted {
    struct slice site;
    struct slice path;
    struct slice event;               /* empty: a page view */
    struct slice bot;                 /* why it was counted apart; empty: it was not */
    bool is_ignored;                  /* the site wants nothing to be counted of it */
    int64_t start_value;              /* of the site: to be added to what the store holds */
    enum site_public public_counters; /* of the site: what counters show */
};

enum hit_stage {
    HIT_TO_BEGIN = 0,
    HIT_UNDER_WAY, /* it is in a batch */
    HIT_COUNTED,   /* now or before, or apart: `answer` and `counted` tell */
    HIT_FOUND,     /* it was not to be counted; `counted` tells its site */
    HIT_IGNORED,   /* likewise, since the site does not want it */
    HIT_REFUSED,   /* by its maker or its site: `status` and `why` tell. Not counted */
    HIT_FAILED,    /* `answer.err` tells */
};

/** A hit in a run. Its maker sets `request`, or refuses it; all else is 0 at first. */
struct run_hit {
    struct hit_request request; /* its texts live as long as the run */
    enum hit_stage stage;
    int status;               /* of HTTP, when it is refused */
    const char *why;          /* then: one sentence */
    struct hit_answer answer; /* its numbers are those to be shown */
    struct counted counted;
    /* For hit_run.c: */
    struct hit_run *run;
    char site[SITE_MAX_ID + 1];
    uint64_t version; /* of the settings that it is decided by */
    unsigned tries;
    struct hit *in_batch; /* NULL when none is on its way */
};

/** Called once, when no hit is under way any more; the run may be freed then. */
typedef void hit_run_done_fn(void *ctx);

/** Its members down to `ctx` are set by who starts it, the others are 0. */
struct hit_run {
    const struct web *web;
    struct slice origin; /* of the script that sends the hits; ptr NULL: it is none, or trusted */
    struct slice only_site; /* hits of other sites are refused; empty: of none */
    bool only_finds;        /* nothing is counted */
    struct run_hit *hits;
    size_t count;
    hit_run_done_fn *done;
    void *ctx;
    /* For hit_run.c: */
    int64_t now_unix_s;
    size_t next; /* the hits before are not HIT_TO_BEGIN */
    size_t left; /* hits that are not over */
    unsigned failed_loads;
    struct directory_wait *load; /* NULL when nothing is loaded … */
    struct run_hit *loading;     /* … else who needs it */
    struct store_op *check;      /* NULL when no settings are being confirmed … */
    struct run_hit *checking;    /* … else who needs it */
    bool is_confirmed;           /* in this run, the settings of this version in this shard */
    unsigned confirmed_shard;
    uint64_t confirmed_version;
};

/** Starts a run of one hit at least. `done` may be called inside. */
void hit_run_start(struct hit_run *run);

/** `done` will not be called. Of a run that is over, or not started: nothing. */
void hit_run_stop(struct hit_run *run);

/** Refuses a hit. @param why  lives as long as the run */
void run_hit_refuse(struct run_hit *hit, int status, const char *why);

#endif
