#include "count/zone_rule.h"

#include "count/civil_date.h"

/* The limits of POSIX; RFC 8536 lets the time of a change be a week before or after its day. */
#define MAX_OFFSET_HOURS 24
#define MAX_TIME_HOURS   167

/* ---- parsing: every take_ function moves `rest` behind what it took, or is false ------------ */

static bool take_char(struct slice *rest, char c)
{
    if (rest->len == 0 || rest->ptr[0] != c)
        return false;
    *rest = slice_from(*rest, 1);
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take_number(struct slice *rest, int32_t min, int32_t max, int32_t *out)
{
    int32_t number = 0;
    size_t digits = 0;

    while (digits < rest->len && digits < 4 && is_digit(rest->ptr[digits]))
        number = number * 10 + (rest->ptr[digits++] - '0');
    if (digits == 0 || number < min || number > max)
        return false;
    *rest = slice_from(*rest, digits);
    *out = number;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What the time is called, CET or <+0545>; nobody is shown it. */
static bool skip_name(struct slice *rest)
{
    const char *end;
    size_t len = 0;

    if (take_char(rest, '<')) {
        end = rest->len > 0 ? memchr(rest->ptr, '>', rest->len) : NULL;
        if (!end)
            return false;
        *rest = slice_from(*rest, (size_t)(end + 1 - rest->ptr));
        return true;
    }
    while (len < rest->len && is_letter(rest->ptr[len]))
        len++;
    *rest = slice_from(*rest, len);
    return len >= 3;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct slice *rest, int32_t max_hours, int32_t *out_s)
{
    bool is_negative = take_char(rest, '-');
    int32_t hours;
    int32_t minutes = 0;
    int32_t seconds = 0;

    if (!is_negative)
        (void)take_char(rest, '+');
    if (!take_number(rest, 0, max_hours, &hours))
        return false;
    if (take_char(rest, ':')) {
        if (!take_number(rest, 0, 59, &minutes))
            return false;
        if (take_char(rest, ':') && !take_number(rest, 0, 59, &seconds))
            return false;
    }
    *out_s = hours * HOUR_S + minutes * MINUTE_S + seconds;
    *out_s = is_negative ? -*out_s : *out_s;
    return true;
}

/* POSIX counts offsets west of Greenwich. */
static bool take_offset(struct slice *rest, int32_t *out_s)
{
    if (!take_time(rest, MAX_OFFSET_HOURS, out_s))
        return false;
    *out_s = -*out_s;
    return true;
}

static bool take_day(struct slice *rest, struct zone_rule_date *date)
{
    if (take_char(rest, 'J')) {
        date->kind = ZONE_RULE_JULIAN;
        return take_number(rest, 1, 365, &date->day);
    }
    if (take_char(rest, 'M')) {
        date->kind = ZONE_RULE_WEEKDAY;
        return take_number(rest, 1, 12, &date->month) && take_char(rest, '.') &&
               take_number(rest, 1, 5, &date->week) && take_char(rest, '.') &&
               take_number(rest, 0, 6, &date->day);
    }
    date->kind = ZONE_RULE_ORDINAL;
    return take_number(rest, 0, 365, &date->day);
}

static bool take_date(struct slice *rest, struct zone_rule_date *date)
{
    *date = (struct zone_rule_date){.time_s = 2 * HOUR_S};
    return take_char(rest, ',') && take_day(rest, date) &&
           (!take_char(rest, '/') || take_time(rest, MAX_TIME_HOURS, &date->time_s));
}

bool zone_rule_parse(struct slice text, struct zone_rule *out)
{
    struct zone_rule rule = {0};
    struct slice rest = text;

    if (!skip_name(&rest) || !take_offset(&rest, &rule.offset_s))
        return false;
    if (rest.len > 0) {
        rule.has_dst = true;
        rule.dst_offset_s = rule.offset_s + HOUR_S;
        if (!skip_name(&rest))
            return false;
        if (rest.len > 0 && rest.ptr[0] != ',' && !take_offset(&rest, &rule.dst_offset_s))
            return false;
        if (!take_date(&rest, &rule.dst_begins) || !take_date(&rest, &rule.dst_ends))
            return false;
    }
    if (rest.len > 0)
        return false;
    *out = rule;
    return true;
}

/* ---- the changes of a year ------------------------------------------------------------------ */

static bool is_leap_year(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int32_t month_begins(int32_t year, int32_t month)
{
    return civil_date_to_day((struct civil_date){year, month, 1});
}

static int32_t weekday_of_month(const struct zone_rule_date *date, int32_t year)
{
    int32_t first = month_begins(year, date->month);
    int32_t next =
        date->month == 12 ? month_begins(year + 1, 1) : month_begins(year, date->month + 1);
    int32_t wanted = (date->day + 6) % 7; /* POSIX begins the week on Sunday */
    int32_t day = first + (wanted - civil_weekday(first) + 7) % 7 + 7 * (date->week - 1);

    return day < next ? day : day - 7;
}

static int32_t day_in_year(const struct zone_rule_date *date, int32_t year)
{
    switch (date->kind) {
    case ZONE_RULE_JULIAN:
        return month_begins(year, 1) + date->day - (date->day < 60 || !is_leap_year(year) ? 1 : 0);
    case ZONE_RULE_ORDINAL:
        return month_begins(year, 1) + date->day;
    case ZONE_RULE_WEEKDAY:
        return weekday_of_month(date, year);
    }
    return 0;
}

/* A moment from which on an offset holds. */
struct change {
    int64_t unix_s;
    int32_t offset_s;
    bool to_dst;
};

/* With a time of 167 hours, a change is in the week before or after its year, so that the changes
 * of two years on each side surround every moment. */
#define YEARS_AROUND 2
#define MAX_CHANGES  (2 * (2 * YEARS_AROUND + 1))

/* Where the saving lasts all year, it ends in the same moment in which it begins again. */
static bool is_before(const struct change *a, const struct change *b)
{
    return a->unix_s < b->unix_s || (a->unix_s == b->unix_s && !a->to_dst && b->to_dst);
}

static void insert(struct change *changes, size_t count, struct change change)
{
    for (; count > 0 && is_before(&change, &changes[count - 1]); count--)
        changes[count] = changes[count - 1];
    changes[count] = change;
}

static size_t list_changes(const struct zone_rule *rule, int32_t year, struct change *changes)
{
    size_t count = 0;

    for (int32_t y = year - YEARS_AROUND; y <= year + YEARS_AROUND; y++) {
        int64_t begins = day_in_year(&rule->dst_begins, y) * DAY_S + rule->dst_begins.time_s;
        int64_t ends = day_in_year(&rule->dst_ends, y) * DAY_S + rule->dst_ends.time_s;

        insert(changes, count++,
               (struct change){begins - rule->offset_s, rule->dst_offset_s, true});
        insert(changes, count++, (struct change){ends - rule->dst_offset_s, rule->offset_s, false});
    }
    return count;
}

struct zone_span zone_rule_span(const struct zone_rule *rule, int64_t unix_s)
{
    struct change changes[MAX_CHANGES] = {{0}};
    int32_t year = civil_date_of_day((int32_t)floor_divide(unix_s, DAY_S)).year;
    size_t next = 1;
    size_t count;

    if (!rule->has_dst)
        return (struct zone_span){INT64_MIN, INT64_MAX, rule->offset_s};
    count = list_changes(rule, year, changes);
    while (next + 1 < count && changes[next].unix_s <= unix_s)
        next++;
    return (struct zone_span){changes[next - 1].unix_s, changes[next].unix_s,
                              changes[next - 1].offset_s};
}
