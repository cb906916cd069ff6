/* Counting one hit after the other, and what cells come to. */
#include <math.h>

#include "count/bucket.h"
#include "count/ledger_part.h"

/* A month meets more values than any of its days. */
#define MONTH_CAP_FACTOR 4

/* Pairs of page and value, by value_cap. */
#define PAIR_CAP_FACTOR 10

/* Values of events are summed in thousandths, in the place of the seconds. */
#define VALUE_UNITS 1000.0
#define VALUE_MAX   9e15

/* ---- events and bots ------------------------------------------------------------------------ */

static bool dup_properties(struct arena *arena, struct event *event)
{
    struct event_property *copy = arena_alloc(arena, (event->property_count + 1) * sizeof(*copy));

    for (size_t i = 0; copy && i < event->property_count; i++) {
        copy[i].name = arena_dup(arena, event->properties[i].name);
        copy[i].value = arena_dup(arena, event->properties[i].value);
        if (!copy[i].name.ptr || !copy[i].value.ptr)
            return false;
    }
    event->properties = copy;
    return copy != NULL;
}

struct ledger_extra *ledger_extra_create(struct arena *arena, const struct hit_facts *facts)
{
    struct ledger_extra *extra = arena_alloc(arena, sizeof(*extra));

    if (!extra)
        return NULL;
    *extra = (struct ledger_extra){.bot = SLICE(""), .event = facts->event};
    if (facts->bot.len > 0) {
        extra->bot = arena_dup(arena, facts->bot);
        return extra->bot.ptr ? extra : NULL;
    }
    extra->event_id = value_id(facts->event.name);
    extra->event.name = arena_dup(arena, facts->event.name);
    return extra->event.name.ptr && dup_properties(arena, &extra->event) ? extra : NULL;
}

static int64_t value_units(const struct event *event)
{
    double units = event->has_value ? event->value * VALUE_UNITS : 0;

    if (units > VALUE_MAX)
        units = VALUE_MAX;
    if (units < -VALUE_MAX)
        units = -VALUE_MAX;
    return llround(units);
}

/* ---- rollups -------------------------------------------------------------------------------- */

/* The rows of one value, or of one page and value, in a day and its month. */
struct rows {
    const struct ledger_site *site;
    int32_t day;
    enum dimension dimension;
    uint64_t page;
    uint64_t value;
    uint32_t cap;
    struct slice text;
    struct slice title;
};

static enum err add_row(struct ledger *ledger, const struct rows *rows, int32_t bucket,
                        uint32_t cap, const struct metrics *delta)
{
    const struct rollup rollup = {.site = rows->site->id,
                                  .bucket = bucket,
                                  .dimension = rows->dimension,
                                  .page = rows->page,
                                  .value = rows->value};
    struct rollup_addition *addition = rollup_fold_get(&ledger->fold, &rollup);

    if (!addition)
        return ERR_NO_MEMORY;
    metrics_add(&addition->delta, delta);
    addition->cap = cap;
    if (rows->text.len > 0)
        addition->text = rows->text;
    if (rows->title.len > 0)
        addition->title = rows->title;
    return ERR_OK;
}

static enum err add_rows(struct ledger *ledger, const struct rows *rows,
                         const struct metrics *delta)
{
    enum err err = add_row(ledger, rows, rows->day, rows->cap, delta);

    if (err != ERR_OK)
        return err;
    return add_row(ledger, rows, bucket_month_of_day(rows->day), MONTH_CAP_FACTOR * rows->cap,
                   delta);
}

/* Entry, exit, live: rows that need no text, since the page's own rows bring it. */
static enum err add_visit_row(struct ledger *ledger, const struct ledger_site *site, int32_t day,
                              enum dimension dimension, uint64_t page, int64_t visits)
{
    const struct rows rows = {.site = site,
                              .day = day,
                              .dimension = dimension,
                              .value = page,
                              .cap = site->page_cap,
                              .text = SLICE(""),
                              .title = SLICE("")};

    return add_rows(ledger, &rows, &(struct metrics){.visits = visits});
}

static enum err add_live(struct ledger *ledger, const struct ledger_site *site, int32_t minute,
                         int64_t visitors)
{
    const struct rows rows = {
        .site = site, .dimension = DIMENSION_TOTAL, .text = SLICE(""), .title = SLICE("")};

    if (minute == 0)
        return ERR_OK;
    return add_row(ledger, &rows, minute, 0, &(struct metrics){.visitors = visitors});
}

