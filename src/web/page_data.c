#include "web/page_data.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The last second of the year 9999. */
#define LAST_S INT64_C(253402300799)

json_t *page_time(int64_t unix_s)
{
    time_t time_s = (time_t)(unix_s < LAST_S ? unix_s : LAST_S);
    char iso[sizeof("2026-11-26T06:26Z")];
    char text[sizeof("2026-11-26 06:26 UTC")];
    struct tm tm;

    if (unix_s <= 0 || !gmtime_r(&time_s, &tm))
        return json_null();
    (void)strftime(iso, sizeof(iso), "%Y-%m-%dT%H:%MZ", &tm);
    (void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &tm);
    return json_pack("{s:s, s:s}", "iso", iso, "text", text);
}

json_t *page_number(int64_t number)
{
    char digits[24];
    char text[32];
    size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRId64, number);
    size_t sign = number < 0 ? 1 : 0;
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        if (i > sign && (len - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    return json_stringn(text, used);
}

static const char *maker_text(const char *id, const struct user *users, size_t count)
{
    const struct user *user = user_find(users, count, id);

    if (id[0] == '\0')
        return "the command line";
    return user ? user->email : "somebody who is gone";
}

bool page_name_makers(json_t *rows, const struct user *users, size_t count)
{
    bool is_set = true;
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        const char *id = json_string_value(json_object_get(row, "by"));

        is_set = is_set &&
                 json_object_set_new(row, "by", json_string(maker_text(id, users, count))) == 0;
    }
    return is_set;
}

const char *page_done_text(const struct page_done *texts, size_t count, struct slice word)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_eq(word, slice_str(texts[i].word)))
            return texts[i].text;
    }
    return NULL;
}
