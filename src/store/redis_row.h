/**
 * How rollups are kept in Redis: a hash for each list, a field for each row. No I/O.
 *
 *     footfall:rollup:SITE:BUCKET:DIMENSION   rows of the site; field: value
 *     footfall:within:SITE:BUCKET:DIMENSION   rows within pages; field: page, value
 *
 * Pages and values take 8 bytes each in a field, the highest first. A field holds the five numbers
 * of its row, the lowest byte first, each in 1, 2, 4 or 8 bytes: as many as the largest of them
 * needs, and their length says how many. redis_rollups.lua reads and writes them as well.
 *
 * Keys are made of site ids and numbers alone: no text of a visitor gets into one.
 */
#ifndef FOOTFALL_STORE_REDIS_ROW_H
#define FOOTFALL_STORE_REDIS_ROW_H

#include "store/redis_keys.h"
#include "store/rollup.h"

/**
 * Buckets from this number on are minutes: they are for those who look now, and their lists end by
 * themselves so long after the last addition.
 */
#define REDIS_FIRST_MINUTE 40000000
#define REDIS_MINUTE_TTL_S 3600

/** The longest key of a list: prefix, "rollup:", site, and two numbers with their colons. */
#define REDIS_LIST_KEY_BYTES (16 + 7 + 64 + 11 + 4)

/** Writes the key of the list that `rollup` is in. */
struct slice redis_list_key(const struct redis_prefix *prefix, const struct rollup *rollup,
                            char out[static REDIS_LIST_KEY_BYTES]);

/**
 * Reads the key of a list back, without its prefix.
 *
 * @param out  its site points into `key`; its page is VALUE_NONE for a list of the site,
 * VALUE_OTHER for one within pages
 * @return     false: it is none
 */
bool redis_list_parse(struct slice key, struct rollup *out) MUST_CHECK;

#define REDIS_ID_BYTES    8
#define REDIS_FIELD_BYTES (2 * REDIS_ID_BYTES)

/** Writes a page or value; returns what is behind it. */
char *redis_id_put(char *out, uint64_t id);

/** Writes the field of a row. */
struct slice redis_field(const struct rollup *rollup, char out[static REDIS_FIELD_BYTES]);

/** Reads page and value into `rollup`, whose page says which kind of list it is in. False: it is no
 * field of one. */
bool redis_field_parse(struct slice field, struct rollup *rollup) MUST_CHECK;

#define REDIS_METRICS 5

/** How many bytes each of the numbers needs so that the largest fits: 1, 2, 4 or 8. */
size_t redis_metrics_width(const struct metrics *metrics);

/** Writes the numbers with `width` bytes each; returns what is behind them. */
char *redis_metrics_put(char *out, const struct metrics *metrics, size_t width);

/** Reads what a field holds. False: these are no numbers of a row. */
bool redis_metrics_parse(struct slice bytes, struct metrics *out) MUST_CHECK;

#endif
