/* footfall db backup FILE and footfall db restore FILE: of SQLite; other stores have ways of their
 * own, which are told. */
#include <stdio.h>
#include <unistd.h>

#include "cli/db.h"
#include "store/sqlite.h"
#include "store/sqlite_backup.h"

static const struct {
    const char *scheme;
    const char *backup;
    const char *restore;
} other_ways[] = {
    {"postgres", "pg_dump -Fc -f FILE URL", "pg_restore --clean --if-exists -d URL FILE"},
    {"redis", "redis-cli -u URL --rdb FILE",
     "end the server, put FILE in the place of its dump.rdb, and start it"},
    {"unix:", "redis-cli -s SOCKET --rdb FILE",
     "end the server, put FILE in the place of its dump.rdb, and start it"},
};

static enum exit_code fail_other(const char *url, bool is_backup)
{
    const char *verb = is_backup ? "backup" : "restore";

    for (size_t i = 0; i < sizeof(other_ways) / sizeof(other_ways[0]); i++) {
        if (slice_starts_with(slice_str(url), slice_str(other_ways[i].scheme)))
            return db_fail(EXIT_CODE_CONFIG, "db %s is for SQLite; for this store: %s", verb,
                           is_backup ? other_ways[i].backup : other_ways[i].restore);
    }
    return db_fail(EXIT_CODE_CONFIG,
                   "db %s is for SQLite, for example FOOTFALL_STORE="
                   "sqlite:footfall.db; this store keeps nothing",
                   verb);
}

static enum exit_code code_of(enum err err)
{
    return err == ERR_UNAVAILABLE ? EXIT_CODE_UNAVAILABLE : EXIT_CODE_FAILED;
}

enum exit_code db_backup(const struct invocation *invocation, const struct config *config)
{
    const char *path = sqlite_url_path(config->store);
    const char *to = invocation->words[1];
    struct err_info info;
    enum err err;

    if (!path)
        return fail_other(config->store, true);
    if (access(path, F_OK) != 0)
        return db_fail(EXIT_CODE_UNAVAILABLE, "%s is not there: there is nothing to back up", path);
    err = sqlite_backup(path, to, &info);
    if (err != ERR_OK)
        return db_fail(code_of(err), "%s", info.text);
    return printf("%s is backed up in %s\n", path, to) < 0 ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

enum exit_code db_restore(const struct invocation *invocation, const struct config *config)
{
    const char *path = sqlite_url_path(config->store);
    const char *from = invocation->words[1];
    struct err_info info;
    bool was_there;
    enum err err;

    if (!path)
        return fail_other(config->store, false);
    was_there = access(path, F_OK) == 0;
    err = sqlite_restore(path, from, &info);
    if (err != ERR_OK)
        return db_fail(code_of(err), "%s", info.text);
    if (printf("%s is restored from %s\n", path, from) < 0 ||
        (was_there && printf("what was there is in %s.before-restore\n", path) < 0))
        return EXIT_CODE_FAILED;
    return EXIT_CODE_OK;
}
