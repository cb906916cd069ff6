/**
 * What site_store.c, site_change.c, site_plan.c, site_commit.c and site_reading.c share.
 */
#ifndef FOOTFALL_COUNT_SITE_STORE_PART_H
#define FOOTFALL_COUNT_SITE_STORE_PART_H

#include "base/arena.h"
#include "count/site_store.h"
#include "store/writer.h"

struct site_store {
    struct store *store;
    struct store_env env;
    unsigned shard_count;
    struct site_change *first; /* under way; those behind it wait */
    struct site_reading *readings;
    struct writer *writers[STORE_MAX_SHARDS]; /* NULL: not needed yet */
};

/** What is done of a change, in this order. A store with one shard does the four commits in one. */
enum site_stage {
    SITE_STAGE_READ_SITE, /* and all settings/N */
    SITE_STAGE_READ_HOSTS,
    SITE_STAGE_LIST, /* has any other site a domain? */
    SITE_STAGE_CLAIM,
    SITE_STAGE_SITE,
    SITE_STAGE_KEEP,
    SITE_STAGE_SETTINGS,
    SITE_STAGE_PURGE,
    SITE_STAGE_PAUSE,
    SITE_STAGE_PURGE_AGAIN,
    SITE_STAGE_END,
};

enum site_record_kind { SITE_RECORD_SITE, SITE_RECORD_SETTINGS, SITE_RECORD_HOST };

/** A record that a change reads, and perhaps writes. */
struct site_record {
    enum site_record_kind kind;
    unsigned shard;
    struct slice key; /* in the change's arena, as `value` */
    struct slice value;
    uint64_t version;
    bool is_wanted; /* of a host: the site is to have it */
};

/** The site, a settings/N of each shard, the domains of the site before and after. */
#define SITE_MAX_RECORDS (1 + STORE_MAX_SHARDS + 2 * SITE_MAX_HOSTS)

/** What is in flight in one shard. */
struct site_part {
    struct site_change *change;
    unsigned shard;
    struct store_op *op;   /* NULL when none is */
    struct commit *commit; /* NULL when none is */
};

struct site_change {
    struct site_store *sites;
    char id[SITE_MAX_ID + 1];
    site_edit_fn *edit;
    void *edit_ctx;
    site_changed_fn *done; /* NULL: canceled */
    void *ctx;
    enum site_stage stage; /* in work */
    enum site_stage next_stage;
    unsigned tries;
    bool has_conflict; /* begin anew */
    enum err err;      /* the first one */
    struct err_info info;
    bool is_read;        /* `before` is what it was at first */
    struct site *before; /* NULL: not there */
    struct site *after;
    struct slice json; /* record of `after`; in the arena */
    int64_t views;
    bool has_domains; /* some site will have one */
    struct arena arena;
    struct site_record records[SITE_MAX_RECORDS];
    size_t record_count;
    size_t read_from; /* the records that are being read */
    struct site_part parts[STORE_MAX_SHARDS];
    size_t pending; /* operations and commits in flight */
    struct store_op *totals;
    struct store_op *purge;
    struct site_reading *list;
    struct timer timer; /* kept; its turn, or the end of a pause */
    struct site_change *next;
};

/** Begins the first of those that wait, on the loop. */
void site_change_begin(struct site_change *change);

/** Forgets what is in flight, and frees it. The writers are gone by then. NULL is fine. */
void site_change_destroy(struct site_change *change);

/** One thing less is in flight. @param err  what came of it */
void site_change_landed(struct site_change *change, enum err err, const char *why);

/* What begins the first three stages: site_plan.c. Each counts `pending` up, and sets `err`. */

/** Reads the site, all settings/N, and its views. */
void site_change_read(struct site_change *change);

/** Asks what it is to be, and reads the records of its domains. */
void site_change_edit(struct site_change *change);

/** Looks whose the domains are, and, if need be, whether any other site has one. */
void site_change_check(struct site_change *change);

/** Commits what the stage has to write, in all shards; counts `pending` up. */
void site_change_commit(struct site_change *change);

/** Cancels it, and frees it. */
void site_reading_destroy(struct site_reading *reading);

/** As site_store_list(), without the views. */
struct site_reading *site_store_list_records(struct site_store *sites, sites_read_fn *done,
                                             void *ctx);

#endif
