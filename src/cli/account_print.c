/* What the lists of users, sessions and tokens have in common. */
#include "cli/account_print.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

const char *print_time(int64_t unix_s, char room[static PRINT_TIME_TEXT])
{
    time_t at = (time_t)unix_s;
    struct tm utc;

    if (unix_s == 0)
        return "never";
    if (!gmtime_r(&at, &utc) || strftime(room, PRINT_TIME_TEXT, "%Y-%m-%d %H:%M", &utc) == 0)
        return "?";
    return room;
}

int print_width(int width, const char *text)
{
    int len = (int)strlen(text);

    return len > width ? len : width;
}

json_t *json_time(int64_t unix_s)
{
    return unix_s == 0 ? json_null() : json_integer(unix_s);
}

bool print_json_list(const char *name, const void *list, size_t count, json_item_fn *make)
{
    json_t *array = json_array();
    json_t *object = NULL;
    bool is_written = array != NULL;

    for (size_t i = 0; i < count && is_written; i++)
        is_written = json_array_append_new(array, make(list, i)) == 0;
    if (is_written)
        object = json_pack("{s:O}", name, array);
    is_written = object && json_dumpf(object, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF &&
                 fflush(stdout) == 0;
    json_decref(array);
    json_decref(object);
    return is_written;
}
