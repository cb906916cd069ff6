#include "web/form_post.h"

#include "web/admission.h"
#include "web/answer.h"
#include "web/page.h"

static enum err read_form(struct request *req, struct form_field *fields, size_t count,
                          struct err_info *info)
{
    struct form_field all[FORM_POST_MAX_FIELDS + 1];
    enum err err;

    if (count > FORM_POST_MAX_FIELDS)
        return ERR_INVALID;
    if (count > 0)
        memcpy(all, fields, count * sizeof(*fields));
    all[count] = (struct form_field){.name = SLICE("form_token"), .max = FORM_TOKEN_TEXT};
    err = form_read(req, req->body, all, count + 1, info);
    if (err == ERR_OK && !who_form_token_is(req, all[count].value)) {
        err_info_set(info, FORM_IS_STALE);
        err = ERR_STALE;
    }
    for (size_t i = 0; i < count; i++)
        fields[i].value = err == ERR_OK ? all[i].value : slice_of(NULL, 0);
    return err;
}

bool form_post_take(struct request *req, struct form_field *fields, size_t count)
{
    struct err_info info = {""};
    enum err err = read_form(req, fields, count, &info);

    if (err == ERR_INVALID)
        page_refuse(req, 400, info.text);
    else if (err == ERR_STALE)
        page_refuse(req, 403, info.text);
    else if (err != ERR_OK)
        answer_err(req, err, NULL);
    return err == ERR_OK;
}
