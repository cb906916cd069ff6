/* Lists: the values of a dimension, the largest first.
 *
 *     rollups -> the largest of them -> a search: their names, chunk by chunk -> those of the list
 *             -> their names -> rows -> the same rows of the range before
 *
 * Without a search only the names of the list are read, whatever number of values there is. */
#include "base/ascii.h"
#include "count/statistics_part.h"

/* ---- the end -------------------------------------------------------------------------------- */

static void subtract(struct metrics *sum, const struct metrics *less)
{
    sum->views -= less->views;
    sum->visits -= less->visits;
    sum->visitors -= less->visitors;
    sum->bounces -= less->bounces;
    sum->seconds -= less->seconds;
}

/* Those that have no name become one row, in the place of the first of them. */
static size_t fold_unnamed(struct statistics_row *rows, size_t count)
{
    struct statistics_row *unnamed = NULL;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        bool is_named = rows[i].value.ptr != NULL;

        if (!is_named && unnamed) {
            metrics_add(&unnamed->metrics, &rows[i].metrics);
            metrics_add(&unnamed->previous, &rows[i].previous);
            continue;
        }
        rows[kept] = rows[i];
        if (!is_named) {
            unnamed = &rows[kept];
            unnamed->value = SLICE(VALUE_OTHER_TEXT);
        }
        kept++;
    }
    return kept;
}

static void finish(struct statistics_query *query, struct statistics_row *rows, size_t count)
{
    struct statistics_top *top = &query->answer.top;

    top->rows = rows;
    top->row_count = fold_unnamed(rows, count);
    top->other = top->total;
    for (size_t i = 0; i < top->row_count; i++)
        subtract(&top->other, &rows[i].metrics);
    statistics_finish(query, ERR_OK);
}

/* ---- the list ------------------------------------------------------------------------------- */

/* Which of the ranking are in the list. */
static size_t list_begin(const struct statistics_query *query)
{
    return query->question.offset < query->found ? query->question.offset : query->found;
}

static size_t list_count(const struct statistics_query *query)
{
    size_t left = query->found - list_begin(query);

    return left < query->question.limit ? left : query->question.limit;
}

static const struct rollup_sum *find_sum(const struct rollup_sum *sums, size_t count, uint64_t id)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (sums[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && sums[low].id == id ? &sums[low] : NULL;
}

static void on_previous(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct statistics_query *query = ctx;
    const struct rollup_sum *list = query->ranking.rows + list_begin(query);
    struct statistics_row *rows = query->rows;

    query->op = NULL;
    if (err != ERR_OK) {
        statistics_finish(query, err);
        return;
    }
    for (size_t i = 0; i < list_count(query); i++) {
        const struct rollup_sum *sum = find_sum(sums, count, list[i].id);

        if (sum)
            rows[i].previous = sum->metrics;
    }
    finish(query, rows, list_count(query));
}

static void read_values(struct statistics_query *query, struct date_range range,
                        store_rollups_fn *done)
{
    int32_t buckets[DATE_RANGE_MAX_BUCKETS];
    struct rollup_query rollups = statistics_rollups(&query->question);

    rollups.buckets = buckets;
    rollups.bucket_count = date_range_cover(range, buckets);
    statistics_read_rollups(query, &rollups, done);
}

static enum err make_rows(struct statistics_query *query, const struct name *names, size_t count)
{
    const struct rollup_sum *list = query->ranking.rows + list_begin(query);
    struct statistics_row *rows = arena_alloc(&query->arena, (count + 1) * sizeof(*rows));

    if (!rows)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct statistics_row){.value = {NULL, 0}, .metrics = list[i].metrics};
        if (!names[i].text.ptr)
            continue;
        rows[i].value = arena_dup(&query->arena, names[i].text);
        rows[i].title = arena_dup(&query->arena, names[i].title);
        if (!rows[i].value.ptr || !rows[i].title.ptr)
            return ERR_NO_MEMORY;
    }
    query->rows = rows;
    return ERR_OK;
}

