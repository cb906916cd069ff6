/**
 * What a handler waits for, and what it has made so far; all of it ends with its request.
 *
 *     struct adding {
 *         struct task task; // its first member
 *         char id[…];
 *     };
 *
 *     struct adding *adding = task_start(req, sizeof(*adding));
 *     if (!adding)
 *         return; // answered
 *     adding->task.account = account_change(…, on_changed, adding);
 *     task_wait(&adding->task, adding->task.account);
 *
 * The `done` of a call sets its member to NULL first.
 */
#ifndef FOOTFALL_WEB_TASK_H
#define FOOTFALL_WEB_TASK_H

#include <jansson.h>

#include "session/guess.h"
#include "web/page.h"
#include "web/web.h"

struct task;

typedef void task_next_fn(struct task *task);

struct task {
    struct request *req;
    size_t size; /* of the whole struct that begins with this */
    struct account_call *account;
    struct session_call *session;
    struct api_token_call *token;
    struct guess *guess;
    struct hash_order *hashing;
    struct site_reading *reading;
    struct site_change *change;
    struct statistics_query *query;
    json_t *data; /* of the page that is being made; NULL: none yet */
    task_next_fn *next;
};

/** Zeros, in the request's memory, wiped at its end. NULL: no memory, which was answered. */
void *task_start(struct request *req, size_t size);

/** Answers that the server is busy when the call was not begun (NULL). */
void task_wait(struct task *task, const void *call);

struct identity *task_identity(const struct task *task);

int64_t task_now_s(const struct task *task);

/** Takes a guess from each bucket; `next` comes when it may be evaluated, else it is answered. */
void task_guess(struct task *task, const struct guess_bucket *buckets, size_t count,
                task_next_fn *next);

/** Gives it back to its bucket; nobody waits for that. */
void task_guess_was_right(struct task *task, const struct guess_bucket *bucket);

/** Adds the list "sites" to the data, {"id","title"} of each, for choosing one; then `next`. */
void task_read_sites(struct task *task, task_next_fn *next);

/** Answers with a page on the data of the task; answer->data is not looked at. The task is gone. */
void task_show(struct task *task, const struct page_answer *answer);

#endif
