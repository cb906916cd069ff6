/**
 * A disk as a power cut finds it: what was synchronised is on it, and of what was only written any
 * part may be.
 *
 * It stands beside real files, which play the part of the system's cache: they hold all that was
 * written, and are what readers see. The disk keeps, for each of them, what was synchronised and
 * the changes since. After a power cut disk_power_back() makes of the real files what a disk might
 * hold:
 *
 *     contents   what was synchronised, and of each later change every sector (512 bytes) or none,
 *                by chance: so changes are lost, torn, and in another order
 *     names      a file that was made or removed since the folder was synchronised is there or not,
 *                by chance
 *
 * The chance comes from a seed. Not safe for threads: the caller locks.
 */
#ifndef FOOTFALL_TESTS_SIMULATED_DISK_H
#define FOOTFALL_TESTS_SIMULATED_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct disk;
struct disk_file;

struct disk *disk_create(uint64_t seed);

/** Leaves the real files as they are. NULL is fine. */
void disk_destroy(struct disk *disk);

/** A number below `below`, from the seed. */
uint64_t disk_draw(struct disk *disk, uint64_t below);

/**
 * The file at `path`, which really is there. One that is seen for the first time is all on disk; an
 * empty one was made a moment ago, and its name is not.
 *
 * @return  borrowed; good until the power is back, or the file was removed and its folder
 *          synchronised
 */
struct disk_file *disk_open(struct disk *disk, const char *path);

/** These follow what was done to the real file. */
void disk_write(struct disk_file *file, const void *bytes, size_t len, uint64_t offset);
void disk_truncate(struct disk_file *file, uint64_t size);
void disk_remove(struct disk *disk, const char *path);

void disk_sync(struct disk_file *file);

/** Of all names. */
void disk_sync_folder(struct disk *disk);

/**
 * A synchronisation that failed. As Linux does it: what has not reached the disk by now counts as
 * written and is never tried again, though readers go on seeing it
 * (https://lwn.net/Articles/752063).
 */
void disk_fail_sync(struct disk *disk, struct disk_file *file);

/** Turns the real files into what is left after a power cut; nobody has them open. */
void disk_power_back(struct disk *disk);

#endif
