/* Questions about statistics, as an address has them. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/percent.h"
#include "base/query.h"
#include "base/utf8.h"
#include "web/stats_query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a question may be, whoever asks. */
static void check(const struct statistics_question *question)
{
    assert(question->site.len > 0 && question->site.len <= SITE_MAX_ID);
    assert(question->page.len <= NAME_MAX_TEXT && utf8_is_clean(question->page));
    assert(question->filter_value.len <= NAME_MAX_TEXT && utf8_is_clean(question->filter_value));
    assert(question->search.len <= STATISTICS_MAX_SEARCH);
    assert(question->limit >= 1 && question->limit <= STATISTICS_MAX_LIMIT);
    assert(question->offset <= STATISTICS_MAX_OFFSET);
    assert(question->dimension < DIMENSION_COUNT_ && question->filter < DIMENSION_COUNT_);
    assert(question->period <= PERIOD_COUNT_ && question->first_day >= 0);
}

static enum err take(struct stats_query *query, const struct query_pair *pair, char *decoded)
{
    struct slice value = percent_decode(pair->value, PERCENT_FORM, decoded);
    struct err_info info = {""};
    enum err err = value.ptr ? stats_query_set(query, pair->name, value, &info) : ERR_OK;

    assert(err == ERR_OK || err == ERR_INVALID);
    assert(err == ERR_OK || info.text[0] != '\0');
    return err;
}

static void run(enum statistics_kind kind, struct slice text, char *decoded)
{
    struct query_reader reader = query_reader_init(text);
    struct stats_query query;
    struct query_pair pair;
    struct arena arena;
    enum err err = ERR_OK;

    arena_init(&arena, 4096, 16384);
    stats_query_init(&query, kind, &arena);
    while (err == ERR_OK && query_next(&reader, &pair)) {
        err = take(&query, &pair, decoded);
        decoded += pair.value.len;
    }
    if (err == ERR_OK && stats_query_end(&query, NULL) == ERR_OK)
        check(&query.question);
    arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *decoded = malloc(size + 1);

    assert(decoded);
    for (enum statistics_kind kind = STATISTICS_SERIES; kind <= STATISTICS_LIVE; kind++)
        run(kind, slice_of(data, size), decoded);
    free(decoded);
    return 0;
}
