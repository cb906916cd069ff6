/* Most additions of a commit are to rows that are there. These are moved first, in the order of
 * their keys, so that rows that lie together are changed together. What is left is new: it is added
 * in the order of the commit, since the lists fill up in that order. */
#include "store/sqlite_rollup.h"

#include <stdlib.h>

#include "store/sqlite_bind.h"
#include "store/sqlite_metrics.h"
#include "store/sqlite_number.h"

/* An addition, and what the database calls its row. */
struct change {
    const struct rollup_addition *addition;
    struct sqlite_list *list;
    struct sqlite_value *page; /* NULL: of the whole site */
    struct sqlite_value *value;
    bool is_moved;
};

/* The key of a row that may be there. */
struct place {
    int64_t list;
    int64_t page;
    int64_t value;
    struct change *change;
};

struct application {
    struct sqlite_db *db;
    struct sqlite_numbers numbers;
    struct change *changes; /* in the order of the commit */
    struct place *places;   /* sorted */
    size_t count;
    size_t place_count;
};

/* ---- what is there is moved ----------------------------------------------------------------- */

static int64_t page_number(const struct sqlite_value *page)
{
    return page ? page->number : SQLITE_NO_PAGE;
}

/* A row is not there when its list, its page or its value is not. */
static void add_place(struct application *a, struct change *change)
{
    if (change->list->number == SQLITE_NO_NUMBER || change->value->number == SQLITE_NO_NUMBER ||
        (change->page && change->page->number == SQLITE_NO_NUMBER))
        return;
    a->places[a->place_count++] = (struct place){
        .list = change->list->number,
        .page = page_number(change->page),
        .value = change->value->number,
        .change = change,
    };
}

/* @param page  NULL for VALUE_NONE */
static int find_values(struct application *a, struct sqlite_site *site, const struct rollup *rollup,
                       struct sqlite_value **page, struct sqlite_value **value)
{
    int rc = SQLITE_OK;

    *page = NULL;
    if (rollup->page != VALUE_NONE)
        rc = sqlite_numbers_value(&a->numbers, site, rollup->page, page);
    return rc == SQLITE_OK ? sqlite_numbers_value(&a->numbers, site, rollup->value, value) : rc;
}

static int find_places(struct application *a, const struct commit *commit)
{
    int rc = SQLITE_OK;

    for (size_t i = 0; rc == SQLITE_OK && i < a->count; i++) {
        struct change *change = &a->changes[i];
        const struct rollup *rollup = &commit->rollups[i].rollup;

        *change = (struct change){.addition = &commit->rollups[i]};
        rc = sqlite_numbers_list(&a->numbers, rollup, &change->list);
        if (rc == SQLITE_OK)
            rc = find_values(a, change->list->site, rollup, &change->page, &change->value);
        if (rc == SQLITE_OK)
            add_place(a, change);
    }
    return rc;
}

static int compare_places(const void *one, const void *two)
{
    const struct place *a = one;
    const struct place *b = two;

    if (a->list != b->list)
        return a->list < b->list ? -1 : 1;
    if (a->page != b->page)
        return a->page < b->page ? -1 : 1;
    return a->value < b->value ? -1 : a->value > b->value;
}

/* Adds `delta` to a row, if it is there: `db->moved`. */
static int move(struct sqlite_db *db, const struct place *place, const struct metrics *delta)
{
    sqlite3_stmt *change = db->statements[STATEMENT_ROLLUP_MOVE];

    db->moved = false;
    db->delta = delta;
    sqlite_bind_number(change, 1, place->list);
    sqlite_bind_number(change, 2, place->page);
    sqlite_bind_number(change, 3, place->value);
    return sqlite_db_run(change);
}

static int move_all(struct application *a)
{
    int rc = SQLITE_OK;

    qsort(a->places, a->place_count, sizeof(*a->places), compare_places);
    for (size_t i = 0; rc == SQLITE_OK && i < a->place_count; i++) {
        struct place *place = &a->places[i];

        rc = move(a->db, place, &place->change->addition->delta);
        place->change->is_moved = a->db->moved;
    }
    return rc;
}

/* ---- what is not there is added ------------------------------------------------------------- */

static int insert(struct sqlite_db *db, const struct place *place, const struct metrics *metrics)
{
    sqlite3_stmt *add = db->statements[STATEMENT_ROLLUP_ADD];
    char packed[SQLITE_METRICS_MAX];

    sqlite_bind_number(add, 1, place->list);
    sqlite_bind_number(add, 2, place->page);
    sqlite_bind_number(add, 3, place->value);
    sqlite_bind_blob(add, 4, sqlite_metrics_pack(metrics, packed));
    return sqlite_db_run(add);
}

