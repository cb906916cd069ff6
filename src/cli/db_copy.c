/* footfall db copy FROM TO: count what is there, copy it, compare. */
#include <stdio.h>
#include <unistd.h>

#include "base/random.h"
#include "cli/copy_job.h"
#include "process/signals.h"
#include "store/sqlite.h"

/* ---- the destination ------------------------------------------------------------------------ */

/* Whatever is there ends the scan. */
static enum err expect_nothing(void *ctx, unsigned shard, struct db_page *page)
{
    (void)ctx;
    (void)shard;
    return copy_items(page) == 0 ? ERR_OK : ERR_INVALID;
}

static enum exit_code find_occupant(struct copy_job *job, bool *is_occupied)
{
    enum err err = db_scan_all(&job->session, job->to, expect_nothing, NULL);

    *is_occupied = err == ERR_INVALID;
    return err == ERR_OK || *is_occupied ? EXIT_CODE_OK : copy_fail_store(job->to_name, err);
}

static enum err note_held(void *ctx, unsigned shard, struct db_page *page)
{
    struct copy_job *job = ctx;

    (void)shard;
    progress_add(&job->progress, copy_items(page));
    return copy_note_held(&job->copy, page);
}

/* What an interrupted copy has brought. */
static enum exit_code look_at_destination(struct copy_job *job)
{
    enum err err;

    progress_start(&job->progress, "looking", 0);
    err = db_scan_all(&job->session, job->to, note_held, job);
    progress_end(&job->progress);
    return err == ERR_OK ? EXIT_CODE_OK : copy_fail_store(job->to_name, err);
}

/* ---- copying -------------------------------------------------------------------------------- */

static enum err copy_this_page(void *ctx, unsigned shard, struct db_page *page)
{
    struct copy_job *job = ctx;

    (void)shard;
    job->verdict = copy_page(&job->copy, page);
    progress_add(&job->progress, copy_items(page));
    return job->verdict == COPY_WELL ? ERR_OK : ERR_INVALID;
}

static enum exit_code copy_all(struct copy_job *job)
{
    enum err err;

    job->verdict = COPY_WELL;
    progress_start(&job->progress, "copying", copy_all_items(job));
    err = db_scan_all(&job->session, job->from, copy_this_page, job);
    progress_end(&job->progress);
    if (job->verdict != COPY_WELL)
        return copy_fail(job, job->verdict);
    return err == ERR_OK ? EXIT_CODE_OK : copy_fail_store(job->from_name, err);
}

/* ---- the command ---------------------------------------------------------------------------- */

static enum exit_code finish(struct copy_job *job)
{
    enum exit_code code = copy_scan_both(job);

    if (code != EXIT_CODE_OK)
        return code;
    if (copy_has_moved(job))
        return copy_fail_moved(job);
    if (!copy_is_same(job))
        return copy_fail_comparison(job);
    code = copy_fail(job, copy_finish(&job->copy));
    return code == EXIT_CODE_OK ? copy_tell(job, "copied and compared") : code;
}

/* There is something, and no unfinished copy: perhaps a finished one, whose last word was lost. */
static enum exit_code expect_finished(struct copy_job *job)
{
    enum exit_code code = copy_count_source(job);

    if (code == EXIT_CODE_OK)
        code = copy_scan_both(job);
    if (code != EXIT_CODE_OK)
        return code;
    return copy_is_same(job) ? copy_tell(job, "copied before, and compared")
                             : copy_fail_occupied(job);
}

static enum exit_code begin(struct copy_job *job, bool resumed)
{
    enum exit_code code = copy_count_source(job);

    if (code == EXIT_CODE_OK && resumed)
        (void)fprintf(stderr, "going on with the copy that is unfinished in %s\n", job->to_name);
    if (code == EXIT_CODE_OK)
        code = copy_fail(job, copy_mark(&job->copy));
    return code == EXIT_CODE_OK && resumed ? look_at_destination(job) : code;
}

