#include "count/visitor.h"

/* A visitor counts as live in one minute. Minutes older than this are not looked at any more, and
 * may be gone: leaving them moves nothing. */
#define LIVE_MINUTES 10

/* ---- pages ---------------------------------------------------------------------------------- */

/* The lower half of an id, which is a hash already. */
static uint32_t page_hash(uint64_t id)
{
    return (uint32_t)id;
}

static size_t find_page(const struct visitor *visitor, uint32_t hash)
{
    size_t i = 0;

    while (i < visitor->page_count && visitor->pages[i] != hash)
        i++;
    return i;
}

static void remove_page(struct visitor *visitor, size_t at)
{
    memmove(&visitor->pages[at], &visitor->pages[at + 1],
            (visitor->page_count - at - 1) * sizeof(visitor->pages[0]));
    visitor->page_count--;
    if (at < visitor->visit_first)
        visitor->visit_first--;
}

/* Notes that a page, or an event, was met. */
static void meet_page(struct visitor *visitor, uint64_t id, struct visit_change *change)
{
    uint32_t hash = page_hash(id);
    size_t at = find_page(visitor, hash);
    bool is_known = at < visitor->page_count;

    change->is_page_visitor = !is_known;
    change->is_page_visit = !is_known || at < visitor->visit_first;
    if (!change->is_page_visit)
        return;
    if (is_known)
        remove_page(visitor, at);
    else if (visitor->page_count == VISITOR_MAX_PAGES)
        remove_page(visitor, 0);
    visitor->pages[visitor->page_count++] = hash;
    change->is_written = true;
}

/* ---- the visit ------------------------------------------------------------------------------ */

bool visit_goes_on(const struct visitor *visitor, int64_t unix_s)
{
    return unix_s - visitor->seen_unix_s < VISIT_GAP_S;
}

static void begin_visit(struct visitor *visitor, const struct visit_hit *hit,
                        struct visit_change *change)
{
    visitor->seen_unix_s = hit->unix_s;
    visitor->hour = hit->moment->hour;
    visitor->day = hit->moment->day;
    visitor->entry = VALUE_NONE;
    visitor->exit = VALUE_NONE;
    visitor->profile = *hit->profile;
    visitor->visit_first = visitor->page_count;
    visitor->is_bounce = hit->event == VALUE_NONE;
    change->is_visit = true;
    change->is_written = true;
    change->bounces = visitor->is_bounce ? 1 : 0;
}

/* The time since the last hit, when enough of it has passed to be noted. A clock that went back, or
 * is behind another process', adds nothing. */
static void go_on(struct visitor *visitor, const struct visit_hit *hit, struct visit_change *change)
{
    int64_t gap_s = hit->unix_s - visitor->seen_unix_s;

    if (visitor->is_bounce) {
        visitor->is_bounce = false;
        change->bounces = -1;
        change->is_written = true;
    }
    if (gap_s <= VISIT_SLACK_S && !(gap_s > 0 && change->is_written))
        return;
    visitor->seen_unix_s = hit->unix_s;
    change->seconds = gap_s;
    change->seconds_page = visitor->exit;
    change->is_written = true;
}

static void view_page(struct visitor *visitor, uint64_t page, struct visit_change *change)
{
    if (visitor->entry == VALUE_NONE) {
        visitor->entry = page;
        change->entry = page;
        change->is_written = true;
    }
    if (visitor->exit == page)
        return;
    change->exit_from = visitor->exit;
    change->exit_to = page;
    visitor->exit = page;
    change->is_written = true;
}

static void live_now(struct visitor *visitor, int32_t minute, struct visit_change *change)
{
    if (visitor->minute >= minute)
        return;
    if (visitor->minute > minute - LIVE_MINUTES)
        change->live_from = visitor->minute;
    change->live_to = minute;
    visitor->minute = minute;
    change->is_written = true;
}

struct visit_change visit_apply(struct visitor *visitor, bool is_known, const struct visit_hit *hit)
{
    bool is_event = hit->event != VALUE_NONE;
    struct visit_change change = {.is_visitor = !is_known, .is_written = !is_known};

