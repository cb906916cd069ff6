#include "cli/stats_show.h"

#include "web/stats_text.h"

#define PART_BYTES (STATS_SHOW_MAX_BYTES / STATS_SHOW_MAX_PARTS)

/* The first ones that are counted of what is asked for are shown. */
static const struct {
    enum dimension dimension;
    const char *title;
} lists[] = {
    {DIMENSION_PAGE, "Pages"},        {DIMENSION_SOURCE, "Sources"},
    {DIMENSION_COUNTRY, "Countries"}, {DIMENSION_BROWSER, "Browsers"},
    {DIMENSION_SYSTEM, "Systems"},    {DIMENSION_DEVICE, "Devices"},
    {DIMENSION_EVENT, "Events"},
};

void stats_show_init(struct stats_show *show)
{
    *show = (struct stats_show){.question = statistics_question_init()};
    for (size_t i = 0; i < STATS_SHOW_MAX_PARTS; i++)
        strbuf_init(&show->parts[i].text, PART_BYTES);
    terminal_look(&show->terminal);
}

void stats_show_fini(struct stats_show *show)
{
    for (size_t i = 0; i < STATS_SHOW_MAX_PARTS; i++)
        strbuf_fini(&show->parts[i].text);
}

/* ---- asking --------------------------------------------------------------------------------- */

static void append_json(struct stats_show_part *part, const struct statistics_answer *answer)
{
    stats_append_json(&part->text, answer, answer->metrics);
    if (part->text.len > 0)
        part->text.len--; /* the line's end */
}

static void append_part(struct stats_show_part *part, const struct statistics_answer *answer)
{
    struct stats_show *show = part->show;

    if (show->is_json) {
        append_json(part, answer);
        return;
    }
    switch (answer->question->kind) {
    case STATISTICS_SERIES:
        stats_screen_append_head(&show->terminal, &part->text, answer);
        break;
    case STATISTICS_TOP:
        stats_screen_append_list(&show->terminal, &show->plan, &part->text, answer, part->title);
        break;
    case STATISTICS_LIVE:
        stats_screen_append_live(&show->terminal, &part->text, answer);
        break;
    }
}

static void on_answer(void *ctx, const struct statistics_answer *answer)
{
    struct stats_show_part *part = ctx;
    struct stats_show *show = part->show;

    part->query = NULL;
    if (answer->err == ERR_OK) {
        append_part(part, answer);
    } else if (show->err == ERR_OK) {
        show->err = answer->err;
        show->info = answer->info;
    }
    db_told(show->session, &show->pending);
}

static void ask(struct stats_show *show, const struct statistics_question *question,
                const char *key, const char *title)
{
    struct stats_show_part *part = &show->parts[show->part_count++];

    strbuf_clear(&part->text);
    part->show = show;
    part->key = key;
    part->title = title;
    part->query = statistics_ask(show->statistics, question, on_answer, part);
    if (part->query)
        show->pending++;
    else
        show->err = ERR_NO_MEMORY;
}

static bool is_asked(const struct stats_show *show, enum dimension dimension)
{
    return show->question.page.len == 0 || dimension_definition(dimension)->is_within_pages;
}

static void ask_lists(struct stats_show *show)
{
    struct statistics_question question = show->question;

    question.kind = STATISTICS_TOP;
    question.comparison = COMPARISON_NONE;
    question.limit = show->plan.list_rows;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        question.dimension = lists[i].dimension;
        if (is_asked(show, question.dimension) && show->part_count < STATS_SHOW_MAX_PARTS)
            ask(show, &question, dimension_name(question.dimension), lists[i].title);
    }
}

static void ask_all(struct stats_show *show)
{
    struct statistics_question live = show->question;

    live.kind = STATISTICS_LIVE;
    ask(show, &show->question, "stats", NULL);
    ask(show, &live, "live", NULL);
    ask_lists(show);
}

static void cancel_all(struct stats_show *show)
{
    for (size_t i = 0; i < show->part_count; i++) {
        statistics_cancel(show->parts[i].query);
        show->parts[i].query = NULL;
    }
    err_info_set(&show->info, "the store does not answer");
}

enum err stats_show_fetch(struct stats_show *show, struct err_info *info)
{
    show->err = ERR_OK;
    show->info = (struct err_info){""};
    show->part_count = 0;
    show->pending = 0;
    terminal_look(&show->terminal);
    show->plan = stats_screen_plan(&show->terminal, STATS_SHOW_MAX_LISTS,
                                   show->is_watch && show->terminal.is_terminal);
    db_went_well(show->session);
    ask_all(show);
    if (!db_wait(show->session, &show->pending)) {
        cancel_all(show);
        show->err = ERR_UNAVAILABLE;
    }
    *info = show->info;
    if (show->err == ERR_UNAVAILABLE && info->text[0] == '\0')
        err_info_set(info, "the store cannot be reached");
    else if (info->text[0] == '\0')
        err_info_set(info, "%s", err_name(show->err));
    return show->err;
}

/* ---- showing -------------------------------------------------------------------------------- */

static void append_lists(const struct stats_show *show, struct strbuf *out)
{
    for (size_t i = 2; i < show->part_count; i += show->plan.lists_across) {
        bool has_right = show->plan.lists_across == 2 && i + 1 < show->part_count;

        strbuf_append_char(out, '\n');
        stats_screen_append_beside(&show->plan, out, strbuf_slice(&show->parts[i].text),
                                   has_right ? strbuf_slice(&show->parts[i + 1].text) : SLICE(""));
    }
}

static void append_json_all(const struct stats_show *show, struct strbuf *out)
{
    for (size_t i = 0; i < show->part_count; i++) {
        strbuf_append(out, i == 0 ? SLICE("{\"") : i == 2 ? SLICE(",\"top\":{\"") : SLICE(",\""));
        strbuf_append(out, slice_str(show->parts[i].key));
        strbuf_append(out, SLICE("\":"));
        strbuf_append(out, strbuf_slice(&show->parts[i].text));
    }
    strbuf_append(out, SLICE("}}\n"));
}

void stats_show_append(const struct stats_show *show, struct strbuf *out)
{
    if (show->is_json) {
        append_json_all(show, out);
        return;
    }
    strbuf_append(out, strbuf_slice(&show->parts[0].text));
    strbuf_append(out, strbuf_slice(&show->parts[1].text));
    append_lists(show, out);
}
