#include "web/task.h"

#include <sodium.h>

#include "web/admission.h"
#include "web/answer.h"
#include "web/login.h"

static void on_request_end(void *ctx)
{
    struct task *task = ctx;

    account_call_cancel(task->account);
    session_call_cancel(task->session);
    api_token_call_cancel(task->token);
    guess_cancel(task->guess);
    hash_order_cancel(task->hashing);
    site_reading_cancel(task->reading);
    site_change_cancel(task->change);
    statistics_cancel(task->query);
    json_decref(task->data);
    sodium_memzero(task, task->size);
}

void *task_start(struct request *req, size_t size)
{
    struct task *task = request_alloc(req, size);

    if (task) {
        memset(task, 0, size);
        task->req = req;
        task->size = size;
    }
    if (task && request_defer(req, on_request_end, task))
        return task;
    answer_err(req, ERR_NO_MEMORY, NULL);
    return NULL;
}

void task_wait(struct task *task, const void *call)
{
    if (!call)
        answer_err(task->req, ERR_BUSY, NULL);
}

struct identity *task_identity(const struct task *task)
{
    return ((const struct web *)task->req->app)->identity;
}

int64_t task_now_s(const struct task *task)
{
    return clock_unix_ms(((const struct web *)task->req->app)->clock) / 1000;
}

void task_show(struct task *task, const struct page_answer *answer)
{
    struct page_answer filled = *answer;

    filled.data = task->data;
    task->data = NULL;
    page_respond(task->req, &filled);
}

/* ---- guesses -------------------------------------------------------------------------------- */

static void on_guess(void *ctx, enum err err, int64_t wait_ms)
{
    struct task *task = ctx;

    task->guess = NULL;
    if (err != ERR_OK) {
        answer_err(task->req, err, NULL);
    } else if (wait_ms > 0) {
        login_log(task->req, "guess", admission_who(task->req)->user.id, "throttled");
        page_refuse(task->req, 429, "Too many tries. Try again in a minute.");
    } else {
        task->next(task);
    }
}

void task_guess(struct task *task, const struct guess_bucket *buckets, size_t count,
                task_next_fn *next)
{
    struct identity *identity = task_identity(task);

    task->next = next;
    task->guess = guess_take(&identity->guesses, buckets, count, clock_unix_ms(identity->env.clock),
                             on_guess, task);
    task_wait(task, task->guess);
}

static void on_given_back(void *ctx, enum err err, int64_t wait_ms)
{
    struct task *task = ctx;

    (void)err;
    (void)wait_ms;
    task->guess = NULL;
}

void task_guess_was_right(struct task *task, const struct guess_bucket *bucket)
{
    struct identity *identity = task_identity(task);

    task->guess = guess_succeed(&identity->guesses, bucket, clock_unix_ms(identity->env.clock),
                                on_given_back, task);
}

/* ---- sites ---------------------------------------------------------------------------------- */

/* A site whose settings cannot be used goes by its id. */
static bool add_site(json_t *list, const struct stored_site *stored)
{
    struct site *site = NULL;
    enum err err = stored_site_open(stored, &site, NULL);
    json_t *row;

    if (err == ERR_NO_MEMORY)
        return false;
    if (site && site->name[0] != '\0')
        row = json_pack("{s:s%, s:s}", "id", stored->id.ptr, stored->id.len, "title", site->name);
    else
        row = json_pack("{s:s%, s:s%}", "id", stored->id.ptr, stored->id.len, "title",
                        stored->id.ptr, stored->id.len);
    site_destroy(site);
    return json_array_append_new(list, row) == 0;
}

static void on_sites(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct task *task = ctx;
    json_t *list;
    bool is_added;

    task->reading = NULL;
    if (err != ERR_OK) {
        answer_err(task->req, err, NULL);
        return;
    }
    list = json_array();
    is_added = list != NULL;
    for (size_t i = 0; i < count && is_added; i++)
        is_added = add_site(list, &sites[i]);
    if (!task->data)
        task->data = json_object();
    if (json_object_set_new(task->data, "sites", list) == 0 && is_added)
        task->next(task);
    else
        answer_err(task->req, ERR_NO_MEMORY, NULL);
}

void task_read_sites(struct task *task, task_next_fn *next)
{
    const struct web *web = task->req->app;

    task->next = next;
    task->reading = site_store_list(web->sites, on_sites, task);
    task_wait(task, task->reading);
}
