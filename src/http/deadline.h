/**
 * The deadline of a connection's state, and what happens when it passes.
 *
 * The timer is not moved at each request: when it fires before the deadline that holds by then, it
 * starts again for that one.
 */
#ifndef FOOTFALL_HTTP_DEADLINE_H
#define FOOTFALL_HTTP_DEADLINE_H

#include "http/connection.h"

/** Sets the deadline of the state just entered. The timer stays stopped only without memory. */
void deadline_begin(struct connection *connection);

/** While draining: a fresh connection gets no more than a second for its first request. */
void deadline_hasten(struct connection *connection);

/** Goes on with the held bytes in the next run of the timers: never within the caller's call. */
void deadline_resume(struct connection *connection);

#endif
