/**
 * The settings of a site as a form: a field for each row of the table (count/site_field.h), so that
 * a setting that is added there is on the page, too.
 */
#ifndef FOOTFALL_WEB_SITE_FORM_H
#define FOOTFALL_WEB_SITE_FORM_H

#include <jansson.h>

#include "count/site_field.h"
#include "http/request.h"

/** More rows than the table has. */
#define SITE_FORM_MAX 24

/** The settings as texts that set them, by their row; ptr NULL: not given, it stays as it is. */
struct site_texts {
    struct slice of[SITE_FORM_MAX];
};

/** What a form was made from, so that it does not undo what somebody else has changed meanwhile. */
#define SITE_MARK_TEXT 22

struct site_form {
    struct slice id;
    struct slice mark; /* any bytes */
    struct site_texts texts;
};

/** The settings of a site, in the request's memory; false without. */
bool site_texts_read(struct request *req, const struct site *site, struct site_texts *out);

/** Sets what is given. ERR_INVALID: the first one that is wrong, as `info` says. */
enum err site_texts_apply(const struct site_texts *texts, struct site *site,
                          struct err_info *info) MUST_CHECK;

/** What the template shows of them: "sections", each with "fields". NULL without memory. */
json_t *site_texts_data(const struct site_texts *texts);

/** NUL-terminated; empty without memory. */
void site_mark(const struct site *site, char out[static SITE_MARK_TEXT + 1]);

/** Takes the form of a POST; false: that was answered. */
bool site_form_take(struct request *req, struct site_form *out) MUST_CHECK;

#endif
