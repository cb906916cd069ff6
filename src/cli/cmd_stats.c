/* footfall stats [SITE]: numbers of the store, once or again and again. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/db.h"
#include "cli/stats_show.h"
#include "store/sqlite.h"
#include "web/stats_query.h"

#define WATCH_MS 2000

/* In a terminal a watch has a screen of its own, so that what stood there before comes back. */
#define ENTER_SCREEN "\x1b[?1049h\x1b[?25l"
#define LEAVE_SCREEN "\x1b[?25h\x1b[?1049l"
#define TO_TOP       "\x1b[H"
#define CLEAR_LINE   "\x1b[K"
#define CLEAR_BELOW  "\x1b[J"

/* What ends a watch: Ctrl-C, and the end of the terminal. */
static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};

#define SIGNAL_COUNT (sizeof(ending_signals) / sizeof(ending_signals[0]))

struct watch {
    struct stats_show *show;
    uv_signal_t signals[SIGNAL_COUNT];
    size_t open_signals; /* whose handles the loop still has */
    bool has_screen;
    bool is_over;
};

/* ---- once ----------------------------------------------------------------------------------- */

static enum exit_code code_of(enum err err)
{
    if (err == ERR_OK)
        return EXIT_CODE_OK;
    if (err == ERR_INVALID)
        return EXIT_CODE_USAGE;
    return err == ERR_UNAVAILABLE ? EXIT_CODE_UNAVAILABLE : EXIT_CODE_FAILED;
}

static bool print(struct slice text)
{
    return fwrite(text.ptr, 1, text.len, stdout) == text.len && fflush(stdout) == 0;
}

static enum exit_code show_once(struct stats_show *show)
{
    struct err_info info;
    struct strbuf out;
    enum err err = stats_show_fetch(show, &info);
    bool is_shown;

    if (err != ERR_OK)
        return db_fail(code_of(err), "%s", info.text);
    strbuf_init(&out, STATS_SHOW_MAX_BYTES);
    stats_show_append(show, &out);
    is_shown = !out.failed && print(strbuf_slice(&out));
    strbuf_fini(&out);
    return is_shown ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

/* ---- again and again ------------------------------------------------------------------------ */

/* Each line takes the place of what stood there; no more lines than the terminal has, or it would
 * scroll. */
static bool print_in_place(const struct stats_show *show, struct slice text)
{
    unsigned left = show->terminal.rows - 1;

    (void)fputs(TO_TOP, stdout);
    while (text.len > 0 && left-- > 0) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t len = end ? (size_t)(end - text.ptr) : text.len;

        (void)printf("%.*s" CLEAR_LINE "\r\n", (int)len, text.ptr);
        text = slice_from(text, end ? len + 1 : len);
    }
    return fputs(CLEAR_BELOW, stdout) >= 0 && fflush(stdout) == 0;
}

static void append_time(struct strbuf *out)
{
    time_t now = time(NULL);
    struct tm local;
    char text[16];

    if (localtime_r(&now, &local) && strftime(text, sizeof(text), "%H:%M:%S", &local) > 0)
        strbuf_append(out, slice_str(text));
}

/* What is shown, and of when: first, so that no terminal is too low for it. */
static void append_state(struct strbuf *out, enum err err, const struct err_info *info)
{
    append_time(out);
    if (err == ERR_OK)
        strbuf_append(out, SLICE("  anew every 2 seconds, Ctrl-C ends\n"));
    else
        strbuf_printf(out, "  not read: %s; tried again every 2 seconds, Ctrl-C ends\n",
                      info->text);
}

static bool show_frame(const struct watch *watch, enum err err, const struct err_info *info)
{
    struct strbuf out;
    bool is_shown;

    strbuf_init(&out, STATS_SHOW_MAX_BYTES);
    if (!watch->show->is_json)
        append_state(&out, err, info);
    if (err == ERR_OK)
        stats_show_append(watch->show, &out);
    if (out.failed)
        is_shown = false;
    else if (watch->has_screen)
        is_shown = print_in_place(watch->show, strbuf_slice(&out));
    else
        is_shown = print(strbuf_slice(&out));
    strbuf_fini(&out);
    return is_shown;
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct watch *watch = handle->data;

    (void)number;
    watch->is_over = true;
    loop_stop(&watch->show->session->loop);
}

static void start_signals(struct watch *watch)
{
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        (void)uv_signal_init(&watch->show->session->loop.uv, &watch->signals[i]);
        watch->signals[i].data = watch;
        (void)uv_signal_start(&watch->signals[i], on_signal, ending_signals[i]);
    }
}

static void on_signal_closed(uv_handle_t *handle)
{
    struct watch *watch = handle->data;

    watch->open_signals--;
    loop_stop(&watch->show->session->loop);
}

static void stop_signals(struct watch *watch)
{
    watch->open_signals = SIGNAL_COUNT;
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        uv_close((uv_handle_t *)&watch->signals[i], on_signal_closed);
    while (watch->open_signals > 0)
        loop_run(&watch->show->session->loop);
}

static void wait_for_next(const struct watch *watch)
{
    struct loop *loop = &watch->show->session->loop;
    int64_t until_ms = clock_mono_ms(loop->clock) + WATCH_MS;

    while (!watch->is_over && clock_mono_ms(loop->clock) < until_ms)
        loop_run(loop);
}