    live_now(visitor, hit->moment->minute, &change);
    if (visitor->seen_unix_s > 0 && visit_goes_on(visitor, hit->unix_s)) {
        meet_page(visitor, is_event ? hit->event : hit->page, &change);
        if (!is_event && visitor->exit != hit->page)
            change.is_written = true;
        go_on(visitor, hit, &change);
    } else {
        begin_visit(visitor, hit, &change);
        meet_page(visitor, is_event ? hit->event : hit->page, &change);
    }
    if (!is_event)
        view_page(visitor, hit->page, &change);
    return change;
}

/* ---- the record ----------------------------------------------------------------------------- */

/* What the bytes mean. Another number is not read, but taken for a visitor not seen yet. */
#define FORMAT 1

/* Before the pages and the profile. Little-endian machines only, as the rest of the program. */
struct head {
    uint8_t format;
    uint8_t page_count;
    uint8_t visit_first;
    uint8_t value_count;
    uint8_t is_bounce;
    uint8_t unused[3]; /* 0 */
    int32_t minute;
    int32_t hour;
    int32_t day;
    int32_t unused_too; /* 0 */
    int64_t seen_unix_s;
    uint64_t entry;
    uint64_t exit;
};

#define VALUE_BYTES ((size_t)9)

_Static_assert(sizeof(struct head) == 48, "no padding");
_Static_assert(sizeof(struct head) + VISITOR_MAX_PAGES * sizeof(uint32_t) +
                       PROFILE_MAX_VALUES * VALUE_BYTES <=
                   VISITOR_MAX_BYTES,
               "fits");

void visitor_encode(const struct visitor *visitor, struct strbuf *out)
{
    const struct head head = {
        .format = FORMAT,
        .page_count = (uint8_t)visitor->page_count,
        .visit_first = (uint8_t)visitor->visit_first,
        .value_count = (uint8_t)visitor->profile.count,
        .is_bounce = visitor->is_bounce ? 1 : 0,
        .minute = visitor->minute,
        .hour = visitor->hour,
        .day = visitor->day,
        .seen_unix_s = visitor->seen_unix_s,
        .entry = visitor->entry,
        .exit = visitor->exit,
    };

    strbuf_append(out, slice_of(&head, sizeof(head)));
    strbuf_append(out, slice_of(visitor->pages, visitor->page_count * sizeof(visitor->pages[0])));
    for (size_t i = 0; i < visitor->profile.count; i++) {
        const struct profile_value *value = &visitor->profile.values[i];

        strbuf_append_char(out, (char)value->dimension);
        strbuf_append(out, slice_of(&value->id, sizeof(value->id)));
    }
}

static bool is_sound(const struct head *head, size_t len)
{
    return head->format == FORMAT && head->page_count <= VISITOR_MAX_PAGES &&
           head->visit_first <= head->page_count && head->value_count <= PROFILE_MAX_VALUES &&
           head->seen_unix_s > 0 && head->day >= 0 && head->hour >= 0 && head->minute >= 0 &&
           len == sizeof(*head) + head->page_count * sizeof(uint32_t) +
                      head->value_count * VALUE_BYTES;
}

static bool decode_profile(const char *in, size_t count, struct profile *out)
{
    out->count = count;
    for (size_t i = 0; i < count; i++, in += VALUE_BYTES) {
        struct profile_value *value = &out->values[i];

        value->dimension = (enum dimension)(unsigned char)in[0];
        memcpy(&value->id, in + 1, sizeof(value->id));
        if (value->dimension >= DIMENSION_COUNT_)
            return false;
    }
    return true;
}

bool visitor_decode(struct slice value, struct visitor *out)
{
    struct visitor visitor = {.seen_unix_s = 0};
    struct head head;
    const char *in = value.ptr;

    if (value.len < sizeof(head))
        return false;
    memcpy(&head, in, sizeof(head));
    if (!is_sound(&head, value.len))
        return false;
    visitor.seen_unix_s = head.seen_unix_s;
    visitor.minute = head.minute;
    visitor.hour = head.hour;
    visitor.day = head.day;
    visitor.entry = head.entry;
    visitor.exit = head.exit;
    visitor.is_bounce = head.is_bounce != 0;
    visitor.page_count = head.page_count;
    visitor.visit_first = head.visit_first;
    memcpy(visitor.pages, in + sizeof(head), head.page_count * sizeof(visitor.pages[0]));
    if (!decode_profile(in + sizeof(head) + head.page_count * sizeof(visitor.pages[0]),
                        head.value_count, &visitor.profile))
        return false;
    *out = visitor;
    return true;
}
