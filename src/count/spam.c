#include "count/spam.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "count/url.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* How many bytes of a wrong line are shown. */
#define SHOWN_BYTES 64

struct spam_list {
    char *bytes;        /* the file, each host in lower case and with a NUL behind it */
    const char **hosts; /* into `bytes`, sorted */
    size_t count;
};

static enum err fail(struct err_info *info, const char *path, const char *why)
{
    err_info_set(info, "the list of referrer spam %s: %s", path, why);
    return ERR_CONFIG;
}

static enum err check_file(FILE *file, const char *path, size_t *bytes, struct err_info *info)
{
    struct stat status;

    if (fstat(fileno(file), &status) != 0)
        return fail(info, path, strerrordesc_np(errno));
    if (!S_ISREG(status.st_mode))
        return fail(info, path, "it is not a file");
    if (status.st_size > SPAM_MAX_BYTES)
        return fail(info, path, "it is larger than 64 MiB");
    *bytes = (size_t)status.st_size;
    return ERR_OK;
}

static enum err read_bytes(FILE *file, const char *path, char **bytes, size_t *len,
                           struct err_info *info)
{
    enum err err = check_file(file, path, len, info);

    if (err != ERR_OK)
        return err;
    *bytes = malloc(*len + 1); /* and a NUL behind the last line */
    if (!*bytes)
        return ERR_NO_MEMORY;
    *len = fread(*bytes, 1, *len, file);
    return ferror(file) ? fail(info, path, "it cannot be read") : ERR_OK;
}

/* `*bytes` is the caller's, also when reading failed. */
static enum err read_file(const char *path, char **bytes, size_t *len, struct err_info *info)
{
    FILE *file = fopen(path, "re");
    enum err err;

    if (!file)
        return fail(info, path, strerrordesc_np(errno));
    err = read_bytes(file, path, bytes, len, info);
    (void)fclose(file);
    return err;
}

/* Takes the next line off `rest`, without its end; false when there is none. */
static bool next_line(struct slice *rest, struct slice *line)
{
    const char *end = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
    size_t len = end ? (size_t)(end - rest->ptr) : rest->len;

    if (rest->len == 0)
        return false;
    *line = slice_of(rest->ptr, len);
    *rest = slice_from(*rest, end ? len + 1 : len);
    return true;
}

/* What a line says, without its comment and the blanks around it. */
static struct slice content(struct slice line)
{
    const char *comment = line.len > 0 ? memchr(line.ptr, '#', line.len) : NULL;

    return ascii_trim(slice_of(line.ptr, comment ? (size_t)(comment - line.ptr) : line.len));
}

/* A host as browsers send it, or a name in another script. */
static bool is_host(struct slice text)
{
    bool is_foreign = false;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == ' ' || text.ptr[i] == '/')
            return false;
        is_foreign = is_foreign || (unsigned char)text.ptr[i] >= 0x80;
    }
    if (is_foreign)
        return text.len <= URL_MAX_HOST && utf8_is_clean(text);
    return text.len > 0 && slice_eq(url_host(text, NULL), text);
}

/* Puts the host where it stands into lower case and ends it. Behind it are at least the end of the
 * line or the spare byte of read_bytes(). */
static const char *keep_host(char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = ascii_lower(bytes[i]);
    bytes[len] = '\0';
    return bytes;
}

static enum err fail_at(struct err_info *info, const char *path, size_t line, struct slice host)
{
    char shown[SHOWN_BYTES + 1];
    size_t len = host.len < SHOWN_BYTES ? host.len : SHOWN_BYTES;

    memcpy(shown, host.ptr, len);
    shown[len] = '\0';
    for (size_t i = 0; i < len; i++) {
        if (shown[i] < ' ' || shown[i] > '~')
            shown[i] = '?';
    }
    err_info_set(info, "the list of referrer spam %s: line %zu is no host: \"%s\"", path, line,
                 shown);
    return ERR_CONFIG;
}

static size_t count_lines(struct slice rest)
{
    struct slice line;
    size_t count = 0;

    while (next_line(&rest, &line))
        count++;
    return count;
}

/* Notes the hosts of the file in `bytes`, which are the list's own. */
static enum err read_hosts(struct spam_list *list, const char *path, struct slice file,
                           struct err_info *info)
{
    struct slice rest = file;
    struct slice line;

    if (slice_starts_with(rest, SLICE(BYTE_ORDER_MARK)))
        rest = slice_from(rest, SLICE(BYTE_ORDER_MARK).len);
    for (size_t number = 1; next_line(&rest, &line); number++) {
        struct slice host = content(line);

        if (host.len == 0)
            continue;
        if (!is_host(host))
            return fail_at(info, path, number, host);
        list->hosts[list->count++] = keep_host(list->bytes + (host.ptr - file.ptr), host.len);
    }
    return ERR_OK;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum err fill(struct spam_list *list, const char *path, struct err_info *info)
{
    struct slice file = {NULL, 0};
    enum err err = read_file(path, &list->bytes, &file.len, info);
    size_t lines;

    if (err != ERR_OK)
        return err;
    file.ptr = list->bytes;
    lines = count_lines(file);
    if (lines > SPAM_MAX_LINES)
        return fail(info, path, "it has more than 1,000,000 lines");
    list->hosts = calloc(lines + 1, sizeof(*list->hosts));
    if (!list->hosts)
        return ERR_NO_MEMORY;
    err = read_hosts(list, path, file, info);
    if (err == ERR_OK)
        qsort(list->hosts, list->count, sizeof(*list->hosts), compare);
    return err;
}

enum err spam_list_open(const char *path, struct spam_list **out, struct err_info *info)
{
    struct spam_list *list = calloc(1, sizeof(*list));
    enum err err = list ? fill(list, path, info) : ERR_NO_MEMORY;

    if (err != ERR_OK) {
        spam_list_close(list);
        return err;
    }
    *out = list;
    return ERR_OK;
}

void spam_list_close(struct spam_list *list)
{
    if (!list)
        return;
    free(list->bytes);
    free(list->hosts);
    free(list);
}

bool spam_list_has(const struct spam_list *list, struct slice host)
{
    char text[URL_MAX_HOST + 1];
    const char *domain = text;

    if (!list || host.len == 0 || host.len > URL_MAX_HOST)
        return false;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    while (!bsearch(&domain, list->hosts, list->count, sizeof(*list->hosts), compare)) {
        domain = strchr(domain, '.');
        if (!domain)
            return false;
        domain++;
    }
    return true;
}
