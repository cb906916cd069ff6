/**
 * Passwords that somebody types, or that are in a file: never in the arguments of a program, which
 * everybody on the machine can read.
 */
#ifndef FOOTFALL_CLI_PASSWORD_INPUT_H
#define FOOTFALL_CLI_PASSWORD_INPUT_H

#include "process/exit_code.h"
#include "session/password.h"

/** One byte more than may be: of a longer one the first bytes, so that it is seen to be too long.
 */
struct password_input {
    char text[PASSWORD_MAX_BYTES + 1];
    size_t len;
};

/** True when somebody can be asked: standard input is a terminal. */
bool password_can_ask(void);

/** Asks twice, without showing what is typed. Complains on standard error when the two differ; a
 * signal ends the program as ever, with the terminal as it was. */
enum exit_code password_ask(struct password_input *out);

/** The first line of a file; "-": of standard input. Complains. */
enum exit_code password_read_file(const char *path, struct password_input *out);

struct slice password_input_slice(const struct password_input *input);

/** Wipes it. */
void password_input_fini(struct password_input *input);

#endif
