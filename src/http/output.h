/**
 * What leaves a connection: answers are gathered, written at once, and only the rest is queued.
 */
#ifndef FOOTFALL_HTTP_OUTPUT_H
#define FOOTFALL_HTTP_OUTPUT_H

#include "http/connection.h"
#include "http/response.h"

/** Gathers (or writes) one answer. May close the connection. */
void output_response(struct connection *connection, const struct response *response,
                     const struct response_form *form);

/** Writes bytes of our own at once: 100 Continue. May close the connection. */
void output_raw(struct connection *connection, struct slice bytes);

/** Writes what was gathered for the connection at work. May close the connection. */
void output_flush(struct connection *connection);

#endif
