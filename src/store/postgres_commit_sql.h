/**
 * The texts of the statements that apply commits, for the table in postgres_statement.c: what they
 * begin with, and what goes behind that.
 */
#ifndef FOOTFALL_STORE_POSTGRES_COMMIT_SQL_H
#define FOOTFALL_STORE_POSTGRES_COMMIT_SQL_H

/** Takes the locks of sites whose rollups are to be changed; `slots_` selects their numbers as
 * `slot`, in order. See postgres_commit_sql.c. */
#define LOCK_SITES(slots_) "SELECT pg_advisory_xact_lock(1718579060, slot) FROM (" slots_ ") AS s"

/** The number of the lock of a site. */
#define SLOT_OF(site_) "hashtext(" site_ ") & 255"

extern const char postgres_count_sql[];
extern const char postgres_count_end_sql[];
extern const char postgres_commit_sql[];
extern const char postgres_commit_end_sql[];
extern const char postgres_rollups_end_sql[]; /* behind postgres_commit_sql */

/** The same in the capped form, which postgres_commit_sql.c explains. */
extern const char postgres_count_capped_sql[];
extern const char postgres_count_capped_end_sql[];
extern const char postgres_commit_capped_sql[];
extern const char postgres_commit_capped_end_sql[];
extern const char postgres_rollups_capped_end_sql[];

#endif
