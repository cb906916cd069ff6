/**
 * Slots of a Redis Cluster: each key belongs to one of 16,384, and each slot to one primary
 * (redis.io/docs/reference/cluster-spec, "Key distribution model" and "Hash tags").
 */
#ifndef FOOTFALL_STORE_REDIS_SLOT_H
#define FOOTFALL_STORE_REDIS_SLOT_H

#include "base/slice.h"

#define REDIS_SLOTS 16384

/** CRC16 (XMODEM) of the key, or of its hash tag when it has one, modulo REDIS_SLOTS. */
unsigned redis_slot_of_key(struct slice key);

#endif
