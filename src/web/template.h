/**
 * HTML pages from templates: a small part of Mustache (mustache(5)), filled from JSON values.
 *
 *     {{name}}                 a text or a number, escaped for HTML text and quoted attributes
 *     {{#name}} … {{/name}}    once for each object of a list, which then is looked in first; once
 *                              for true or a text that is not empty; else not at all
 *     {{^name}} … {{/name}}    when the block above would not be there
 *     {{&name}}                as it is: only for HTML of ours
 *
 * Names are looked for in the innermost object first. What is not there is empty.
 */
#ifndef FOOTFALL_WEB_TEMPLATE_H
#define FOOTFALL_WEB_TEMPLATE_H

#include <jansson.h>

#include "base/slice.h"
#include "base/strbuf.h"

/** Blocks in blocks. */
#define TEMPLATE_MAX_DEPTH 8

/**
 * Appends the filled template. Templates are ours: one whose braces or blocks do not fit sets
 * out->failed.
 */
void template_render(struct strbuf *out, struct slice text, const json_t *data);

#endif