static enum err count_properties(struct ledger *ledger, const struct ledger_cell *cell,
                                 const struct event *event)
{
    enum err err = ERR_OK;

    for (size_t i = 0; i < event->property_count && err == ERR_OK; i++) {
        struct rows rows = {.site = cell->site,
                            .day = cell->day,
                            .dimension = DIMENSION_PROPERTY,
                            .cap = cell->site->value_cap,
                            .text = event_property_text(&event->properties[i], ledger->arena),
                            .title = SLICE("")};

        if (!rows.text.ptr)
            return ERR_NO_MEMORY;
        rows.value = value_id(rows.text);
        err = add_rows(ledger, &rows, &(struct metrics){.views = 1});
    }
    return err;
}

static enum err count_event(struct ledger *ledger, const struct ledger_cell *cell,
                            const struct ledger_extra *extra, struct metrics metrics)
{
    struct rows rows = {.site = cell->site,
                        .day = cell->day,
                        .dimension = DIMENSION_EVENT,
                        .value = extra->event_id,
                        .cap = cell->site->value_cap,
                        .text = extra->event.name,
                        .title = SLICE("")};
    enum err err;

    metrics.seconds = value_units(&extra->event);
    err = add_rows(ledger, &rows, &metrics);
    if (err == ERR_OK && cell->page != VALUE_NONE) {
        rows.page = cell->page;
        rows.cap = PAIR_CAP_FACTOR * cell->site->value_cap;
        rows.text = SLICE("");
        err = add_rows(ledger, &rows, &metrics);
    }
    return err == ERR_OK ? count_properties(ledger, cell, &extra->event) : err;
}

static enum err count_bot(struct ledger *ledger, const struct ledger_cell *cell,
                          struct slice reason)
{
    const struct rows rows = {.site = cell->site,
                              .day = cell->day,
                              .dimension = DIMENSION_BOT,
                              .value = value_id(reason),
                              .cap = cell->site->value_cap,
                              .text = reason,
                              .title = SLICE("")};

    return add_rows(ledger, &rows, &(struct metrics){.views = 1});
}

/* ---- one hit -------------------------------------------------------------------------------- */

/* A view, or an event, of somebody who is not recognised. */
static enum err count_unrecognised(struct ledger *ledger, const struct ledger_hit *hit)
{
    if (hit->extra)
        return count_event(ledger, hit->cell, hit->extra, (struct metrics){.views = 1});
    hit->cell->of_site.views++;
    hit->cell->of_page.views++;
    return ERR_OK;
}

/* What concerns the whole visit goes where it began. */
static enum err count_visit(struct ledger *ledger, const struct ledger_cell *hit,
                            const struct visitor *visitor, const struct visit_change *change)
{
    struct ledger_cell *cell;

    if (change->seconds > 0) {
        cell = ledger_visit_cell(ledger, hit, visitor, change->seconds_page);
        if (!cell)
            return ERR_NO_MEMORY;
        cell->of_site.seconds += change->seconds;
        cell->of_page.seconds += change->seconds;
    }
    if (change->bounces != 0) {
        cell = ledger_visit_cell(ledger, hit, visitor, visitor->entry);
        if (!cell)
            return ERR_NO_MEMORY;
        cell->of_site.bounces += change->bounces;
        cell->of_page.bounces += change->bounces;
    }
    return ERR_OK;
}

static enum err count_moves(struct ledger *ledger, const struct ledger_site *site, int32_t day,
                            const struct visit_change *change)
{
    enum err err = ERR_OK;

    if (change->entry != VALUE_NONE)
        err = add_visit_row(ledger, site, day, DIMENSION_ENTRY, change->entry, 1);
    if (err == ERR_OK && change->exit_to != VALUE_NONE)
        err = add_visit_row(ledger, site, day, DIMENSION_EXIT, change->exit_to, 1);
    if (err == ERR_OK && change->exit_from != VALUE_NONE)
        err = add_visit_row(ledger, site, day, DIMENSION_EXIT, change->exit_from, -1);
    if (err == ERR_OK)
        err = add_live(ledger, site, change->live_to, 1);
    return err == ERR_OK ? add_live(ledger, site, change->live_from, -1) : err;
}

/* The first hit of a day: a visit that began before midnight moves into the record of the new day.
 * The old record is removed in the same commit, even if there was none: so that this commit is in
 * conflict with one that changes it, and two processes cannot both go on from there. */
static void carry_over(struct ledger_visitor *visitor, int64_t unix_s)
{
    struct ledger_visitor *before = visitor->before;

    if (!before)
        return;
    if ((before->is_known || before->is_written) && visit_goes_on(&before->now, unix_s))
        visitor->now = before->now;
    memset(&before->now, 0, sizeof(before->now));
    before->is_known = false;
    before->is_written = false;
    before->is_removed = true;
}

