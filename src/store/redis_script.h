/**
 * The scripts that run in Redis, as texts, and the names EVALSHA knows them by.
 */
#ifndef FOOTFALL_STORE_REDIS_SCRIPT_H
#define FOOTFALL_STORE_REDIS_SCRIPT_H

#include "base/slice.h"

/** redis_commit.lua: applies a commit. */
struct slice redis_commit_script(void);

/** Its SHA-1 in 40 hex digits. */
struct slice redis_commit_script_sha(void);

/** redis_register.lua: makes a writer known. */
struct slice redis_register_script(void);

/** redis_probe.lua: finds out whether the commands of the other one would be carried out. */
struct slice redis_probe_script(void);

/** redis_scan.lua: reads out one step of everything. */
struct slice redis_scan_script(void);

/** redis_purge.lua: drops lists of rollups. */
struct slice redis_purge_script(void);

#endif
