/**
 * The rollups of a commit in few bytes: for the replay ring, which keeps commits with some thousand
 * rows each. A row of a busy site takes about ten bytes, its texts aside.
 *
 * The rows of a commit are much alike. Both sides, who writes and who reads, keep a table of the
 * numbers that were met last, buckets, pages, values and caps; one that stands in it is written as
 * its place there, one byte. The texts of a value that are those it was last written with are not
 * written again.
 *
 *     marks  dimension  which metrics  [site]  bucket  page  cap  value  [metrics]  [text]  [title]
 *
 * What is read is what was written by the same program: it is not checked.
 */
#ifndef FOOTFALL_STORE_ROLLUP_PACK_H
#define FOOTFALL_STORE_ROLLUP_PACK_H

#include "base/strbuf.h"
#include "store/commit.h"

/** Appends the rollups of `commit`. ERR_NO_MEMORY: also over the ceiling of `out`. */
enum err rollup_pack_write(struct strbuf *out, const struct commit *commit) MUST_CHECK;

/** Adds the `count` rollups that begin at `in` to `commit`, in their order. ERR_NO_MEMORY */
enum err rollup_pack_read(const char *in, size_t count, struct commit *commit) MUST_CHECK;

#endif
