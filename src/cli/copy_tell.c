#include "cli/copy_job.h"

#include <inttypes.h>
#include <stdio.h>

enum exit_code copy_fail_store(const char *name, enum err err)
{
    if (err == ERR_NO_MEMORY)
        return db_fail(EXIT_CODE_FAILED, "out of memory");
    return db_fail(EXIT_CODE_UNAVAILABLE,
                   "%s does not answer any more, or does not let itself be read out (a Redis user "
                   "needs +scan, +hscan and +pttl); run the same command again to go on",
                   name);
}

enum exit_code copy_fail(const struct copy_job *job, enum copy_verdict verdict)
{
    switch (verdict) {
    case COPY_WELL:
        break;
    case COPY_NO_MEMORY:
        return copy_fail_store(job->to_name, ERR_NO_MEMORY);
    case COPY_UNAVAILABLE:
        return copy_fail_store(job->to_name, ERR_UNAVAILABLE);
    case COPY_OTHER_SOURCE:
        return db_fail(EXIT_CODE_FAILED,
                       "%s holds an unfinished copy of another store: finish that one, or empty it",
                       job->to_name);
    case COPY_TAKEN_OVER:
        return db_fail(EXIT_CODE_FAILED, "another copy writes to %s: let only one run",
                       job->to_name);
    case COPY_TOO_MUCH:
        return db_fail(EXIT_CODE_FAILED,
                       "%s was counted on since the copy began: empty it, and copy again",
                       job->to_name);
    }
    return EXIT_CODE_OK;
}

enum exit_code copy_fail_occupied(const struct copy_job *job)
{
    return db_fail(EXIT_CODE_FAILED,
                   "%s holds counts already, which a copy would mix up: empty it, or name another "
                   "store",
                   job->to_name);
}

enum exit_code copy_fail_unfinished(const struct copy_job *job)
{
    return db_fail(EXIT_CODE_FAILED, "%s is an unfinished copy itself: finish that one first",
                   job->from_name);
}

enum exit_code copy_fail_moved(const struct copy_job *job)
{
    return db_fail(EXIT_CODE_FAILED,
                   "%s was counted on while it was copied: end Footfall there, then run the same "
                   "command again to copy what is missing",
                   job->from_name);
}

enum exit_code copy_fail_comparison(const struct copy_job *job)
{
    const struct db_tally *there = &job->there;
    const struct db_tally *after = &job->after;

    return db_fail(
        EXIT_CODE_FAILED,
        "%s does not hold what %s holds: %" PRIu64 " counters with %" PRId64
        " views instead of %" PRIu64 " with %" PRId64 ", %" PRIu64
        " rows of statistics instead of %" PRIu64 ", %" PRIu64 " records instead of %" PRIu64
        ", %" PRIu64 " of them not the same: empty it, and copy again",
        job->to_name, job->from_name, there->counters, there->views, after->counters, after->views,
        there->rollups, after->rollups, there->records, after->records, job->missing);
}

enum exit_code copy_tell(const struct copy_job *job, const char *what)
{
    return printf("%s: %" PRIu64 " counters with %" PRId64 " views, %" PRIu64
                  " rows of statistics, and %" PRIu64 " records are in %s\n",
                  what, job->there.counters, job->there.views, job->there.rollups,
                  job->after.records, job->to_name) < 0
               ? EXIT_CODE_FAILED
               : EXIT_CODE_OK;
}
