/**
 * Forms: the body of a POST, or a query, read by a table of the fields that are wanted.
 *
 *     struct form_field fields[] = {{.name = SLICE("user"), .max = 256, .is_required = true}, …};
 *     if (form_read(req, req->body, fields, 2, &info) == ERR_OK) … fields[0].value …
 */
#ifndef FOOTFALL_WEB_FORM_H
#define FOOTFALL_WEB_FORM_H

#include "base/err.h"
#include "http/request.h"

struct form_field {
    struct slice name;  /* ours; at most FORM_NAME_MAX bytes */
    size_t max;         /* bytes of the decoded value */
    bool is_required;   /* has to be there, and not to be empty */
    bool is_list;       /* of a textarea: the end of a line is a comma */
    struct slice value; /* written: decoded, UTF-8 without control characters; ptr NULL: absent */
};

#define FORM_NAME_MAX 64

/**
 * Reads a form. Refused is what the table does not know, what comes twice, is too long, is broken
 * or is no text.
 *
 * @param encoded  body or query
 * @param fields   their values live as long as the request, and are all absent on an error
 * @param info     which field is wrong, and how; nothing of what was sent is in it
 * @return         ERR_OK, ERR_INVALID, ERR_NO_MEMORY
 */
enum err form_read(struct request *req, struct slice encoded, struct form_field *fields,
                   size_t count, struct err_info *info) MUST_CHECK;

#endif
