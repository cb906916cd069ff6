/**
 * What a client makes of a packed body.
 */
#ifndef FOOTFALL_TESTS_UNPACK_H
#define FOOTFALL_TESTS_UNPACK_H

#include "base/slice.h"

/** Unpacks one whole member of gzip, or a whole stream of brotli, to `out`; fails the test when
 * that goes wrong, or when something is left behind it. */
struct slice unpack_gzip(struct slice packed, char *out, size_t size);
struct slice unpack_brotli(struct slice packed, char *out, size_t size);

#endif
