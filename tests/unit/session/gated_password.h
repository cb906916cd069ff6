/**
 * Hashing that a test holds up: in place of session/password.h's for programs linked with
 * gated_password, on whichever thread. A password is right when it is the hash's text.
 */
#ifndef FOOTFALL_TESTS_GATED_PASSWORD_H
#define FOOTFALL_TESTS_GATED_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "session/password.h"

struct gated_password {
    size_t begun;
    size_t working;
    size_t most_working;
    int least_niceness;    /* of a thread that hashed */
    bool has_taken_signal; /* one of the threads lets SIGTERM through */
    bool is_out_of_memory; /* hashes fail */
    bool are_old;          /* every hash wants a rehash */
    char last_hash[PASSWORD_HASH_TEXT];
    struct slice last_password; /* borrowed */
};

/** Shut, and everything 0. `is_real`: nothing is gated, and libsodium hashes. */
void gated_password_reset(bool is_real);

/** So many more may pass. */
void gated_password_let(size_t count);

/** Waits until so many have begun, which pass or not; at most 30 s. */
bool gated_password_wait_begun(size_t count);

/** A copy. */
struct gated_password gated_password_seen(void);

/** For hashes to come, as is the next. */
void gated_password_set_out_of_memory(bool is_out_of_memory);

void gated_password_set_old(bool are_old);

/** Of the next so many threads none starts. */
void gated_password_fail_threads(size_t count);

#endif
