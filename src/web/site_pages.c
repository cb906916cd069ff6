/* What the pages about sites have in common. */
#include "web/site_pages.h"

#include <stdio.h>

#include "base/log.h"
#include "session/throttle.h"
#include "web/admission.h"
#include "web/answer.h"
#include "web/form.h"
#include "web/task.h"

#define MAX_PATH 160

const char *site_title(const struct site *site)
{
    return site->name[0] != '\0' ? site->name : site->id;
}

void site_log(const struct request *req, struct slice id, const char *what)
{
    char room[THROTTLE_SOURCE_BYTES];

    log_info("site", LOG_SLICE("site", id), LOG_STR("by", admission_who(req)->user.id),
             LOG_SLICE("source", throttle_source(&req->client, room)), LOG_STR("result", what));
}

void site_page_redirect(struct request *req, const char *path, struct slice id, const char *done)
{
    char text[MAX_PATH];

    (void)snprintf(text, sizeof(text), "%s?site=%.*s&done=%s", path, SLICE_ARG(id), done);
    page_redirect(req, slice_str(text), SLICE(""));
}

void site_page_not_there(struct request *req)
{
    page_refuse(req, 404, "There is no such site.");
}

bool site_page_admits(struct request *req, struct slice id, enum role role)
{
    const struct who *who = admission_who(req);
    bool is_id = user_site_is_sound(id) && !slice_eq(id, SLICE("*"));

    if (is_id && who_may(who, id, role))
        return true;
    if (is_id && who_may(who, id, ROLE_VIEWER))
        page_refuse(req, 403, "You may look at this site, but not change it.");
    else
        site_page_not_there(req);
    return false;
}

bool site_page_query(struct request *req, enum role role, struct slice *id, struct slice *done)
{
    struct form_field fields[] = {
        {.name = SLICE("site"), .max = SITE_MAX_ID, .is_required = true},
        {.name = SLICE("done"), .max = FORM_NAME_MAX},
    };
    struct err_info info = {""};

    if (form_read(req, req->query, fields, 2, &info) != ERR_OK) {
        page_refuse(req, 400, info.text);
        return false;
    }
    *id = fields[0].value;
    *done = fields[1].value;
    return site_page_admits(req, *id, role);
}

bool site_page_open(struct task *task, enum err err, const struct stored_site *sites, size_t count,
                    struct site **out)
{
    struct err_info info = {""};

    if (err == ERR_OK && count == 0) {
        site_page_not_there(task->req);
        return false;
    }
    if (err == ERR_OK)
        err = stored_site_open(&sites[0], out, &info);
    if (err == ERR_INVALID)
        page_refuse(task->req, 500, "The record of this site in the store cannot be read.");
    else if (err != ERR_OK)
        answer_err(task->req, err, NULL);
    return err == ERR_OK;
}

enum err site_page_check(const struct site *site, struct err_info *info)
{
    enum err err = site_check(site, info);

    return err == ERR_OK || err == ERR_NO_MEMORY ? err : ERR_INVALID;
}

void site_page_failed(struct request *req, struct slice id, const struct site_outcome *outcome,
                      const struct site_texts *typed)
{
    switch (outcome->err) {
    case ERR_INVALID:
        site_page_show(req, id, 400, outcome->why, typed);
        break;
    case ERR_STALE:
        site_page_show(req, id, 409, outcome->why, NULL);
        break;
    case ERR_NOT_FOUND:
        site_page_not_there(req);
        break;
    case ERR_OK:
    case ERR_NO_MEMORY:
    case ERR_BUSY:
    case ERR_UNAVAILABLE:
    case ERR_UNKNOWN:
    case ERR_CONFIG:
    case ERR_COUNT_:
        answer_err(req, outcome->err, NULL);
        break;
    }
}
