#include "store/sqlite_number.h"

#include <stddef.h>

#include "store/sqlite_bind.h"

/* ---- looking up ----------------------------------------------------------------------------- */

/* The numbers that a bound statement gives in the first columns of its row; without a row they are
 * left alone. @param second  may be NULL */
static int read_numbers(sqlite3_stmt *get, int64_t *first, int64_t *second)
{
    int rc = sqlite3_step(get);

    if (rc == SQLITE_ROW) {
        *first = sqlite3_column_int64(get, 0);
        if (second)
            *second = sqlite3_column_int64(get, 1);
    }
    (void)sqlite3_reset(get);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int sqlite_site_find(struct sqlite_db *db, struct sqlite_site *site)
{
    sqlite3_stmt *get = db->statements[STATEMENT_SITE_GET];

    site->number = SQLITE_NO_NUMBER;
    sqlite_bind_text(get, 1, site->id);
    return read_numbers(get, &site->number, NULL);
}

static void bind_list(sqlite3_stmt *statement, const struct sqlite_list *list)
{
    sqlite_bind_number(statement, 1, list->site->number);
    sqlite_bind_number(statement, 2, list->bucket);
    sqlite_bind_number(statement, 3, (int64_t)list->dimension);
    sqlite_bind_number(statement, 4, (int64_t)list->scope);
}

/* What a site without a number would have cannot be there. */
int sqlite_list_find(struct sqlite_db *db, struct sqlite_list *list)
{
    sqlite3_stmt *get = db->statements[STATEMENT_LIST_GET];

    list->number = SQLITE_NO_NUMBER;
    list->rows = 0;
    if (list->site->number == SQLITE_NO_NUMBER)
        return SQLITE_OK;
    bind_list(get, list);
    return read_numbers(get, &list->number, &list->rows);
}

int sqlite_value_find(struct sqlite_db *db, struct sqlite_value *value)
{
    sqlite3_stmt *find = db->statements[STATEMENT_NAME_FIND];

    value->number = SQLITE_NO_NUMBER;
    if (value->site->number == SQLITE_NO_NUMBER)
        return SQLITE_OK;
    sqlite_bind_number(find, 1, value->site->number);
    sqlite_bind_number(find, 2, (int64_t)value->id);
    return read_numbers(find, &value->number, NULL);
}

/* ---- the memo ------------------------------------------------------------------------------- */

void sqlite_numbers_init(struct sqlite_numbers *numbers, struct sqlite_db *db, struct arena *arena)
{
    *numbers = (struct sqlite_numbers){.db = db, .arena = arena};
    hashmap_init(&numbers->sites);
    hashmap_init(&numbers->lists);
    hashmap_init(&numbers->values);
}

void sqlite_numbers_fini(struct sqlite_numbers *numbers)
{
    hashmap_fini(&numbers->sites);
    hashmap_fini(&numbers->lists);
    hashmap_fini(&numbers->values);
}

/* The keys of the maps are the first members of the entries; there is no padding in between. */
static struct slice list_key(const struct sqlite_list *list)
{
    return slice_of(list, offsetof(struct sqlite_list, scope) + sizeof(list->scope));
}

static struct slice value_key(const struct sqlite_value *value)
{
    return slice_of(value, offsetof(struct sqlite_value, id) + sizeof(value->id));
}

/* A copy of an entry in the memo; NULL without memory. */
static void *remember_list(struct sqlite_numbers *numbers, const struct sqlite_list *list)
{
    struct sqlite_list *made = arena_alloc(numbers->arena, sizeof(*made));
    void **place;

    if (!made)
        return NULL;
    *made = *list;
    place = hashmap_put(&numbers->lists, list_key(made));
    if (place)
        *place = made;
    return place ? made : NULL;
}

static void *remember_value(struct sqlite_numbers *numbers, const struct sqlite_value *value)
{
    struct sqlite_value *made = arena_alloc(numbers->arena, sizeof(*made));
    void **place;

    if (!made)
        return NULL;
    *made = *value;
    place = hashmap_put(&numbers->values, value_key(made));
    if (place)
        *place = made;
    return place ? made : NULL;
}

static int find_new_site(struct sqlite_numbers *numbers, struct slice id, struct sqlite_site **out)
{
    struct sqlite_site *made = arena_alloc(numbers->arena, sizeof(*made));
    void **place = made ? hashmap_put(&numbers->sites, id) : NULL;

    if (!place)
        return SQLITE_NOMEM;
    made->id = id;
    *place = made;
    *out = made;
    return sqlite_site_find(numbers->db, made);
}

static int find_site(struct sqlite_numbers *numbers, struct slice id, struct sqlite_site **out)
{
    int rc = SQLITE_OK;

    *out = numbers->last_site;
    if (*out && slice_eq((*out)->id, id))
        return SQLITE_OK;
    *out = hashmap_get(&numbers->sites, id);
    if (!*out)
        rc = find_new_site(numbers, id, out);
    numbers->last_site = *out;
    return rc;
}

int sqlite_numbers_list(struct sqlite_numbers *numbers, const struct rollup *rollup,
                        struct sqlite_list **out)
{
    struct sqlite_list list = {
        .bucket = rollup->bucket,
        .dimension = rollup->dimension,
        .scope = rollup->page == VALUE_NONE ? ROLLUP_OF_SITE : ROLLUP_WITHIN_PAGES,
    };
    int rc = find_site(numbers, rollup->site, &list.site);

    if (rc != SQLITE_OK)
        return rc;
    *out = hashmap_get(&numbers->lists, list_key(&list));
    if (*out)
        return SQLITE_OK;
    rc = sqlite_list_find(numbers->db, &list);
    if (rc != SQLITE_OK)
        return rc;
    *out = remember_list(numbers, &list);
    return *out ? SQLITE_OK : SQLITE_NOMEM;
}

int sqlite_numbers_value(struct sqlite_numbers *numbers, struct sqlite_site *site, uint64_t id,
                         struct sqlite_value **out)
{
    struct sqlite_value value = {.site = site, .id = id};
    int rc;

    *out = hashmap_get(&numbers->values, value_key(&value));
    if (*out)
        return SQLITE_OK;
    rc = sqlite_value_find(numbers->db, &value);
    if (rc != SQLITE_OK)
        return rc;
    *out = remember_value(numbers, &value);
    return *out ? SQLITE_OK : SQLITE_NOMEM;
}

/* ---- what is new ---------------------------------------------------------------------------- */

/* Runs a bound INSERT; the number is that of the new row. */
static int insert(struct sqlite_db *db, sqlite3_stmt *add, int64_t *number)
{
    int rc = sqlite_db_run(add);

    if (rc == SQLITE_OK)
        *number = sqlite3_last_insert_rowid(db->handle);
    return rc;
}

static int make_site(struct sqlite_numbers *numbers, struct sqlite_site *site)
{
    sqlite3_stmt *add = numbers->db->statements[STATEMENT_SITE_ADD];

    if (site->number != SQLITE_NO_NUMBER)
        return SQLITE_OK;
    sqlite_bind_text(add, 1, site->id);
    return insert(numbers->db, add, &site->number);
}

int sqlite_numbers_make_list(struct sqlite_numbers *numbers, struct sqlite_list *list)
{
    sqlite3_stmt *add = numbers->db->statements[STATEMENT_LIST_ADD];
    int rc;

    if (list->number != SQLITE_NO_NUMBER)
        return SQLITE_OK;
    rc = make_site(numbers, list->site);
    if (rc != SQLITE_OK)
        return rc;
    bind_list(add, list);
    return insert(numbers->db, add, &list->number);
}

static int add_name(struct sqlite_numbers *numbers, struct sqlite_value *value, struct slice text,
                    struct slice title)
{
    sqlite3_stmt *add = numbers->db->statements[STATEMENT_NAME_ADD];
    int rc = make_site(numbers, value->site);

    if (rc != SQLITE_OK)
        return rc;
    sqlite_bind_number(add, 1, value->site->number);
    sqlite_bind_number(add, 2, (int64_t)value->id);
    if (text.len > 0)
        sqlite_bind_text(add, 3, text);
    else
        sqlite_bind_null(add, 3);
    sqlite_bind_text(add, 4, title);
    return insert(numbers->db, add, &value->number);
}

int sqlite_numbers_make_value(struct sqlite_numbers *numbers, struct sqlite_value *value)
{
    if (value->number != SQLITE_NO_NUMBER)
        return SQLITE_OK;
    return add_name(numbers, value, SLICE(""), SLICE(""));
}

int sqlite_numbers_name_value(struct sqlite_numbers *numbers, struct sqlite_value *value,
                              struct slice text, struct slice title)
{
    sqlite3_stmt *set = numbers->db->statements[STATEMENT_NAME_SET];

    if (value->number == SQLITE_NO_NUMBER)
        return add_name(numbers, value, text, title);
    sqlite_bind_number(set, 1, value->number);
    sqlite_bind_text(set, 2, text);
    sqlite_bind_text(set, 3, title);
    return sqlite_db_run(set);
}

int sqlite_numbers_save_list(struct sqlite_numbers *numbers, const struct sqlite_list *list)
{
    sqlite3_stmt *set = numbers->db->statements[STATEMENT_LIST_SET];

    if (!list->is_grown)
        return SQLITE_OK;
    sqlite_bind_number(set, 1, list->number);
    sqlite_bind_number(set, 2, list->rows);
    return sqlite_db_run(set);
}
