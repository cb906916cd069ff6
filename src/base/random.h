/**
 * Random bytes for identities and versions: the kernel's, through libsodium, safe after fork.
 */
#ifndef FOOTFALL_BASE_RANDOM_H
#define FOOTFALL_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/** Prepares libsodium; call once at start, before all else of it. Ends the process if it can't. */
void random_init(void);

void random_bytes(void *out, size_t len);

/** Never 0. */
uint64_t random_nonzero_u64(void);

#endif
