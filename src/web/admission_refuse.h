/**
 * For admission.c: the answers to those who are not let in. Each answers the request.
 */
#ifndef FOOTFALL_WEB_ADMISSION_REFUSE_H
#define FOOTFALL_WEB_ADMISSION_REFUSE_H

#include "http/router.h"

/** Nobody, or somebody with a token that is none. */
void admission_refuse_nobody(struct request *req, const struct route *route);

/** A token without the scope of the route. */
void admission_refuse_scope(struct request *req);

/** A login whose second factor is still to come. */
void admission_refuse_pending(struct request *req, const struct route *route);

/** A login whose password was given too long ago (POLICY_RECENT). */
void admission_refuse_old(struct request *req, const struct route *route);

/** Somebody who is logged in, but may not do this (POLICY_ADMIN). */
void admission_refuse_role(struct request *req, const struct route *route);

#endif