/* Makes the row with what is added to it. */
static int make_row(struct application *a, const struct change *change)
{
    struct place place = {.list = change->list->number};
    int rc = sqlite_numbers_make_value(&a->numbers, change->value);

    if (rc == SQLITE_OK && change->page)
        rc = sqlite_numbers_make_value(&a->numbers, change->page);
    if (rc != SQLITE_OK)
        return rc;
    place.page = page_number(change->page);
    place.value = change->value->number;
    change->list->rows++;
    change->list->is_grown = true;
    return insert(a->db, &place, &change->addition->delta);
}

/* Adds to the row of VALUE_OTHER, or leaves the place of that row in `change`. */
static int move_other(struct application *a, struct change *change)
{
    struct rollup other = rollup_other(&change->addition->rollup);
    struct place place = {.list = change->list->number};
    int rc = find_values(a, change->list->site, &other, &change->page, &change->value);

    if (rc != SQLITE_OK)
        return rc;
    place.page = page_number(change->page);
    place.value = change->value->number;
    return move(a->db, &place, &change->addition->delta);
}

/* To the row of what is kept out. When the list is full this is the way of most additions that a
 * busy batch has for it, so all but the first are added up, and go there together. */
static int add_to_other(struct application *a, struct change *change)
{
    struct sqlite_list *list = change->list;
    int rc;

    if (list->has_other)
        return metrics_add_checked(&list->kept_out, &change->addition->delta)
                   ? SQLITE_OK
                   : SQLITE_CONSTRAINT_FUNCTION;
    list->has_other = true;
    rc = move_other(a, change);
    return rc != SQLITE_OK || a->db->moved ? rc : make_row(a, change);
}

static bool is_full(const struct change *change)
{
    uint32_t cap = change->addition->cap;

    return cap > 0 && change->list->rows >= cap;
}

/* Somebody may add to the row of VALUE_OTHER without having been sent there. */
static bool is_other(const struct rollup *rollup)
{
    struct rollup other = rollup_other(rollup);

    return rollup->value == other.value && rollup->page == other.page;
}

static int add(struct application *a, struct change *change)
{
    const struct rollup_addition *addition = change->addition;
    int rc = sqlite_numbers_make_list(&a->numbers, change->list);

    if (rc != SQLITE_OK)
        return rc;
    if (is_full(change))
        return add_to_other(a, change);
    if (addition->text.len > 0)
        rc = sqlite_numbers_name_value(&a->numbers, change->value, addition->text, addition->title);
    if (rc != SQLITE_OK)
        return rc;
    return is_other(&addition->rollup) ? add_to_other(a, change) : make_row(a, change);
}

static int add_all(struct application *a)
{
    int rc = SQLITE_OK;

    for (size_t i = 0; rc == SQLITE_OK && i < a->count; i++) {
        if (!a->changes[i].is_moved)
            rc = add(a, &a->changes[i]);
    }
    return rc;
}

/* ---- lists ---------------------------------------------------------------------------------- */

static int add_kept_out(struct application *a, struct sqlite_list *list)
{
    const struct rollup_addition addition = {
        .rollup = {.page = list->scope == ROLLUP_OF_SITE ? VALUE_NONE : VALUE_OTHER},
        .delta = list->kept_out,
    };
    struct change change = {.addition = &addition, .list = list};

    return metrics_are_zero(&list->kept_out) ? SQLITE_OK : move_other(a, &change);
}

static int finish_lists(struct application *a)
{
    struct hashmap_entry *entry;
    int rc = SQLITE_OK;

    for (size_t i = 0; rc == SQLITE_OK && (entry = hashmap_next(&a->numbers.lists, &i));) {
        rc = add_kept_out(a, entry->value);
        if (rc == SQLITE_OK)
            rc = sqlite_numbers_save_list(&a->numbers, entry->value);
    }
    return rc;
}

/* ---- all of them ---------------------------------------------------------------------------- */

int sqlite_rollups_apply(struct sqlite_db *db, const struct commit *commit, struct arena *arena)
{
    struct application a = {.db = db, .count = commit->rollup_count};
    int rc;

    if (commit->rollup_count == 0)
        return SQLITE_OK;
    a.changes = arena_alloc(arena, a.count * sizeof(*a.changes));
    a.places = arena_alloc(arena, a.count * sizeof(*a.places));
    if (!a.changes || !a.places)
        return SQLITE_NOMEM;
    sqlite_numbers_init(&a.numbers, db, arena);
    rc = find_places(&a, commit);
    if (rc == SQLITE_OK)
        rc = move_all(&a);
    if (rc == SQLITE_OK)
        rc = add_all(&a);
    if (rc == SQLITE_OK)
        rc = finish_lists(&a);
    sqlite_numbers_fini(&a.numbers);
    return rc;
}
