#include "count/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "count/civil_date.h"
#include "count/zone_core.h"

#define FOLDER "/usr/share/zoneinfo/"

/* Dates are worked out up to here, 32,000 years before and after 1970; what is beyond is taken for
 * it. A few days more are for what is around the last of them. */
#define MAX_DAY    12000000
#define MAX_UNIX_S ((MAX_DAY + 10) * DAY_S)

/* No local time is further from UTC. */
#define MAX_OFFSET_S (26 * INT64_C(3600))

/* ---- names ---------------------------------------------------------------------------------- */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-';
}

bool zone_is_name(struct slice text)
{
    if (text.len == 0 || text.len > ZONE_MAX_NAME || text.ptr[0] < 'A' || text.ptr[0] > 'Z')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool ends_part = text.ptr[i] == '/';

        if (!ends_part && !is_name_char(text.ptr[i]))
            return false;
        if (ends_part && (i + 1 == text.len || text.ptr[i + 1] == '/'))
            return false;
    }
    return true;
}

/* ---- files ---------------------------------------------------------------------------------- */

static ssize_t read_whole(int fd, char *out, size_t size)
{
    size_t len = 0;
    ssize_t got;

    do {
        got = read(fd, out + len, size - len);
        len += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && len < size) || (got < 0 && errno == EINTR));
    return got < 0 ? -1 : (ssize_t)len;
}

/* The length of the file, one more than TZIF_MAX_BYTES when it is longer; -1 with errno. */
static ssize_t read_file(const char *path, char *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t len;
    int error;

    if (fd < 0)
        return -1;
    len = read_whole(fd, out, TZIF_MAX_BYTES + 1);
    error = errno;
    close(fd);
    errno = error;
    return len;
}

static enum err tell_unreadable(const char *name, int error, struct err_info *info)
{
    if (error != ENOENT && error != ENOTDIR && error != EISDIR) {
        err_info_set(info, "the time zone %s cannot be read: " FOLDER "%s: %s", name, name,
                     strerror(error));
        return ERR_UNAVAILABLE;
    }
    if (access(FOLDER, R_OK) != 0) {
        err_info_set(info,
                     "the time zone %s is not known: there is no folder " FOLDER
                     "; install the package tzdata",
                     name);
        return ERR_UNAVAILABLE;
    }
    err_info_set(info, "there is no time zone %s; a right one is Europe/Berlin, or UTC", name);
    return ERR_NOT_FOUND;
}

static enum err load(struct zone *zone, char *bytes, struct err_info *info)
{
    char path[sizeof(FOLDER) + ZONE_MAX_NAME];
    ssize_t len;
    enum err err;

    (void)snprintf(path, sizeof(path), FOLDER "%s", zone->name);
    len = read_file(path, bytes);
    if (len < 0)
        return tell_unreadable(zone->name, errno, info);
    err = tzif_parse(slice_of(bytes, (size_t)len), &zone->tzif);
    if (err != ERR_INVALID)
        return err;
    err_info_set(info, "the time zone %s cannot be read: %s is damaged", zone->name, path);
    return ERR_UNAVAILABLE;
}

static enum err load_file(struct zone *zone, struct err_info *info)
{
    char *bytes = malloc(TZIF_MAX_BYTES + 1);
    enum err err = bytes ? load(zone, bytes, info) : ERR_NO_MEMORY;

    free(bytes);
    return err;
}

enum err zone_open(const char *name, struct zone **out, struct err_info *info)
{
    struct slice text = slice_str(name);
    struct zone *zone;
    enum err err;

    if (!zone_is_name(text)) {
        err_info_set(info,
                     "\"%.64s\" is no name of a time zone; a right one is Europe/Berlin, or UTC",
                     name);
        return ERR_INVALID;
    }
    zone = calloc(1, sizeof(*zone));
    if (!zone)
        return ERR_NO_MEMORY;
    memcpy(zone->name, text.ptr, text.len);
    err = slice_eq(text, SLICE("UTC")) ? ERR_OK : load_file(zone, info);
    if (err == ERR_OK)
        *out = zone;
    else
        zone_close(zone);
    return err;
}

void zone_close(struct zone *zone)
{
    if (!zone)
        return;
    tzif_fini(&zone->tzif);
    free(zone);
}

const char *zone_name(const struct zone *zone)
{
    return zone ? zone->name : "UTC";
}

/* ---- offsets and days ----------------------------------------------------------------------- */

static int64_t clamp(int64_t number, int64_t max)
{
    if (number > max)
        return max;
    return number < -max ? -max : number;
}

struct zone_span zone_span(struct zone *zone, int64_t unix_s)
{
    if (!zone)
        return (struct zone_span){INT64_MIN, INT64_MAX, 0};
    if (unix_s < zone->span.begins_unix_s || unix_s >= zone->span.ends_unix_s)
        zone->span = tzif_span(&zone->tzif, clamp(unix_s, MAX_UNIX_S));
    return zone->span;
}

int32_t zone_offset_s(struct zone *zone, int64_t unix_s)
{
    return zone_span(zone, unix_s).offset_s;
}

int64_t zone_day_start_unix_s(struct zone *zone, int32_t day)
{
    int64_t local_s = clamp(day, MAX_DAY) * DAY_S;
    struct zone_span span = zone_span(zone, local_s - MAX_OFFSET_S);

    /* Within a span, clocks only go forward: the day has begun in the first one that reaches it. */
    while (local_s - span.offset_s >= span.ends_unix_s)
        span = zone_span(zone, span.ends_unix_s);
    return local_s - span.offset_s > span.begins_unix_s ? local_s - span.offset_s
                                                        : span.begins_unix_s;
}

int64_t zone_day_end_unix_s(struct zone *zone, int32_t day)
{
    int64_t local_s = (clamp(day, MAX_DAY) + 1) * DAY_S;
    struct zone_span span = zone_span(zone, local_s + MAX_OFFSET_S);

    /* And it is over for good behind the last span that still has some of it. */
    while (local_s - span.offset_s <= span.begins_unix_s)
        span = zone_span(zone, span.begins_unix_s - 1);
    return local_s - span.offset_s < span.ends_unix_s ? local_s - span.offset_s : span.ends_unix_s;
}
