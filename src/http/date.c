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

/* Not strftime, which writes the names of days in the language of the locale. */
void date_format(int64_t unix_s, char out[static DATE_BYTES])
{
    time_t time = (time_t)unix_s;
    struct tm tm;

    memcpy(out, "Sun, 06 Nov 1994 08:49:37 GMT", DATE_BYTES);
    if (!gmtime_r(&time, &tm))
        return; /* beyond the year 2^31: no clock says so */
    memcpy(out, days[tm.tm_wday], 3);
    put_two(out + 5, tm.tm_mday);
    memcpy(out + 8, months[tm.tm_mon], 3);
    put_two(out + 12, (tm.tm_year + 1900) / 100);
    put_two(out + 14, tm.tm_year % 100);
    put_two(out + 17, tm.tm_hour);
    put_two(out + 20, tm.tm_min);
    put_two(out + 23, tm.tm_sec);
}

#define NAME_BYTES 6 /* "Date: " */

struct slice date_line_get(struct date_line *date, const struct clock *clock, int64_t now_ms)
{
    if (now_ms >= date->stale_at_ms) {
        int64_t unix_ms = clock_unix_ms(clock);

        memcpy(date->text, "Date: ", NAME_BYTES);
        date_format(unix_ms / 1000, date->text + NAME_BYTES);
        memcpy(date->text + NAME_BYTES + DATE_BYTES, "\r\n", 2);
        date->stale_at_ms = now_ms + 1000 - unix_ms % 1000;
    }
    return slice_of(date->text, DATE_LINE_BYTES);
}
