#include "http/date.h"

#include <time.h>

static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static void put_two(char *out, int number)
{
    out[0] = (char)('0' + number / 10 % 10);
    out[1] = (char)('0' + number % 10);
}

static const char template[DATE_LINE_BYTES] = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

/* Not strftime, which writes the names of days in the language of the locale. */
static void format_date(char *out, time_t unix_s)
{
    struct tm tm;

    memcpy(out, template, sizeof(template));
    if (!gmtime_r(&unix_s, &tm))
        return; /* beyond the year 2^31: no clock says so */
    memcpy(out + 6, days[tm.tm_wday], 3);
    put_two(out + 11, tm.tm_mday);
    memcpy(out + 14, months[tm.tm_mon], 3);
    put_two(out + 18, (tm.tm_year + 1900) / 100);
    put_two(out + 20, tm.tm_year % 100);
    put_two(out + 23, tm.tm_hour);
    put_two(out + 26, tm.tm_min);
    put_two(out + 29, tm.tm_sec);
}

struct slice date_line_get(struct date_line *date, const struct clock *clock, int64_t now_ms)
{
    if (now_ms >= date->stale_at_ms) {
        int64_t unix_ms = clock_unix_ms(clock);

        format_date(date->text, (time_t)(unix_ms / 1000));
        date->stale_at_ms = now_ms + 1000 - unix_ms % 1000;
    }
    return slice_of(date->text, DATE_LINE_BYTES);
}