static void on_names(void *ctx, enum err err, const struct name *names, size_t count)
{
    struct statistics_query *query = ctx;

    query->op = NULL;
    if (err == ERR_OK)
        err = make_rows(query, names, count);
    if (err != ERR_OK)
        statistics_finish(query, err);
    else if (query->answer.has_previous)
        read_values(query, query->answer.previous, on_previous);
    else
        finish(query, query->rows, count);
}

static void read_list(struct statistics_query *query)
{
    uint64_t ids[STATISTICS_MAX_LIMIT];
    size_t first = list_begin(query);
    size_t count = list_count(query);

    for (size_t i = 0; i < count; i++)
        ids[i] = query->ranking.rows[first + i].id;
    if (count > 0)
        statistics_read_names(query, ids, count, on_names);
    else
        finish(query, NULL, 0);
}

/* ---- searching ------------------------------------------------------------------------------ */

static struct slice lower(struct slice text, char *out, size_t size)
{
    size_t len = text.len < size ? text.len : size;

    for (size_t i = 0; i < len; i++)
        out[i] = ascii_lower(text.ptr[i]);
    return slice_of(out, len);
}

static bool has_text(struct slice text, struct slice lower_needle)
{
    char storage[NAME_MAX_TEXT];
    struct slice lower_text = lower(text, storage, sizeof(storage));

    return memmem(lower_text.ptr, lower_text.len, lower_needle.ptr, lower_needle.len) != NULL;
}

static bool is_found(const struct name *name, struct slice needle)
{
    return name->text.ptr && (has_text(name->text, needle) || has_text(name->title, needle));
}

static void search_on(struct statistics_query *query);

static void on_searched(void *ctx, enum err err, const struct name *names, size_t count)
{
    struct statistics_query *query = ctx;
    struct statistics_top *top = &query->answer.top;
    char storage[STATISTICS_MAX_SEARCH];
    struct slice needle = lower(query->question.search, storage, sizeof(storage));

    query->op = NULL;
    if (err != ERR_OK) {
        statistics_finish(query, err);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct rollup_sum *row = &query->ranking.rows[query->searched++];

        if (!is_found(&names[i], needle))
            continue;
        metrics_add(&top->total, &row->metrics);
        top->count++;
        query->ranking.rows[query->found++] = *row;
    }
    search_on(query);
}

static void search_on(struct statistics_query *query)
{
    size_t count = query->ranking.count - query->searched;
    uint64_t ids[STORE_MAX_READ];

    if (count > STORE_MAX_READ)
        count = STORE_MAX_READ;
    for (size_t i = 0; i < count; i++)
        ids[i] = query->ranking.rows[query->searched + i].id;
    if (count > 0)
        statistics_read_names(query, ids, count, on_searched);
    else
        read_list(query);
}

/* ---- ranking -------------------------------------------------------------------------------- */

static enum err rank(struct statistics_query *query, const struct rollup_sum *sums, size_t count)
{
    bool is_search = query->question.search.len > 0;
    enum err err = ERR_OK;

    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        if (metrics_are_zero(&sums[i].metrics))
            continue;
        err = ranking_add(&query->ranking, &sums[i]);
        if (is_search)
            continue;
        metrics_add(&query->answer.top.total, &sums[i].metrics);
        query->answer.top.count++;
    }
    ranking_sort(&query->ranking);
    return err;
}

static void on_values(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct statistics_query *query = ctx;

    query->op = NULL;
    if (err == ERR_OK)
        err = rank(query, sums, count);
    if (err != ERR_OK) {
        statistics_finish(query, err);
    } else if (query->question.search.len > 0) {
        search_on(query);
    } else {
        query->found = query->ranking.count;
        read_list(query);
    }
}

void statistics_begin_top(struct statistics_query *query)
{
    const struct statistics_question *question = &query->question;
    size_t max = question->offset + question->limit;
    enum metric sort = question->sort;

    if (sort == METRIC_COUNT_)
        sort = dimension_first_metric(question->dimension);
    if (question->search.len > 0)
        max = STATISTICS_MAX_SEARCHED;
    ranking_init(&query->ranking, sort, max);
    read_values(query, query->answer.range, on_values);
}
