/**
 * The rules of RFC 9110 and RFC 9112 on the fields of a head, where ours are stricter than
 * llhttp's.
 */
#ifndef FOOTFALL_HTTP_RULES_H
#define FOOTFALL_HTTP_RULES_H

#include "base/err.h"
#include "http/body.h"
#include "http/refusal.h"
#include "http/request.h"

/**
 * Judges the fields of `req` and derives the framing from them.
 *
 * @param target_host    host of an absolute-form target, which replaces the Host field; ptr NULL
 *                       for the other forms
 * @param framing        written when not refused
 */
struct refusal rules_check(struct request *req, struct slice target_host, unsigned minor_version,
                           struct framing *framing) MUST_CHECK;

#endif
