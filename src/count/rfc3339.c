#include "count/rfc3339.h"

#include "base/ascii.h"
#include "count/civil_date.h"

static bool take(struct slice *rest, char a, char b)
{
    if (rest->len == 0 || (rest->ptr[0] != a && rest->ptr[0] != b))
        return false;
    *rest = slice_from(*rest, 1);
    return true;
}

/* Exactly `digits` of them, at most `max`. */
static bool take_number(struct slice *rest, size_t digits, int32_t max, int32_t *out)
{
    int32_t number = 0;

    if (rest->len < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (!ascii_is_digit(rest->ptr[i]))
            return false;
        number = 10 * number + (rest->ptr[i] - '0');
    }
    *rest = slice_from(*rest, digits);
    *out = number;
    return number <= max;
}

static bool take_date(struct slice *rest, int32_t *day)
{
    struct civil_date date;
    struct civil_date same;

    if (!take_number(rest, 4, 9999, &date.year) || !take(rest, '-', '-') ||
        !take_number(rest, 2, 12, &date.month) || !take(rest, '-', '-') ||
        !take_number(rest, 2, 31, &date.day) || date.month == 0 || date.day == 0)
        return false;
    *day = civil_date_to_day(date);
    same = civil_date_of_day(*day);
    return same.day == date.day; /* the month has such a day */
}

/* Also ".5", whatever there is of digits. */
static bool skip_fraction(struct slice *rest)
{
    size_t count = 0;

    if (!take(rest, '.', '.'))
        return true;
    while (count < rest->len && ascii_is_digit(rest->ptr[count]))
        count++;
    *rest = slice_from(*rest, count);
    return count > 0;
}

static bool take_clock(struct slice *rest, int32_t *seconds)
{
    int32_t hour;
    int32_t minute;
    int32_t second;

    if (!take_number(rest, 2, 23, &hour) || !take(rest, ':', ':') ||
        !take_number(rest, 2, 59, &minute) || !take(rest, ':', ':') ||
        !take_number(rest, 2, 60, &second) || !skip_fraction(rest))
        return false;
    *seconds = HOUR_S * hour + MINUTE_S * minute + (second < 60 ? second : 59);
    return true;
}

static bool take_offset(struct slice *rest, int32_t *seconds)
{
    int32_t sign = rest->len > 0 && rest->ptr[0] == '-' ? -1 : 1;
    int32_t hour;
    int32_t minute;

    *seconds = 0;
    if (take(rest, 'Z', 'z'))
        return true;
    if (!take(rest, '+', '-') || !take_number(rest, 2, 23, &hour) || !take(rest, ':', ':') ||
        !take_number(rest, 2, 59, &minute))
        return false;
    *seconds = sign * (HOUR_S * hour + MINUTE_S * minute);
    return true;
}

bool rfc3339_parse(struct slice text, int64_t *out)
{
    int32_t day;
    int32_t of_day;
    int32_t offset;

    if (!take_date(&text, &day) || !(take(&text, 'T', 't') || take(&text, ' ', ' ')) ||
        !take_clock(&text, &of_day) || !take_offset(&text, &offset) || text.len > 0)
        return false;
    *out = day * DAY_S + of_day - offset;
    return true;
}

/* ---- writing -------------------------------------------------------------------------------- */

#define LAST_UNIX_S INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static void put_number(char *out, size_t digits, int32_t number)
{
    for (size_t i = digits; i > 0; i--) {
        out[i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
}

void rfc3339_format(int64_t unix_s, char out[static RFC3339_UTC_TEXT + 1])
{
    int64_t s = unix_s < 0 ? 0 : unix_s;
    struct civil_date date;
    int32_t of_day;

    s = s > LAST_UNIX_S ? LAST_UNIX_S : s;
    date = civil_date_of_day((int32_t)(s / DAY_S));
    of_day = (int32_t)(s % DAY_S);
    memcpy(out, "0000-00-00T00:00:00Z", RFC3339_UTC_TEXT + 1);
    put_number(out, 4, date.year);
    put_number(out + 5, 2, date.month);
    put_number(out + 8, 2, date.day);
    put_number(out + 11, 2, of_day / HOUR_S);
    put_number(out + 14, 2, of_day % HOUR_S / MINUTE_S);
    put_number(out + 17, 2, of_day % MINUTE_S);
}
