/**
 * The sub-commands of "footfall db" that have files of their own; cmd_db.c holds their table.
 */
#ifndef FOOTFALL_CLI_DB_H
#define FOOTFALL_CLI_DB_H

#include "cli/command.h"

/** @param config  the settings, checked; words[0] of the invocation is the sub-command's name */
typedef enum exit_code db_run_fn(const struct invocation *invocation, const struct config *config);

db_run_fn db_copy;    /* db_copy.c: FROM TO */
db_run_fn db_backup;  /* db_backup.c: FILE */
db_run_fn db_restore; /* likewise */
db_run_fn db_prune;   /* db_prune.c */

/** "footfall: " and the sentence, on standard error; gives `code` back. */
enum exit_code db_fail(enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
