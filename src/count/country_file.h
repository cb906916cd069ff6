/**
 * The files that countries are read from, mapped into memory.
 *
 * A mapped file has to be replaced by another one, as package managers and geoipupdate do it. Who
 * cuts it short in place kills the processes that read on in it, whatever they check before.
 */
#ifndef FOOTFALL_COUNT_COUNTRY_FILE_H
#define FOOTFALL_COUNT_COUNTRY_FILE_H

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/** A file over this is not what it is taken for; the largest with countries have 120 MiB. */
#define COUNTRY_FILE_MAX_BYTES (256 << 20)

struct country_file {
    void *map;               /* what mmap() gave; NULL when there is none */
    struct slice bytes;      /* one at least */
    int64_t modified_unix_s; /* when it was written */
};

/**
 * Maps `path`.
 *
 * @return  ERR_CONFIG, and `info` names the file: it cannot be read, is no regular file, is empty
 * or over COUNTRY_FILE_MAX_BYTES
 */
enum err country_file_map(const char *path, struct country_file *out,
                          struct err_info *info) MUST_CHECK;

void country_file_unmap(struct country_file *file);

#endif
