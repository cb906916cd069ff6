/**
 * Texts of libpq for people.
 */
#ifndef FOOTFALL_STORE_POSTGRES_TEXT_H
#define FOOTFALL_STORE_POSTGRES_TEXT_H

#include <libpq-fe.h>
#include <stddef.h>

/** Long enough for what libpq says about two hosts. */
#define POSTGRES_LINE_BYTES 200

/** Writes a message of several lines as one, "first; second", without explanations and full stops,
 * cut to `size`. */
void postgres_one_line(const char *message, char *out, size_t size);

/** What the server said in an error, without the statement it quotes. */
void postgres_error_line(const PGresult *error, char *out, size_t size);

#endif