/* A store that cannot be reached may come back; what is asked wrongly never becomes right. */
static enum exit_code watch_on(struct watch *watch)
{
    struct err_info info;

    while (!watch->is_over) {
        enum err err = stats_show_fetch(watch->show, &info);

        if (err != ERR_OK && err != ERR_UNAVAILABLE)
            return db_fail(code_of(err), "%s", info.text);
        if (!show_frame(watch, err, &info))
            return EXIT_CODE_FAILED;
        wait_for_next(watch);
    }
    return EXIT_CODE_OK;
}

static enum exit_code show_watch(struct stats_show *show)
{
    struct watch watch = {.show = show, .has_screen = show->terminal.is_terminal && !show->is_json};
    enum exit_code code;

    start_signals(&watch);
    if (watch.has_screen)
        (void)fputs(ENTER_SCREEN, stdout);
    code = watch_on(&watch);
    if (watch.has_screen) {
        (void)fputs(LEAVE_SCREEN, stdout);
        (void)fflush(stdout);
    }
    stop_signals(&watch);
    return code;
}

/* ---- the store ------------------------------------------------------------------------------ */

static enum exit_code show_store(struct stats_show *show, struct store *store)
{
    enum exit_code code = EXIT_CODE_FAILED;

    show->statistics = statistics_create(store, show->session->loop.clock);
    if (show->statistics)
        code = show->is_watch ? show_watch(show) : show_once(show);
    statistics_destroy(show->statistics);
    return code;
}

static enum exit_code complain(const struct config *config, enum err err,
                               const struct err_info *info)
{
    char shown[200];

    store_url_mask(config->store, shown, sizeof(shown));
    return db_fail(err == ERR_CONFIG ? EXIT_CODE_CONFIG : code_of(err), "%s: %s", shown,
                   info->text);
}

static enum exit_code open_and_show(struct stats_show *show, const struct config *config)
{
    struct err_info info = {.text = "out of memory or file descriptors"};
    struct db_session session;
    struct store *store;
    enum exit_code code;
    enum err err = db_session_open(&session, config);

    if (err != ERR_OK)
        return complain(config, err, &info);
    show->session = &session;
    err = db_session_store(&session, config->store, false, &store, &info);
    if (err == ERR_OK) {
        code = show_store(show, store);
        store_close(store);
    } else {
        code = complain(config, err, &info);
    }
    db_session_close(&session);
    show->session = NULL;
    return code;
}

/* Opening a file that is not there would make one. */
static enum exit_code check_store(const struct config *config)
{
    const char *path = sqlite_url_path(config->store);

    if (path && access(path, F_OK) != 0)
        return db_fail(EXIT_CODE_UNAVAILABLE, "%s is not there: nothing was counted yet", path);
    if (store_url_is_private(config->store))
        return db_fail(EXIT_CODE_CONFIG, "what a store in memory holds only its server can show");
    return EXIT_CODE_OK;
}

/* ---- flags ---------------------------------------------------------------------------------- */

static enum err read_flags(const struct invocation *invocation, struct stats_query *query,
                           struct err_info *info)
{
    const struct {
        const char *key;
        const char *value; /* NULL: not given */
    } given[] = {
        {"site", invocation->words[0]}, {"from", invocation->from},
        {"to", invocation->to},         {"period", invocation->period},
        {"by", invocation->by},         {"compare", invocation->compare},
        {"page", invocation->page},
    };
    enum err err = ERR_OK;

    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]) && err == ERR_OK; i++) {
        if (given[i].value)
            err = stats_query_set(query, slice_str(given[i].key), slice_str(given[i].value), info);
    }
    if (err == ERR_OK)
        err = stats_query_end(query, info);
    if (!invocation->compare && query->question.period != PERIOD_ALL)
        query->question.comparison = COMPARISON_PREVIOUS;
    return err;
}

static enum exit_code run(const struct invocation *invocation, const struct config *config,
                          const struct statistics_question *question)
{
    enum exit_code code = check_store(config);
    struct stats_show show;

    if (code != EXIT_CODE_OK)
        return code;
    log_off(); /* what is said here tells, not the log */
    stats_show_init(&show);
    show.question = *question;
    show.is_json = invocation->json;
    show.is_watch = invocation->watch;
    code = open_and_show(&show, config);
    stats_show_fini(&show);
    return code;
}

enum exit_code cmd_stats(const struct invocation *invocation)
{
    struct options *options = invocation->options;
    struct err_info info = {.text = "out of memory"};
    struct options_error error;
    struct stats_query query;
    struct arena arena;
    enum exit_code code;

    options_read_environment(options, environ);
    if (options_resolve(options, &error) != ERR_OK)
        return db_fail(EXIT_CODE_CONFIG, "%s", error.text);
    arena_init(&arena, 4096, 16384);
    stats_query_init(&query, STATISTICS_SERIES, &arena);
    if (read_flags(invocation, &query, &info) == ERR_OK)
        code = run(invocation, &options->config, &query.question);
    else
        code = db_fail(EXIT_CODE_USAGE, "%s", info.text);
    arena_fini(&arena);
    return code;
}