static enum exit_code run_opened(struct copy_job *job, bool resumed)
{
    bool is_occupied = false;
    enum exit_code code = resumed ? EXIT_CODE_OK : find_occupant(job, &is_occupied);

    if (code == EXIT_CODE_OK && is_occupied)
        return expect_finished(job);
    if (code == EXIT_CODE_OK)
        code = begin(job, resumed);
    if (code == EXIT_CODE_OK)
        code = copy_all(job);
    return code == EXIT_CODE_OK ? finish(job) : code;
}

static enum exit_code run(struct copy_job *job)
{
    bool resumed;
    enum exit_code code =
        copy_fail(job, copy_open(&job->copy, &job->session, job->to, job->from_name, &resumed));

    if (code == EXIT_CODE_OK)
        code = run_opened(job, resumed);
    copy_close(&job->copy);
    return code;
}

static enum exit_code open_store(struct copy_job *job, const char *url, bool needs_commits,
                                 struct store **out)
{
    struct err_info info = {.text = "out of memory"};
    enum err err = db_session_store(&job->session, url, needs_commits, out, &info);
    const char *name = needs_commits ? job->to_name : job->from_name;

    if (err == ERR_OK)
        return EXIT_CODE_OK;
    if (err == ERR_CONFIG)
        return db_fail(EXIT_CODE_CONFIG, "%s: %s", name, info.text);
    return db_fail(err == ERR_UNAVAILABLE ? EXIT_CODE_UNAVAILABLE : EXIT_CODE_FAILED,
                   "%s cannot be used: %s", name, info.text);
}

/* A source that is not there would be made, empty. */
static bool is_missing(const char *url)
{
    const char *path = sqlite_url_path(url);

    return path && access(path, F_OK) != 0;
}

static enum exit_code check_urls(const struct copy_job *job, const char *from, const char *to)
{
    struct err_info info;

    if (store_url_check(from, &info) != ERR_OK || store_url_check(to, &info) != ERR_OK)
        return db_fail(EXIT_CODE_CONFIG, "%s", info.text);
    if (store_url_is_private(from) || store_url_is_private(to))
        return db_fail(EXIT_CODE_CONFIG, "a memory store ends with its process: there is nothing "
                                         "to copy; name a file or a server, for example "
                                         "sqlite:footfall.db");
    if (strcmp(from, to) == 0)
        return db_fail(EXIT_CODE_USAGE, "%s cannot be copied to itself", job->from_name);
    if (is_missing(from))
        return db_fail(EXIT_CODE_UNAVAILABLE, "%s is not there", job->from_name);
    return EXIT_CODE_OK;
}

static enum exit_code run_with_stores(struct copy_job *job, const char *from, const char *to)
{
    enum exit_code code = open_store(job, from, false, &job->from);

    if (code == EXIT_CODE_OK)
        code = open_store(job, to, true, &job->to);
    if (code == EXIT_CODE_OK)
        code = run(job);
    store_close(job->to);
    store_close(job->from);
    return code;
}

enum exit_code db_copy(const struct invocation *invocation, const struct config *config)
{
    static struct copy_job job;
    const char *from = invocation->words[1];
    const char *to = invocation->words[2];
    enum exit_code code;

    store_url_mask(from, job.from_name, sizeof(job.from_name));
    store_url_mask(to, job.to_name, sizeof(job.to_name));
    code = check_urls(&job, from, to);
    if (code != EXIT_CODE_OK)
        return code;
    random_init();
    signals_init();
    log_setup(config->log_format, LOG_ERROR); /* what is said here tells, not the log */
    if (db_session_open(&job.session, config) != ERR_OK)
        return db_fail(EXIT_CODE_FAILED, "out of memory or file descriptors");
    code = run_with_stores(&job, from, to);
    db_tally_fini(&job.before);
    db_tally_fini(&job.after);
    db_tally_fini(&job.there);
    db_session_close(&job.session);
    return code;
}