static enum err count_recognised(struct ledger *ledger, const struct ledger_hit *hit)
{
    struct ledger_visitor *visitor = hit->visitor;
    bool is_known = visitor->is_known || visitor->is_written;
    const struct visit_hit what = {
        .moment = &hit->moment,
        .unix_s = hit->unix_s,
        .page = hit->cell->page,
        .event = hit->extra ? hit->extra->event_id : VALUE_NONE,
        .profile = &hit->cell->profile->values,
    };
    struct visit_change change;
    struct metrics subject;
    struct ledger_cell *cell;
    enum err err;

    if (!is_known)
        carry_over(visitor, hit->unix_s);
    change = visit_apply(&visitor->now, is_known, &what);
    visitor->is_written = visitor->is_written || change.is_written;
    cell = ledger_hit_cell(ledger, hit->cell, &visitor->now);
    if (!cell)
        return ERR_NO_MEMORY;
    cell->of_site.visits += change.is_visit ? 1 : 0;
    cell->of_site.visitors += change.is_visitor ? 1 : 0;
    subject = (struct metrics){.views = 1,
                               .visits = change.is_page_visit ? 1 : 0,
                               .visitors = change.is_page_visitor ? 1 : 0};
    err = count_visit(ledger, cell, &visitor->now, &change);
    if (err == ERR_OK)
        err = count_moves(ledger, cell->site, visitor->now.day, &change);
    if (err == ERR_OK && hit->extra)
        return count_event(ledger, cell, hit->extra, subject);
    cell->of_site.views++;
    metrics_add(&cell->of_page, &subject);
    return err;
}

enum err ledger_count(struct ledger *ledger, const struct ledger_hit *hit)
{
    if (!hit->cell)
        return ERR_OK;
    if (hit->extra && hit->extra->bot.len > 0)
        return count_bot(ledger, hit->cell, hit->extra->bot);
    return hit->visitor ? count_recognised(ledger, hit) : count_unrecognised(ledger, hit);
}

/* ---- cells ---------------------------------------------------------------------------------- */

/* Versions and sizes are only looked at for the whole site: they would double the rows. */
static bool is_within_pages(enum dimension dimension)
{
    return dimension != DIMENSION_BROWSER_VERSION && dimension != DIMENSION_SYSTEM_VERSION &&
           dimension != DIMENSION_SIZE;
}

static enum err spread_values(struct ledger *ledger, const struct ledger_cell *cell,
                              struct rows *rows, const struct metrics *delta)
{
    const struct ledger_profile *profile = cell->profile;
    enum err err = ERR_OK;

    for (size_t i = 0; i < profile->values.count && err == ERR_OK; i++) {
        rows->dimension = profile->values.values[i].dimension;
        rows->value = profile->values.values[i].id;
        rows->text = rows->page == VALUE_NONE ? profile->texts[i] : SLICE("");
        if (rows->page == VALUE_NONE || is_within_pages(rows->dimension))
            err = add_rows(ledger, rows, delta);
    }
    return err;
}

static enum err spread_site(struct ledger *ledger, const struct ledger_cell *cell)
{
    struct rows rows = {.site = cell->site,
                        .day = cell->day,
                        .dimension = DIMENSION_TOTAL,
                        .text = SLICE(""),
                        .title = SLICE("")};
    enum err err = add_row(ledger, &rows, cell->hour, 0, &cell->of_site);

    if (err == ERR_OK)
        err = add_rows(ledger, &rows, &cell->of_site);
    rows.cap = cell->site->value_cap;
    return err == ERR_OK ? spread_values(ledger, cell, &rows, &cell->of_site) : err;
}

static enum err spread_page(struct ledger *ledger, const struct ledger_cell *cell)
{
    struct rows rows = {.site = cell->site,
                        .day = cell->day,
                        .dimension = DIMENSION_PAGE,
                        .value = cell->page,
                        .cap = cell->site->page_cap,
                        .text = cell->path,
                        .title = cell->title};
    enum err err = add_row(ledger, &rows, cell->hour, rows.cap, &cell->of_page);

    if (err == ERR_OK)
        err = add_rows(ledger, &rows, &cell->of_page);
    rows.page = cell->page;
    rows.cap = PAIR_CAP_FACTOR * cell->site->value_cap;
    rows.title = SLICE("");
    return err == ERR_OK ? spread_values(ledger, cell, &rows, &cell->of_page) : err;
}

enum err ledger_spread(struct ledger *ledger)
{
    enum err err = ERR_OK;

    for (const struct ledger_cell *cell = ledger->first_cell; cell && err == ERR_OK;
         cell = cell->next) {
        if (!metrics_are_zero(&cell->of_site))
            err = spread_site(ledger, cell);
        if (err == ERR_OK && cell->page != VALUE_NONE && !metrics_are_zero(&cell->of_page))
            err = spread_page(ledger, cell);
    }
    return err;
}
