/**
 * A memo of value_id(), which is a hash that takes some time, for the texts that come again and
 * again: one place for each text, the newest one holds it.
 */
#ifndef FOOTFALL_COUNT_VALUE_MEMO_H
#define FOOTFALL_COUNT_VALUE_MEMO_H

#include "store/rollup.h"

#define VALUE_MEMO_PLACES 1024
#define VALUE_MEMO_TEXT   55 /* longer texts are not kept */

struct value_memo {
    struct {
        uint64_t id;
        unsigned char len; /* 0: free */
        char text[VALUE_MEMO_TEXT];
    } places[VALUE_MEMO_PLACES];
};

/** value_id() of a text that is not empty. */
uint64_t value_memo_id(struct value_memo *memo, struct slice text);

#endif
