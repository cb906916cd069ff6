/**
 * The language that a client likes best, from its field Accept-Language (RFC 9110, section 12.5.4).
 */
#ifndef FOOTFALL_COUNT_LANGUAGE_H
#define FOOTFALL_COUNT_LANGUAGE_H

#include <stdbool.h>

#include "base/slice.h"

/** Bytes of a language with its NUL: two or three letters. */
#define LANGUAGE_SIZE 4

/**
 * The primary subtag of the range with the highest weight, of several the first: "de" of
 * "de-AT,de;q=0.9,en;q=0.5".
 *
 * Ranges that name no language are passed over: "*", those of weight 0 or of a weight that is none,
 * subtags that are not two or three letters ("i-klingon", "x-private").
 *
 * @param field  its value, any bytes; of several fields, joined by commas; ptr NULL: there is none
 * @param out    the language, in lower case, NUL-terminated; written when there is one. It need not
 *               be one that exists: nobody checks what stands there
 */
bool language_find(struct slice field, char out[static LANGUAGE_SIZE]);

#endif
