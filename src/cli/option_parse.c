/* What a value of each setting has to look like. Messages continue "… is not right: ". */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cli/duration.h"
#include "cli/option.h"
#include "count/web_origin.h"
#include "process/listen_address.h"
#include "store/store.h"
#include "web/web.h"

/* Longer is no url of a store but a wrong file. */
#define MAX_URL  2048

#define MAX_NAME 100
#define MAX_KEY  256
#define MAX_TEXT 1024
#define MAX_PATH 100

/* A copy that lives as long as the options; NULL without memory. */
static char *keep(struct option_target *target, const char *text, size_t len)
{
    char *copy;

    assert(target->memory_count < OPTION_MAX_KEPT);
    copy = strndup(text, len);
    if (copy)
        target->memory[target->memory_count++] = copy;
    return copy;
}

static enum err check_listen(const char *text, struct err_info *info)
{
    struct listen_address address;

    return listen_address_parse(slice_str(text), &address, info);
}

enum err option_parse_listen(const struct option *option, const char *text,
                             struct option_target *target, struct err_info *info)
{
    struct config *config = target->config;
    char *rest = keep(target, text, strlen(text));
    char *item;

    (void)option;
    if (!rest)
        return ERR_NO_MEMORY;
    config->listen_count = 0;
    while ((item = strsep(&rest, ",")) != NULL) {
        item += strspn(item, " ");
        item[strcspn(item, " ")] = '\0';
        if (config->listen_count == CONFIG_MAX_LISTEN) {
            err_info_set(info, "at most %d addresses", CONFIG_MAX_LISTEN);
            return ERR_INVALID;
        }
        if (check_listen(item, info) != ERR_OK)
            return ERR_INVALID;
        config->listen[config->listen_count++] = item;
    }
    return ERR_OK;
}

enum err option_parse_port(const struct option *option, const char *text,
                           struct option_target *target, struct err_info *info)
{
    char address[16];
    int64_t port;
    char *copy;

    if (!number_parse(slice_str(text), &port) || port > option->max) {
        err_info_set(info, "a port is a number from 0 to 65535");
        return ERR_INVALID;
    }
    (void)snprintf(address, sizeof(address), "[::]:%u", (unsigned)port);
    copy = keep(target, address, strlen(address));
    if (!copy)
        return ERR_NO_MEMORY;
    target->config->listen[0] = copy;
    target->config->listen_count = 1;
    return ERR_OK;
}

enum err option_parse_store(const struct option *option, const char *text,
                            struct option_target *target, struct err_info *info)
{
    enum err err = store_url_check(text, info);
    const char *source;

    (void)option;
    if (err != ERR_OK)
        return err == ERR_NO_MEMORY ? err : ERR_INVALID;
    source = keep(target, target->given_as, strlen(target->given_as));
    if (!source)
        return ERR_NO_MEMORY;
    target->config->store = text;
    target->config->store_source = source;
    return ERR_OK;
}

/* The first line of a file, at most MAX_URL bytes; its length, or -1 with errno. */
static ssize_t read_first_line(const char *path, char line[static MAX_URL])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t len;
    int error;

    if (fd < 0)
        return -1;
    len = read(fd, line, MAX_URL - 1);
    error = errno;
    close(fd);
    errno = error;
    if (len < 0)
        return -1;
    line[len] = '\0';
    return (ssize_t)strcspn(line, "\r\n");
}

enum err option_parse_store_file(const struct option *option, const char *text,
                                 struct option_target *target, struct err_info *info)
{
    struct err_info reason = {.text = ""};
    char line[MAX_URL];
    ssize_t len = read_first_line(text, line);
    char *url;
    enum err err;

    if (len <= 0) {
        err_info_set(info, "the file %s", len < 0 ? strerror(errno) : "is empty");
        return ERR_INVALID;
    }
    url = keep(target, line, (size_t)len);
    explicit_bzero(line, sizeof(line));
    if (!url)
        return ERR_NO_MEMORY;
    err = option_parse_store(option, url, target, &reason);
    if (err == ERR_INVALID)
        err_info_set(info, "in the file: %.200s", reason.text);
    return err;
}

enum err option_parse_workers(const struct option *option, const char *text,
                              struct option_target *target, struct err_info *info)
{
    int64_t workers;

    if (!number_parse(slice_str(text), &workers) || workers < option->min ||
        workers > option->max) {
        err_info_set(info, "a number from 1 to %d is wanted", CONFIG_MAX_WORKERS);
        return ERR_INVALID;
    }
    target->config->workers = (unsigned)workers;
    return ERR_OK;
}

enum err option_parse_name(const struct option *option, const char *text,
                           struct option_target *target, struct err_info *info)
{
    size_t len = strlen(text);

