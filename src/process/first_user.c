#include "process/first_user.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A store that does not answer is asked again so long after. */
#define AGAIN_MS 2000

static void try_again(struct first_user *first)
{
    struct timers *timers = first->identity->env.timers;

    timer_move(timers, &first->timer, timers_now_ms(timers) + AGAIN_MS);
}

/* ---- a code --------------------------------------------------------------------------------- */

static void on_code(void *ctx, enum err err, const char *code)
{
    struct first_user *first = ctx;
    char link[320];

    first->call = NULL;
    if (err == ERR_STALE) /* somebody was faster */
        return;
    if (err != ERR_OK) {
        try_again(first);
        return;
    }
    (void)snprintf(link, sizeof(link), "%s/setup?code=%s",
                   first->config->url ? first->config->url : first->url, code);
    log_warn("nobody has an account yet: open this page within an hour to make the first one",
             LOG_STR("setup", link));
}

static void make_code(struct first_user *first)
{
    first->call = account_make_setup_code(first->identity->accounts, on_code, first);
    if (!first->call)
        try_again(first);
}

/* ---- a user of the settings ----------------------------------------------------------------- */

static void complain(const struct first_user *first, const char *why)
{
    log_error("the first user cannot be made", LOG_STR("email", first->config->admin_email),
              LOG_STR("reason", why));
}

static void on_added(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct first_user *first = ctx;

    first->call = NULL;
    if (err == ERR_OK)
        log_info("made the first user", LOG_STR("user", user->id));
    else if (err == ERR_INVALID)
        complain(first, why);
    else if (err != ERR_STALE)
        try_again(first);
}

static void on_hashed(void *ctx, enum err err, bool is_right, const char *hash)
{
    struct first_user *first = ctx;

    (void)is_right;
    first->hashing = NULL;
    sodium_memzero(first->password, sizeof(first->password));
    if (err != ERR_OK) {
        try_again(first);
        return;
    }
    (void)snprintf(first->user.password, sizeof(first->user.password), "%s", hash);
    first->call =
        account_add(first->identity->accounts, &first->user, SLICE(""), true, on_added, first);
    if (!first->call)
        try_again(first);
}

/* All of it or nothing: what is cut would be another password. */
static const char *read_line(struct first_user *first, FILE *file)
{
    char *password = first->password;
    const char *end;
    size_t len;

    (void)setvbuf(file, NULL, _IONBF, 0); /* it is nowhere else in memory */
    len = fread(password, 1, sizeof(first->password), file);
    if (ferror(file))
        return "FOOTFALL_ADMIN_PASSWORD_FILE cannot be read";
    end = memchr(password, '\n', len);
    if (!end && len == sizeof(first->password))
        return "FOOTFALL_ADMIN_PASSWORD_FILE has too long a line: a password has at most 1,024 "
               "bytes";
    len = end ? (size_t)(end - password) : len;
    if (len > 0 && password[len - 1] == '\r')
        len--;
    if (len == 0)
        return "FOOTFALL_ADMIN_PASSWORD_FILE is empty";
    if (memchr(password, '\0', len))
        return "FOOTFALL_ADMIN_PASSWORD_FILE is no text";
    password[len] = '\0';
    return NULL;
}

/* It is used all the same: where secrets are mounted, nobody else may be there to read it. */
static void warn_of_others(const char *path, FILE *file)
{
    struct stat status;

    if (fstat(fileno(file), &status) == 0 && (status.st_mode & S_IROTH))
        log_warn("others can read FOOTFALL_ADMIN_PASSWORD_FILE; take that from them (chmod o-r)",
                 LOG_STR("path", path));
}

/* The password is the file's first line. NULL, or why it is none. */
static const char *read_password(struct first_user *first)
{
    const char *path = first->config->admin_password_file;
    FILE *file = path ? fopen(path, "re") : NULL;
    const char *fault;

    if (!path)
        return "FOOTFALL_ADMIN_PASSWORD_FILE is not set";
    if (!file)
        return "FOOTFALL_ADMIN_PASSWORD_FILE cannot be read";
    warn_of_others(path, file);
    fault = read_line(first, file);
    (void)fclose(file);
    return fault;
}

static const char *prepare_user(struct first_user *first, struct err_info *info)
{
    const char *fault = read_password(first);

    first->user = (struct user){.created_s = clock_unix_ms(first->identity->env.clock) / 1000};
    first->user.password_s = first->user.created_s;
    if (fault)
        return fault;
    if (user_email_check(slice_str(first->config->admin_email), first->user.email, info) !=
            ERR_OK ||
        user_grant(&first->user, SLICE("*"), ROLE_OWNER) != ERR_OK ||
        password_check_new(slice_str(first->password),
                           (const struct slice[]){slice_str(first->user.email)}, 1, info) != ERR_OK)
        return info->text;
    return NULL;
}

static void make_user(struct first_user *first)
{
    struct err_info info = {""};
    const char *fault = prepare_user(first, &info);
    enum err err;

    if (fault) {
        complain(first, fault);
        return;
    }
    first->hashing =
        hasher_hash(first->identity->hasher, slice_str(first->password), on_hashed, first, &err);
    if (!first->hashing)
        try_again(first);
}

/* ---- is there any? -------------------------------------------------------------------------- */

static void on_any(void *ctx, enum err err, bool is_any)
{
    struct first_user *first = ctx;

    first->call = NULL;
    if (err != ERR_OK)
        try_again(first);
    else if (!is_any && first->config->admin_email)
        make_user(first);
    else if (!is_any)
        make_code(first);
}

static void on_time(void *ctx)
{
    struct first_user *first = ctx;

    first->call = account_any(first->identity->accounts, on_any, first);
    if (!first->call)
        try_again(first);
}

void first_user_start(struct first_user *first, const struct config *config,
                      struct identity *identity, const char *url)
{
    *first = (struct first_user){.config = config, .identity = identity, .url = url};
    /* Without memory for a timer there is `footfall setup-code`. */
    if (timer_keep(identity->env.timers, &first->timer, on_time, first) == ERR_OK)
        on_time(first);
}

void first_user_stop(struct first_user *first)
{
    if (!first->identity)
        return;
    account_call_cancel(first->call);
    hash_order_cancel(first->hashing);
    timer_stop(first->identity->env.timers, &first->timer);
    sodium_memzero(first->password, sizeof(first->password));
}
