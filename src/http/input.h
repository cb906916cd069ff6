/**
 * What arrives on a connection: PROXY header, heads, bodies, and what is held back.
 */
#ifndef FOOTFALL_HTTP_INPUT_H
#define FOOTFALL_HTTP_INPUT_H

#include "http/connection.h"

/** Handles `len` bytes in the server's read buffer, as far as the state allows; holds the rest. */
void input_receive(struct connection *connection, char *bytes, size_t len);

/** Goes on with what is held. */
void input_resume(struct connection *connection);

/** How many bytes may still be held. */
size_t input_room(const struct connection *connection);

static inline size_t input_held(const struct connection *connection)
{
    return connection->held.len - connection->held_start;
}

#endif
