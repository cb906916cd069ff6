/**
 * Rollups: the statistics. A rollup is a row of five numbers that only the store holds: how often
 * one value of a dimension was met in one bucket of time, on the whole site or within one page.
 *
 *     site       bucket          dimension   page          value          metrics
 *     default    2026-11-25      total       -             -              views, visits, visitors,
 *     default    2026-11-25 14h  page        -             /about           bounces, seconds
 *     default    2026-11         browser     -             Firefox
 *     default    2026-11-25      browser     /about        Firefox
 *
 * Pages and values are named by number everywhere: value_id() of their text. The text itself is
 * stored once, under that number, with the first rollup that has it: a name.
 *
 * Lists. The rows of one site, bucket and dimension, either those of the site or those within
 * pages, are a list. An addition may bring a cap: when it would make a new row and its list has so
 * many already, it is added to the row of VALUE_OTHER instead. Processes that add to a list at the
 * same moment may exceed the cap by what they add.
 *
 * The store neither knows what the numbers mean nor what a bucket is; buckets are ordered numbers.
 */
#ifndef FOOTFALL_STORE_ROLLUP_H
#define FOOTFALL_STORE_ROLLUP_H

#include <stdint.h>

#include "store/dimension.h"

#define VALUE_NONE     UINT64_C(0)
#define VALUE_OTHER    UINT64_C(1) /* "(other)": what a cap kept out */

#define NAME_MAX_TEXT  2048
#define NAME_MAX_TITLE 512

/** Longest list of buckets in a query: the hours of a year, and some. */
#define ROLLUP_MAX_BUCKETS 9000

/** A query that finds more groups than this ends with ERR_NO_MEMORY. */
#define ROLLUP_MAX_GROUPS 400000

/** Names one row. */
struct rollup {
    struct slice site;        /* as that of a counter */
    int32_t bucket;           /* 0 or more */
    enum dimension dimension; /* of TOTAL there is one row: page and value are VALUE_NONE */
    uint64_t page;            /* VALUE_NONE: of the whole site; else within this page */
    uint64_t value;
};

struct metrics {
    int64_t views;
    int64_t visits;
    int64_t visitors;
    int64_t bounces;
    int64_t seconds;
};

struct rollup_addition {
    struct rollup rollup;
    struct metrics delta; /* any of them may be negative */
    uint32_t cap;         /* rows of its list; 0: none */
    struct slice text;    /* name of `value`, stored if the row is new; empty: another row has it.
                             Only of rows of the site. At most NAME_MAX_TEXT bytes */
    struct slice title;   /* replaces that of the name if the row is new; empty: keeps it. At most
                             NAME_MAX_TITLE bytes */
};

enum rollup_scope { ROLLUP_OF_SITE, ROLLUP_WITHIN_PAGES };

/** What the rows that are found are summed by. */
enum rollup_group { ROLLUP_BY_BUCKET, ROLLUP_BY_VALUE, ROLLUP_BY_PAGE };

struct rollup_query {
    struct slice site;
    enum dimension dimension;
    enum rollup_scope scope;
    uint64_t page;          /* WITHIN_PAGES: only this one; VALUE_NONE: all */
    uint64_t value;         /* only this one; VALUE_NONE: all */
    const int32_t *buckets; /* ascending, none twice; at most ROLLUP_MAX_BUCKETS */
    size_t bucket_count;
    enum rollup_group group;
};

/** One group of a query. */
struct rollup_sum {
    uint64_t id; /* bucket, value or page */
    struct metrics metrics;
};

/** What a number stands for. */
struct name {
    struct slice text;  /* ptr NULL: not known */
    struct slice title; /* of a page, as last seen; may be empty */
};

/** The number of a text, never VALUE_NONE or VALUE_OTHER: the first 8 bytes of its BLAKE2b-128. So
 * two texts share one by chance in one of 10^19 pairs, or where somebody spends 2^32 hashes on two
 * texts of his own making. */
uint64_t value_id(struct slice text);

void metrics_add(struct metrics *sum, const struct metrics *more);

/** False: one of the sums does not fit; `sum` is as it was. */
bool metrics_add_checked(struct metrics *sum, const struct metrics *more);

bool metrics_are_zero(const struct metrics *metrics);

/** Longest key of a rollup: site, NUL, and 21 bytes. */
#define ROLLUP_KEY_MAX (64 + 1 + 21)

/** The rollup as one byte string in `out`, for maps and cursors, ordered as site, bucket,
 * dimension, page, value. */
struct slice rollup_key(const struct rollup *rollup, char out[static ROLLUP_KEY_MAX]);

/** Reads it back; `out->site` points into `key`. False: it is none. */
bool rollup_parse_key(struct slice key, struct rollup *out);

/** The key of the rollup's list. */
struct slice rollup_list_key(const struct rollup *rollup, char out[static ROLLUP_KEY_MAX]);

/** The row that an addition goes to when its list is full. */
struct rollup rollup_other(const struct rollup *rollup);

/** True for the rows that `query` asks for, whatever their bucket. */
bool rollup_is_asked_for(const struct rollup *rollup, const struct rollup_query *query);

/** What the row is summed by. */
uint64_t rollup_group_id(const struct rollup *rollup, enum rollup_group group);

#endif