    (void)option;
    if (len == 0 || len > MAX_NAME || !utf8_is_clean(slice_of(text, len))) {
        err_info_set(info, "a name is 1 to %d bytes of UTF-8 without control characters", MAX_NAME);
        return ERR_INVALID;
    }
    target->config->name = text;
    return ERR_OK;
}

static bool is_plain_path(const char *text)
{
    size_t len =
        strspn(text, "/-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    return text[0] == '/' && text[len] == '\0' && len > 1 && len <= MAX_PATH &&
           text[len - 1] != '/' && !strstr(text, "//") && !strstr(text, "/.");
}

/* The script's path is checked first, the one of hits after it. */
static bool is_other_path_free(const struct option *option, const char *text,
                               const struct config *config)
{
    bool is_script = option->setting == SETTING_SCRIPT_PATH;
    const char *other = is_script ? COUNT_PATH : SCRIPT_PATH;

    return strcmp(text, other) != 0 && (is_script || strcmp(text, config->script_path) != 0);
}

enum err option_parse_path(const struct option *option, const char *text,
                           struct option_target *target, struct err_info *info)
{
    void *place = (char *)target->config + option->offset;

    if (!is_plain_path(text)) {
        err_info_set(info, "a path is 2 to %d letters, digits and -._~/ and begins with one slash",
                     MAX_PATH);
        return ERR_INVALID;
    }
    if (web_has_path(slice_str(text)) || !is_other_path_free(option, text, target->config)) {
        err_info_set(info, "something else is there");
        return ERR_INVALID;
    }
    *(const char **)place = text;
    return ERR_OK;
}

enum err option_parse_key(const struct option *option, const char *text,
                          struct option_target *target, struct err_info *info)
{
    size_t len = strlen(text);

    (void)option;
    if (len == 0 || len > MAX_KEY || !utf8_is_clean(slice_of(text, len))) {
        err_info_set(info, "a key is 1 to %d bytes of UTF-8 without control characters", MAX_KEY);
        return ERR_INVALID;
    }
    target->config->redis_total_key = text;
    return ERR_OK;
}

/* A path or a token: what it is good for shows when it is used. */
enum err option_parse_text(const struct option *option, const char *text,
                           struct option_target *target, struct err_info *info)
{
    size_t len = strlen(text);
    void *place = (char *)target->config + option->offset;

    if (len == 0 || len > MAX_TEXT || !utf8_is_clean(slice_of(text, len))) {
        err_info_set(info, "1 to %d bytes of UTF-8 without control characters are wanted",
                     MAX_TEXT);
        return ERR_INVALID;
    }
    *(const char **)place = text;
    return ERR_OK;
}

enum err option_parse_url(const struct option *option, const char *text,
                          struct option_target *target, struct err_info *info)
{
    char origin[WEB_ORIGIN_MAX + 1];

    (void)option;
    if (!web_origin_parse(slice_str(text), origin)) {
        err_info_set(info, "a scheme, a host and perhaps a port are wanted, and nothing behind "
                           "them, as in https://stats.example.org");
        return ERR_INVALID;
    }
    target->config->url = keep(target, origin, strlen(origin));
    return target->config->url ? ERR_OK : ERR_NO_MEMORY;
}

enum err option_parse_networks(const struct option *option, const char *text,
                               struct option_target *target, struct err_info *info)
{
    (void)option;
    return address_set_parse(slice_str(text), &target->config->trusted_proxies, info);
}

enum err option_parse_duration(const struct option *option, const char *text,
                               struct option_target *target, struct err_info *info)
{
    int64_t ms;

    if (!duration_parse(slice_str(text), &ms) || ms < option->min || ms > option->max) {
        err_info_set(info, "a duration from %dms to %ds is wanted", (int)option->min,
                     (int)(option->max / 1000));
        return ERR_INVALID;
    }
    memcpy((char *)target->config + option->offset, &ms, sizeof(ms));
    return ERR_OK;
}

/* The words joined by commas, for the message. */
static void list_words(const char *const *words, char *out, size_t size)
{
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; words[i] && len < size; i++)
        len += (size_t)snprintf(out + len, size - len, "%s%s", i > 0 ? ", " : "", words[i]);
}

enum err option_parse_choice(const struct option *option, const char *text,
                             struct option_target *target, struct err_info *info)
{
    char words[128];

    for (unsigned i = 0; option->words[i]; i++) {
        if (strcmp(option->words[i], text) != 0)
            continue;
        option->set(target->config, i);
        return ERR_OK;
    }
    list_words(option->words, words, sizeof(words));
    err_info_set(info, "one of %s is wanted", words);
    return ERR_INVALID;
}
