/**
 * A text table of Debian's package tor-geoipdb: geoip, for IPv4, or geoip6.
 *
 *     # comments, before all else
 *     16777216,16777471,AU
 *     16777472,16778239,CN
 *
 * Each line has the first and the last address of a range, IPv4 as a number, and its country. The
 * ranges ascend and do not overlap.
 *
 * The text itself is searched, by halving: first an index with the start of one range in each block
 * of it, then the lines of that block. So the program need not wait until 660,000 lines are parsed
 * (30 ms for both tables; the index takes 4), and no memory holds them a second time.
 */
#ifndef FOOTFALL_COUNT_COUNTRY_TABLE_H
#define FOOTFALL_COUNT_COUNTRY_TABLE_H

#include "base/err.h"
#include "base/slice.h"
#include "count/country_key.h"

/** Bytes of a line with its end; the longest range has 83. */
#define COUNTRY_TABLE_MAX_LINE 256

struct country_table {
    enum country_family family;
    struct slice text;          /* the file; borrowed */
    struct slice lines;         /* its ranges, behind the comments; the last line has an end */
    struct country_key *starts; /* ascending: of the first range that begins in each block */
    size_t blocks;              /* 1 at least */
};

/**
 * Makes the index.
 *
 * @param text  the whole file; borrowed, outlives the table. When it changes nevertheless (the file
 *              is mapped and somebody overwrites it), answers are wrong, and that is all
 * @param info  the number of the line and what is wrong with it
 * @return      ERR_INVALID: there is no range, the last line has no end, or a line that was looked
 *              at, which is one in each block, is not a range behind the one looked at before;
 *              ERR_NO_MEMORY
 */
enum err country_table_init(struct country_table *table, enum country_family family,
                            struct slice text, struct err_info *info) MUST_CHECK;

/** Frees the index. */
void country_table_fini(struct country_table *table);

/** The code of the country of an address (country_code.h), or COUNTRY_NONE. */
uint16_t country_table_find(const struct country_table *table, struct country_key address);

/**
 * Looks at every line.
 *
 * @param ranges  how many there are
 * @return        ERR_INVALID: one is not a range behind the one before; `info` as above
 */
enum err country_table_check(const struct country_table *table, size_t *ranges,
                             struct err_info *info) MUST_CHECK;

#endif
