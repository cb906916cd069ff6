/**
 * Forms that change something: the body of a POST, with the form_token that every form of a page
 * carries (who_form_token()).
 */
#ifndef FOOTFALL_WEB_FORM_POST_H
#define FOOTFALL_WEB_FORM_POST_H

#include "web/form.h"

#define FORM_POST_MAX_FIELDS 60

/**
 * Reads a form; form_token is read besides the fields.
 *
 * @return  false: it is no such form (400), or was not made for this login (403), which was
 * answered with a page
 */
bool form_post_take(struct request *req, struct form_field *fields, size_t count) MUST_CHECK;

#endif
